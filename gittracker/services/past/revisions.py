"""What one file of a record said before: its states in history, numbered from the first."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import entity_md
from gittracker.services.past import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.past.history import Logged
    from gittracker.services.tracker import Tracker

    Step = tuple[Logged, str, str]  # the entry, the blob before, the blob after

_EVERY = 100_000


class Revision:
    """One state of a record: its number, since when, by whom, the entry that made it (empty where none is known)."""

    __slots__ = ("number", "at", "by", "entry", "record")

    def __init__(self, number: int, at: str, by: str, entry: str, record: Any) -> None:
        self.number = number
        self.at = at
        self.by = by
        self.entry = entry
        self.record = record


def of_file(tracker: Tracker, name: str, path: str, cls: type[Record]) -> list[Revision]:
    """List the states of a file of the record with a name, oldest first.

    What history doesn't reach comes first, with the time and author that the file itself says. A state that can't be
    read is left out.
    """
    entries = reversed(history.log(tracker, name, _EVERY))
    steps = _chained([(entry, old, new) for entry in entries for one, old, new in entry.paths if one == path])
    blobs = history.read_all(tracker, [blob for _, old, new in steps for blob in (*old.split(" "), new) if blob])
    found: list[Revision] = []
    for entry, old, new in steps:
        before, record = _read(cls, blobs.get(old)), _read(cls, blobs.get(new))
        if not found and before:
            own = before.__dict__
            found.append(Revision(1, own.get("at", ""), own.get("by", ""), "", before))
        if record and not (found and found[-1].record == record):
            found.append(Revision(len(found) + 1, entry.at, entry.actor, entry.id, record))
    return found


def _chained(steps: list[Step]) -> list[Step]:
    """Put steps of one second in order: each begins with the blob that the one before it left."""
    found: list[Step] = []
    blob = ""
    while steps:
        step = next((one for one in steps if one[0].at == steps[0][0].at and blob in one[1].split(" ")), steps[0])
        steps.remove(step)
        found.append(step)
        blob = step[2]
    return found


def _read(cls: type[Record], data: bytes | None) -> Record | None:
    try:
        return entity_md.read(cls, data)[0] if data is not None else None
    except InvalidDataError:
        return None
