"""The write path: lock, gather, intent, files, read back, entry, index, receipt."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError, TrackerError
from gittracker.formats.etag import blob_id
from gittracker.index import db, tickets
from gittracker.services.write import shares
from gittracker.services.write.homes import Route
from gittracker.services.write.locking import Locked
from gittracker.services.write.requests import Elsewhere
from gittracker.services.write.writing import Held, Request, Writing
from gittracker.store import atomic, layout, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gittracker.domain.lease import Lease
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.locking import Keeper
    from gittracker.services.write.shares import Share

    Receipt = dict[str, Any]

_MOST_NAMED = 5  # records in a warning


class Outcome:
    """What a write gave: a receipt for each record, what was done in words, and whether a key replayed it.

    `warnings` are what the user should know besides, `remarks` what is said and not journalled, `ended` the leases
    that the write ended, `entries` those that were made, by worktree as a path from the caller's.
    """

    __slots__ = ("receipts", "subjects", "replayed", "warnings", "remarks", "ended", "entries")

    def __init__(self, receipts: list[Receipt], subjects: list[str], replayed: bool = False,
                 warnings: list[str] | None = None, remarks: list[str] | None = None,
                 ended: list[Lease] | None = None, entries: dict[str, str] | None = None) -> None:
        self.entries = entries or {}
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
    route = Route(tracker, request)
    while True:
        try:
            _check_place(route.tracker, request)
            return _perform(route.tracker, request, act, route)
        except Elsewhere as error:
            route.turn(error)


def _check_place(tracker: Tracker, request: Request) -> None:
    """Let what is written from a worktree without a tracker of its own go to home."""
    if not request.stays and tracker.ground.top != tracker.repository.top and not os.path.isdir(tracker.root):
        raise Elsewhere(tracker.ground.top, layout.CONFIG)


def _perform(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]], route: Route) -> Outcome:
    if tracker.board:
        tracker.board.notice()  # new worktrees take long to read, and others should not wait for the lock meanwhile
    locked = Locked(tracker, request.name)
    with locked as keeper:
        kept = keeper.first_receipts(request.key) if request.key else None
        if kept:
            return Outcome(_replay(kept, request), [], replayed=True)
        try:
            homes = route.homes(None if keeper.sandboxed else locked.enter)
            writing = Writing(tracker, request, keeper.number, homes)
            writing.sandboxed = keeper.sandboxed
            _gather(writing, act)
            _check_leases(writing)
            _check_shown(writing)
        except Elsewhere as error:
            error.whole = keeper.sandboxed
            raise
        if tracker.repository.is_side and not os.path.lexists(f"{tracker.caller.repository.top}/.openkit"):
            from gittracker.services.clone import sidebranch
            sidebranch.link(tracker.repository, tracker.caller.repository.top)
        made = _commit(tracker, keeper, writing)
        return Outcome(made, writing.subjects, warnings=writing.warnings, remarks=writing.remarks, ended=writing.ended,
                       entries=writing.homes.entries)


def _gather(writing: Writing, act: Callable[[Writing], list[Held]]) -> None:
    for held in act(writing):
        writing.touch_unchanged(held)
    writing.leave()


def _check_shown(writing: Writing) -> None:
    if writing.tracker.board and not (writing.request.stays or writing.request.force):
        from gittracker.services.write import placing
        placing.check(writing)


def rehearse(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]]) -> Writing:
    """Gather a write and leave it at that; raises what `act` raises."""
    route = Route(tracker, request)
    while True:
        route.tracker.check_writable()
        writing = Writing(route.tracker, request, homes=route.homes(route.tracker.at_worktree))
        try:
            _check_place(route.tracker, request)
            _gather(writing, act)
            _check_leases(writing)
            _check_shown(writing)
            return writing
        except Elsewhere as error:
            route.turn(error)


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
    """Write what was gathered, in as many worktrees as it belongs to: all of it, or nothing."""
    request = writing.request
    made = [shares.receipt(writing.homes.at(one.path), writing, one) for one in writing.touched]
    parts = shares.of(writing, keeper, made)
    if not parts:
        keeper.set_down(writing.state)
        if request.key:
            keeper.remember(request, made)
        return made
    writing.command = shares.command(writing, parts)
    for one in parts:
        one.begin(writing, is_whole=len(parts) == 1)
    first, *others = parts
    first.keeper.promise(writing, first.files, first.commits, made,
                         [*(one.part() for one in others), *(part for one in parts for part in one.beside())])
    steps.reached("intent saved")
    _carry_out(tracker, writing, parts)
    for one in parts:
        one.sign()
    try:
        for one in parts:
            one.index()
            steps.reached("indexed")
    except (db.Error, OSError):
        pass  # the index is rebuilt from the files; the write itself is done
    if tracker.board:
        _name_shown(tracker, writing, made)
    _tell_where(tracker, writing, parts)
    try:
        for one in others:
            one.keeper.follow()
        first.keeper.end(request, made)
    except (StorageError, OSError):
        pass  # the write is done all the same; the next one clears its intent away
    for one in parts:
        writing.warnings += one.keeper.told
    return made


def _carry_out(tracker: Tracker, writing: Writing, parts: list[Share]) -> None:
    """Write files and entries; whatever fails, the files are as they were."""
    keeper = parts[0].keeper
    before = {name: atomic.read(os.path.join(tracker.repository.common_dir, name)) for name in writing.state}
    try:
        if writing.counters:
            keeper.reserve(writing.counters)
        keeper.set_down(writing.state)
        for one in parts:
            one.write_files(writing)
        steps.reached("files written")
        for one in parts:
            one.keeper.record()
    except (TrackerError, OSError) as error:
        try:
            _roll_back(tracker, parts, before)
        except (TrackerError, OSError):
            if isinstance(error, TrackerError):
                error.hint = "make room or mend the rights; the next writing command finishes this one"
        raise


def _roll_back(tracker: Tracker, parts: list[Share], state: dict[str, bytes | None]) -> None:
    """Put the files back as they were; where that fails too, the intent stays and the next write finishes it."""
    if any(one.keeper.has_recorded() for one in parts):
        return  # an entry is in, only its answer was lost: the next write finishes what is left and clears the intent
    for one in parts:
        one.put_back()
    parts[0].keeper.set_down(state)
    parts[0].keeper.withdraw()


def _name_shown(tracker: Tracker, writing: Writing, made: list[Receipt]) -> None:
    """Give tickets the etags that the board has for them, which other replicas may have changed too."""
    shown = {held.path: held.shown for held in writing.holds() if held.shown != held.data}
    for one in made:
        path = one["path"].removeprefix(".openkit/")
        row = tickets.at(tracker.index, tracker.view, layout.folder_of(path)) if layout.is_ticket(path) else None
        if row and one["new_etag"]:
            one["new_etag"] = row.etag
        if path in shown:
            one["old_etag"] = blob_id(shown[path], tracker.repository.object_format)


def _tell_where(tracker: Tracker, writing: Writing, parts: list[Share]) -> None:
    """Say where a write went that was made from another worktree."""
    caller = tracker.caller
    for one in parts:
        where = os.path.relpath(one.tracker.repository.top, caller.repository.top)
        writing.homes.entries[where] = one.keeper.entry
        if one.tracker.repository.top == caller.repository.top or one.tracker.repository.is_side:
            continue
        names = _few(dict.fromkeys(it.ticket or it.slug for it, _ in one.touched)) if len(parts) > 1 else ""
        writing.warn(f"{names} written in {where}, where the board takes it from".lstrip() if one.touched else
                     f"{'removed' if all(data is None for _, _, data in one.changes) else 'set'} in {where}, too")


def _few(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:_MOST_NAMED]) + (f" and {len(every) - _MOST_NAMED} more" if every[_MOST_NAMED:] else "")
