"""Finish what a command that died left behind."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.index import db
from gittracker.services.board import homebranch
from gittracker.services.refresh import rows, telling
from gittracker.services.write import outside, replaying, waiting
from gittracker.services.write.keeping import told_key
from gittracker.store import atomic, bulk, intents, layout, own, pending, receipts
from gittracker.store.worktreelocks import WorktreeLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.store.intents import Intent

    Change = tuple[str, bytes | None, bytes | None]


def finish(tracker: Tracker, left: Intent | None) -> None:
    """Finish a dead command, a dead sandboxed one, and journal what sandboxed ones left, in the order they came."""
    finish_sandboxed(tracker.root, tracker.repository.object_format)
    if left:
        _finish(tracker, left)
    replaying.replay(tracker)


def _finish(tracker: Tracker, intent: Intent) -> None:
    """Carry an intent out to its end: files, journal, rows and events, receipts.

    Rows of another worktree follow when somebody looks there.
    """
    entries: dict[str, str] = {}  # by path
    for number, (root, worktree, parent, changes, stream) in enumerate(intent.parts()):
        if not worktree:  # what goes to home's branch; `parent` is the commit's message
            homebranch.finish(tracker, root, changes, parent)
            continue
        entry = journal.tip(tracker.journal, worktree)
        if entry == parent:
            if number == 0:  # which is journalled first
                own.set_down(tracker.repository.common_dir, dict(intent.state))
            # A clone may have been moved or copied since; a path that was noted then is good only for other worktrees.
            _finish_there(tracker, tracker.root if worktree == tracker.worktree else root, changes)
            entry = journal.append(tracker.journal, stream)[-1]
        if worktree == tracker.worktree:
            _show(tracker, changes, entry)
        entries.update((f".openkit/{path}", entry) for path, _, _ in changes)
        entries.setdefault("", entry)
    if intent.key:
        made = [{**one, "entry": entries.get(one["path"], entries[""])} for one in intent.receipts]
        receipts.save(tracker.state, intent.key, intent.fingerprint, made)
    intents.clear(intents.path_in(tracker.state))


def _show(tracker: Tracker, changes: list[Change], entry: str) -> None:
    """Show the index what the dead command did, unless that came so far itself."""
    try:
        with tracker.index as index:
            key = told_key(tracker.worktree)
            if index.get(key) == entry:
                return
            index.put(key, entry)
            outside.catch_up(tracker, entry)
            rows.refresh_own(tracker, [path for path, _, _ in changes])
            telling.tell_finished(tracker, changes, entry)
    except (db.Error, OSError, InvalidDataError):
        pass  # the index is rebuilt from the files; the write itself is done


def _finish_there(tracker: Tracker, root: str, changes: list[Change]) -> None:
    """Finish files, in another worktree under its lock; what a sandboxed command left half there comes first."""
    object_format = tracker.repository.object_format
    if root != tracker.root and os.path.exists(f"{root}/{layout.LOCK}"):
        with WorktreeLock(root, f"{tracker.principal.name}: finishing (pid {os.getpid()})"):
            finish_sandboxed(root, object_format)
            finish_files(root, changes, object_format)
    elif os.path.isdir(os.path.dirname(root)):  # a killed init has made no tracker yet
        finish_files(root, changes, object_format)


def finish_sandboxed(root: str, object_format: str) -> None:
    """Carry out what a sandboxed command of this worktree left: its files, then its lines. Raises StorageError."""
    left = pending.load_intent(root)
    if left is None or waiting.is_tracked(root):
        return
    whole, _, tail = pending.load(root).rpartition(b"\n")
    lines = left.lines.splitlines(keepends=True)
    present = set(whole.split(b"\n"))
    missing = [line for line in lines if line.rstrip(b"\n") not in present]
    if missing:
        finish_files(root, left.changes, object_format)
        torn = any(line.startswith(tail) for line in missing)
        kept = [whole] * bool(whole) + [tail] * (not torn)
        pending.replace(root, b"".join(one + b"\n" for one in kept) + b"".join(missing))
    pending.clear_intent(root)


def finish_files(root: str, changes: list[Change], object_format: str) -> None:
    """Write the files that an intent names, unless they are there.

    What a sandboxed command found as the intent wants it, it may have changed on purpose: that stays.
    """
    found = waiting.first_found(root, object_format)

    def is_untouched(path: str, after: bytes | None) -> bool:
        return path not in found or found[path] != (blob_id(after, object_format) if after is not None else "")
    bulk.replace(_unfinished(root, [change for change in changes if is_untouched(change[0], change[2])]))


def _unfinished(root: str, changes: list[Change]) -> list[tuple[str, bytes | None]]:
    """List the files that don't hold yet what they should, with their bytes.

    A ticket that was edited in between is merged; other files that were stay as they are.
    """
    found: list[tuple[str, bytes | None]] = []
    for path, before, after in changes:
        full = os.path.join(root, path)
        current = atomic.read(full)
        if after is None:
            if current in (None, before):  # a file that is gone may have left its folder
                found.append((full, None))
        elif current == after:
            continue
        elif current == before or _is_torn(current, before, after):
            found.append((full, after))
        elif current and before and layout.is_ticket(path):
            found.append((full, _merged(current, before, after)))
    return found


def _is_torn(current: bytes | None, before: bytes | None, after: bytes) -> bool:
    """Tell a file that a power cut left with nothing, or new with its first part, from one that somebody changed."""
    written = (current or b"").rstrip(b"\0")
    return current is not None and (not written or (before is None and after.startswith(written)))


def _merged(current: bytes, before: bytes, after: bytes) -> bytes:
    try:
        base, ours, theirs = (entity_md.read(Ticket, data)[0] for data in (before, current, after))
        return entity_md.patch(Ticket, current, merge(base, ours, theirs).changes)
    except InvalidDataError:
        return current
