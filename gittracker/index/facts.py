"""Facts: what a version of a ticket's file says of its state, kept by blob, so that each is read from git once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

    # slug, type, status, assignee, then created, started, completed (seconds since 1970 or 0), archived
    Fact = tuple[str, str, str, str, int, int, int, int]


def every(index: Index) -> dict[str, Fact]:
    """Give all that is known, by blob."""
    return {row[0]: row[1:] for row in index.run(
        "SELECT blob, slug, type, status, assignee, created, started, completed, archived FROM fact")}


def put(index: Index, rows: dict[str, Fact]) -> None:
    """Add facts."""
    with index:
        index.many("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   [(blob, *fact) for blob, fact in rows.items()])
