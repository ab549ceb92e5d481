"""Bring our records out: everything as JSON lines, tickets as a table or a report."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker


def lines(form: str, tracker: Tracker, rows: list[Row] | None) -> Iterator[str]:
    """Give the lines of an export in one form (jsonl, csv, md); JSON lines without rows hold everything."""
    from gittracker.services.exporting import everything, summary, table
    if form == "jsonl":
        return everything.lines(tracker, rows)
    return table.lines(tracker, rows or []) if form == "csv" else summary.lines(tracker, rows or [])
