"""Lease rows: which tickets are claimed, and until when; fed from the clone's state."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


def put(index: Index, rows: list[tuple[str, int, str]]) -> None:
    """Set the rows: (a ticket's ref, the moment its lease ends in seconds since 1970, who holds it)."""
    with index:
        index.run("DELETE FROM lease")
        index.many("INSERT OR REPLACE INTO lease VALUES (?, ?, ?)", rows)
