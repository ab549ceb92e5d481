"""The caller's last command in a worktree, with the entries that it made in others."""

from __future__ import annotations

import os
from itertools import islice

from gittracker.domain.errors import ConflictError, NotFoundError
from gittracker.git import history as git_history
from gittracker.index import history as trail
from gittracker.index import placed
from gittracker.index.boards import WORKTREE
from gittracker.services.write import outside
from gittracker.store import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.index.placed import Command, Part
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Entry = tuple[int, str, str]  # number in the index, id, subject
    Step = tuple[Tracker, int, str, str]  # the worktree that an entry was made in, and the entry

_AT_ONCE = 50  # entries that git is asked about together


def find(writing: Writing) -> list[Step]:
    """Give the entries of the caller's last command here that is neither an undo nor undone, each with its worktree.

    Raises NotFoundError, and ConflictError where it was written in another worktree that this command can't enter.
    """
    tracker = writing.tracker
    own = _own(tracker)
    last = next(_made_here(tracker, own) if tracker.repository.is_side else own, None)
    for command in placed.commands(tracker.index, tracker.worktree):
        parts = _standing(tracker, command)
        if parts and not parts[0].undoes and all(one.number != tracker.worktree for one in command.parts):
            if last and not placed.is_later(tracker.index, tracker.worktree, command, last[0]):
                break
            return _enter(writing, command)
    if not last:
        raise NotFoundError("entry", f"of {tracker.principal.name} to undo", "gittracker log")
    return whole(writing, last)


def whole(writing: Writing, entry: Entry) -> list[Step]:
    """Give an entry with those that the same command, made in this worktree, left in others."""
    tracker = writing.tracker
    for command in placed.commands(tracker.index, tracker.worktree):
        if any(entry[1] == one.oid for one in command.parts):
            return _enter(writing, command) if _standing(tracker, command) else [(tracker, *entry)]
    return [(tracker, *entry)]


def beside(tracker: Tracker, name: str) -> list[Entry]:
    """Find the entries, by the start of their ids, that commands made here left in other worktrees."""
    return [(one.seq, one.oid, one.subject) for command in placed.commands(tracker.index, tracker.worktree)
            for one in command.parts if one.oid.startswith(name)]


def _standing(tracker: Tracker, command: Command) -> list[Part]:
    """Give the parts of a command of the caller's that are not undone."""
    return [one for one in command.parts if one.actor == tracker.principal.name and not _is_undone(tracker, one.oid)]


def _is_undone(tracker: Tracker, oid: str) -> bool:
    """Tell whether an entry was undone, and that undo was not."""
    return any(not _is_undone(tracker, by) for by, in tracker.index.all(
        "SELECT id FROM entry WHERE instr(undoes, ?) > 0", oid))


def _enter(writing: Writing, command: Command) -> list[Step]:
    """Open the worktrees that a command was written in; what was in one that is no more stays as it is."""
    tracker = writing.tracker
    there = _tops(tracker)
    for part in command.parts:
        if part.number in there and writing.homes.open(there[part.number]):  # where what waited gets its entry
            outside.catch_up_all(tracker)
    parts = [part for one in placed.commands(tracker.index, tracker.worktree) if one.name == command.name
             for part in _standing(tracker, one)]
    gone = [one for one in parts if one.number not in there]
    if len(gone) == len(parts):
        raise ConflictError("the last command made here was written in a worktree that is no more "
                            f"(entry {parts[0].oid[:10]})", "gittracker log, then gittracker undo ENTRY")
    for one in gone:
        writing.warn(f"what it wrote in a worktree that is no more stays (entry {one.oid[:10]})")
    return [_step(writing, one, there[one.number]) for one in parts if one.number in there]


def _tops(tracker: Tracker) -> dict[str, str]:
    """Give the worktrees that there are, by number."""
    tops = {one.number: one.top for one in tracker.board.replicas
            if one.kind == WORKTREE and os.path.isdir(one.top)} if tracker.board else {}
    return {**tops, tracker.ground_number: tracker.ground.top, tracker.worktree: tracker.repository.top}


def _step(writing: Writing, part: Part, top: str) -> Step:
    """Open the worktree that an entry was made in; what is home's alone is taken back there."""
    tracker = writing.tracker
    if top == tracker.repository.top:
        return tracker, part.seq, part.oid, part.subject
    paths = [path for path, in tracker.index.all("SELECT path FROM change WHERE entry = ?", part.seq)]
    other = writing.homes.open(top) if not any(map(settings.is_one, paths)) else None
    if other is None:
        shown = os.path.relpath(top, tracker.repository.top)
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
