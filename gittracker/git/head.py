"""What a worktree has checked out, and what lies there that is not committed."""

from __future__ import annotations

from gittracker.git.run import git

_OURS = (".", ":(exclude).openkit")


def branch(top: str) -> str:
    """Give the branch that is checked out; empty where HEAD is at a commit alone."""
    return full_branch(top).removeprefix("refs/heads/")  # git's short name is another where a tag has it too


def full_branch(top: str) -> str:
    """Give the full name of the branch that is checked out; empty where HEAD is at a commit alone."""
    found = git(top, "symbolic-ref", "--quiet", "HEAD")
    return found.text if found.status == 0 else ""


def commit(top: str) -> str:
    """Give the commit that is checked out; empty where there is none yet."""
    found = git(top, "rev-parse", "--verify", "--quiet", "HEAD")
    return found.text if found.status == 0 else ""


def diff(top: str, most: int) -> tuple[str, bool]:
    """Give what differs from HEAD, the tracker aside, in at most so many bytes, and whether that is all of it."""
    found = git(top, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--", *_OURS)
    if found.status:
        return "", not commit(top)
    return found.out[:most].decode(errors="replace"), len(found.out) <= most


def untracked(top: str, most: int) -> tuple[list[str], bool]:
    """List files that git doesn't know and isn't told to ignore, and whether these are all."""
    found = git(top, "ls-files", "--others", "--exclude-standard", "-z", "--", *_OURS)
    names = found.out.decode(errors="replace").rstrip("\0").split("\0") if found.out else []
    return names[:most], len(names) <= most
