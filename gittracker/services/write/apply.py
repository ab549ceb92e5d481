"""The write path: lock, gather, intent, files, read back, entry, index, receipt."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError, TrackerError
from gittracker.formats.entry import Message
from gittracker.formats.etag import blob_id
from gittracker.git.journal import Commit
from gittracker.index import db, eventlog, notes, placed, tickets
from gittracker.services.attached import largefiles
from gittracker.services.refresh import rows
from gittracker.services.write import outside
from gittracker.services.write.elsewhere import Elsewhere
from gittracker.services.write.locking import Locked
from gittracker.services.write.writing import RECOVERIES, UNCHANGED, Held, Request, Touched, Writing
from gittracker.store import atomic, bulk, layout, own, settings, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.lease import Lease
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.locking import Keeper

    Receipt = dict[str, Any]
    Change = tuple[str, bytes | None, bytes | None]


_MOST_NAMED = 100  # tickets in an entry's trailers


class Outcome:
    """What a write gave: a receipt for each record, what was done in words, and whether a key replayed it.

    `warnings` are what the user should know besides, `remarks` what is said and not journalled, `ended` the leases
    that the write ended.
    """

    __slots__ = ("receipts", "subjects", "replayed", "warnings", "remarks", "ended")

    def __init__(self, receipts: list[Receipt], subjects: list[str], replayed: bool = False,
                 warnings: list[str] | None = None, remarks: list[str] | None = None,
                 ended: list[Lease] | None = None) -> None:
        self.ended = ended or []
        self.warnings = [] if warnings is None else warnings  # the list itself: a command may add to it
        self.remarks = remarks or []
        self.receipts = receipts
        self.subjects = subjects
        self.replayed = replayed


def perform(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]]) -> Outcome:
    """Do one write under the locks; `act` gathers it and gives the tickets it was asked about.

    The same key gives the first receipts again. Raises what `act` raises, LockedError, StorageError, and
    ConflictError where the key was used for another command; then nothing has changed.
    """
    tried = [tracker.repository.top]
    joined: set[tuple[str, ...]] = set()
    while True:
        try:
            _check_place(tracker, request)
            return _perform(tracker, request, act)
        except Elsewhere as error:
            step = (error.source, error.path, *error.values)
            if error.values and not error.source.startswith("refs/") and step not in joined:
                joined.add(step)
                _join(tracker.at_worktree(error.source), error)
                continue
            from gittracker.services.write import placing
            tracker = placing.beside(tracker, error, tried, request.stays)


def _join(tracker: Tracker, error: Elsewhere) -> None:
    """Set values in another worktree's copy of a ticket, which would hide them in ours: an entry of its own there."""
    def act(writing: Writing) -> list[Held]:
        held = writing.in_folder(layout.folder_of(error.path))
        if held and held.data:
            writing.change(held, error.values)
            writing.say(f"{held.ticket.slug} {', '.join(error.values)} as another worktree sets it")
        return []
    _perform(tracker, Request("update"), act, is_checked=False)


def _check_place(tracker: Tracker, request: Request) -> None:
    """Let what is written from a worktree without a tracker of its own go to home."""
    if not request.stays and tracker.ground.top != tracker.repository.top and not os.path.isdir(tracker.root):
        raise Elsewhere(tracker.ground.top, layout.CONFIG)


def _perform(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]],
             is_checked: bool = True) -> Outcome:
    with Locked(tracker, request.name) as keeper:
        kept = keeper.first_receipts(request.key) if request.key else None
        if kept:
            return Outcome(_replay(kept, request), [], replayed=True)
        writing = Writing(tracker, request, keeper.number)
        writing.sandboxed = keeper.sandboxed
        for held in act(writing):
            writing.touch_unchanged(held)
        writing.leave()
        if is_checked:
            _check_leases(writing)
            _check_shown(writing)
        if tracker.caller is not tracker and not tracker.repository.is_side:
            where = os.path.relpath(tracker.repository.top, tracker.caller.repository.top)
            writing.warn(f"written in {where}, where the board takes it from")
        if tracker.caller is not tracker and tracker.repository.is_side:
            from gittracker.services.clone import sidebranch
            sidebranch.link(tracker.repository, tracker.caller.repository.top)
        return Outcome(_commit(tracker, keeper, writing), writing.subjects, warnings=writing.warnings,
                       remarks=writing.remarks, ended=writing.ended)


