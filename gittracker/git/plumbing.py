"""Commits made without a working tree: a tree by way of an index of our own, a branch moved if nobody else did."""

from __future__ import annotations

import os

from gittracker.domain.errors import StorageError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished

_RAW = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames")
GONE = "0"  # the mode of what is not there


class Row:
    """One path that differs between two trees: modes and blobs, empty where it is not there."""

    __slots__ = ("path", "old_mode", "old", "mode", "new")

    def __init__(self, path: str, old_mode: str, old: str, mode: str, new: str) -> None:
        self.path = path
        self.old_mode = old_mode
        self.old = old
        self.mode = mode
        self.new = new


def rows(folder: str, base: str, head: str, prefix: str) -> dict[str, Row]:
    """Give what differs between two trees below `prefix`, by path from the top."""
    done = _checked(git(folder, "diff-tree", *_RAW, base, head, "--", prefix), "compare")
    words = done.out.decode(errors="surrogateescape").split("\0")
    found = {}
    for meta, path in zip(words[::2], words[1::2], strict=False):
        old_mode, mode, old, new, _ = meta.lstrip(":").split(" ")
        found[path] = Row(path, *_there(old_mode, old), *_there(mode, new))
    return found


def write_blob(folder: str, data: bytes) -> str:
    """Keep bytes as they are; gives their id."""
    return _checked(git(folder, "hash-object", "-w", "--stdin", given=data), "keep a file").text


def write_tree(folder: str, head: str, changes: list[tuple[str, str, str]], scratch: str) -> str:
    """Give the tree of a commit with some paths changed, each (path, mode, blob), GONE for one that goes.

    `scratch` is a file of our own for the index; nobody else's is touched.
    """
    try:
        _checked(git(folder, "read-tree", head, index=scratch), "read a tree")
        given = b"".join(f"{mode} {blob or '0' * len(head)}\t{path}\0".encode(errors="surrogateescape")
                         for path, mode, blob in changes)
        _checked(git(folder, "update-index", "-z", "--replace", "--index-info", given=given, index=scratch), "write")
        return _checked(git(folder, "write-tree", index=scratch), "write a tree").text
    finally:
        for name in (scratch, f"{scratch}.lock"):
            if os.path.exists(name):
                os.unlink(name)


def write_commit(folder: str, tree: str, parent: str, message: str, author: tuple[str, str]) -> str:
    """Make a commit, signed where git is told to sign; gives its id."""
    signed = git(folder, "config", "--type=bool", "commit.gpgSign").text == "true"
    return _checked(git(folder, "-c", f"author.name={author[0]}", "-c", f"author.email={author[1]}", "commit-tree",
                        *(["-S"] if signed else []), "-p", parent, tree, given=message.encode(errors="replace")),
                    "commit").text


def move(folder: str, ref: str, new: str, old: str, why: str) -> bool:
    """Move a branch that nobody has checked out; tells whether it still was where it was."""
    return git(folder, "update-ref", "-m", why, ref, new, old).status == 0


def forward(top: str, new: str) -> Finished:
    """Move the branch that a worktree is on forward, with its files and index, as a merge by git does."""
    return git(top, "merge", "--ff-only", "--quiet", "--no-autostash", new, locks=True)


def _there(mode: str, oid: str) -> tuple[str, str]:
    return (mode, oid) if oid.strip("0") else (GONE, "")


def _checked(done: Finished, what: str) -> Finished:
    if done.status:
        raise StorageError(f"git could not {what}: {done.err.split(chr(10))[0]}", "git fsck")
    return done
