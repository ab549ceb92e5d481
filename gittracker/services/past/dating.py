"""When the value of a field came to be, by the versions of its file: what decides which of two values is the later."""

from __future__ import annotations

from gittracker.board.fold import WHOLE
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.index import history
from gittracker.services.refresh import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker

    Step = tuple[int, bytes | None]  # when (seconds since 1970), and the file as it was from then on


def came_to_be(path: str, steps: list[Step], field: str) -> int:
    """Give the seconds since 1970 at which the newest step's value of a field came to be; 0 where there is no step.

    The steps are the versions of the file at `path`, newest first.
    """
    now = _value(path, steps[0][1], field) if steps else None
    found = 0
    for at, data in steps:
        if _value(path, data, field) != now:
            break
        found = at
    return found


def first_written(tracker: Tracker, path: str) -> dict[str, int]:
    """Give when a journal of this clone first had each version of a file, by blob: the commit only carries it."""
    return {str(blob): int(at) for blob, at in tracker.index.all(
        "SELECT c.new, min(e.at) FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? AND "
        f"e.{history.OURS} AND e.actor <> 'git' GROUP BY c.new", history.keep(path))}


def _value(path: str, data: bytes | None, field: str) -> Any:
    cls = CLASSES.get(kinds.noun(path))
    if data is None or field == WHOLE or cls is None:
        return data
    try:
        record = recording.parse_as(cls, path, data)[0]
    except InvalidDataError:
        return data
    return record.body if field == "body" else record.__dict__.get(field, record.extra.get(field))
