"""The index follows history: what is new in the journals and on a branch, and what a branch has no more."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.git import discover, journal
from gittracker.git import history as git_history
from gittracker.git.run import git
from gittracker.index import history, notes, peek
from gittracker.services.write import outside
from gittracker.store import kinds, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.boards import Replica
    from gittracker.services.tracker import Tracker

MOST_COMMITS = 5_000
_PREFIX = ".openkit/"


def first(tracker: Tracker) -> None:
    """Read history before any ticket: every worktree's journal, for the board shows what was done there, and ground's
    branch, bounded.
    """
    outside.catch_up_all(tracker)
    journals(tracker)
    branch(tracker, tracker.ground.top, tracker.ground_number, _take_over(tracker))


def _take_over(tracker: Tracker) -> int:
    """Take over from the index in whose place a new one comes what neither files nor git tell: which edits are still to
    be journalled. Gives how many of the branch's commits it knew, at least as many as are usually read.
    """
    older = peek.at(tracker.index.older) if tracker.index.older else None
    if not older:
        return MOST_COMMITS
    for worktree, path in older.all("SELECT worktree, path FROM outside"):
        notes.add(tracker.index, worktree, [path])
    row = older.one("SELECT count(*) FROM entry WHERE source = ? AND worktree = ?", history.BRANCH,
                    tracker.ground_number)
    older.close()
    return max(MOST_COMMITS, row[0] if row else 0)


def follow(tracker: Tracker, moved: bool) -> None:
    """Read what is new in the ground's history; `moved` says that its HEAD may be another commit."""
    journals(tracker)
    if tracker.here:
        _follow_refs(tracker)
    elif moved:
        branch(tracker, tracker.ground.top, tracker.ground_number)


def journals(tracker: Tracker) -> None:
    """Read the ground's entries that the index doesn't have."""
    number = tracker.ground_number
    outside.catch_up_at(tracker, tracker.ground.tracker, number, journal.tip(tracker.journal, number))


def branch(tracker: Tracker, top: str, worktree: str, most: int = 0) -> None:
    """Read what a worktree's HEAD has that the index hasn't, and drop what is not there any more.

    The first look is bounded by so many commits.
    """
    index, most = tracker.index, most or MOST_COMMITS
    if git_history.resolve(top, "HEAD") == history.tip(index, history.BRANCH, worktree):
        return
    with index:
        # Asked in here, git is never behind what another command has read meanwhile.
        head, known = git_history.resolve(top, "HEAD"), history.tip(index, history.BRANCH, worktree)
        if head == known or (not head and git(top, "rev-parse", "--git-dir").status):
            return  # git may refuse to read another user's repository; what was known stays
        step = git_history.step(top, known, head, _PREFIX) if known and head else None
        if step:
            gone, commits = step
            history.remove(index, history.BRANCH, worktree, gone)
        else:
            history.forget(index, history.BRANCH, worktree)
            commits = git_history.read(top, head, "", _PREFIX, most, whole=True) if head else []
            index.put(f"bounded:{worktree}", int(len(commits) == most))
        outside.add(index, history.BRANCH, worktree, commits)
        history.set_tip(index, history.BRANCH, worktree, head)


def replica(tracker: Tracker, one: Replica) -> set[str]:
    """Read the commits that a replica has beside its base; gives the places of what it has no more."""
    index, top, name = tracker.index, tracker.ground.top, history.replica(tracker.view, one.name)
    base = one.key.partition(" ")[0]
    known = history.tip(index, history.REPLICA, name)
    if known == f"{base} {one.head}":
        return set()
    before, _, head = known.partition(" ")
    step = git_history.step(top, head, one.head, _PREFIX) if one.head and head and before == base else None
    if step is None:
        commits = [] if one.head in ("", base) else git_history.read(
            top, one.head, base, _PREFIX, 0 if base else MOST_COMMITS, whole=True)
        there = history.ids(index, history.REPLICA, name)
        step = (list(there - {commit.id for commit in commits}),
                [commit for commit in commits if commit.id not in there])
    gone, come = step
    lost = history.paths_of(index, history.REPLICA, name, gone)
    history.remove(index, history.REPLICA, name, gone)
    outside.add(index, history.REPLICA, name, come)
    history.set_tip(index, history.REPLICA, name, f"{base} {one.head}")
    return {kinds.place(path) for path in lost}


def _follow_refs(tracker: Tracker) -> None:
    """Follow the branch of a worktree that is read alone where refs or its HEAD changed: no board looks at them."""
    index, key, now = tracker.index, f"head:{tracker.view}", time.time_ns()
    head = stamps.of_file(os.path.join(tracker.repository.git_dir, "HEAD")) or (0, 0, 0)
    seen = [*discover.ref_stamps(tracker.repository.common_dir), *head]
    if index.get(key) != marshal.dumps(seen, 2):
        branch(tracker, tracker.repository.top, tracker.worktree)
        is_young = any(stamps.settled(one, now) == stamps.NEVER for one in seen if one)
        index.note(key, b"" if is_young else marshal.dumps(seen, 2))
