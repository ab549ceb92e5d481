"""The doctor: what is wrong with the tracker's files, and the mending of what has one right answer."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.comment import Comment
from gittracker.domain.errors import AmbiguousError, InvalidDataError
from gittracker.domain.ticket import LINK_FIELDS, Ticket
from gittracker.formats import entity_md, frontmatter
from gittracker.index import tickets
from gittracker.services import setup
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.formats.frontmatter import Document
    from gittracker.services.tracker import Tracker
    from gittracker.services.writing import Writing


class Problem:
    """One finding; `fixable` says that `doctor --fix` mends it."""

    __slots__ = ("path", "line", "message", "fixable")

    def __init__(self, path: str, line: int, message: str, fixable: bool = False) -> None:
        self.path = path
        self.line = line
        self.message = message
        self.fixable = fixable

    def to_json(self) -> dict[str, Any]:
        """Give the finding as it is printed."""
        return {"path": f".openkit/{self.path}", "line": self.line, "message": self.message,
                "fixable": self.fixable}


def examine(tracker: Tracker) -> list[Problem]:
    """List everything that is wrong, by path and line."""
    tracker.refresh(deep=True)
    found = [Problem(*row) for row in tracker.settings.problems]
    fixes = {path for path, _ in repairs(tracker)}
    found += [Problem(path, line, message, path in fixes) for path, line, message in tracker.index.all(
        "SELECT path, line, message FROM problem WHERE worktree = ?", tracker.worktree)]
    found += _missing_keys(tracker, fixes)
    found += _links(tracker)
    found += _circles(tracker)
    found += _clashes(tracker)
    found += _words(tracker)
    for path in setup_files(tracker):
        found.append(Problem(path, 0, "lines are missing", True))
    found += _leftovers(tracker)
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


def repairs(tracker: Tracker) -> list[tuple[str, bytes]]:
    """Give (path, new bytes) of the files that have one right mending."""
    found = []
    for row_id, folder in tracker.index.all("SELECT id, folder FROM ticket WHERE worktree = ? ORDER BY folder",
                                            tracker.worktree):
        path = layout.ticket_file(folder)
        if not _suspect(tracker, row_id, path):
            continue
        data = atomic.read(tracker.path(path))
        try:
            new = _mended(tracker, data, path) if data else None
        except InvalidDataError:
            continue
        if new is not None and new != data:
            found.append((path, new))
    return found


def fix(writing: Writing) -> None:
    """Mend everything that has one right answer, in one entry."""
    tracker = writing.tracker
    tracker.refresh(deep=True)
    for path, data in repairs(tracker):
        old = writing.read(path) or b""
        fresh = _complete(writing, data, path)
        before, after = entity_md.read(Ticket, old)[0], entity_md.read(Ticket, fresh)[0]
        writing.put(path, fresh)
        writing.touch("ticket.updated", after.ref, after.slug, path, entity_md.differences(before, after), after.slug)
    for path, data in setup_files(tracker).items():
        writing.put(path, data)
        writing.touch("file.updated", path, path, path, {}, "")
    if writing.touched:
        writing.say(f"doctor mended {len(writing.touched)} file(s)")


def setup_files(tracker: Tracker) -> dict[str, bytes]:
    """Give `.gitignore` and `.gitattributes` where lines are missing."""
    planned = setup.plan(tracker.repository, "", "openase", lambda prefix: ids.make_ref(prefix, "0" * 32))
    return {p: d for p, d in planned.items() if p in (layout.GITIGNORE, layout.GITATTRIBUTES)}


def _suspect(tracker: Tracker, row_id: int, path: str) -> bool:
    """Tell whether a ticket's file needs a closer look, by what the index knows."""
    row = tracker.index.one("SELECT ref, slug, folder FROM ticket WHERE id = ?", row_id)
    if not row[0] or row[1] == row[2].rpartition("/")[2]:
        return True
    if tracker.index.one("SELECT 1 FROM problem WHERE worktree = ? AND path = ?", tracker.worktree, path):
        return True
    if tracker.index.one("SELECT 1 FROM edge WHERE ticket = ? AND target_ref <> target", row_id):
        return True
    data = atomic.read(tracker.path(path)) or b""
    return any(f"\n{name}:".encode() not in data for name, field in Ticket.FIELDS.items() if field.always) or (
        tracker.index.one("SELECT status FROM ticket WHERE id = ?", row_id)[0].encode() not in data)


def _mended(tracker: Tracker, data: bytes, path: str) -> bytes:
    """Write statuses and links as the tool writes them, and add the keys that always stand there."""
    document = frontmatter.parse(data, path)
    ticket, _ = entity_md.read(Ticket, data, path)
    changes: dict[str, Any] = {}
    status = tracker.settings.status_of(ticket.status) if ticket.status else None
    if status and status.slug != ticket.status:
        changes["status"] = status.slug
    for name in LINK_FIELDS:
        value = ticket.__dict__[name]
        if value:
            changes[name] = tuple(sorted(_as_ref(tracker, v) for v in value)) if isinstance(value, tuple) \
                else _as_ref(tracker, value)
    for name, field in Ticket.FIELDS.items():
        if field.always and name not in document.entries and name not in ("ref", "slug"):
            changes.setdefault(name, field.kind.empty)
    changes = {n: v for n, v in changes.items() if n not in document.entries or v != ticket.__dict__[n]}
    data = entity_md.patch(Ticket, data, changes, path)
    missing = [n for n in ("ref", "slug") if not getattr(ticket, n)]
    return data + b"\0" if missing else data


