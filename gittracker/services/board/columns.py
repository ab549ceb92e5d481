"""The board in columns: open tickets by status, now or at a revision."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.query import Query, Term
from gittracker.domain.ticket import Ticket, priority_rank
from gittracker.formats import entity_md
from gittracker.git import history as git_history
from gittracker.git import objects, trees
from gittracker.services import listing
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.status import Status
    from gittracker.services.tracker import Tracker

    Claims = dict[str, tuple[str, int, bool]]

_PREFIX = ".openkit/"
CLOSED = ("completed", "canceled")


class Column:
    """One status and the tickets that have it, the most important first; `total` counts those left out, too.

    `claims` are by ref, of now.
    """

    __slots__ = ("status", "tickets", "total", "claims")

    def __init__(self, status: Status, tickets: list[Ticket], total: int, claims: Claims | None = None) -> None:
        self.status = status
        self.tickets = tickets
        self.total = total
        self.claims = claims or {}


def now(tracker: Tracker, most: int) -> list[Column]:
    """Give the columns of the statuses as the board is now; at most so many tickets in each."""
    from gittracker.index import search
    tracker.refresh()
    found, claims = [], listing.claims(tracker)
    for status in tracker.settings.statuses:
        query = Query([Term("status", "=", (status.slug,), False),
                       Term("is", "=", ("open", "closed"), False)], [])
        query.limit = most
        page = search.select(tracker.index, query, tracker.context())
        found.append(Column(status, [row.ticket for row in page.rows], page.total, claims))
    return found


def at(tracker: Tracker, revision: str, most: int) -> list[Column]:
    """Give the columns as the files of one revision have them; raises UsageError where there is no such revision."""
    top = tracker.repository.top
    commit = git_history.resolve(top, revision)
    if not commit:
        raise UsageError(f'"{revision}" is no revision', "gittracker board --at main~3")
    settings = tracker.settings
    paths = {path: blob for path, blob in trees.listed(top, commit, _PREFIX).items() if layout.is_ticket(path)}
    blobs = objects.read_blobs(top, list(paths.values()))
    by_status: dict[str, list[Ticket]] = {}
    for path, blob in paths.items():
        try:
            ticket = entity_md.read(Ticket, blobs[blob], path)[0]
        except InvalidDataError:
            continue
        status = settings.status_of(ticket.status)
        if not ticket.archived and status:
            by_status.setdefault(status.slug, []).append(ticket)
    found = []
    for status in settings.statuses:
        rows = sorted(by_status.get(status.slug, ()), key=lambda one: (
            priority_rank(one.priority, settings.priorities), one.slug))
        found.append(Column(status, rows[:most], len(rows)))
    return found
