"""Home as a branch that no worktree has checked out, as in a bare repository: its configuration, read and written.

What is home's alone is laid out in the cache for whoever reads it. What a command changes of it is one commit.
"""

from __future__ import annotations

import marshal
import os
import shutil
import time

from gittracker.domain.errors import ConflictError, StorageError
from gittracker.formats.etag import blob_id
from gittracker.git import discover, journal, objects, trees, worktrees
from gittracker.git.journal import Commit
from gittracker.git.run import git
from gittracker.index import db
from gittracker.services.board import ground
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

    Change = tuple[str, bytes | None, bytes | None]

_KEY = "homebranch"
_PREFIX = ".openkit/"
_FOLDED = (layout.TICKETS, *layout.RECORDS)  # of these every replica has a say
_KEPT_SECONDS = 600  # an old layout stays for those who are reading it


def find(tracker: Tracker) -> tuple[str, str]:
    """Give home's branch and the folder that its configuration lies in; empty where a worktree is on it."""
    repository, index = tracker.repository, tracker.index
    if tracker.here or tracker.ground is not repository or repository.is_side or discover.home_top(repository):
        return "", ""
    stamps = discover.board_stamps(repository) + discover.head_stamps(repository.common_dir)
    kept = index.get(_KEY)
    if not kept or marshal.loads(kept)[0] != stamps:
        kept = marshal.dumps((stamps, *_look(tracker)))
        index.note(_KEY, kept)
    _, name, commit = marshal.loads(kept)
    folder = _folder(tracker, commit) if name else ""
    if folder and not os.path.isdir(folder):
        _lay_out(tracker, commit, folder)
    return name, folder


def _look(tracker: Tracker) -> tuple[str, str]:
    """Give home's branch and its commit, where no worktree is on it and it has a tracker."""
    top = tracker.repository.top
    name = ground.home_name(tracker.repository)
    if not name or any(one.branch == name and not one.bare for one in worktrees.every(top)):
        return "", ""
    commit = tip(top, name)
    return (name, commit) if commit and objects.ids_at(top, [f"{commit}:{_PREFIX}{layout.CONFIG}"]) else ("", "")


def tip(top: str, name: str) -> str:
    """Give a branch's commit, empty where there is none."""
    done = git(top, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return done.text if done.status == 0 else ""


def _folder(tracker: Tracker, commit: str) -> str:
    return f"{db.layouts(tracker.index.path)}/rules-{commit}"


def _lay_out(tracker: Tracker, commit: str, folder: str) -> None:
    top = tracker.repository.top
    listed = {path: blob for path, blob in trees.listed(top, commit, _PREFIX).items()
              if path.partition("/")[0] not in _FOLDED}
    blobs = objects.read_blobs(top, list(listed.values()))
    making = f"{folder}.{os.getpid()}"
    for path, blob in listed.items():
        os.makedirs(os.path.dirname(f"{making}/{path}"), exist_ok=True)
        with open(f"{making}/{path}", "wb") as file:
            file.write(blobs.get(blob, b""))
    try:
        os.rename(making, folder)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)  # another command was first
    _sweep(folder)


def _sweep(folder: str) -> None:
    """Remove old layouts."""
    with os.scandir(os.path.dirname(folder)) as found:
        old = [one.path for one in found if one.name.startswith("rules-") and one.path != folder
               and one.stat().st_mtime < time.time() - _KEPT_SECONDS]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)


def add(tracker: Tracker, name: str, changes: list[Change], message: str) -> tuple[str, str]:
    """Put one commit on home's branch, without a checkout and without hooks; gives the commit before, and the new one.

    Raises ConflictError where the branch has other bytes by now than the command started from, and StorageError.
    """
    top, form = tracker.repository.top, tracker.repository.object_format
    old = tip(top, name)
    there = objects.ids_at(top, [f"{old}:{_PREFIX}{path}" for path, _, _ in changes])
    for path, before, _ in changes:
        if there.get(f"{old}:{_PREFIX}{path}", "") != ("" if before is None else blob_id(before, form)):
            raise ConflictError(f'"{path}" has changed on "{name.removeprefix("refs/heads/")}" meanwhile',
                                "run the command again", path=path)
    principal = tracker.principal
    commit = Commit(principal.git_name, principal.email, tracker.clock() // 1_000_000_000, message,
                    [(f"{_PREFIX}{path}", data) for path, _, data in changes])
    # A branch that moved meanwhile is never moved back: fast-import goes only forwards.
    done = git(top, "-c", "core.fsync=committed", "fast-import", "--quiet", "--date-format=raw",
               given=journal.stream_on(name, old, [commit], tracker.committer))
    if done.status:
        raise StorageError(f'nothing was committed to "{name}": {done.err.split(chr(10))[0]}', "run the command again")
    return old, tip(top, name)


def take_back(tracker: Tracker, name: str, commits: tuple[str, str]) -> None:
    """Take a commit back that nothing has followed yet; raises StorageError."""
    done = git(tracker.repository.top, "update-ref", name, *commits)
    if done.status:
        raise StorageError(f'"{name}" has moved on: {done.err.split(chr(10))[0]}', "gittracker log")


def finish(tracker: Tracker, name: str, changes: list[Change], message: str) -> None:
    """Make the commit that a dead command has promised, unless it is there."""
    top, form = tracker.repository.top, tracker.repository.object_format
    now = tip(top, name)
    there = objects.ids_at(top, [f"{now}:{_PREFIX}{path}" for path, _, _ in changes])
    left = [(path, before, data) for path, before, data in changes
            if there.get(f"{now}:{_PREFIX}{path}", "") != ("" if data is None else blob_id(data, form))]
    try:
        if left:
            add(tracker, name, left, message)
    except ConflictError:
        pass  # somebody has changed it otherwise since, as an edited file stays as it is
