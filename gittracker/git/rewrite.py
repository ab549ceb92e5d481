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


OLD = ".old"


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
        count += _rewrite(fresh, worktree, history.read(folder, journal.ref(worktree)), purged, tombstone)
    done = git(fresh, "repack", "-a", "-d", "-q")
    os.unlink(os.path.join(fresh, "objects", "info", "alternates"))
    if done.status or git(fresh, "fsck", "--connectivity-only").status:
        raise StorageError(f"the journal could not be rewritten: {done.err}", "gittracker doctor")
    old = f"{folder}{OLD}"
    _remove(old)
    os.rename(folder, old)
    os.rename(fresh, folder)
    _remove(old)
    return count


def _rewrite(fresh: str, worktree: str, commits: list[Commit], purged: Callable[[str], bool], tombstone: str) -> int:
    """Write a worktree's entries anew; an undo is written once the entry that it names has its new id."""
    ids: dict[str, str] = {}
    waiting: list[Commit] = []
    count = 0
    for commit in commits:
        if any(one.id in commit.message.undoes for one in waiting):
            ids.update(_import(fresh, worktree, waiting, ids))
            waiting = []
        kept = [change for change in commit.changes if not purged(change[0])]
        if len(kept) < len(commit.changes):
            count += 1
            commit.message.subject, commit.changes = tombstone, kept
        commit.message.undoes = " ".join(ids.get(oid, oid) for oid in commit.message.undoes.split())
        waiting.append(commit)
    _import(fresh, worktree, waiting, ids)
    return count


def _import(fresh: str, worktree: str, commits: list[Commit], ids: dict[str, str]) -> dict[str, str]:
    """Write commits behind those that have new ids already; gives new ids by old."""
    if not commits:
        return {}
    parent = list(ids.values())[-1] if ids else ""
    out = [b"feature done\n"]
    for number, commit in enumerate(commits, 1):
        person = journal.person(commit.author, commit.email)
        out.append(journal.header(worktree, number, person, person, commit.at, commit.message.render(),
                                  parent if number == 1 else ""))
        for path, _, new in commit.changes:
            name = journal.quote(path)
            out.append(b"M 100644 " + new.encode() + b" " + name + b"\n" if new else b"D " + name + b"\n")
    out += [b"get-mark :%d\n" % number for number in range(1, len(commits) + 1)] + [b"done\n"]
    return dict(zip((commit.id for commit in commits), journal.append(fresh, out), strict=True))


def _borrow(fresh: str, folder: str) -> None:
    """Let the new repository see the old one's blobs until it has its own copies."""
    info = os.path.join(fresh, "objects", "info")
    os.makedirs(info, exist_ok=True)
    with open(os.path.join(info, "alternates"), "w", encoding="utf-8") as file:
        file.write(os.path.join(folder, "objects") + "\n")


def _remove(folder: str) -> None:
    import shutil
    shutil.rmtree(folder, ignore_errors=True)