def _check_shown(writing: Writing) -> None:
    if writing.tracker.board and not (writing.request.stays or writing.request.force):
        from gittracker.services.write import placing
        placing.check(writing)


def rehearse(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]]) -> Writing:
    """Gather a write and leave it at that; raises what `act` raises."""
    tried = [tracker.repository.top]
    while True:
        tracker.check_writable()
        writing = Writing(tracker, request)
        try:
            _check_place(tracker, request)
            for held in act(writing):
                writing.touch_unchanged(held)
            writing.leave()
            _check_leases(writing)
            _check_shown(writing)
            return writing
        except Elsewhere as error:
            if error.values:
                return writing
            from gittracker.services.write import placing
            tracker = placing.beside(tracker, error, tried, request.stays)


def _check_leases(writing: Writing) -> None:
    """Refuse a write whose lease has passed to somebody else; most clones have no leases, and pay one look."""
    if os.path.exists(os.path.join(writing.tracker.state, layout.LEASES)):
        from gittracker.services.claim import fencing
        fencing.check(writing)


def _replay(kept: dict[str, Any], request: Request) -> list[Receipt]:
    if kept["fingerprint"] != request.fingerprint:
        raise ConflictError(f'the idempotency key "{request.key}" was used for another command',
                            "take a new key for a new command")
    return list(kept["receipts"])


def _commit(tracker: Tracker, keeper: Keeper, writing: Writing) -> list[Receipt]:
    """Write what was gathered: all of it, or nothing."""
    request = writing.request
    changes = _changes(writing)
    made = [_receipt(tracker, writing, one) for one in writing.touched]
    if not changes:
        keeper.set_down(writing.state)
        if request.key:
            keeper.remember(request, made)
        return made
    largefiles.keep(tracker, changes)
    keeper.begin()
    commits = [*outside.commits(tracker, [*changes, *writing.adopted]), _entry(tracker, writing, changes)]
    keeper.promise(writing, changes, commits, made)
    steps.reached("intent saved")
    _carry_out(tracker, keeper, writing, changes)
    for one in made:
        if one["old_etag"] != one["new_etag"]:
            keeper.sign(one)
    try:
        _index(tracker, keeper, writing, commits, made)
    except (db.Error, OSError):
        pass  # the index is rebuilt from the files; the write itself is done
    if tracker.board:
        _name_shown(tracker, writing, made)
    try:
        keeper.end(request, made)
    except (StorageError, OSError):
        pass  # the write is done all the same; the next one clears its intent away
    writing.warnings += keeper.told
    return made


def _changes(writing: Writing) -> list[Change]:
    """Give what really changes as (path, bytes before, bytes after)."""
    changes = [(path, writing.before[path], data) for path, data in writing.after.items()
               if data != writing.before[path]]
    return changes + [(path, None, None) for path in writing.dropped]


def _carry_out(tracker: Tracker, keeper: Keeper, writing: Writing, changes: list[Change]) -> None:
    """Write files and entries; whatever fails, the files are as they were."""
    before = own.load(tracker.repository.common_dir, writing.state)
    try:
        if writing.counters:
            keeper.reserve(writing.counters)
        keeper.set_down(writing.state)
        _write_files(tracker, writing, changes)
        steps.reached("files written")
        keeper.record()
    except (TrackerError, OSError) as error:
        try:
            _roll_back(tracker, keeper, changes, before)
        except (TrackerError, OSError):
            if isinstance(error, TrackerError):
                error.hint = "make room or mend the rights; the next writing command finishes this one"
        raise


def _write_files(tracker: Tracker, writing: Writing, changes: list[Change]) -> None:
    """Replace the files, then read them back: success is never claimed for bytes that aren't there."""
    bulk.replace([(tracker.path(path), data) for path, _, data in changes], writing.told)
    for path, _, data in changes:
        if atomic.read(tracker.path(path)) != data:
            raise StorageError(f'"{path}" does not hold what was written', "another program may have changed it; "
                               "look at the file, then run the command again")


