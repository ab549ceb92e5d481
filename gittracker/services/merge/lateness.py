"""Which of two branches has the later value of a field: by the journal where it tells, else by the authors' dates."""

from __future__ import annotations

from gittracker.git import versions
from gittracker.git.objects import read_blobs
from gittracker.services.past import dating

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.merge.combining import IsLater
    from gittracker.services.past.dating import Step
    from gittracker.services.tracker import Tracker

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
        return dating.came_to_be(path, self._of(side, path), field)

    def _of(self, side: Side, path: str) -> list[Step]:
        """List the versions of a file on a side, newest first; a journalled one is as old as its first entry."""
        key = side.name, path
        if key not in self._steps:
            rows = versions.since(self.tracker.repository.top, self.base, side.commit, f"{_FOLDER}/{path}")
            noted = dating.first_written(self.tracker, path)
            rows = [(noted.get(blob, at), blob) for at, blob in rows]
            if side.is_ours and rows:
                known = {blob for _, blob in rows}
                rows += [(at, blob) for blob, at in noted.items() if blob not in known and at <= rows[0][0]]
                rows[1:] = sorted(rows[1:], key=lambda row: -row[0])
            blobs = [blob for _, blob in rows if blob]
            data = {**read_blobs(self.tracker.journal, blobs), **read_blobs(self.tracker.repository.top, blobs)}
            self._steps[key] = [(at, data.get(blob)) for at, blob in rows]
        return self._steps[key]
