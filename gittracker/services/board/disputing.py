"""Decide disputes: which of two replicas' values of a field is the later one."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.etag import blob_id
from gittracker.git import history as git_history
from gittracker.git.objects import read_blobs
from gittracker.index import history
from gittracker.index.boards import WORKTREE
from gittracker.services.past import dating
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.boards import Replica
    from gittracker.services.board.boarding import Board
    from gittracker.services.past.dating import Step

_MOST = 50  # steps back that are looked at


def _read(path: str) -> bytes | None:
    try:
        return atomic.read(path)
    except (InvalidDataError, OSError):
        return None  # no plain file, or one that is not for us


class Moments:
    """When the values of one file's fields came to be, in each replica.

    By the journal, else the author's date of the commit; the file's own time tells only of edits that neither holds.
    """

    def __init__(self, board: Board, replicas: dict[str, Replica], path: str) -> None:
        self.board = board
        self.replicas = replicas
        self.path = path
        self._steps: dict[str, list[Step]] = {}

    def is_later(self, field: str, one: str, other: str) -> bool:
        """Tell whether the second source's value of a field is later than the first's; the name breaks ties."""
        return (self.moment(other, field), other) > (self.moment(one, field), one)

    def moment(self, source: str, field: str) -> int:
        """Give the seconds since 1970 at which a source's present value of a field came to be; 0 if nothing tells."""
        return dating.came_to_be(self.path, self._steps_of(source), field)

    def _steps_of(self, source: str) -> list[Step]:
        """List the versions of the file in a replica, the newest first."""
        if source not in self._steps:
            one = self.replicas.get(source)
            tracker = self.board.tracker
            if one is None:
                self._steps[source] = self._steps_in(tracker.ground.top, tracker.ground_number, "HEAD",
                                                     f"{tracker.ground.tracker}/{self.path}")
            elif one.kind == WORKTREE:
                self._steps[source] = self._steps_in(one.top, one.number, one.head or "HEAD",
                                                     f"{one.tracker}/{self.path}")
            else:
                self._steps[source] = self._steps_in(tracker.ground.top, "", one.head, "")
        return self._steps[source]

    def _steps_in(self, top: str, number: str, head: str, file: str) -> list[Step]:
        tracker = self.board.tracker
        rows = self._journalled(number) if number else []
        written = dating.first_written(tracker, self.path)
        rows += [(written.get(blob, at), blob) for at, blob in git_history.versions(
            top, head, f".openkit/{self.path}", _MOST)]
        blobs = [blob for _, blob in rows if blob]
        data = {**read_blobs(top, blobs), **(read_blobs(tracker.journal, blobs) if number else {})}
        rows.sort(key=lambda row: -row[0])
        steps: list[Step] = [(at, data.get(blob)) for at, blob in rows]
        there = _read(file) if file else None
        if there is not None and blob_id(there, tracker.repository.object_format) not in {b for _, b in rows[:1]}:
            known = [at for at, blob in rows if data.get(blob) == there]
            steps.insert(0, (known[0] if known else int(os.stat(file).st_mtime), there))
        return steps

    def _journalled(self, number: str) -> list[tuple[int, str]]:
        return [(int(at), str(blob)) for at, blob in self.board.tracker.index.all(
            "SELECT e.at, c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? AND c.path = ? AND "
            f"e.{history.OURS} AND e.actor <> 'git' ORDER BY e.seq DESC LIMIT ?", number, history.keep(self.path),
            _MOST)]
