"""The keeper of a usual write: its entries go to the journal, its receipts and numbers to the clone's state.

The keeper of a sandboxed write (`pending`) has the same methods; `apply` calls them in the order they stand in here.
"""

from __future__ import annotations

import os

from gittracker.domain.settings import BRANCH
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.index import history
from gittracker.services.write import outside
from gittracker.store import intents, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.git.journal import Commit
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Request, Writing
    from gittracker.store.intents import Part

    Receipt = dict[str, Any]
    Change = tuple[str, bytes | None, bytes | None]


def told_key(worktree: str) -> str:
    """Name the note of the newest entry whose events are told."""
    return f"told:{worktree}"


class JournalKeeper:
    """Keeps entries in the journal, receipts and counters in the clone's state."""

    sandboxed = False

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._parent = ""
        self._stream: list[bytes] = []
        self._commits: list[Commit] = []
        self._entries: list[str] = []
        self.told: list[str] = []  # what went not as it should and undoes nothing

    def number(self, key: str) -> int:
        """Give the highest number of a project that was given out, as far as other worktrees know."""
        from gittracker.store import counters
        known = counters.load(self.tracker.state).get(key, 0)
        if not os.path.isdir(os.path.join(self.tracker.repository.common_dir, "worktrees")):
            return known
        from gittracker.services.write import numbers
        return numbers.elsewhere(self.tracker.repository, key, known)

    def first_receipts(self, key: str) -> dict[str, Any] | None:
        """Give what a command under this idempotency key was answered: its fingerprint and receipts."""
        from gittracker.store import receipts
        return receipts.load(self.tracker.state, key)

    def remember(self, request: Request, made: list[Receipt]) -> None:
        """Keep the receipts of a command that had nothing to change; raises StorageError."""
        from gittracker.store import receipts
        receipts.save(self.tracker.state, request.key, request.fingerprint, made)

    def begin(self) -> None:
        """Learn what the journal holds by now, before anything is compared with it."""
        self._parent = journal.tip(self.tracker.journal, self.tracker.worktree)
        outside.catch_up(self.tracker, self._parent)

    def part(self, changes: list[Change], commits: list[Commit]) -> Part:
        """Give this worktree's part of an intent."""
        tracker = self.tracker
        self._commits = commits
        self._stream = journal.stream(tracker.worktree, self._parent, commits, tracker.committer)
        return tracker.root, tracker.worktree, self._parent, changes, self._stream

    def promise(self, writing: Writing, changes: list[Change], commits: list[Commit], made: list[Receipt],
                others: list[Part]) -> None:
        """Save the intent, with the parts of other worktrees.

        From here on the write is finished, by whomever. Raises StorageError.
        """
        request = writing.request
        root, worktree, parent, _, stream = self.part(changes, commits)
        intents.save(intents.path_in(self.tracker.state), intents.Intent(
            root, worktree, parent, request.key, request.fingerprint, changes, stream, made,
            list(writing.state.items()), others))

    def reserve(self, given: dict[str, int]) -> None:
        """Keep the numbers that were given out; raises StorageError."""
        from gittracker.store import counters
        counters.save(self.tracker.state, {**counters.load(self.tracker.state), **given})

    def set_down(self, state: dict[str, bytes | None]) -> None:
        """Write files of the clone's own, by their path below its common directory; raises StorageError."""
        if state:
            from gittracker.store import own
            own.set_down(self.tracker.repository.common_dir, state)

    def record(self) -> None:
        """Make the entries; raises StorageError."""
        self._entries = journal.append(self.tracker.journal, self._stream)
        steps.reached("journalled")

    def has_recorded(self) -> bool:
        """Tell whether the entries are made, even if `record` failed."""
        return journal.tip(self.tracker.journal, self.tracker.worktree) != self._parent

    @property
    def entry(self) -> str:
        """Give the command's own entry."""
        return self._entries[-1] if self._entries else ""

    def sign(self, receipt: Receipt) -> None:
        """Name in a receipt what proves it."""
        receipt["entry"] = self.entry

    def put_rows(self) -> None:
        """Show the entries to the index."""
        tracker = self.tracker
        index, worktree = tracker.index, tracker.worktree
        blobs: dict[str, str] = {}
        for oid, commit in zip(self._entries, self._commits, strict=True):
            rows = []
            for path, data in commit.changes:
                new = "" if data is None else blob_id(data, tracker.repository.object_format)
                rows.append((path, blobs.get(path) or history.latest(index, worktree, path) or "", new))
                blobs[path] = new
            outside.put_entry(index, worktree, oid, commit, sorted(rows))  # as git lists them
        history.set_tip(index, history.JOURNAL, worktree, self._entries[-1])
        index.put(told_key(worktree), self._entries[-1])

    def follow(self) -> None:
        """Commit the entries on the tracker's branch, too, where that is its history."""
        if self.tracker.settings.history == BRANCH:
            from gittracker.services.write import branching
            self.told += branching.follow(self.tracker, self._parent, self._entries[-1], self._commits)

    def withdraw(self) -> None:
        """Forget the intent of a write whose files are as they were; raises StorageError or OSError."""
        intents.clear(intents.path_in(self.tracker.state))

    def end(self, request: Request, made: list[Receipt]) -> None:
        """Keep the receipts of a finished write and forget its intent; raises StorageError or OSError."""
        if request.key:
            self.remember(request, made)
            steps.reached("receipt saved")
        self.follow()
        intents.clear(intents.path_in(self.tracker.state))
        steps.reached("intent cleared")
        journal.tidy(self.tracker.journal)
