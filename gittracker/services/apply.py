"""The write path: lock, gather, intent, files, read back, journal, index, receipt."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError, TrackerError
from gittracker.formats import json_text
from gittracker.formats.entry import Message
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.index import db, eventlog, history, notes
from gittracker.services import outside
from gittracker.services.writing import RECOVERIES, UNCHANGED, Held, Request, Touched, Writing
from gittracker.store import atomic, bulk, counters, intents, layout, receipts, settings, steps
from gittracker.store.layout import folder_of
from gittracker.store.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.services.tracker import Tracker

    Receipt = dict[str, Any]
    Change = tuple[str, bytes | None, bytes | None]


_MOST_NAMED = 100  # tickets in an entry's trailers


class Outcome:
    """What a write gave: a receipt for each record, what was done in words, and whether a key replayed it."""

    __slots__ = ("receipts", "subjects", "replayed")

    def __init__(self, receipts: list[Receipt], subjects: list[str], replayed: bool = False) -> None:
        self.receipts = receipts
        self.subjects = subjects
        self.replayed = replayed


def perform(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]]) -> Outcome:
    """Do one write under the clone's lock; `act` gathers it and gives the tickets it was asked about.

    The same key gives the first receipts again. Raises what `act` raises, LockedError, StorageError, and
    ConflictError where the key was used for another command; then nothing has changed.
    """
    with Locked(tracker, request.name):
        if request.key:
            kept = receipts.load(tracker.state, request.key)
            if kept:
                return Outcome(_replay(kept, request), [], replayed=True)
        writing = Writing(tracker, request)
        for held in act(writing):
            writing.touch_unchanged(held)
        writing.leave()
        return Outcome(_commit(tracker, writing), writing.subjects)


def rehearse(tracker: Tracker, request: Request, act: Callable[[Writing], list[Held]]) -> Writing:
    """Gather a write and leave it at that; raises what `act` raises."""
    tracker.check_writable()
    writing = Writing(tracker, request)
    for held in act(writing):
        writing.touch_unchanged(held)
    writing.leave()
    return writing


class Locked(Lock):
    """The clone's lock as every write takes it: what a dead command left is finished first."""

    def __init__(self, tracker: Tracker, name: str) -> None:
        tracker.check_writable()
        super().__init__(os.path.join(tracker.state, "lock"), f"{tracker.principal.name}: {name} (pid {os.getpid()})")
        self._tracker = tracker

    def __enter__(self) -> Lock:
        """Wait for the lock, then settle; raises LockedError, StorageError, and InvalidDataError of newer formats."""
        super().__enter__()
        try:
            steps.reached("locked")
            self._tracker.settle()
            left = intents.load(_intent_path(self._tracker))
            if left:
                from gittracker.services import finishing
                finishing.finish(self._tracker, left)
            self._tracker.renew()
            self._tracker.check_writable()
        except BaseException:
            self.__exit__()
            raise
        return self


def _replay(kept: dict[str, Any], request: Request) -> list[Receipt]:
    if kept["fingerprint"] != request.fingerprint:
        raise ConflictError(f'the idempotency key "{request.key}" was used for another command',
                            "take a new key for a new command")
    return list(kept["receipts"])


def _commit(tracker: Tracker, writing: Writing) -> list[Receipt]:
    """Write what was gathered: all of it, or nothing."""
    request = writing.request
    changes = _changes(writing)
    made = [_receipt(tracker, writing, one) for one in writing.touched]
    if not changes:
        if request.key:
            receipts.save(tracker.state, request.key, request.fingerprint, made)
        return made
    parent = journal.tip(tracker.journal, tracker.worktree)
    outside.catch_up(tracker, parent)
    commits = [*outside.commits(tracker, changes), _entry(tracker, writing, changes)]
    stream = journal.stream(tracker.worktree, parent, commits, tracker.committer)
    intents.save(_intent_path(tracker), intents.Intent(tracker.root, tracker.worktree, parent, request.key,
                                                       request.fingerprint, changes, stream, made))
    steps.reached("intent saved")
    entries = _carry_out(tracker, writing, changes, parent, stream)
    for one in made:
        if one["old_etag"] != one["new_etag"]:
            one["entry"] = entries[-1]
    try:
        _index(tracker, writing, commits, entries, made)
    except (db.Error, OSError):
        pass  # the index is rebuilt from the files; the write itself is done
    _clear_away(tracker, request, made)
    return made


def _changes(writing: Writing) -> list[Change]:
    """Give what really changes as (path, bytes before, bytes after)."""
    changes = [(path, writing.before[path], data) for path, data in writing.after.items()
               if data != writing.before[path]]
    return changes + [(path, None, None) for path in writing.dropped]


