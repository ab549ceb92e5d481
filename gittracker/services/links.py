"""Links between tickets: found by any name, never in a circle."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, CycleError, NotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.ticket import Ticket
    from gittracker.services.writing import Held, Writing

_DIRECTED = ("depends_on", "parent", "duplicates")


def check(writing: Writing, ticket: Ticket, field: str, name: str) -> str:
    """Give the ref that a new link should hold; raises CycleError, NotFoundError, InvalidDataError."""
    target = resolve(writing, name, field).ticket
    if target.ref == ticket.ref:
        raise ConflictError(f"{ticket.slug} can't have itself as {field}", f"gittracker show {ticket.slug}")
    if field in _DIRECTED:
        path = _path(writing, field, target.ref, ticket.ref)
        if path:
            raise CycleError(field, [ticket.slug or "it", *(_slug(writing, ref) for ref in path)])
    return target.ref


def resolve(writing: Writing, name: str, field: str) -> Held:
    """Find the ticket that a link names."""
    return writing.identified(name.strip())


def spellings(writing: Writing, present: tuple[str, ...], name: str) -> list[str]:
    """Give the members of a set that mean the ticket `name`, however they are written in the file."""
    wanted = {name.strip().lower()}
    try:
        ticket = writing.ticket(name.strip()).ticket
        wanted |= {ticket.ref, ticket.slug.lower(), *(a.lower() for a in ticket.aliases)}
    except NotFoundError:
        pass  # a link to a ticket that is gone can still be removed as it stands
    return [member for member in present if member.lower() in wanted]


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
        value = pending[ref].__dict__[field]
        return list(value) if isinstance(value, tuple) else [value] if value else []
    tracker = writing.tracker
    return [row[0] for row in tracker.index.all(
        "SELECT e.target_ref FROM edge e JOIN ticket t ON t.id = e.ticket "
        "WHERE t.worktree = ? AND t.ref = ? AND e.field = ? AND e.target_ref IS NOT NULL",
        tracker.worktree, ref, field)]


def _slug(writing: Writing, ref: str) -> str:
    try:
        return writing.ticket(ref).ticket.slug
    except NotFoundError:
        return ref
