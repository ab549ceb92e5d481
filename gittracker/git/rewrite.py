"""Rewrite the journal without some paths: the bytes are gone, a line that says so stays."""

from __future__ import annotations

import os

from gittracker.domain.errors import StorageError
from gittracker.git import history, journal
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.git.history import Commit


def without(folder: str, object_format: str, purged: Callable[[str], bool], tombstone: str) -> int:
    """Rebuild the journal in `folder` without the paths that `purged` names; gives how many entries lost something.

    The new repository is complete before it takes the old one's place.
    """
    worktrees = [name.removeprefix("refs/journal/") for name in
                 git(folder, "for-each-ref", "--format=%(refname)", "refs/journal").text.split()]
    fresh = f"{folder}.purged"
    _remove(fresh)
    journal.create(fresh, object_format)
    _borrow(fresh, folder)
    count = 0
    for worktree in worktrees:
        commits = history.read(folder, journal.ref(worktree))
        stream, rewritten = _stream(worktree, commits, purged, tombstone)
        done = git(fresh, "fast-import", "--quiet", "--date-format=raw", given=stream)
        if done.status:
            raise StorageError(f"the journal could not be rewritten: {done.err}", "gittracker doctor")
        count += rewritten
    done = git(fresh, "repack", "-a", "-d", "-q")
    os.unlink(os.path.join(fresh, "objects", "info", "alternates"))
    if done.status or git(fresh, "fsck", "--connectivity-only").status:
        raise StorageError(f"the journal could not be rewritten: {done.err}", "gittracker doctor")
    old = f"{folder}.old"
    os.rename(folder, old)
    os.rename(fresh, folder)
    _remove(old)
    return count


def _stream(worktree: str, commits: list[Commit], purged: Callable[[str], bool], tombstone: str) -> tuple[bytes, int]:
    out = [b"feature done\n"]
    count = 0
    for number, commit in enumerate(commits, 1):
        kept = [(path, new) for path, _, new in commit.changes if not purged(path)]
        lost = len(kept) < len(commit.changes)
        count += lost
        if lost:
            commit.message.subject = tombstone
        message = commit.message.render().encode()
        out.append((f"commit {journal.ref(worktree)}\nmark :{number}\n"
                    f"author {journal.person(commit.author, commit.email)} {commit.at} +0000\n"
                    f"committer {journal.person(commit.author, commit.email)} {commit.at} +0000\n"
                    f"data {len(message)}\n").encode() + message)
        for path, new in kept:
            name = journal.quote(path)
            out.append((f"M 100644 {new} {name}\n" if new else f"D {name}\n").encode())
    out.append(b"done\n")
    return b"".join(out), count


def _borrow(fresh: str, folder: str) -> None:
    """Let the new repository see the old one's blobs until it has its own copies."""
    info = os.path.join(fresh, "objects", "info")
    os.makedirs(info, exist_ok=True)
    with open(os.path.join(info, "alternates"), "w", encoding="utf-8") as file:
        file.write(os.path.join(folder, "objects") + "\n")


def _remove(folder: str) -> None:
    import shutil
    shutil.rmtree(folder, ignore_errors=True)