def _roll_back(tracker: Tracker, keeper: Keeper, changes: list[Change], state: dict[str, bytes | None]) -> None:
    """Put the files back as they were; where that fails too, the intent stays and the next write finishes it."""
    if keeper.has_recorded():
        return  # the entry is in, only its answer was lost: the next write clears the intent away
    bulk.replace([(tracker.path(path), None) for path, before, _ in changes if before is None])
    for path, before, data in changes:
        if before is not None and atomic.read(tracker.path(path)) == data:
            atomic.put_back(tracker.path(path), before)
    own.set_down(tracker.repository.common_dir, state)
    keeper.withdraw()


def _entry(tracker: Tracker, writing: Writing, changes: list[Change]) -> Commit:
    principal = tracker.principal
    slugs = list(dict.fromkeys(one.ticket for one in writing.touched if one.ticket))
    subjects = writing.subjects or [f"{slug} changed" for slug in slugs]
    message = Message("; ".join(subjects), slugs[:_MOST_NAMED], principal.name, writing.request.key, writing.undoes,
                      worktree=_made_from(tracker, writing))
    at = max(tracker.clock() // 1_000_000_000, writing.least)
    return Commit(principal.git_name, principal.email, at, message.render(),
                  [(path, largefiles.for_history(tracker, path, data)) for path, _, data in changes])


def _made_from(tracker: Tracker, writing: Writing) -> str:
    """Give the number of the worktree that a command runs in, where all of them write one copy of the tracker."""
    if tracker.caller is tracker or not tracker.repository.is_side or writing.sandboxed:
        return ""
    tracker.caller.settle()
    return tracker.caller.worktree


def _receipt(tracker: Tracker, writing: Writing, one: Touched) -> Receipt:
    def etag(found: bytes | None) -> str | None:
        data = largefiles.for_history(tracker, one.path, found)
        return None if data is None else blob_id(data, tracker.repository.object_format)
    return {"ref": one.ref, "slug": one.slug, "path": f".openkit/{one.path}",
            "old_etag": etag(writing.before.get(one.path)), "new_etag": etag(writing.after.get(one.path)),
            "entry": None, "event": None, "pending": None,
            **({"lease": writing.proofs[one.ref]} if one.ref in writing.proofs else {})}


def _name_shown(tracker: Tracker, writing: Writing, made: list[Receipt]) -> None:
    """Give tickets the etags that the board has for them, which other replicas may have changed too.

    Note, too, where a write went that was made from another worktree.
    """
    if tracker.caller is not tracker and not tracker.repository.is_side and made and made[0]["entry"]:
        placed.note(tracker.index, tracker.caller.worktree, tracker.repository.top, made[0]["entry"])
    shown = {held.path: held.shown for held in writing.holds() if held.shown != held.data}
    for one in made:
        path = one["path"].removeprefix(".openkit/")
        row = tickets.at(tracker.index, tracker.view, layout.folder_of(path)) if layout.is_ticket(path) else None
        if row and one["new_etag"]:
            one["new_etag"] = row.etag
        if path in shown:
            one["old_etag"] = blob_id(shown[path], tracker.repository.object_format)


def _index(tracker: Tracker, keeper: Keeper, writing: Writing, commits: list[Commit], made: list[Receipt]) -> None:
    """Bring history, rows and events up to date in one transaction."""
    index, worktree = tracker.index, tracker.worktree
    if any(settings.is_one(path) for path in writing.after):
        tracker.renew()
    with index:
        keeper.put_rows()
        paths = dict.fromkeys(path for commit in commits for path, _ in commit.changes)
        rows.refresh_own(tracker, paths)
        notes.drop(index, worktree, paths)
        for one, receipt in zip(writing.touched, made, strict=True):
            if one.kind != UNCHANGED and not keeper.sandboxed:  # a pending entry's event leaves when it is journalled
                receipt["event"] = eventlog.append(index, one.kind, one.ref, one.slug, one.changes,
                                                   tracker.principal.name, "cli", worktree, tracker.now())
        if any(one.kind in RECOVERIES for one in writing.touched):
            index.drop(f"lost:{tracker.view}")
    steps.reached("indexed")
