"""Merges that happen nowhere: a worktree as it is in a commit that no ref has, and what two would conflict in."""

from __future__ import annotations

import os

from gittracker.git import indexes
from gittracker.git.run import git

_MOST_NEW, _LARGEST_NEW = 1_000, 1_000_000  # files that git doesn't know, and bytes of one, that are looked at


class Conflict:
    """One path that two commits would conflict in; `stages` holds (mode, blob) of base 1, first 2 and second 3."""

    __slots__ = ("path", "stages")

    def __init__(self, path: str) -> None:
        self.path = path
        self.stages: dict[int, tuple[str, str]] = {}


class Hunk:
    """One change of a file: lines of the old one (first, how many) and of the new one, and the new lines."""

    __slots__ = ("start", "count", "new_start", "new_count", "lines")

    def __init__(self, start: int, count: int, new_start: int, new_count: int) -> None:
        self.start = start
        self.count = count
        self.new_start = new_start
        self.new_count = new_count
        self.lines: list[bytes] = []


def snapshot(top: str, git_dir: str, head: str, scratch: str) -> str:
    """Give a commit of a worktree as it is, uncommitted edits included; HEAD's own where there are none.

    It is made by way of an index of our own, `scratch`; empty where git may write no objects.
    """
    try:
        indexes.copy(os.path.join(git_dir, "index"), scratch)
    except OSError:
        return head
    if git(top, "add", "-u", index=scratch).status:
        return ""
    others = git(top, "ls-files", "-z", "--others", "--exclude-standard", index=scratch).out.split(b"\0")
    fit = [path for path in others[:_MOST_NEW] if path and _is_small(os.path.join(os.fsencode(top), path))]
    if fit:
        git(top, "--literal-pathspecs", "add", "--pathspec-from-file=-", "--pathspec-file-nul", given=b"\0".join(fit),
            index=scratch)
    tree = git(top, "write-tree", index=scratch)
    if tree.status or tree.text == git(top, "rev-parse", f"{head}^{{tree}}").text:
        return head if not tree.status else ""
    made = git(top, "-c", "user.name=gittracker", "-c", "user.email=gittracker@localhost", "commit-tree", tree.text,
               "-p", head, given=b"snapshot\n")
    return made.text if made.status == 0 else ""


def touched(top: str, base: str) -> set[str]:
    """Name the files in which a worktree differs from a commit, of those that git tracks there."""
    done = git(top, "diff", "--name-only", "--no-ext-diff", "--no-renames", "--ignore-submodules", "-z", base, "--")
    return set(done.out.decode(errors="surrogateescape").split("\0")) - {""}


def conflicts(folder: str, one: str, other: str) -> list[Conflict] | None:
    """List what two commits would conflict in, by path; None where git can't say."""
    done = git(folder, "merge-tree", "--write-tree", "-z", "--no-messages", "--allow-unrelated-histories", one, other)
    if done.status not in (0, 1):
        return None
    found: dict[str, Conflict] = {}
    for row in done.out.decode(errors="surrogateescape").split("\0")[1:]:
        meta, tab, path = row.partition("\t")
        if tab:
            mode, blob, stage = meta.split(" ")
            found.setdefault(path, Conflict(path)).stages[int(stage)] = mode, blob
    return list(found.values())


def hunks(folder: str, old: str, new: str) -> list[Hunk]:
    """List the changes between two blobs; none of binary ones."""
    found: list[Hunk] = []
    done = git(folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "-U0", old, new)
    for line in done.out.split(b"\n"):
        if line.startswith(b"@@ "):
            before, after = line.split(b" ")[1:3]
            found.append(Hunk(*_range(before), *_range(after)))
        elif found and line.startswith(b"+"):
            found[-1].lines.append(line)
    return found


def count_lines(folder: str, blob: str) -> int:
    """Count a blob's lines."""
    return git(folder, "cat-file", "blob", blob).out.count(b"\n")


def _range(text: bytes) -> tuple[int, int]:
    start, _, count = text[1:].partition(b",")
    return int(start), int(count or b"1")


def _is_small(path: bytes) -> bool:
    try:
        return os.path.isfile(path) and os.stat(path).st_size <= _LARGEST_NEW
    except OSError:
        return False
