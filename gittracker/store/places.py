"""Which record a path below `.openkit` belongs to, and which part of it: for whoever tells changes by record."""

from __future__ import annotations

from gittracker.store import kinds, layout

# What a part of a record is.
OWN, REMARK, WORKPAD, FILE = "own", "remark", "workpad", "file"
_OWN_FILES = {layout.TICKETS: ("ticket", f"/{layout.TICKET_FILE}"), layout.EPICS: ("epic", f"/{layout.EPIC_FILE}"),
              layout.UPDATES: ("update", f"/{layout.UPDATE_FILE}"), layout.SKILLS: ("skill", f"/{layout.SKILL_FILE}"),
              layout.PAGES: ("page", ".md"), layout.HARNESSES: ("harness", ".md"),
              layout.PROJECTS: ("project", ".md"), layout.MEMBERS: ("member", ".md")}
_REMARKS = {"comment": "comment", "progress": "progress entry"}
# Files that are one record each, but have no front matter.
_PLAIN = {"workflows": "workflow", "providers": "provider", "agents": "agent", "channels": "channel", "jobs": "job",
          "conversations": "conversation"}
_SETTINGS = {layout.CONFIG: "configuration", layout.STATUSES: "statuses", "policy.yaml": "policy",
             "hooks.yaml": "hooks", "notify.yaml": "notification rules"}


class Place:
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


def place(path: str) -> Place:
    """Classify a path; what no record has is a file of its own."""
    what, where = kinds.noun(path), kinds.place(path)
    if where:
        noun, own = _OWN_FILES[where.partition("/")[0]][0], own_file(where)
        name = kinds.name_of(where)
        return Place(noun, name if name != where else where.rpartition("/")[2], own, *_part(path, what, where, own))
    top, _, rest = path.partition("/")
    if top in _PLAIN and rest and "/" not in rest:
        return Place(_PLAIN[top], rest.rpartition(".")[0] or rest, path, OWN, "")
    return Place(_SETTINGS.get(path, "file"), path, path, OWN if path in _SETTINGS else FILE, path)


def own_file(where: str) -> str:
    """Give the file of the record at a place."""
    return where + _OWN_FILES[where.partition("/")[0]][1]


def _part(path: str, what: str, where: str, own: str) -> tuple[str, str]:
    if path == own:
        return OWN, ""
    if what in _REMARKS:
        return REMARK, _REMARKS[what]
    if what == "workpad":
        return WORKPAD, what
    rest = path[len(where):].lstrip("/")
    return FILE, f"{layout.ATTACHMENTS}/{rest.partition('/')[2]}" if what == "attachment" else rest
