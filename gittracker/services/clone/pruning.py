"""Pruning: the journal of a worktree that is gone goes too, once home has all that it holds."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError
from gittracker.git import history as git_history
from gittracker.git import journal, reach
from gittracker.git.objects import ids_at
from gittracker.git.run import git
from gittracker.index import history as rows
from gittracker.services.clone import clones
from gittracker.services.clone.clones import LOCAL, Clone
from gittracker.services.write import access
from gittracker.services.write.locking import Locked
from gittracker.store import kinds, pruned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.history import Commit
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"


class Stream:
    """The journal of a worktree that is gone; `missing` are the files that home never had as they were left."""

    __slots__ = ("worktree", "tip", "commits", "missing")

    def __init__(self, worktree: str, tip: str, commits: list[Commit]) -> None:
        self.worktree = worktree
        self.tip = tip
        self.commits = commits
        self.missing: list[str] = []

    @property
    def records(self) -> list[str]:
        """Name the records that the missing files belong to."""
        return list(dict.fromkeys(kinds.part(path).name for path in self.missing))


class Pruned:
    """What a prune found: the streams that went (or would), those that stay, and the branch that was compared with."""

    __slots__ = ("home", "gone", "kept")

    def __init__(self, home: str) -> None:
        self.home = home
        self.gone: list[Stream] = []
        self.kept: list[Stream] = []


def prune(tracker: Tracker, rehearse: bool = False) -> Pruned:
    """Remove the journals of removed worktrees of which home's branch has had every file as it was last left.

    What their entries told, their bytes aside, is kept for audits. Raises ConflictError where it is not sure what home
    is or which worktrees there are.
    """
    with Locked(tracker, "prune") as keeper:
        if keeper.sandboxed:
            raise access.refusal(tracker.repository, "a prune")
        found = _plan(tracker)
        if found.gone and not rehearse:
            _remove(tracker, found.gone)
    return found


def _plan(tracker: Tracker) -> Pruned:
    clone = Clone(tracker.repository)
    if clone.home not in clone.branches:
        raise ConflictError("the main worktree is on no branch that has commits, so what home has is not known",
                            f"git -C {clone.worktrees[0].top} switch BRANCH")
    alive = _alive(tracker, clone)
    head = clone.branches[clone.home].head
    found = Pruned(clone.home.removeprefix(LOCAL))
    for worktree, tip in journal.tips(tracker.journal).items():
        if worktree in alive:
            continue
        one = Stream(worktree, tip, git_history.read(tracker.journal, tip))
        one.missing = _missing(tracker, one, head)
        (found.kept if one.missing else found.gone).append(one)
    return found


def _alive(tracker: Tracker, clone: Clone) -> set[str]:
    """Give the numbers of all worktrees that git has a folder for, whether or not their files are there."""
    common = tracker.repository.common_dir
    base = os.path.join(common, "worktrees")
    try:
        folders = [common, *(os.path.join(base, name) for name in os.listdir(base))] if os.path.exists(base) else [
            common]
        for folder in folders:
            place = os.path.join(folder, "gittracker", "worktree")
            if os.path.exists(place) and not clones.number_in(folder):
                raise PermissionError(place)
    except OSError as error:
        raise ConflictError(f'"{error.filename or error}" can\'t be read, so which worktrees there are is not known',
                            "git worktree list") from error
    return {clones.number_in(folder) for folder in folders} | {clones.number(one) for one in clone.worktrees}


def _missing(tracker: Tracker, one: Stream, home: str) -> list[str]:
    """List the files that a journal last held and that home neither has so nor had."""
    latest = {path: new for commit in one.commits for path, _, new in commit.changes}
    held = {path: blob for path, blob in latest.items() if blob}
    top = tracker.repository.top
    there = ids_at(top, [f"{home}:{_PREFIX}{path}" for path in held if "\n" not in path])
    left = {path: blob for path, blob in held.items() if there.get(f"{home}:{_PREFIX}{path}") != blob}
    ever = reach.ever(top, [_PREFIX + path for path in left], home)
    return sorted(path for path, blob in left.items() if (_PREFIX + path, blob) not in ever)


def _remove(tracker: Tracker, gone: list[Stream]) -> None:
    for one in gone:
        pruned.save(tracker.state, one.worktree, [(commit.id, commit.at, commit.message.actor, commit.changes)
                                                  for commit in one.commits])
        done = git(tracker.journal, "update-ref", "-d", journal.ref(one.worktree), one.tip)
        if done.status:
            raise StorageError(f"git could not remove a journal: {done.err}", "gittracker doctor")
        with tracker.index as index:
            for source in (rows.JOURNAL, rows.PENDING, rows.BRANCH):
                rows.forget(index, source, one.worktree)
    git(tracker.journal, "repack", "-a", "-d", "-q")  # under the lock nobody writes; what nothing refers to goes
