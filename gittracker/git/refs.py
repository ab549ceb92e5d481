"""Branches as git lists them."""

from __future__ import annotations

from gittracker.git.run import git

_FORMAT = "%(refname)%00%(objectname)%00%(committerdate:unix)%00%(upstream)%00"


class Branch:
    """One branch, here or of a remote: its full name, its commit, when that was made, what it follows (or empty)."""

    __slots__ = ("name", "head", "at", "upstream")

    def __init__(self, name: str, head: str, at: int, upstream: str) -> None:
        self.name = name
        self.head = head
        self.at = at
        self.upstream = upstream


def every(folder: str) -> dict[str, Branch]:
    """List the branches by full name, those of remotes too."""
    out = git(folder, "for-each-ref", f"--format={_FORMAT}", "refs/heads", "refs/remotes").out
    words = out.decode(errors="surrogateescape").replace("\n", "").split("\0")
    found = {}
    for name, head, at, upstream in zip(words[::4], words[1::4], words[2::4], words[3::4], strict=False):
        if at.isdecimal():  # what is no commit has no date
            found[name] = Branch(name, head, int(at), upstream)
    return found
