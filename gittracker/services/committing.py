"""Commit the tracker's paths alone; what the user has staged elsewhere stays staged."""

from __future__ import annotations

import os
import time

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, InvalidDataError, RefusedError, StorageError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.git import sidebranch, trees
from gittracker.git.operations import under_way
from gittracker.git.run import git
from gittracker.index import history
from gittracker.services.attached import largefiles
from gittracker.services.clone import setup
from gittracker.services.write import access
from gittracker.services.write.locking import Locked
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished
    from gittracker.services.tracker import Tracker

_MOST_NAMED = 20
_FEW = 4  # tickets that may go at once
_PREFIX = ".openkit/"
_DENIED = ("Read-only file system", "Permission denied", "Operation not permitted")
_BUSY = ("index.lock'", "nothing added to commit")
_TRIES, _PAUSE = 6, 0.02
_FROM_INPUT = ("--pathspec-from-file=-", "--pathspec-file-nul")


def commit(tracker: Tracker, message: str = "", as_edited: bool = False) -> tuple[str, list[str]]:
    """Commit what changed below `.openkit`; gives the commit and its paths, both empty where nothing changed.

    With `as_edited` the author's date is that of the last edit, where the journal holds all of it.
    What waits for the journal is journalled first. The user's signing applies, and hooks do but on a branch that the
    tracker has to itself. Raises ConflictError while a merge or rebase is under way, SandboxedError where git's own
    folder may only be read.
    """
    if tracker.sandboxed or not os.access(tracker.repository.git_dir, os.W_OK):
        raise access.git_refusal(tracker.repository, "a commit")
    if os.path.exists(tracker.path(layout.PENDING)):
        with Locked(tracker, "commit"):
            pass  # not for longer: the user's hooks may call gittracker
    if hooks(tracker):
        with Locked(tracker, "commit"):
            return _insist(tracker, message, as_edited)
    return _insist(tracker, message, as_edited)


def _insist(tracker: Tracker, message: str, as_edited: bool) -> tuple[str, list[str]]:
    """Commit, again for a moment where somebody else has git's index in hand, or took our new files out of it."""
    for number in range(1, _TRIES):
        try:
            return _commit(tracker, message, as_edited)
        except RefusedError as error:
            if not any(sign in error.message for sign in _BUSY):
                raise
        time.sleep(_PAUSE * number)
    return _commit(tracker, message, as_edited)


def hooks(tracker: Tracker) -> tuple[str, ...]:
    """Give the words that keep git from running hooks; none where they shall run."""
    return sidebranch.NO_HOOKS if tracker.repository.is_side and not tracker.settings.hooks else ()


def _commit(tracker: Tracker, message: str, as_edited: bool) -> tuple[str, list[str]]:
    top = tracker.repository.top
    check_idle(tracker)
    rows = _status(tracker)
    paths = [path for _, path in rows]
    if not paths:
        where = setup.ignored(tracker.repository)
        if where:
            raise ConflictError(f"git ignores the tracker's files ({where})", "take that line out, then commit")
        return "", []
    _check_loss(tracker, [path.removeprefix(_PREFIX) for code, path in rows if code == " D"])
    _check_conflicts(tracker, [path.removeprefix(_PREFIX) for path in paths])
    slugs = _slugs(tracker, paths)
    unknown = "\0".join(path for code, path in rows if code == "??").encode(errors="surrogateescape")
    if unknown:  # what git doesn't know can't be named to `commit --only`
        added = git(top, "--literal-pathspecs", "add", "--sparse", "--intent-to-add", *_FROM_INPUT, given=unknown,
                    locks=True)
        if added.status:
            raise _refusal(tracker, added)
    at = _edited_at(tracker, paths) if as_edited else 0
    dated = [f"--date=@{at} +0000"] if at else []
    done = git(top, *hooks(tracker), "commit", "--quiet", "--only", *dated, "-m", message or _subject(slugs, paths),
               "-m", "\n".join(f"Ticket: {slug}" for slug in slugs) or "Ticket: none", "--", ".openkit", locks=True)
    if done.status:
        if unknown:
            git(top, "--literal-pathspecs", "reset", "--quiet", *_FROM_INPUT, given=unknown, locks=True)
        if _is_as_committed(top, paths):
            # Only git's index has something else, as a sync that was killed leaves it: the files decide.
            git(top, "reset", "--quiet", "HEAD", "--", ".openkit", locks=True)
            return "", []
        raise _refusal(tracker, done)
    return git(top, "rev-parse", "HEAD").text, paths


