"""The doctor: what is wrong with the tracker's files, and the mending of what has one right answer."""

from __future__ import annotations

import os

from gittracker.domain.comment import Comment
from gittracker.domain.errors import InvalidDataError
from gittracker.formats import frontmatter
from gittracker.services import mending, setup
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.formats.frontmatter import Document
    from gittracker.services.tracker import Tracker


class Problem:
    """One finding; `fixable` says that `doctor --fix` mends it."""

    __slots__ = ("path", "line", "message", "fixable")

    def __init__(self, path: str, line: int, message: str, fixable: bool = False) -> None:
        self.path = path
        self.line = line
        self.message = message
        self.fixable = fixable

    @property
    def where(self) -> str:
        """Give the file from the top of the repository."""
        return f".openkit/{self.path}" if self.path else ".openkit"

    def to_json(self) -> dict[str, Any]:
        """Give the finding as it is printed."""
        return {"path": self.where, "line": self.line, "message": self.message,
                "fixable": self.fixable}


def examine(tracker: Tracker) -> list[Problem]:
    """List everything that is wrong, by path and line."""
    tracker.refresh(deep=True)
    found = [Problem(*row) for row in tracker.settings.problems]
    fixes = {one.path for one in mending.plan(tracker)}
    found += [Problem(path, line, message, path in fixes) for path, line, message in tracker.index.all(
        "SELECT path, line, message FROM problem WHERE worktree = ?", tracker.worktree)]
    found += _missing_keys(tracker, fixes)
    found += _links(tracker)
    found += _circles(tracker)
    found += _clashes(tracker)
    found += _words(tracker)
    for path in mending.setup_files(tracker):
        found.append(Problem(path, 0, "lines are missing", True))
    found += _leftovers(tracker)
    found += _state(tracker)
    found += _lost(tracker)
    where = setup.ignored(tracker.repository)
    if where:
        found.append(Problem("", 0, f"git ignores the tracker's files ({where})"))
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


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
    for folder, folders, names in os.walk(tracker.root):
        if folder == tracker.root:
            folders[:] = [name for name in folders if f"{name}/" not in layout.IGNORED]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), tracker.root).replace(os.sep, "/")
            if name.endswith(layout.TEMPORARY):
                found.append(Problem(path, 0, "left behind by a command that died; it can be removed"))
    for folder, name in tracker.index.all(
            "SELECT t.folder, c.name FROM comment c JOIN ticket t ON t.id = c.ticket WHERE t.worktree = ? "
            "AND c.ref = ''", tracker.worktree):
        found.append(Problem(f"{folder}/{layout.COMMENTS}/{name}", 1, f"a {Comment.NOUN} without a ref"))
    return found


def _state(tracker: Tracker) -> list[Problem]:
    """Find what is gone of the clone's own state, which nothing can rebuild."""
    written = not tracker.worktree.startswith("?")
    if not written or os.path.isfile(os.path.join(tracker.journal, "HEAD")):
        return []
    return [Problem("", 0, "this clone's journal is gone, and with it the history that no branch has; "
                           "the next write begins a new one")]


def _lost(tracker: Tracker) -> list[Problem]:
    """Find what the journal holds and no file and no branch shows."""
    from gittracker.services import recover
    found = recover.lost(tracker)
    return [Problem(one.path, 0, f"a lost {one.what}: gittracker recover") for one in found]


def _line(tracker: Tracker, folder: str, field: str) -> int:
    try:
        document: Document = frontmatter.parse(atomic.read(tracker.path(layout.ticket_file(folder))) or b"")
    except InvalidDataError:
        return 1
    return document.line_of(field)
