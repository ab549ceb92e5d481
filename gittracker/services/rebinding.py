"""Rebinding: what names a status follows it, when it is renamed, moved to another stage or deleted.

A noun that names statuses joins by one function in `_BOUND`.
"""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.index import tickets as rows
from gittracker.services import tickets
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.settings import Settings
    from gittracker.domain.status import Status
    from gittracker.services.write.writing import Writing

_MOST = 5


def rebind(writing: Writing, before: Settings, moves: dict[str, Status]) -> list[str]:
    """Let all that names a status by an old slug name its successor; gives the slugs of what changed."""
    return [slug for bound in _BOUND for slug in bound(writing, before, moves)]


def check(writing: Writing) -> None:
    """Refuse to leave tickets with a status, or in a project, that the command takes away; raises ConflictError."""
    before, after = writing.tracker.settings, writing.settings
    if before is after:
        return
    tracker = writing.tracker
    tracker.refresh()
    gone = [one.slug for one in before.statuses if not after.status_of(one.slug)]
    left = [ticket for ticket in _as_left(writing, rows.with_status(tracker.index, tracker.view, gone))
            if ticket.status and before.status_of(ticket.status) and not after.status_of(ticket.status)]
    if left:
        raise ConflictError(f'{len(left)} ticket(s) have the status "{left[0].status}", which would be gone: '
                            f"{_names(left)}", f"gittracker status delete {left[0].status} --to STATUS")
    for key in before.projects.keys() - after.projects.keys():
        check_project(writing, key)


def check_project(writing: Writing, key: str) -> None:
    """Refuse to take a project away that has tickets; raises ConflictError."""
    tracker = writing.tracker
    tracker.refresh()
    left = [ticket for ticket in _as_left(writing, rows.of_project(tracker.index, tracker.view, key))
            if (ids.parse_slug(ticket.slug) or ("", 0))[0] == key]
    if left:
        raise ConflictError(f"{len(left)} ticket(s) are in the project {key}, which would be gone: {_names(left)}",
                            f"gittracker ls project:{key} --all")


def _as_left(writing: Writing, folders: list[str]) -> list[Ticket]:
    """Give the tickets in these folders, and those that the command changes, as it leaves them.

    What only other worktrees and branches have stays as it is there; whoever merges it is told by the doctor.
    """
    changed = [layout.folder_of(path) for path in writing.after if layout.is_ticket(path)]
    held = [writing.in_folder(folder) for folder in dict.fromkeys([*folders, *changed])]
    return [entity_md.read(Ticket, one.data, one.path)[0] for one in held if one and one.data]


def _names(tickets: list[Ticket]) -> str:
    return ", ".join(ticket.slug for ticket in tickets[:_MOST]) + (", …" if len(tickets) > _MOST else "")


def _tickets(writing: Writing, before: Settings, moves: dict[str, Status]) -> list[str]:
    """Rebind tickets, archived and closed ones too; those of the command in the making as it leaves them."""
    tracker = writing.tracker
    tracker.refresh()
    changed = []
    folders = rows.with_status(tracker.index, tracker.view, moves)
    for folder in dict.fromkeys([*folders, *(held.folder for held in writing.holds())]):
        held = writing.in_folder(folder)
        old = before.status_of(held.ticket.status) if held and held.ticket.status else None
        if held is None or old is None or old.slug not in moves:
            continue
        if not held.data:
            writing.warn(f"{held.ticket.slug} lives in another worktree or branch, and keeps its status there")
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
