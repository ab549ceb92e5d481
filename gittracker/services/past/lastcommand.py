"""The caller's last command in a worktree, with the entries that it made in others."""

from __future__ import annotations

import os
from itertools import islice

from gittracker.domain.errors import ConflictError, NotFoundError
from gittracker.git import history as git_history
from gittracker.index import history as trail
from gittracker.index import placed
from gittracker.store import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Entry = tuple[int, str, str]  # number in the index, id, subject

_AT_ONCE = 50  # entries that git is asked about together


def find(writing: Writing) -> list[tuple[Tracker, int, str, str]]:
    """Give the entries of the caller's last command here that is neither an undo nor undone, each with its worktree.

    Raises NotFoundError, and ConflictError where it was written in another worktree that this command can't enter.
    """
    tracker = writing.tracker
    own = _own(tracker)
    last = next(_made_here(tracker, own) if tracker.repository.is_side else own, None)
    commands = (_standing(tracker, one) for one in placed.commands(tracker.index, tracker.worktree))
    parts = next((one for one in commands if one and not one[0].undoes), [])
    if last and max((one.seq for one in parts), default=0) < last[0]:
        return [(tracker, *last)]
    if not parts:
        raise NotFoundError("entry", f"of {tracker.principal.name} to undo", "gittracker log")
    return [_enter(writing, one) for one in parts]


def whole(writing: Writing, entry: Entry) -> list[tuple[Tracker, int, str, str]]:
    """Give an entry with those that the same command, made in this worktree, left in others."""
    tracker = writing.tracker
    for command in placed.commands(tracker.index, tracker.worktree):
        if entry[1] in (oid for _, oid in command):
            return [_enter(writing, one) for one in _standing(tracker, command)] or [(tracker, *entry)]
    return [(tracker, *entry)]


def beside(tracker: Tracker, name: str) -> list[Entry]:
    """Find the entries, by the start of their ids, that commands made here left in other worktrees."""
    oids = {oid for command in placed.commands(tracker.index, tracker.worktree) for _, oid in command
            if oid.startswith(name)}
    return [row for oid in oids for row in tracker.index.all("SELECT seq, id, subject FROM entry WHERE id = ?", oid)]


class _Part:
    """What a command wrote in one worktree; `undoes` are the entries that it undid, if any."""

    __slots__ = ("top", "seq", "oid", "subject", "undoes")

    def __init__(self, top: str, seq: int, oid: str, subject: str, undoes: str) -> None:
        self.top = top
        self.seq = seq
        self.oid = oid
        self.subject = subject
        self.undoes = undoes


def _standing(tracker: Tracker, command: list[tuple[str, str]]) -> list[_Part]:
    """Give the parts of a command of the caller's that are not undone."""
    found = []
    for top, oid in command:
        row = tracker.index.one("SELECT seq, id, subject, undoes FROM entry WHERE id = ? AND actor = ?", oid,
                                tracker.principal.name)
        found += [_Part(top, *row)] if row and not _is_undone(tracker, oid) else []
    return found


def _is_undone(tracker: Tracker, oid: str) -> bool:
    """Tell whether an entry was undone, and that undo was not."""
    return any(not _is_undone(tracker, by) for by, in tracker.index.all(
        "SELECT id FROM entry WHERE instr(undoes, ?) > 0", oid))


def _enter(writing: Writing, part: _Part) -> tuple[Tracker, int, str, str]:
    """Open the worktree that an entry was made in; what is home's alone is taken back there."""
    tracker = writing.tracker
    if part.top == tracker.repository.top:
        return tracker, part.seq, part.oid, part.subject
    paths = [path for path, in tracker.index.all("SELECT path FROM change WHERE entry = ?", part.seq)]
    can_be = not any(map(settings.is_one, paths)) and os.path.isdir(part.top)
    other = writing.homes.open(part.top) if can_be else None
    if other is None:
        shown = os.path.relpath(part.top, tracker.repository.top)
        raise ConflictError(f'the last command made here was written in "{shown}" (entry {part.oid[:10]})',
                            f"gittracker -C {shown} undo {part.oid[:10]}, or name the entry")
    return other, part.seq, part.oid, part.subject


def _own(tracker: Tracker) -> Iterator[tuple[int, str, str]]:
    """Go through the caller's entries from the newest."""
    undone: set[str] = set()
    for seq, oid, subject, actor, undoes, counts in trail.newest(tracker.index, tracker.worktree):
        if oid in undone:
            continue  # and what it undid stands again
        undone.update(undoes.split())
        if not undoes and counts and actor == tracker.principal.name:
            yield seq, oid, subject


def _made_here(tracker: Tracker, own: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """Keep the entries that were made from the worktree that the command runs in."""
    here = "" if tracker.caller is tracker else tracker.caller.worktree
    while some := list(islice(own, _AT_ONCE)):
        said = git_history.messages(tracker.journal, [oid for _, oid, _ in some])
        yield from (one for one in some if (said[one[1]].worktree if one[1] in said else here) == here)
