"""What a path of `.openkit` is: the noun of its file, the record that it belongs to, and which part of it."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.store import layout

FILE = "file"  # what has no noun of its own
OWN, REMARK, WORKPAD = "own", "remark", "workpad"  # what a part of a record is, or FILE

# A record's noun and how its own file's name ends behind the record's place, by the folder that they lie in.
_RECORDS = {layout.TICKETS: ("ticket", f"/{layout.TICKET_FILE}"), layout.EPICS: ("epic", f"/{layout.EPIC_FILE}"),
            layout.UPDATES: ("update", f"/{layout.UPDATE_FILE}"), layout.SKILLS: ("skill", f"/{layout.SKILL_FILE}"),
            layout.PAGES: ("page", ".md"), layout.HARNESSES: ("harness", ".md"),
            layout.PROJECTS: ("project", ".md"), layout.MEMBERS: ("member", ".md")}
_INNER = {layout.COMMENTS: ("comment", ".md"), layout.PROGRESS: ("progress", ".md"), layout.USAGE: ("usage", ".json"),
          layout.RUNS: ("run", ".json")}
# How many segments name a record's folder.
_DEPTHS = {layout.TICKETS: 3, layout.EPICS: 2, layout.UPDATES: 2, layout.SKILLS: 2}
_SINGLE = (layout.HARNESSES, layout.PROJECTS, layout.MEMBERS)
_BESIDE = {layout.PAGE_COMMENTS: "comment", layout.PAGE_FILES: "attachment"}
_REMARKS = {"comment": "comment", "progress": "progress entry"}
# Files that are one record each, but have no front matter.
_PLAIN = {"workflows": "workflow", "providers": "provider", "agents": "agent", "channels": "channel", "jobs": "job",
          "conversations": "conversation"}
_SETTINGS = {layout.CONFIG: "configuration", layout.STATUSES: "statuses", "policy.yaml": "policy",
             "hooks.yaml": "hooks", "notify.yaml": "notification rules"}


class Part:
    """A path's record (noun, name, its own file) and what part of the record the path is.

    `part` is what kind of part, `label` how it is called: comment, workpad, or a file's name.
    """

    __slots__ = ("noun", "name", "own", "part", "label")

    def __init__(self, noun: str, name: str, own: str, part: str, label: str) -> None:
        self.noun = noun
        self.name = name
        self.own = own
        self.part = part
        self.label = label


def noun(path: str) -> str:
    """Name what a file is: ticket, comment, workpad, epic, page, attachment, …; `file` where it is none of them."""
    return _read(path)[0]


def place(path: str) -> str:
    """Give the place of the record that a file belongs to: its folder, or its file without `.md`; empty for none."""
    return _read(path)[1]


def files_of(paths: list[str], where: str) -> list[str]:
    """Keep the files that belong to the record at a place."""
    return [path for path in paths if place(path) == where]


def name_of(where: str) -> str:
    """Give the name that people use for the record at a place: `OW-43`, `OW-E2`, `OW/guide/setup`."""
    top, _, rest = where.partition("/")
    if top == layout.TICKETS:
        return ids.slug_of_folder(where.rpartition("/")[2])
    if top == layout.EPICS:
        return ids.epic_of_folder(rest)
    return rest if top in (layout.PAGES, layout.UPDATES, layout.PROJECTS, layout.MEMBERS) else where


def own_file(where: str) -> str:
    """Give the file of the record at a place."""
    return where + _RECORDS[where.partition("/")[0]][1]


def part(path: str) -> Part:
    """Tell which part of which record a path is; what no record has is a file of its own."""
    what, where = _read(path)
    if where:
        name = name_of(where)
        return Part(_RECORDS[where.partition("/")[0]][0], name if name != where else where.rpartition("/")[2],
                    own_file(where), *_part(path, what, where))
    top, _, rest = path.partition("/")
    if top in _PLAIN and rest and "/" not in rest:
        return Part(_PLAIN[top], rest.rpartition(".")[0] or rest, path, OWN, "")
    return Part(_SETTINGS.get(path, FILE), path, path, OWN if path in _SETTINGS else FILE, path)


def _part(path: str, what: str, where: str) -> tuple[str, str]:
    if path == own_file(where):
        return OWN, ""
    if what in _REMARKS:
        return REMARK, _REMARKS[what]
    if what == WORKPAD:
        return WORKPAD, what
    rest = path[len(where):].lstrip("/")
    return FILE, f"{layout.ATTACHMENTS}/{rest.partition('/')[2]}" if what == "attachment" else rest


def _read(path: str) -> tuple[str, str]:
    parts = path.split("/")
    top, last = parts[0], parts[-1]
    if top == layout.PAGES and len(parts) > 2:
        return _page(parts)
    if top in _SINGLE and len(parts) == 2 and last.endswith(".md"):
        return _RECORDS[top][0], path[:-3]
    depth = _DEPTHS.get(top, 0)
    if not depth or len(parts) <= depth:
        return FILE, ""
    where = "/".join(parts[:depth])
    if len(parts) == depth + 1:
        if last == layout.WORKPAD:
            return WORKPAD, where
        return (_RECORDS[top][0] if path == own_file(where) else FILE), where
    inner, ending = _INNER.get(parts[depth], (FILE, ""))
    if top != layout.SKILLS and parts[depth] == layout.ATTACHMENTS:
        return "attachment", where
    return (inner if len(parts) == depth + 2 and last.endswith(ending) and top != layout.SKILLS else FILE), where


def _page(parts: list[str]) -> tuple[str, str]:
    """Read a path below `pages/`: a page, or what lies in the folders beside one."""
    for number, part in enumerate(parts[2:-1], 2):
        stem, dot, ending = part.rpartition(".")
        if stem and dot + ending in _BESIDE:
            where = "/".join([*parts[:number], stem])
            found = _BESIDE[dot + ending]
            direct = len(parts) == number + 2
            return (found if found == "attachment" or (direct and parts[-1].endswith(".md")) else FILE), where
    if parts[-1].endswith(".md"):
        return "page", "/".join(parts)[:-3]
    return FILE, ""
