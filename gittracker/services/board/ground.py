"""The ground that the board stands on: the worktree that has home checked out, else the one we are in."""

from __future__ import annotations

import marshal
import os

from gittracker.git import discover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.index.db import Index

_KEY = "ground"


def find(repository: Repository, index: Index) -> Repository:
    """Find the ground: the main worktree, or the one on the branch that is home, or else our own."""
    if repository.is_side:
        return repository
    top = discover.home_top(repository) or _on_home(repository, index)
    return discover.at(top, repository) if top and top != repository.top else repository


def has_tracker(repository: Repository) -> bool:
    """Tell whether another worktree of the clone has a tracker."""
    return bool(rules(repository))


def rules(repository: Repository) -> str:
    """Give the tracker of another worktree, for one that has none; empty where no other has one."""
    tops = (f"{top}/.openkit" for top in discover.other_worktrees(repository))
    return next((root for root in tops if os.path.isdir(root)), "")


def home_branch(repository: Repository, ground: Repository) -> str:
    """Name the branch that is home though nobody has it checked out, empty where the ground is home."""
    if repository.is_side or discover.home_top(repository):
        return ""
    from gittracker.git import worktrees
    name = home_name(repository)
    ours = next((one for one in worktrees.every(repository.top) if one.top == ground.top), None)
    return name if not ours or ours.branch != name else ""


def home_name(repository: Repository) -> str:
    """Name the branch that is home where the main worktree is not: the one named, or a bare repository's own."""
    from gittracker.git import worktrees
    return repository.home or worktrees.head_of(repository.common_dir)


def _on_home(repository: Repository, index: Index) -> str:
    """Give the worktree that has home's branch checked out, empty where none has."""
    stamps = discover.board_stamps(repository) + discover.head_stamps(repository.common_dir)
    kept = index.get(_KEY)
    if kept and marshal.loads(kept)[0] == stamps:
        return str(marshal.loads(kept)[1])
    from gittracker.git import worktrees
    name = home_name(repository)
    top = next((one.top for one in worktrees.every(repository.top) if one.branch == name and not one.bare), "")
    index.note(_KEY, marshal.dumps((stamps, top)))
    return top
