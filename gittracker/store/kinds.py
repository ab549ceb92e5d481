"""What a path of `.openkit` is: the noun of its file, and the place of the record that it belongs to."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.store import layout

FILE = "file"  # what has no noun of its own

_OWN = {layout.TICKET_FILE: "ticket", layout.WORKPAD: "workpad", layout.EPIC_FILE: "epic",
        layout.UPDATE_FILE: "update", layout.SKILL_FILE: "skill"}
_INNER = {layout.COMMENTS: ("comment", ".md"), layout.PROGRESS: ("progress", ".md"), layout.USAGE: ("usage", ".json"),
          layout.RUNS: ("run", ".json")}
# How many segments name a record's folder, by the folder that records of its noun lie in.
_DEPTHS = {layout.TICKETS: 3, layout.EPICS: 2, layout.UPDATES: 2, layout.SKILLS: 2}
_SINGLE = {layout.HARNESSES: "harness", layout.PROJECTS: "project", layout.MEMBERS: "member"}
_BESIDE = {layout.PAGE_COMMENTS: "comment", layout.PAGE_FILES: "attachment"}


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


def _read(path: str) -> tuple[str, str]:
    parts = path.split("/")
    top, last = parts[0], parts[-1]
    if top == layout.PAGES and len(parts) > 2:
        return _page(parts)
    if top in _SINGLE and len(parts) == 2 and last.endswith(".md"):
        return _SINGLE[top], path[:-3]
    depth = _DEPTHS.get(top, 0)
    if not depth or len(parts) <= depth:
        return FILE, ""
    where = "/".join(parts[:depth])
    if len(parts) == depth + 1:
        fits = _OWN.get(last, FILE)
        return (fits if fits == "workpad" or f"{fits}s" == top else FILE), where
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
