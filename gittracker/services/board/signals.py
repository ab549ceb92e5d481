"""What tells without a git process that the list of replicas, or what they have checked out, changed."""

from __future__ import annotations

from gittracker.git import discover, worktrees
from gittracker.index.boards import HOME, WORKTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.git.discover import Repository
    from gittracker.index.boards import Replica


def signals(repository: Repository, known: list[Replica]) -> list[Any]:
    """Give the stamps of refs and of the list of worktrees, then of each known worktree's HEAD and place."""
    home = [discover.branch_stamps(repository.common_dir)] if repository.is_side and any(
        one.kind == HOME for one in known) else []  # which is then held against the files, commit by commit
    return [discover.board_stamps(repository), *home, *(worktrees.state(one.git_dir)[0] + worktrees.moved(one.git_dir)
                                               for one in known if one.kind == WORKTREE)]
