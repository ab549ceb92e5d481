"""Gather what an agent needs to start: who it is, what is its, what is ready, what is wrong."""

from __future__ import annotations

from gittracker.domain.query import Query, Term
from gittracker.formats.primer import Primer
from gittracker.index import edges
from gittracker.services import listing, surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.formats.primer import Item
    from gittracker.index.search import Page
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found
    from gittracker.services.tracker import Tracker

_MOST = 5
_LONG = 300  # characters of a comment


def gather(tracker: Tracker, named: bool, ticket: str = "") -> Primer:
    """Gather a primer, for one ticket where one is named; raises NotFoundError.

    `named` says that who acts was given for this command alone.
    """
    tracker.refresh(deep=True)
    me = tracker.principal.name
    mine = listing.page(tracker, _query(_is("stage", "started"), _is("assignee", me)))
    ready, _ = listing.ready(tracker, _query())
    blocked = listing.page(tracker, _query(_is("is", "blocked")))
    lists = {"in_progress": _items(mine), "ready": _items(ready),
             "blocked": ([(*_item(row)[:4], _waits(tracker, row)) for row in blocked.rows], blocked.total)}
    row = tracker.get(ticket) if ticket else None
    if not row:
        lists["recent"] = _recent(tracker, {item[0] for items, _ in lists.values() for item in items})
    return Primer(me, named, [(s.slug, s.stage) for s in tracker.settings.statuses], lists,
                  listing.count_problems(tracker), listing.lost_tickets(tracker), row.ticket.slug if row else "",
                  _about(tracker, row) if row else "", edges.count_questions(tracker.index, tracker.view))


def _waits(tracker: Tracker, row: Row) -> list[str]:
    """Name what a ticket waits for: other tickets, and answers."""
    return surroundings.blockers(tracker, row) + (["an answer"] if row.questions else [])


def _recent(tracker: Tracker, shown: set[str]) -> tuple[list[Item], int]:
    """List what changed last and is not shown already."""
    found = listing.page(tracker, _query(_is("is", "open", "closed"), sort="-updated", most=4 * _MOST))
    items = [item for item in _items(found)[0] if item[0] not in shown][:_MOST]
    return items, len(items)


def _is(key: str, *values: str) -> Term:
    return Term(key, "=", values, False)


def _query(*terms: Term, sort: str = "", most: int = _MOST) -> Query:
    return Query([*terms], [], sort, most)


def _items(page: Page) -> tuple[list[Item], int]:
    return [_item(row) for row in page.rows], page.total


def _item(row: Row) -> Item:
    ticket = row.ticket
    return ticket.slug, ticket.status, ticket.priority, ticket.title, []


def _about(tracker: Tracker, row: Row) -> str:
    """Say about a ticket what its files say: the facts, the newest comment, the description."""
    ticket = row.ticket
    facts = [ticket.title, " ".join(word for word in (ticket.status, ticket.priority, ticket.type, ticket.assignee,
                                                      *(f"#{label}" for label in ticket.labels)) if word)]
    facts += [f"{what} {slug} ({stage})" for what, slug, _, stage in surroundings.linked(tracker, row)[:3]]
    if row.comment_count:
        from gittracker.services import comments
        said = comments.listed(tracker, row)
        facts += [_said(f"open question #{one.number}", one) for one in said if one.is_open]
        if not said[-1].is_open:
            facts.append(_said("last comment", said[-1]))
    return "\n".join([*facts, ticket.body])


def _said(what: str, one: Found) -> str:
    body = one.comment.body
    return f"{what}, by {one.comment.by}: {body if len(body) < _LONG else body[:_LONG] + '…'}"
