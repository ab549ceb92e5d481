"""The clone's worktrees, as git lists them."""

from __future__ import annotations

import os

from gittracker.git import discover
from gittracker.git.run import git

_BRANCH = "refs/heads/"


class Worktree:
    """One checkout: its top, the commit it is on (empty before the first) and the branch (empty if detached)."""

    __slots__ = ("top", "head", "branch", "locked", "prunable", "bare")

    def __init__(self, top: str) -> None:
        self.top = top
        self.head = self.branch = ""
        self.locked = self.prunable = self.bare = False

    @property
    def git_dir(self) -> str:
        """Give its git directory, empty where it is not there."""
        return discover.git_dir_of(self.top)

    @property
    def short(self) -> str:
        """Give the branch as people call it, or the commit."""
        return self.branch.removeprefix(_BRANCH) or self.head[:10]


def every(folder: str) -> list[Worktree]:
    """List the worktrees of the clone that `folder` lies in, the main one first; what git gives for a bare one too."""
    found: list[Worktree] = []
    for word in git(folder, "worktree", "list", "--porcelain", "-z").out.decode(errors="surrogateescape").split("\0"):
        name, _, value = word.partition(" ")
        if name == "worktree":
            found.append(Worktree(os.path.normpath(value)))
        elif found and name == "HEAD":
            found[-1].head = value if set(value) != {"0"} else ""
        elif found and name == "branch":
            found[-1].branch = value
        elif found and name in ("locked", "prunable", "bare"):
            setattr(found[-1], name, True)
    return found


def head_of(common_dir: str) -> str:
    """Give the branch that a repository itself is on, empty where it is on none."""
    done = git(common_dir, "symbolic-ref", "--quiet", "HEAD")
    return done.text if done.status == 0 else ""


def state(git_dir: str) -> list[tuple[int, int, int]]:
    """Give the stamps of the files that every command of git's leaves changed when it changes a worktree's files."""
    found = []
    for name in ("HEAD", "index", "logs/HEAD"):
        try:
            one = os.stat(f"{git_dir}/{name}")
        except OSError:
            found.append((0, 0, 0))
        else:
            found.append((one.st_mtime_ns, one.st_ctime_ns, one.st_size))
    return found


def moved(git_dir: str) -> tuple[int, ...]:
    """Give the stamp of what says where a worktree is; the main one's is nowhere written."""
    try:
        return (os.stat(f"{git_dir}/gitdir").st_mtime_ns,)
    except OSError:
        return (0,)


def is_being_written(git_dir: str) -> bool:
    """Tell whether git is changing a worktree at this moment, so that its files are neither old nor new."""
    return os.path.exists(f"{git_dir}/index.lock")
