"""The clone's whole journal, as it lies in git: all streams, with what each entry left of each file."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right

from gittracker.formats.entry import Message
from gittracker.git import history as git_history
from gittracker.git import journal, journalsync
from gittracker.git.history import Commit
from gittracker.git.run import git
from gittracker.services.write import outside
from gittracker.store import kinds, layout, pruned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_REFS = "refs/journal"
_PURGED = " purged"


class Journals:
    """Every entry of every worktree of the clone, oldest first in each stream; `waiting` of them are only pending."""

    def __init__(self, streams: dict[str, list[Commit]], waiting: int = 0,
                 foreign: list[Commit] | None = None, earlier: list[Commit] | None = None) -> None:
        self.streams = streams
        self.waiting = waiting
        self.entries = {one.id: one for stream in streams.values() for one in stream}
        # What other clones' journals say explains what their commits changed here; they are no entries of this clone.
        self.pruned = {one.id: one for one in earlier or []}
        told = {**self.entries, **{one.id: one for one in foreign or []}, **self.pruned}
        self.by_tool: dict[str, set[str]] = {}
        self._left: dict[str, dict[str, list[int]]] = {}  # by path and blob (empty: removed), which entries left it
        ordered = sorted(told.values(), key=lambda one: one.at)
        self._times = [one.at for one in ordered]
        where = {one.id: name for name, stream in streams.items() for one in stream}
        self._streams = [where.get(one.id, one.id) for one in ordered]
        for place, one in enumerate(ordered):
            for path, _, new in one.changes:
                if one.message.actor != outside.BY_GIT:
                    self._left.setdefault(path, {}).setdefault(new, []).append(place)
                if one.message.actor not in (outside.BY_GIT, outside.BY_EDITOR):
                    self.by_tool.setdefault(path, set()).add(new)
        self._purged = {one.message.subject.removesuffix(_PURGED) for one in self.entries.values()
                        if one.message.subject.endswith(_PURGED)}

    @property
    def begins(self) -> int:
        """Give when the first entry was made."""
        return min((one.at for one in (*self.entries.values(), *self.pruned.values())), default=0)

    def left(self, path: str) -> list[str]:
        """List the blobs that commands and editors left of a path."""
        return [blob for blob in self._left.get(path, ()) if blob]

    def tells(self, path: str, old: str, new: str, at: int = 0) -> bool:
        """Tell whether entries led to `new`: some left it, and what was there before is not what came after it.

        Entries that came after a commit of the moment `at`, an undo, say, take nothing from what led to it. They may be
        what it holds, though: an amended commit keeps its moment.
        """
        places = self._left.get(path, {})
        before, after = places.get(old, []), places.get(new, [])
        ends = [(len(self._times), len(self._times))]
        ends += [(bisect_left(self._times, at), bisect_right(self._times, at))] if at else []
        return any(self._may_follow(_last(before, start), _last(after, end)) for start, end in ends)

    def _may_follow(self, one: int, other: int) -> bool:
        """Tell whether an entry came after another (-1: none); of one second, the order of two streams is not known."""
        return other >= max(one, 0) or (0 <= other < one and self._times[other] == self._times[one]
                                        and self._streams[other] != self._streams[one])

    def goes_back(self, path: str, old: str, new: str) -> bool:
        """Tell whether a change takes back what entries did, as `git revert` does."""
        return new in self._left.get(path, {}) and not self.tells(path, old, new)

    def latest(self, worktree: str) -> dict[str, str]:
        """Give the blob that a worktree's stream last had of each path, empty for a file that went."""
        return {path: new for one in self.streams.get(worktree, []) for path, _, new in one.changes}

    def purged(self, path: str) -> str:
        """Name what was purged of the record that a path belongs to, empty where nothing was."""
        name = kinds.name_of(kinds.place(path))
        return next((one for one in (name, f"{name} {kinds.noun(path)}") if name and one in self._purged), "")


def _last(places: list[int], end: int) -> int:
    """Give the last of these places that is before an end, -1 where none is."""
    return max((place for place in places if place < end), default=-1)


def read(tracker: Tracker) -> Journals:
    """Read the journal from git, not from the index: an audit trusts nothing that can be rebuilt."""
    names = git(tracker.journal, "for-each-ref", "--format=%(refname)", _REFS).text.split()
    streams = {name.removeprefix(f"{_REFS}/"): git_history.read(tracker.journal, name) for name in names}
    waiting = _waiting(tracker)
    if waiting:
        streams.setdefault(tracker.worktree, []).extend(waiting)
    foreign = [one for name in journalsync.foreign(tracker.journal)
               for one in git_history.read(tracker.journal, journalsync.foreign_ref(name))]
    return Journals(streams, len(waiting), foreign, _pruned(tracker))


def _pruned(tracker: Tracker) -> list[Commit]:
    """Give what is kept of the entries of pruned journals."""
    return [Commit(oid, actor, "", at, Message("", [], actor), changes)
            for oid, at, actor, changes in pruned.load(tracker.state)]


def _waiting(tracker: Tracker) -> list[Commit]:
    """Give what sandboxed commands left here for the journal."""
    if not os.path.exists(tracker.path(layout.PENDING)):
        return []
    from gittracker.services.write import waiting
    outside.catch_up(tracker, journal.tip(tracker.journal, tracker.worktree))
    return waiting.commits(tracker)
