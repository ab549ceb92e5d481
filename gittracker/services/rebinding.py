"""Rebinding: what names a status follows it, when it is renamed, moved to another stage or deleted.

A noun that names statuses joins by one function in `_BOUND`.
"""

from __future__ import annotations

from gittracker.index import tickets as rows
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.settings import Settings
    from gittracker.domain.status import Status
    from gittracker.services.writing import Writing


def rebind(writing: Writing, before: Settings, moves: dict[str, Status]) -> list[str]:
    """Let all that names a status by an old slug name its successor; gives the slugs of what changed."""
    return [slug for bound in _BOUND for slug in bound(writing, before, moves)]


def _tickets(writing: Writing, before: Settings, moves: dict[str, Status]) -> list[str]:
    """Rebind tickets, archived and closed ones too; those of the command in the making as it leaves them."""
    tracker = writing.tracker
    tracker.refresh()
    changed = []
    folders = rows.with_status(tracker.index, tracker.worktree, moves)
    for folder in dict.fromkeys([*folders, *(held.folder for held in writing.holds())]):
        held = writing.in_folder(folder)
        old = before.status_of(held.ticket.status) if held and held.ticket.status else None
        if held is None or old is None or old.slug not in moves:
            continue
        new = moves[old.slug]
        changes = {"status": new.slug}
        if old.slug != new.slug or old.stage != new.stage:
            changes.update(tickets.moments(held.ticket, old.stage, new, tracker.now()))
        ticket = held.ticket
        if writing.change(held, changes).ticket is not ticket:
            changed.append(held.ticket.slug)
    return changed


_BOUND = (_tickets,)
