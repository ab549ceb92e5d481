"""Before a worktree goes: what waits in it is journalled, and what would be gone with it too."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.git import journal
from gittracker.services.tracker import Tracker
from gittracker.services.write import access, outside
from gittracker.services.write.locking import Locked
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.worktrees import Worktree
    from gittracker.services.clone.clones import Clone

_NAME = "worktree remove"


def replay(tracker: Tracker, clone: Clone, one: Worktree) -> None:
    """Journal what sandboxed commands left in another worktree; raises SandboxedError, LockedError, StorageError."""
    if any(os.path.exists(f"{one.top}/.openkit/{path}") for path in (layout.PENDING, layout.INTENT)):
        keep(tracker, clone, one, [])


def keep(tracker: Tracker, clone: Clone, one: Worktree, paths: list[str]) -> None:
    """Journal another worktree's files as they are, where its journal doesn't hold them, so that they can come back."""
    there = Tracker(clone.at(one), "", tracker.clock, tracker.entropy)
    there.sandboxed = tracker.sandboxed
    try:
        with access.Needed(there, "removing a worktree"), Locked(there, _NAME) as keeper:
            if keeper.sandboxed:
                raise access.refusal(there.repository, "removing a worktree")
            keeper.begin()
            held = [(path, data, data) for path, data in ((path, _read(there, path)) for path in dict.fromkeys(paths))
                    if data is not None]
            commits = outside.commits(there, list(held))
            if commits:
                parent = journal.tip(there.journal, there.worktree)
                journal.append(there.journal, journal.stream(there.worktree, parent, commits, there.committer))
                outside.catch_up(there, journal.tip(there.journal, there.worktree))
    finally:
        there.close()


def _read(there: Tracker, path: str) -> bytes | None:
    try:
        return atomic.read(there.path(path))
    except InvalidDataError:
        return None  # a link or a pipe has no bytes of its own