def _refusal(tracker: Tracker, done: Finished) -> RefusedError:
    """Say why git did not commit."""
    if any(reason in done.err for reason in _DENIED) and ".lock'" in done.err:
        return access.git_refusal(tracker.repository, "a commit")
    return RefusedError(f"git did not commit: {done.err or done.text}", "git status")


def check_idle(tracker: Tracker) -> None:
    """Raise ConflictError while git has a merge, a rebase or the like under way."""
    busy = under_way(tracker.repository.git_dir)
    if busy:
        raise ConflictError(f"git has a {busy} under way", "finish it first: git status")


def _check_loss(tracker: Tracker, gone: list[str]) -> None:
    """Raise ConflictError where most tickets are gone as by accident; a command or `git rm` says that it is meant."""
    top, lost = tracker.repository.top, [path for path in gone if layout.is_ticket(path)]
    if len(lost) <= _FEW:
        return
    every = sum(layout.is_ticket(path) for path in trees.listed(top, "HEAD", _PREFIX))
    if len(lost) * 2 > every:
        left = len(set(lost) - history.removed(tracker.index))
        if left > _FEW:
            raise ConflictError(f'{left} of {every} tickets are gone from "{tracker.root}", by no command',
                                "git ls-files -dz -- .openkit | xargs -0 git restore -- brings them back")


def _check_conflicts(tracker: Tracker, paths: list[str]) -> None:
    """Raise ConflictError where the two sides of a merge still stand in a record's fields: no clone could read it."""
    for path in paths:
        if b"\n<<<<<<< " in (atomic.read(tracker.path(path)) or b""):
            from gittracker.services.merge import settling
            for one in settling.find(tracker, path).conflicts:
                if one.is_certain and one.path == path:
                    raise ConflictError(f'"{one.name}" is in conflict: both sides of a merge stand in its fields',
                                        f"gittracker resolve {one.name}", path=path)


def _is_as_committed(top: str, paths: list[str]) -> bool:
    """Tell whether these files are those of HEAD, as when somebody else has committed them meanwhile."""
    changed = git(top, "diff", "--name-only", "--no-renames", "-z", "HEAD", "--", ".openkit")
    others = git(top, "ls-files", "--others", "--exclude-standard", "-z", "--", ".openkit")
    left = (changed.out + others.out).decode(errors="surrogateescape").split("\0")
    return not changed.status and not set(paths).intersection(left)


def _status(tracker: Tracker) -> list[tuple[str, str]]:
    """List (git's two letters, path) of what differs from HEAD below `.openkit`; raises StorageError."""
    done = git(tracker.repository.top, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames",
               "--", ".openkit")
    if done.status:
        raise StorageError(f"git can't tell what changed: {done.err.split(chr(10))[0]}", "git status")
    return [(line[:2], line[3:]) for line in done.out.decode(errors="surrogateescape").split("\0") if line]


def _edited_at(tracker: Tracker, paths: list[str]) -> int:
    """Give when the last of these files was brought to what it is, 0 where the journal doesn't tell of each."""
    found = 0
    for path in (path.removeprefix(".openkit/") for path in paths):
        try:
            data = largefiles.for_history(tracker, path, atomic.read(tracker.path(path)))
        except InvalidDataError:
            return 0
        blob = "" if data is None else blob_id(data, tracker.repository.object_format)
        at = history.left_at(tracker.index, tracker.worktree, path, blob)
        if not at:
            return 0
        found = max(found, at)
    return found


def _slugs(tracker: Tracker, paths: list[str]) -> list[str]:
    found = []
    for folder in dict.fromkeys(layout.folder_of(p.removeprefix(".openkit/")) for p in paths):
        try:
            data = atomic.read(tracker.path(layout.ticket_file(folder))) if folder else None
            if data:
                found.append(entity_md.read(Ticket, data)[0].slug or folder)
        except InvalidDataError:
            found.append(ids.slug_of_folder(folder.rpartition("/")[2]))  # a broken file is committed all the same
    return found


def _subject(slugs: list[str], paths: list[str]) -> str:
    if not slugs:
        return f"openkit: {len(paths)} tracker file(s)"
    shown = ", ".join(slugs[:_MOST_NAMED])
    return f"openkit: {shown}" + (f" and {len(slugs) - _MOST_NAMED} more" if len(slugs) > _MOST_NAMED else "")
