"""Finish what a command that died left behind."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.git import journal
from gittracker.store import atomic, intents, layout, receipts

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
            for path, before, after in intent.changes:
                _finish_file(root, path, before, after)
        entry = journal.append(tracker.journal, intent.stream)[-1]
    if intent.key:
        made = [{**one, "entry": entry} for one in intent.receipts]
        receipts.save(tracker.state, intent.key, intent.fingerprint, made)
    intents.clear(os.path.join(tracker.state, "intent"))


def _finish_file(root: str, path: str, before: bytes | None, after: bytes | None) -> None:
    """Write the bytes unless they are there; a ticket that was edited in between is merged, other files stay."""
    full = os.path.join(root, path)
    current = atomic.read(full)
    if (after is None and current in (None, before)) or (current == before and current != after):
        atomic.replace(full, after)
    elif current != after and current and before and after and layout.is_ticket(path):
        atomic.replace(full, _merged(current, before, after))


def _merged(current: bytes, before: bytes, after: bytes) -> bytes:
    try:
        base, ours, theirs = (entity_md.read(Ticket, data)[0] for data in (before, current, after))
        return entity_md.patch(Ticket, current, merge(base, ours, theirs).changes)
    except InvalidDataError:
        return current
