"""Refs as people read them."""

from __future__ import annotations

from gittracker.services import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker


class Slugs:
    """Gives the slug of a ticket or epic by ref, or what stands there where nothing has it."""

    def __init__(self, tracker: Tracker) -> None:
        rows = tracker.index.all("SELECT ref, slug FROM ticket WHERE worktree = ?", tracker.view)
        self._slugs: dict[str, str] = dict(rows)
        self._slugs.update((row.record.ref, row.name) for row in records.every(tracker, "epic"))

    def of(self, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """Give one name, or each of many."""
        if isinstance(value, tuple):
            return tuple(self._slugs.get(ref, ref) for ref in value)
        return self._slugs.get(value, value)