def _complete(writing: Writing, data: bytes, path: str) -> bytes:
    """Give a file that lacks a ref or a slug its own."""
    data = data.removesuffix(b"\0")
    ticket, _ = entity_md.read(Ticket, data, path)
    changes: dict[str, Any] = {}
    if not ticket.ref:
        changes["ref"] = writing.new_ref(ids.TICKET)
    if not ticket.slug:
        folder = layout.folder_of(path)
        slug = ids.slug_of_folder(folder.rpartition("/")[2])
        free = ids.parse_slug(slug) and not writing.tracker.index.one(
            "SELECT 1 FROM ticket WHERE slug = ? COLLATE NOCASE AND folder <> ?", slug, folder)
        changes["slug"] = slug if free else writing.next_slug(writing.tracker.settings.project())
    if not ticket.created_at:
        changes["created_at"] = writing.tracker.now()
    if not ticket.created_by:
        changes["created_by"] = writing.tracker.principal.name
    return entity_md.patch(Ticket, data, changes, path)


def _as_ref(tracker: Tracker, target: str) -> str:
    if ids.is_ref(target):
        return target
    try:
        row = tickets.find(tracker.index, tracker.worktree, target)
    except AmbiguousError:
        return target
    return row.ticket.ref if row and row.ticket.ref else target


def _missing_keys(tracker: Tracker, fixes: set[str]) -> list[Problem]:
    told = {row[0] for row in tracker.index.all("SELECT path FROM problem WHERE worktree = ?", tracker.worktree)}
    return [Problem(path, 1, "not written as the tool writes it (keys, links or status)", True)
            for path in sorted(fixes - told)]


def _links(tracker: Tracker) -> list[Problem]:
    rows = tracker.index.all(
        "SELECT t.folder, e.field, e.target FROM edge e JOIN ticket t ON t.id = e.ticket LEFT JOIN ticket b "
        "ON b.ref = e.target_ref AND b.worktree = t.worktree WHERE t.worktree = ? AND b.id IS NULL", tracker.worktree)
    return [Problem(layout.ticket_file(folder), _line(tracker, folder, field), f'{field} names "{target}", which is '
                    "not here") for folder, field, target in rows]


def _circles(tracker: Tracker) -> list[Problem]:
    """Find tickets that wait for themselves, by way of others."""
    found = []
    for field in ("depends_on", "parent", "duplicates"):
        ahead: dict[str, list[str]] = {}
        for ref, target in tracker.index.all(
                "SELECT t.ref, e.target_ref FROM edge e JOIN ticket t ON t.id = e.ticket WHERE t.worktree = ? "
                "AND e.field = ? AND e.target_ref IS NOT NULL", tracker.worktree, field):
            ahead.setdefault(ref, []).append(target)
        for circle in _loops(ahead):
            names = [tracker.index.one("SELECT slug, folder FROM ticket WHERE ref = ? AND worktree = ?", ref,
                                       tracker.worktree) for ref in circle]
            shown = " → ".join(n[0] for n in [*names, names[0]])
            found.append(Problem(layout.ticket_file(names[0][1]), _line(tracker, names[0][1], field),
                                 f"{field} goes in a circle: {shown}"))
    return found


def _loops(ahead: dict[str, list[str]]) -> list[list[str]]:
    """Give each circle once, by walking depth-first without recursion."""
    done: set[str] = set()
    loops = []
    for start in sorted(ahead):
        path: list[str] = []
        stack = [(start, iter(ahead.get(start, ())))] if start not in done else []
        path = [start] if stack else []
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                done.add(node)
                stack.pop()
                path.pop()
            elif target in path:
                loops.append(path[path.index(target):])
            elif target not in done:
                stack.append((target, iter(ahead.get(target, ()))))
                path.append(target)
    return loops


def _clashes(tracker: Tracker) -> list[Problem]:
    found = []
    for slug in tracker.clashes() - {""}:
        for (folder,) in tracker.index.all("SELECT folder FROM ticket WHERE worktree = ? AND slug = ? COLLATE NOCASE "
                                           "ORDER BY ref", tracker.worktree, slug):
            found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, "slug"),
                                 f"another ticket is {slug} too; name it {folder.rpartition('/')[2]}"))
    return found


def _words(tracker: Tracker) -> list[Problem]:
    found = []
    for field, allowed in (("type", tracker.settings.types), ("priority", tracker.settings.priorities)):
        marks = ",".join("?" * len(allowed))
        for folder, value in tracker.index.all(
                f"SELECT folder, {field} FROM ticket WHERE worktree = ? AND {field} <> '' AND {field} NOT IN "
                f"({marks})", tracker.worktree, *allowed):
            found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, field),
                                 f'{field} "{value}" is none of {", ".join(allowed)}'))
    return found


def _leftovers(tracker: Tracker) -> list[Problem]:
    """Find temp files of commands that died, and comments that no reader knows."""
    found = []
    for folder, _, names in os.walk(tracker.path(layout.TICKETS)):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), tracker.root).replace(os.sep, "/")
            if name.endswith(layout.TEMPORARY):
                found.append(Problem(path, 0, "left behind by a command that died; it can be removed"))
    for folder, name in tracker.index.all(
            "SELECT t.folder, c.name FROM comment c JOIN ticket t ON t.id = c.ticket WHERE t.worktree = ? "
            "AND c.ref = ''", tracker.worktree):
        found.append(Problem(f"{folder}/{layout.COMMENTS}/{name}", 1, f"a {Comment.NOUN} without a ref"))
    return found


def _line(tracker: Tracker, folder: str, field: str) -> int:
    try:
        document: Document = frontmatter.parse(atomic.read(tracker.path(layout.ticket_file(folder))) or b"")
    except InvalidDataError:
        return 1
    return document.line_of(field)
