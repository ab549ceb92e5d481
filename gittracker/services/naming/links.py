"""Links between tickets: found by any name, never in a circle."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, CycleError, NotFoundError
from gittracker.domain.ticket import LINK_FIELDS
from gittracker.index import edges, tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.ticket import Ticket
    from gittracker.services.write.writing import Held, Writing

_DIRECTED = ("depends_on", "parent", "duplicates")


def check(writing: Writing, ticket: Ticket, field: str, name: str) -> str:
    """Give the ref that a new link should hold; raises CycleError, NotFoundError, InvalidDataError."""
    target = writing.identified(name.strip()).ticket
    if target.ref == ticket.ref:
        raise ConflictError(f"{ticket.slug} can't have itself as {field}", f"gittracker show {ticket.slug}")
    if field in _DIRECTED:
        path = _path(writing, field, target.ref, ticket.ref)
        if path:
            raise CycleError(field, [ticket.slug or "it", *(_slug(writing, ref) for ref in path)])
    return target.ref


def spellings(writing: Writing, present: tuple[str, ...], name: str) -> list[str]:
    """Give the members of a set that mean the ticket `name`, however they are written in the file.

    Raises NotFoundError where the name is neither a ticket's nor a member.
    """
    wanted = {name.strip().lower()}
    try:
        ticket = writing.ticket(name.strip()).ticket
        wanted |= {ticket.ref, ticket.slug.lower(), *(a.lower() for a in ticket.aliases)}
    except NotFoundError:  # a link to a ticket that is gone can still be removed as it stands
        if not any(member.lower() in wanted for member in present):
            raise
    return [member for member in present if member.lower() in wanted]


def incoming(writing: Writing, target: Held) -> list[tuple[Held, str]]:
    """List the links to a ticket as (where it comes from, field), as the command leaves them."""
    tracker, ref = writing.tracker, target.ticket.ref
    tracker.refresh()
    if not ref or len(tickets.by_ref(tracker.index, tracker.view, ref)) > 1:
        return []  # they lead to the other copy too
    for _, slug, _, _ in edges.incoming(tracker.index, tracker.view, ref):
        try:
            writing.ticket(slug)
        except NotFoundError:
            pass  # an earlier line of the batch removed it
    return [(held, field) for held in writing.holds() if held is not target for field in LINK_FIELDS
            if spellings(writing, members(held.ticket, field), ref)]


def members(ticket: Ticket, field: str) -> tuple[str, ...]:
    """Give the links of one kind, also where there can be only one."""
    value = ticket.__dict__[field]
    return value if isinstance(value, tuple) else (value,) if value else ()


def shown(writing: Writing, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Give links as slugs, for people."""
    if isinstance(value, tuple):
        return tuple(_slug(writing, ref) for ref in value)
    return _slug(writing, value) if value else ""


def _path(writing: Writing, field: str, start: str, goal: str) -> list[str]:
    """Search breadth-first for a way from `start` to `goal` along existing links; empty where there is none."""
    pending = {held.ticket.ref: held.ticket for held in writing.holds()}
    came_from = {start: ""}
    queue = [start]
    for ref in queue:
        if ref == goal:
            path = [ref]
            while came_from[path[0]]:
                path.insert(0, came_from[path[0]])
            return path
        for other in _targets(writing, field, ref, pending):
            if other not in came_from:
                came_from[other] = ref
                queue.append(other)
    return []


def _targets(writing: Writing, field: str, ref: str, pending: dict[str, Ticket]) -> list[str]:
    if ref in pending:
        return list(members(pending[ref], field))
    tracker = writing.tracker
    return [row[0] for row in tracker.index.all(
        "SELECT e.target_ref FROM edge e JOIN ticket t ON t.id = e.ticket "
        "WHERE t.worktree = ? AND t.ref = ? AND e.field = ? AND e.target_ref IS NOT NULL",
        tracker.view, ref, field)]


def _slug(writing: Writing, ref: str) -> str:
    try:
        return writing.ticket(ref).ticket.slug
    except NotFoundError:
        return ref
