"""Tickets as a report in markdown: by status, in the board's order, with what matters of each on a line."""

from __future__ import annotations

from gittracker.domain.status import slugify
from gittracker.formats.markdown import inline
from gittracker.services.exporting.naming import Slugs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker


def lines(tracker: Tracker, rows: list[Row]) -> Iterator[str]:
    """Give the report: a table of counts, then a section for each status that has tickets, archived ones last."""
    slugs = Slugs(tracker)
    live = [row for row in rows if not row.ticket.archived]
    sections = [(status.name, [row for row in live if row.ticket.status == status.slug])
                for status in tracker.settings.statuses]
    known = {status.slug for status in tracker.settings.statuses}
    sections.append(("Unknown status", [row for row in live if row.ticket.status not in known]))
    sections.append(("Archived", [row for row in rows if row.ticket.archived]))
    there = [(name, found) for name, found in sections if found]
    yield f"# Tickets of {', '.join(tracker.settings.projects) or 'this tracker'}\n\n"
    yield f"{len(rows)} ticket(s)\n"
    if there:
        yield "\n| status | tickets |\n| --- | ---: |\n"
    for name, found in there:
        yield f"| [{inline(name)}](#{slugify(name)}) | {len(found)} |\n"
    for name, found in there:
        yield f"\n## {inline(name)}\n\n"
        for row in found:
            yield _line(row, slugs)


def _line(row: Row, slugs: Slugs) -> str:
    ticket = row.ticket
    facts = [ticket.priority if ticket.priority != "none" else "", ticket.type,
             f"@{ticket.assignee}" if ticket.assignee else "", f"due {ticket.due}" if ticket.due else "",
             *(f"#{label}" for label in ticket.labels)]
    for what, value in (("part of", ticket.parent), ("in", ticket.epic), ("needs", ticket.depends_on)):
        shown = slugs.of(value)
        names = ", ".join(shown) if isinstance(shown, tuple) else shown
        facts.append(f"{what} {names}" if names else "")
    if ticket.completed_at:
        facts.append(f"closed {ticket.completed_at[:10]}")
    told = " · ".join(inline(fact) for fact in facts if fact)
    return f"- **{inline(ticket.slug)}** {inline(ticket.title)}" + (f" — {told}" if told else "") + "\n"
