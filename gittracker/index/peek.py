"""The index as it is, for completion: never made, never written, never waited for."""

from __future__ import annotations

import _sqlite3 as sqlite
import os

from gittracker.index import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WAIT_MS = 50


class Peek(db.Index):
    """A connection that can only read; what can't be read at once is as if it were not there."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fresh = False
        quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        self._db = sqlite.connect(f"file:{quoted}?mode=ro", timeout=_WAIT_MS / 1000, isolation_level=None, uri=True)

    def all(self, sql: str, *values: Any) -> list[Any]:
        """Give all rows, none where they can't be had."""
        try:
            return super().all(sql, *values)
        except db.Error:
            return []

    def one(self, sql: str, *values: Any) -> Any:
        """Give the first row, None where it can't be had."""
        try:
            return super().one(sql, *values)
        except db.Error:
            return None


def peek(local: str) -> Peek | None:
    """Open the clone's index to read; None where there is none."""
    path = db.newest(os.path.join(local, "cache"))
    return at(path) if path else None


def at(path: str) -> Peek | None:
    """Open the index in a file to read; None where that can't be."""
    try:
        return Peek(path)
    except db.Error:
        return None


def tickets(index: Peek, worktree: str, start: str) -> list[tuple[str, str, str, int]]:
    """List the tickets whose slugs begin so, in any case, as (slug, title, stage, archived)."""
    return index.all("SELECT slug, title, stage, archived FROM ticket WHERE worktree = ? AND substr(slug, 1, ?) = ? "
                     "COLLATE NOCASE ORDER BY number, slug", worktree, len(start), start)


def names_in(index: Peek, worktree: str, folder: str) -> set[str]:
    """Name the ticket folders in a shard's folder."""
    return {path[len(folder) + 1:] for path, in index.all(
        "SELECT folder FROM ticket WHERE worktree = ? AND folder >= ? AND folder < ?", worktree, f"{folder}/",
        f"{folder}0")}


def words(index: Peek, worktree: str, field: str) -> list[str]:
    """List the values that tickets have in a field, each once; the items where it is a set."""
    found = index.all(f"SELECT DISTINCT {field} FROM ticket WHERE worktree = ? AND {field} <> ''", worktree)
    return sorted({word for text, in found for word in str(text).split("\n") if word})
