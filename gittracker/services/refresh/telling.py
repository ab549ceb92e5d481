"""Tell what changed around the tool: events in the transaction that brings the rows up to date."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats.etag import blob_id
from gittracker.git import objects
from gittracker.index import boards, eventlog, history, notes
from gittracker.services.refresh import noticing, recording
from gittracker.services.write import outside
from gittracker.store import atomic, intents, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository
    from gittracker.index.boards import Replica
    from gittracker.services.refresh.noticing import Seen
    from gittracker.services.tracker import Tracker

    Change = tuple[str, bytes | None, bytes | None]

_HEAD, _STAGED, _TOP = "HEAD:", ":", ".openkit/"
_MANY = 200


def tell(tracker: Tracker, seen: list[Seen]) -> set[str]:
    """Append an event for each change that nobody else tells; nothing on the first look at the files.

    A command's own changes are told with its own rows, and those of one that died by whoever finishes it. Gives the
    files that the ground's journal needs no note of: git brought them, or they were changed in another replica.
    """
    if tracker.index.fresh or tracker.index.get(tracker.git_key) is None:
        return set()
    origin = tracker.origin or tracker.ground
    taken = claimed(tracker, origin.tracker) if origin.top else set()
    left = [one for one in noticing.joined(seen) if one.path not in taken]
    by_git = _brought_by_git(tracker, origin, left)
    number = tracker.origin.number if tracker.origin else tracker.ground_number
    now = tracker.now()
    sources = ((one, outside.BY_GIT if one.path in by_git else outside.BY_EDITOR) for one in left)
    eventlog.append_all(tracker.index, [(one.kind, one.ref, one.slug, one.changes, source, source, number, now)
                                        for one, source in sources])
    if tracker.origin:
        return {one.path for one in seen}
    _forget_unheld(tracker, by_git)
    return by_git


def tell_finished(tracker: Tracker, changes: list[Change], entry: str) -> None:
    """Append the events of a command that died before it could, as its entry in the journal says who acted."""
    actor = history.actor_of(tracker.index, tracker.worktree, entry)
    for path, before, after in changes:
        cls = CLASSES.get(kinds.noun(path))
        old, new = (recording.parse_as(cls, path, data)[0] if cls and data is not None else None
                    for data in (before, after))
        for one in noticing.of_record(path, tracker.name_at(kinds.place(path)), old, new, ""):
            eventlog.append(tracker.index, one.kind, one.ref, one.slug, one.changes, actor, "cli", tracker.worktree,
                            tracker.now())


def _forget_unheld(tracker: Tracker, paths: set[str]) -> None:
    """Drop the notes of what git brought of records that the journal doesn't hold: it has no use for them."""
    index, worktree = tracker.index, tracker.ground_number
    if notes.listed(index, worktree, 1):
        notes.drop(index, worktree, [path for path in paths if history.latest(index, worktree, path) is None])


def claimed(tracker: Tracker, root: str) -> set[str]:
    """Name the files that a command is writing now, and those of sandboxed ones that wait for the journal.

    The intent is looked at after the files were read: bytes of a write under way are never older than its intent.
    """
    found: set[str] = set()
    left = intents.load(intents.path_in(tracker.state))
    for where, _, _, changes, _ in left.parts() if left else ():
        if where == root:
            found.update(path for path, _, _ in changes)
    if os.path.exists(f"{root}/{layout.INTENT}") or os.path.exists(f"{root}/{layout.PENDING}"):
        found |= _sandboxed(root)
    return found


def _sandboxed(root: str) -> set[str]:
    from gittracker.formats import pending as lines
    from gittracker.store import pending
    left = pending.load_intent(root)
    found = {path for path, _, _ in left.changes} if left else set()
    for line in lines.read(pending.load(root))[0]:
        found.update(path for path, _, _ in line.changes)
    return found


def _brought_by_git(tracker: Tracker, origin: Repository | Replica, seen: list[Seen]) -> set[str]:
    """Name the files that are as HEAD or git's index has them; of those that went, the ones whose bytes git has.

    A checkout writes files first, then its index, HEAD last; while it is at work its lock is there. So a file that is
    younger than the index is none of git's.
    """
    if origin.top and os.path.exists(os.path.join(origin.git_dir, "index.lock")):
        return {one.path for one in seen}
    written = _mtime(f"{origin.git_dir}/index") if origin.top else 0
    found = [one for one in seen if "\n" not in one.path
             and not 0 < written < _mtime(f"{origin.tracker}/{one.path}")]
    if not found:
        return set()
    if not origin.top:
        return {one.path for one in found}
    is_many = len(found) > _MANY
    heads = objects.head_ids(origin.top, _TOP) if is_many else {}
    etags = (_etags_beside(tracker, origin, heads, found) if is_many else None) or _etags(tracker, origin, found)
    top, gone = origin.top, sorted({one.old for one in found if not etags[one.path] and one.old})
    if is_many:  # one by one they would take git longer than all there are
        is_all = all(etags[one.path] == heads.get(_TOP + one.path, "") for one in found)  # as after a checkout
        staged = {} if is_all else objects.staged_ids(top, _TOP)
        known = objects.ids_at(top, gone)
    else:
        names = [prefix + _TOP + one.path for one in found for prefix in (_HEAD, _STAGED)]
        known = objects.ids_at(top, [*names, *gone])
        heads, staged = ({name.removeprefix(prefix): oid for name, oid in known.items() if name.startswith(prefix)}
                         for prefix in (_HEAD, _STAGED))
    return {one.path for one in found
            if etags[one.path] in (heads.get(_TOP + one.path, ""), staged.get(_TOP + one.path, ""))
            and (etags[one.path] or not one.old or one.old in known)}


def _etags(tracker: Tracker, origin: Repository | Replica, found: list[Seen]) -> dict[str, str]:
    """Give the etags of files as they lie in a worktree, empty where there is none."""
    folded = tracker.board.overlays if tracker.board else {}
    return {one.path: one.etag if origin is tracker.ground and kinds.place(one.path) not in folded
            else _etag(tracker, f"{origin.tracker}/{one.path}") for one in found}


def _etags_beside(tracker: Tracker, origin: Repository | Replica, heads: dict[str, str], found: list[Seen],
                  ) -> dict[str, str] | None:
    """Give the same of another worktree whose commit is its base: there it has what its versions don't tell of.

    None where that doesn't hold.
    """
    if origin is not tracker.origin or not tracker.origin.base or tracker.origin.base != tracker.origin.head or (
            tracker.origin.problem):
        return None
    rows = boards.versions(tracker.index, tracker.view, tracker.origin.name)
    return {one.path: rows[one.path][1] if one.path in rows else heads.get(_TOP + one.path, "") for one in found}


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _etag(tracker: Tracker, path: str) -> str:
    """Give the etag of a file, empty where there is none."""
    try:
        data = atomic.read(path)
    except (InvalidDataError, OSError):
        return ""
    return "" if data is None else blob_id(data, tracker.repository.object_format)
