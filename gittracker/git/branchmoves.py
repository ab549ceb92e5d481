"""Branches that are moved to a commit of ours: with the files of the worktree they are checked out in, or alone."""

from __future__ import annotations

from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished


def alone(folder: str, ref: str, new: str, old: str, why: str) -> bool:
    """Move a branch that is checked out nowhere; tells whether it still was where it was."""
    return git(folder, "update-ref", "-m", why, ref, new, old).status == 0


def with_files(top: str, new: str) -> Finished:
    """Move the branch that a worktree is on forward, with its files and index, as a fast-forward of git's.

    `branch.<name>.mergeOptions` may ask for a squash, which would move nothing.
    """
    return git(top, "merge", "--ff-only", "--no-squash", "--quiet", "--no-autostash", new, locks=True)
