"""Finish what a command that died left behind."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.git import journal
from gittracker.store import atomic, bulk, intents, layout, receipts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.store.intents import Intent


def finish(tracker: Tracker, intent: Intent) -> None:
    """Carry an intent out to its end: files, journal, receipts; the index sees the files by itself."""
    entry = journal.tip(tracker.journal, intent.worktree)
    # A clone may have been moved or copied since; a path that was noted then is good only for other worktrees.
    root = tracker.root if intent.worktree == tracker.worktree else intent.root
    if entry == intent.parent:
        if os.path.isdir(os.path.dirname(root)):  # a killed init has made no tracker yet
            bulk.replace(_unfinished(root, intent))
        entry = journal.append(tracker.journal, intent.stream)[-1]
    if intent.key:
        made = [{**one, "entry": entry} for one in intent.receipts]
        receipts.save(tracker.state, intent.key, intent.fingerprint, made)
    intents.clear(os.path.join(tracker.state, "intent"))


def _unfinished(root: str, intent: Intent) -> list[tuple[str, bytes | None]]:
    """List the files that don't hold yet what they should, with their bytes.

    A ticket that was edited in between is merged; other files that were stay as they are.
    """
    found: list[tuple[str, bytes | None]] = []
    for path, before, after in intent.changes:
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
