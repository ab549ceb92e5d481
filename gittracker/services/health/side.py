"""What is wrong around a tracker on a branch of its own: its worktree, the links to it, what lies in their place."""

from __future__ import annotations

import os

from gittracker.domain.problem import Problem
from gittracker.git import discover, head
from gittracker.git import sidebranch as git_side
from gittracker.services.clone import sidebranch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_FOLDER = git_side.FOLDER
_LANDED = "landed: true in policy.yaml asks nothing here: the tracker's own branch does not tell what code has landed"


def faults(tracker: Tracker) -> list[Problem]:
    """List what is wrong; none where the tracker travels with the code."""
    there = tracker.repository
    if not there.is_side:
        return []
    found = []
    if not git_side.knows_place(there):
        found.append("git does not know where the tracker's worktree is, as after a move or a copy of the clone")
    if not git_side.is_locked(there):
        found.append("the tracker's worktree is not locked, so git worktree prune may forget it")
    if not sidebranch.is_excluded(there):
        found.append("git does not ignore the links to the tracker")
    tops = _tops(there)
    found += [f'"{top}/{_FOLDER}" does not lead to the tracker' for top in tops if sidebranch.is_free(top)
              and os.path.lexists(f"{top}/{_FOLDER}") and not sidebranch.is_linked(there, top)]
    return [Problem("", 0, one, True) for one in found] + [Problem("", 0, one) for one in _others(there, tops)]


def notes(tracker: Tracker) -> list[str]:
    """Name the worktrees without a link to the tracker, which only people need, and a rule that says nothing here."""
    there = tracker.repository
    missing = [top for top in _tops(there) if not os.path.lexists(f"{top}/{_FOLDER}")] if there.is_side else []
    found = [f'"{top}" has no link to the tracker yet: gittracker doctor --fix' for top in missing]
    return found + ([_LANDED] if there.is_side and tracker.settings.landed else [])


def _tops(there: discover.Repository) -> list[str]:
    return [top for top in discover.code_worktrees(there) if top != there.top]


def _others(there: discover.Repository, tops: list[str]) -> list[str]:
    """Tell of what only its owner can mend."""
    found = [f'"{top}/{_FOLDER}" is something else than a link to the tracker, and is not read: a commit that tracks '
             "it is checked out" for top in tops if not sidebranch.is_free(top)]
    names = [ref.removeprefix("refs/heads/").removeprefix("refs/remotes/") for ref in git_side.holders(there.top)]
    found += [f'the branch "{name}" tracks {_FOLDER}, which is not read' for name in names]
    branch = head.branch(there.top)
    if branch != git_side.BRANCH:
        found.append(f"the tracker's worktree is on {branch or 'no branch'}: git -C {there.top} switch "
                     f"{git_side.BRANCH}")
    return found
