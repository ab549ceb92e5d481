"""Branches that are moved to a commit of ours: with the files of the worktree they are checked out in, or alone."""

from __future__ import annotations

from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished


def alone(folder: str, ref: str, new: str, old: str, why: str) -> bool:
    """Move a branch that is checked out nowhere; tells whether it still was where it was."""
    return git(folder, "update-ref", "-m", why, ref, new, old).status == 0


def with_files(top: str, ref: str, new: str, old: str, why: str) -> Finished:
    """Move the branch that a worktree is on forward, with its files and index, as a fast-forward of git's.

    It does nothing where files that are not as `old` has them are in the way, or where the branch has moved.
    """
    git(top, "update-index", "-q", "--refresh", locks=True)
    done = git(top, "read-tree", "-m", "-u", old, new, locks=True)
    if done.status:
        return done
    moved = git(top, "update-ref", "-m", why, ref, new, old)
    if moved.status:
        git(top, "read-tree", "-m", "-u", new, old, locks=True)
    return moved


def tell_merged(top: str) -> None:
    """Run the user's hook for after a merge, which may well call us: nothing of ours may be locked by then."""
    git(top, "hook", "run", "--ignore-missing", "post-merge", "--", "0")
