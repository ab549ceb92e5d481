"""Commits of the tracker's files on the branch that a worktree is on, without its files or the user's hooks."""

from __future__ import annotations

import os
import time

from gittracker.domain.errors import RefusedError, StorageError
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.git.run import detach, git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.git.run import Finished

_FOLDER = ".openkit"
_LOOSE = 6_700  # git's own limit
_TRIES, _PAUSE = 5, 0.02
_UNBORN = "Invalid ref name"
_BUSY = ("index.lock", "cannot lock ref", "does not contain")
# A commit must not be lost to a power cut while its branch says that it is there; git's default leaves loose objects.
_SAFE = ("-c", "core.fsync=committed")


def branch(top: str, git_dir: str) -> str:
    """Give the full name of the branch that a worktree is on; empty where HEAD is at a commit alone."""
    try:
        with open(os.path.join(git_dir, "HEAD"), encoding="utf-8") as file:
            head = file.read().strip()
    except (OSError, UnicodeDecodeError):
        head = ""
    if head.startswith("ref: refs/heads/") and not head.endswith("/.invalid"):  # as reftables have it
        return head.removeprefix("ref: ")
    found = git(top, "symbolic-ref", "--quiet", "HEAD")
    return found.text if found.status == 0 else ""


def follow_index(top: str, paths: list[str]) -> None:
    """Bring git's index in step with the tracker's files at these paths; raises StorageError."""
    given = b"".join(f"{_FOLDER}/{path}\0".encode(errors="surrogateescape") for path in paths)
    _insist(lambda: git(top, "update-index", "--add", "--remove", "--replace", "-z", "--stdin", given=given))


def add(top: str, ref: str, commits: list[Commit], committer: tuple[str, str]) -> None:
    """Put commits on a branch, after whatever is on it by then; raises StorageError.

    fast-import moves a branch only forwards, so a commit that somebody makes meanwhile is not lost, and we try again.
    """
    moved = [Commit(one.author, one.email, one.at, one.message,
                    [(f"{_FOLDER}/{path}", data) for path, data in one.changes]) for one in commits]
    stream = journal.stream_on(ref, f"{ref}^0", moved, committer)
    _insist(lambda: git(top, *_SAFE, "fast-import", "--quiet", "--date-format=raw", given=stream))


def add_with_hooks(top: str, commit: Commit, committer: tuple[str, str]) -> None:
    """Commit these paths as they are on disk, as a user would: hooks run and may refuse. Raises RefusedError."""
    paths = b"\0".join(f"{_FOLDER}/{path}".encode(errors="surrogateescape") for path, _ in commit.changes)
    known = {"GIT_COMMITTER_NAME": committer[0], "GIT_COMMITTER_EMAIL": committer[1]}
    done = git(top, "commit", "--quiet", "--only", f"--author={commit.author} <{commit.email}>",
               f"--date=@{commit.at} +0000", "-m", commit.message, "--pathspec-from-file=-", "--pathspec-file-nul",
               given=paths, locks=True, more=known)
    if done.status:
        raise RefusedError(f"git did not commit: {(done.err or done.text).split(chr(10))[0]}", "gittracker commit")


def tidy(common_dir: str) -> None:
    """Let git gather loose objects beside us once there are many, as its own commits do; its settings decide.

    It guesses their number from one of their 256 folders, as git does.
    """
    try:
        many = len(os.listdir(os.path.join(common_dir, "objects", "17"))) > _LOOSE // 256
    except OSError:
        return
    if many:
        detach(common_dir, "gc", "--auto", "--quiet")


def _insist(run: Callable[[], Finished]) -> None:
    """Run git, again for a moment where somebody else has the index or the branch in hand; raises StorageError."""
    for number in range(_TRIES):
        done = run()
        if done.status == 0:
            return
        if not any(sign in done.err for sign in _BUSY):
            break
        time.sleep(_PAUSE * number)
    if _UNBORN in done.err:
        raise StorageError("the branch has no commit yet", "git commit")
    raise StorageError(f"git could not commit: {done.err.split(chr(10))[0]}", "gittracker commit")
