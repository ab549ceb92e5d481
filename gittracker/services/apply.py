"""The write path: lock, gather, intent, files, read back, journal, index, receipt."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, StorageError
from gittracker.formats import json_text
from gittracker.formats.entry import Message
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.index import db, eventlog, history
from gittracker.services import outside
from gittracker.services.writing import RECOVERIES, UNCHANGED, Held, Request, Touched, Writing
from gittracker.store import atomic, counters, intents, receipts, steps
from gittracker.store.layout import folder_of
from gittracker.store.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.services.tracker import Tracker

    Receipt = dict[str, Any]


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
    tracker.check_writable()
    holder = f"{tracker.principal.name}: {request.name} (pid {os.getpid()})"
    with Lock(os.path.join(tracker.state, "lock"), holder):
        steps.reached("locked")
        tracker.settle()
        from_before = intents.load(_intent_path(tracker))
        if from_before:
            from gittracker.services import finishing
            finishing.finish(tracker, from_before)
        if request.key:
            kept = receipts.load(tracker.state, request.key)
            if kept:
                return Outcome(_replay(kept, request), [], replayed=True)
        writing = Writing(tracker, request)
        for held in act(writing):
            writing.touch_unchanged(held)
        writing.leave()
        return Outcome(_commit(tracker, writing), writing.subjects)


def _replay(kept: dict[str, Any], request: Request) -> list[Receipt]:
    if kept["fingerprint"] != request.fingerprint:
        raise ConflictError(f'the idempotency key "{request.key}" was used for another command',
                            "take a new key for a new command")
    return list(kept["receipts"])


def _commit(tracker: Tracker, writing: Writing) -> list[Receipt]:
    """Write what was gathered: all of it, or nothing."""
    changes = [(path, writing.before[path], data) for path, data in writing.after.items()
               if data != writing.before[path]]
    changes += [(path, None, None) for path in writing.dropped]
    made = [_receipt(tracker, writing, one) for one in writing.touched]
    if not changes:
        if writing.request.key:
            receipts.save(tracker.state, writing.request.key, writing.request.fingerprint, made)
        return made
    path = _intent_path(tracker)
    parent = journal.tip(tracker.journal, tracker.worktree)
    outside.catch_up(tracker, parent)
    found = outside.commits(tracker, changes)
    own = _entry(tracker, writing, changes)
    stream = journal.stream(tracker.worktree, parent, [*found, own], tracker.committer)
    intents.save(path, intents.Intent(tracker.root, tracker.worktree, parent, writing.request.key,
                                      writing.request.fingerprint, changes, stream, made))
    steps.reached("intent saved")
    try:
        if writing.counters:
            counters.save(tracker.state, {**counters.load(tracker.state), **writing.counters})
        _write_files(tracker, changes)
        steps.reached("files written")
        entries = journal.append(tracker.journal, stream)
    except StorageError as error:
        try:
            _roll_back(tracker, changes)
        except StorageError:
            error.hint = "make room or mend the rights; the next writing command finishes this one"
        raise
    steps.reached("journalled")
    for one in made:
        if one["old_etag"] != one["new_etag"]:
            one["entry"] = entries[-1]
    try:
        _index(tracker, writing, [*found, own], entries, made)
    except db.Error:
        pass  # the index is rebuilt from the files; the write itself is done
    if writing.request.key:
        try:
            receipts.save(tracker.state, writing.request.key, writing.request.fingerprint, made)
        except StorageError:
            return made  # the write is done; its intent stays, and the next write keeps the receipt from it
        steps.reached("receipt saved")
    intents.clear(path)
    steps.reached("intent cleared")
    journal.tidy(tracker.journal)
    return made


def _write_files(tracker: Tracker, changes: list[tuple[str, bytes | None, bytes | None]]) -> None:
    """Replace the files, then read them back: success is never claimed for bytes that aren't there."""
    for path, _, data in changes:
        atomic.replace(tracker.path(path), data)
        steps.reached("file written")
    for path, _, data in changes:
        if atomic.read(tracker.path(path)) != data:
            raise StorageError(f'"{path}" does not hold what was written', "another program may have changed it; "
                               "look at the file, then run the command again")


def _roll_back(tracker: Tracker, changes: list[tuple[str, bytes | None, bytes | None]]) -> None:
    """Put the files back as they were; where that fails too, the intent stays and the next write finishes it."""
    for path, before, data in changes:
        if before is None or atomic.read(tracker.path(path)) == data:
            atomic.put_back(tracker.path(path), before)
    intents.clear(_intent_path(tracker))


def _entry(tracker: Tracker, writing: Writing, changes: list[tuple[str, bytes | None, bytes | None]]) -> Commit:
    principal = tracker.principal
    slugs = list(dict.fromkeys(one.ticket for one in writing.touched if one.ticket))
    message = Message("; ".join(writing.subjects), slugs, principal.name, writing.request.key, writing.undoes)
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
        index.many("DELETE FROM outside WHERE worktree = ? AND path = ?", [(worktree, path) for path in blobs])
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
