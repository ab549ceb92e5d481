"""The bytes that are folded: a worktree's from its files, those of commits and bases from git, asked once."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.etag import blob_id
from gittracker.git.objects import read_blobs
from gittracker.index.boards import HOME, WORKTREE
from gittracker.store import atomic, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.boards import Replica
    from gittracker.services.board.boarding import Board

    Row = tuple[str, str, str, str]  # replica, path, base blob, blob


def read(path: str) -> bytes | None:
    """Read a file, None where there is no plain file."""
    try:
        return atomic.read(path)
    except (InvalidDataError, OSError):
        return None  # no plain file, or one that is not for us


class Contents:
    """The bytes of the versions in some rows, and of the ground's files beside them."""

    def __init__(self, board: Board, replicas: dict[str, Replica], rows: list[Row], all_bases: bool = False) -> None:
        self.replicas = replicas
        self._top = board.tracker.ground.tracker
        self._format = board.tracker.repository.object_format
        self._files: dict[tuple[str, str], tuple[int, bytes] | None] = {}  # by replica and path: mtime, bytes
        self._one_sided: set[str] = set()
        self._versions = {(name, path): blob for name, path, _, blob in rows}
        if not all_bases:
            self._find_one_sided(rows)
        wanted = [base for _, path, base, _ in rows if base and path not in self._one_sided]
        for name, path, _, blob in rows:
            if replicas[name].kind == WORKTREE and blob:
                there = self._file(name, path)
                if there is not None and blob_id(there[1], self._format) == blob:
                    continue
            wanted += [blob] if blob else []
        self._blobs = read_blobs(board.tracker.ground.top, wanted)

    def _find_one_sided(self, rows: list[Row]) -> None:
        """Find the files that one replica alone has otherwise, from what the ground has: then it has the fold."""
        bases: dict[str, list[str]] = {}
        for name, path, base, _ in rows:
            bases.setdefault(path, []).append(base if self.replicas[name].kind != HOME else HOME)
        for path, its in bases.items():
            start = self.ground(path)
            if its == ["" if start is None else blob_id(start, self._format)]:
                self._one_sided.add(path)

    def is_one_sided(self, path: str) -> bool:
        """Tell whether one replica alone has a file otherwise, and the ground has what that one started from."""
        return path in self._one_sided

    def ground(self, path: str) -> bytes | None:
        """Give the bytes of the ground's file."""
        there = self._file("", path)
        return there[1] if there else None

    def base(self, row: Row) -> bytes | None:
        """Give the bytes at the base; of a one-sided file they are the ground's."""
        return self._blobs.get(row[2])

    def of(self, row: Row) -> bytes | None:
        """Give the replica's own bytes."""
        name, path, _, blob = row
        if not blob:
            return None
        if blob in self._blobs:
            return self._blobs[blob]
        there = self._files.get((name, path))
        return there[1] if there else None

    def blob(self, source: str, path: str) -> str:
        """Give the blob of a source's file, empty where it has none; what is no replica is the ground."""
        if source in self.replicas:
            return self._versions.get((source, path), "")
        data = self.ground(path)
        return "" if data is None else blob_id(data, self._format)

    def mtime(self, source: str, path: str) -> int:
        """Give the time of a source's file, 0 where it has none; what is no replica is the ground."""
        one = self.replicas.get(source)
        there = self._file(source if one else "", path) if not one or one.kind == WORKTREE else None
        return there[0] if there else 0

    def _file(self, name: str, path: str) -> tuple[int, bytes] | None:
        """Read a file of a worktree, or of the ground without a name, with its time."""
        if (name, path) not in self._files:
            top = self.replicas[name].tracker if name else self._top
            try:
                found = stamps.read(f"{top}/{path}", 0)
            except (InvalidDataError, OSError):
                found = None  # no plain file, or one that is not for us
            self._files[name, path] = (found[0][0], found[1]) if found else None
        return self._files[name, path]
