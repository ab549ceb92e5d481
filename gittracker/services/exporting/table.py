"""Tickets as CSV: a row each, every field a column, custom fields behind them."""

from __future__ import annotations

from gittracker.domain.ticket import Ticket
from gittracker.formats import csv_text
from gittracker.services.exporting.naming import Slugs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker

_FIRST = ("slug", "title", "status", "stage")
_LAST = ("updated_at", "comment_count", "description")


def lines(tracker: Tracker, rows: list[Row]) -> Iterator[str]:
    """Give the head and the rows; a list has an item a line, links are slugs."""
    fields = [name for name in Ticket.FIELDS if name not in _FIRST]
    custom = sorted({name for row in rows for name in row.ticket.extra})
    columns = [*_FIRST, *fields, *_LAST, *custom]
    slugs = Slugs(tracker)
    yield csv_text.row(columns)
    for row in rows:
        yield csv_text.row([_cell(row, name, slugs) for name in columns])


def _cell(row: Row, name: str, slugs: Slugs) -> str:
    field = Ticket.FIELDS.get(name)
    if field is None:
        derived = {"stage": row.stage, "updated_at": row.updated_at, "comment_count": row.comment_count,
                   "description": row.ticket.body}
        return _text(derived.get(name, row.ticket.extra.get(name)))
    value = row.ticket.__dict__[name]
    if field.kind.name in ("link", "links"):
        value = slugs.of(value)
    return _text(field.kind.write(value) if field.kind.number else value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
