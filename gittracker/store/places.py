"""What a path below `.openkit` belongs to: which record, and which part of it."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.store import layout

# What a part of a record is.
OWN, REMARK, WORKPAD, FILE = "own", "remark", "workpad", "file"
_FOLDERS = {"epics": ("epic", "epic.md"), "updates": ("update", "update.md"), "skills": ("skill", "SKILL.md")}
_FILES = {"projects": "project", "members": "member", "harnesses": "harness", "workflows": "workflow",
          "providers": "provider", "agents": "agent", "channels": "channel", "jobs": "job",
          "conversations": "conversation"}
_SETTINGS = {layout.CONFIG: "configuration", layout.STATUSES: "statuses", "policy.yaml": "policy",
             "hooks.yaml": "hooks", "notify.yaml": "notification rules"}
_REMARKS = {layout.COMMENTS: "comment", "progress": "progress entry"}


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
    parts = path.split("/")
    if parts[0] == layout.TICKETS and len(parts) > 3:
        own = layout.ticket_file("/".join(parts[:3]))
        return _within("ticket", ids.slug_of_folder(parts[2]), own, path, parts[3:])
    if parts[0] in _FOLDERS and len(parts) > 2:
        noun, file = _FOLDERS[parts[0]]
        return _within(noun, parts[1], f"{parts[0]}/{parts[1]}/{file}", path, parts[2:])
    if parts[0] == "pages" and len(parts) > 1:
        return _page(path, parts)
    if parts[0] in _FILES and len(parts) == 2:
        return Place(_FILES[parts[0]], parts[1].rpartition(".")[0] or parts[1], path, OWN, "")
    return Place(_SETTINGS.get(path, "file"), path, path, OWN if path in _SETTINGS else FILE, path)


def _within(noun: str, name: str, own: str, path: str, rest: list[str]) -> Place:
    """Classify a path in a record's folder."""
    if path == own:
        return Place(noun, name, own, OWN, "")
    if len(rest) == 2 and rest[0] in _REMARKS and rest[1].endswith(".md"):
        return Place(noun, name, own, REMARK, _REMARKS[rest[0]])
    if rest == [layout.WORKPAD]:
        return Place(noun, name, own, WORKPAD, "workpad")
    return Place(noun, name, own, FILE, "/".join(rest))


def _page(path: str, parts: list[str]) -> Place:
    """Classify a wiki page, or what lies beside it in PAGE.comments and PAGE.files."""
    for number, part in enumerate(parts[1:-1], 1):
        for end, kind, label in ((".comments", REMARK, "comment"), (".files", FILE, "/".join(parts[number + 1:]))):
            if part.endswith(end) and len(part) > len(end):
                name = "/".join([*parts[1:number], part.removesuffix(end)])
                return Place("page", name, f"pages/{name}.md", kind, label)
    own = path.endswith(".md")
    return Place("page" if own else "file", "/".join(parts[1:]).removesuffix(".md") if own else path, path,
                 OWN if own else FILE, path)
