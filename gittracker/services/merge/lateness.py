"""Which of two branches has the later value of a field: by the journal where it tells, else by the authors' dates."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.git import versions
from gittracker.git.objects import read_blobs
from gittracker.index import history
from gittracker.services.refresh import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.merge.combining import IsLater
    from gittracker.services.tracker import Tracker

    Step = tuple[int, bytes | None]  # when, and the file as it was from then on

_FOLDER = ".openkit"


class Side:
    """One of the branches: its commit, the name that breaks ties, and if it is this clone's own branch."""

    __slots__ = ("name", "commit", "is_ours")

    def __init__(self, name: str, commit: str, is_ours: bool) -> None:
        self.name = name
        self.commit = commit
        self.is_ours = is_ours


class Lateness:
    """Compares two branches, field by field, from the commit on where they were one."""

    def __init__(self, tracker: Tracker, base: str, ours: Side, theirs: Side) -> None:
        self.tracker = tracker
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self._steps: dict[tuple[str, str], list[Step]] = {}

    def judge(self, path: str) -> IsLater:
        """Give what tells whether theirs is the later value of a field of a file."""
        return lambda field: (self.moment(self.theirs, path, field), self.theirs.name) > (
            self.moment(self.ours, path, field), self.ours.name)

    def moment(self, side: Side, path: str, field: str) -> int:
        """Give the seconds since 1970 at which a side's value of a field came to be; 0 where nothing tells."""
        steps = self._of(side, path)
        now = _value(path, steps[0][1], field) if steps else None
        found = 0
        for at, data in steps:
            if _value(path, data, field) != now:
                break
            found = at
        return found

    def _of(self, side: Side, path: str) -> list[Step]:
        """List the versions of a file on a side, newest first; a journalled one is as old as its first entry."""
        key = side.name, path
        if key not in self._steps:
            rows = versions.since(self.tracker.repository.top, self.base, side.commit, f"{_FOLDER}/{path}")
            noted = self._journalled(path)
            # What this clone's journal holds came to be then; the commit only carries it.
            rows = [(noted.get(blob, at), blob) for at, blob in rows]
            if side.is_ours and rows:
                known = {blob for _, blob in rows}
                rows += [(at, blob) for blob, at in noted.items() if blob not in known and at <= rows[0][0]]
                rows[1:] = sorted(rows[1:], key=lambda row: -row[0])
            blobs = [blob for _, blob in rows if blob]
            data = {**read_blobs(self.tracker.journal, blobs), **read_blobs(self.tracker.repository.top, blobs)}
            self._steps[key] = [(at, data.get(blob)) for at, blob in rows]
        return self._steps[key]

    def _journalled(self, path: str) -> dict[str, int]:
        """Give when this clone's journal first held each version of a file."""
        rows = self.tracker.index.all(
            "SELECT c.new, min(e.at) FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? "
            f"AND e.actor <> 'git' AND e.{history.OURS} GROUP BY c.new", history.keep(path))
        return {str(blob): int(at) for blob, at in rows}


def _value(path: str, data: bytes | None, field: str) -> Any:
    cls = CLASSES.get(kinds.noun(path))
    if data is None or not field or cls is None:
        return data
    try:
        record = recording.parse_as(cls, path, data)[0]
    except InvalidDataError:
        return data
    return record.body if field == "body" else record.__dict__.get(field, record.extra.get(field))
