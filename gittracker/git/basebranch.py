"""The branch that work is to land on."""

from __future__ import annotations

from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository

_PLACES = ("refs/heads/", "refs/remotes/", "refs/remotes/origin/")


def tip(repository: Repository, name: str) -> str:
    """Give the last commit of the branch with a name, or where there is none such of home; empty before a first commit.

    A name may be of a remote's branch, as `origin/main` is. Home is the branch that the clone names, else the main
    worktree's, or the commit that this is on alone.
    """
    common = repository.common_dir  # whose HEAD is the main worktree's
    for ref in (*(f"{place}{name}" for place in _PLACES if name), repository.home or "HEAD"):
        done = git(common, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if done.status == 0:
            return done.text
    return ""