def _carry_out(tracker: Tracker, writing: Writing, changes: list[Change], parent: str, stream: bytes) -> list[str]:
    """Write files and journal and give the new entries; whatever fails, the files are as they were."""
    try:
        if writing.counters:
            counters.save(tracker.state, {**counters.load(tracker.state), **writing.counters})
        _write_files(tracker, writing, changes)
        steps.reached("files written")
        entries = journal.append(tracker.journal, stream)
    except (TrackerError, OSError) as error:
        try:
            _roll_back(tracker, changes, parent)
        except (TrackerError, OSError):
            if isinstance(error, TrackerError):
                error.hint = "make room or mend the rights; the next writing command finishes this one"
        raise
    steps.reached("journalled")
    return entries


def _clear_away(tracker: Tracker, request: Request, made: list[Receipt]) -> None:
    """Keep the receipts and forget the intent; where that fails, the write is done and the next one does it."""
    try:
        if request.key:
            receipts.save(tracker.state, request.key, request.fingerprint, made)
            steps.reached("receipt saved")
        intents.clear(_intent_path(tracker))
    except (StorageError, OSError):
        return
    steps.reached("intent cleared")
    journal.tidy(tracker.journal)


def _write_files(tracker: Tracker, writing: Writing, changes: list[Change]) -> None:
    """Replace the files, then read them back: success is never claimed for bytes that aren't there."""
    bulk.replace([(tracker.path(path), data) for path, _, data in changes], writing.told)
    for path, _, data in changes:
        if atomic.read(tracker.path(path)) != data:
            raise StorageError(f'"{path}" does not hold what was written', "another program may have changed it; "
                               "look at the file, then run the command again")


def _roll_back(tracker: Tracker, changes: list[Change], parent: str) -> None:
    """Put the files back as they were; where that fails too, the intent stays and the next write finishes it."""
    if journal.tip(tracker.journal, tracker.worktree) != parent:
        return  # the entry is in, only its answer was lost: the next write clears the intent away
    bulk.replace([(tracker.path(path), None) for path, before, _ in changes if before is None])
    for path, before, data in changes:
        if before is not None and atomic.read(tracker.path(path)) == data:
            atomic.put_back(tracker.path(path), before)
    intents.clear(_intent_path(tracker))


def _entry(tracker: Tracker, writing: Writing, changes: list[Change]) -> Commit:
    principal = tracker.principal
    slugs = list(dict.fromkeys(one.ticket for one in writing.touched if one.ticket))
    subjects = writing.subjects or [f"{slug} changed" for slug in slugs]
    message = Message("; ".join(subjects), slugs[:_MOST_NAMED], principal.name, writing.request.key, writing.undoes)
    return Commit(principal.git_name, principal.email, tracker.clock() // 1_000_000_000, message.render(),
                  [(path, data) for path, _, data in changes])


def _receipt(tracker: Tracker, writing: Writing, one: Touched) -> Receipt:
    def etag(data: bytes | None) -> str | None:
        return None if data is None else blob_id(data, tracker.repository.object_format)
    return {"ref": one.ref, "slug": one.slug, "path": f".openkit/{one.path}",
            "old_etag": etag(writing.before.get(one.path)), "new_etag": etag(writing.after.get(one.path)),
            "entry": None, "event": None}


def _index(tracker: Tracker, writing: Writing, commits: list[Commit], entries: list[str],
           made: list[Receipt]) -> None:
    """Bring history, rows and events up to date in one transaction."""
    index, worktree = tracker.index, tracker.worktree
    if any(settings.is_one(path) for path in writing.after):
        tracker.renew()
    with index:
        blobs: dict[str, str] = {}
        for oid, commit in zip(entries, commits, strict=True):
            rows = []
            for path, data in commit.changes:
                new = "" if data is None else blob_id(data, tracker.repository.object_format)
                rows.append((path, blobs.get(path) or history.latest(index, worktree, path) or "", new))
                blobs[path] = new
            outside.put_entry(index, worktree, oid, commit, sorted(rows))  # as git lists them
        history.set_tip(index, history.JOURNAL, worktree, entries[-1])
        folders = list(dict.fromkeys(f for f in map(folder_of, blobs) if f))
        tracker.scanner.refresh_folders(folders, frozenset(blobs))
        roots = {path.partition("/")[0] for path in blobs}.intersection(layout.RECORDS)
        if roots:
            from gittracker.services import recording
            recording.refresh(tracker, *roots)
        notes.drop(index, worktree, blobs)
        for one, receipt in zip(writing.touched, made, strict=True):
            if one.kind == UNCHANGED:
                continue
            receipt["event"] = eventlog.append(index, one.kind, one.ref, one.slug, json_text.dumps(one.changes),
                                               tracker.principal.name, "cli", worktree, tracker.now())
        if any(one.kind in RECOVERIES for one in writing.touched):
            index.run("DELETE FROM meta WHERE key = ?", f"lost:{worktree}")
    steps.reached("indexed")


def _intent_path(tracker: Tracker) -> str:
    return os.path.join(tracker.state, "intent")
