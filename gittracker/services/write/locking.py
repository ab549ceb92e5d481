"""The locks that every write holds, and what is finished under them before it begins."""

from __future__ import annotations

import os

from gittracker.domain.errors import AccessError
from gittracker.domain.settings import BRANCH
from gittracker.services.write.keeping import JournalKeeper
from gittracker.store import intents, layout, steps
from gittracker.store.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.pending import PendingKeeper
    from gittracker.store.worktreelocks import WorktreeLock

    Keeper = JournalKeeper | PendingKeeper


class Locked:
    """The clone's lock, then the worktree's; a sandboxed command, which may not write the first, has the second alone.

    Sandboxed is whoever may not write lock, journal or this worktree's number; a full disk is an error as ever.
    """

    def __init__(self, tracker: Tracker, name: str) -> None:
        tracker.check_writable()
        self._tracker = tracker
        self._holder = f"{tracker.principal.name}: {name} (pid {os.getpid()})"
        self._held: list[Lock] = []

    def __enter__(self) -> Keeper:
        """Wait for the locks, then settle; raises LockedError, StorageError, and InvalidDataError of newer formats."""
        try:
            keeper = self._in_the_open() or self._sandboxed()
            self._tracker.renew()
            self._tracker.check_writable()
            return keeper
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        while self._held:
            self._held.pop().__exit__()

    def enter(self, top: str) -> Tracker:
        """Open another worktree for the same command, and finish what a sandboxed one left there."""
        other = self._tracker.at_worktree(top)
        other.settle()
        waiting = layout.PENDING, layout.INTENT
        if _any_exists(other, layout.LOCK, *waiting):
            self._hold(_lock_of(other, self._holder))
        if _any_exists(other, *waiting):
            from gittracker.services.write import finishing
            finishing.finish(other, None)
        other.renew()
        other.check_writable()
        _keep_branch(other)
        return other

    def _hold(self, lock: Lock) -> None:
        lock.__enter__()
        self._held.append(lock)

    def _in_the_open(self) -> JournalKeeper | None:
        """Take both locks and finish what others left; None where the clone's state may only be read."""
        tracker = self._tracker
        if tracker.sandboxed:
            return None
        try:
            self._hold(Lock(os.path.join(tracker.state, "lock"), self._holder))
            steps.reached("locked")
            tracker.settle()
            left = intents.load(intents.path_in(tracker.state))
        except (AccessError, PermissionError):
            self.__exit__()
            return None
        waiting = layout.PENDING, layout.INTENT
        if _any_exists(tracker, layout.LOCK, *waiting):  # else no sandboxed command was ever here
            self._hold(_lock_of(tracker, self._holder))
        if left or _any_exists(tracker, *waiting):
            from gittracker.services.write import finishing
            finishing.finish(tracker, left)
        _keep_branch(tracker)
        return JournalKeeper(tracker)

    def _sandboxed(self) -> PendingKeeper:
        from gittracker.services.write import pending
        mine = _lock_of(self._tracker, self._holder)
        try:
            self._hold(mine)
        except AccessError as error:
            if not self._tracker.repository.is_side:
                raise
            from gittracker.services.write import access
            raise access.git_refusal(self._tracker.repository, "a write") from error  # git's folder holds the files too
        if mine.is_new:
            _let_pass(os.path.join(self._tracker.state, "lock"), self._holder)
        steps.reached("locked")
        pending.settle(self._tracker)
        return pending.PendingKeeper(self._tracker)


def _keep_branch(tracker: Tracker) -> None:
    """Commit what the tracker's branch lacks; where that fails, the command says so when it comes to its own commit."""
    if tracker.settings.history == BRANCH and not tracker.adopts:
        from gittracker.services.write import branching
        branching.catch_up(tracker)


def _any_exists(tracker: Tracker, *paths: str) -> bool:
    return any(os.path.exists(tracker.path(path)) for path in paths)


def _lock_of(tracker: Tracker, holder: str) -> WorktreeLock:
    from gittracker.store.worktreelocks import WorktreeLock
    return WorktreeLock(tracker.root, holder)


def _let_pass(path: str, holder: str) -> None:
    """Wait for the writer that may have begun before there was a worktree's lock for it to see.

    A lock needs no right to write; where it can't even be read, nothing can be done about that moment.
    """
    from gittracker.store.worktreelocks import ReadLock
    try:
        with ReadLock(path, holder):
            pass
    except (AccessError, FileNotFoundError):
        pass
