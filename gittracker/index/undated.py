"""Tickets to be dated anew: history tells of them what it didn't when their rows were written.

They are noted in the transaction that changes history, for each view, and dated by whoever reads there next.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.index.db import Index

_DEPTH = 3  # tickets/<shard>/<folder>


def add(index: Index, paths: Iterable[str]) -> None:
    """Note the tickets that these paths belong to; an index that is being filled reads history before any ticket."""
    if index.is_filling:
        return
    folders = {"/".join(path.split("/", _DEPTH)[:_DEPTH]) for path in paths
               if path.startswith("tickets/") and path.count("/") >= _DEPTH}
    index.many("INSERT OR IGNORE INTO undated SELECT DISTINCT worktree, ? FROM tally",
               [(folder,) for folder in folders])


def listed(index: Index, worktree: str) -> list[str]:
    """List the ticket folders that are to be dated anew in a view."""
    return [folder for folder, in index.all("SELECT folder FROM undated WHERE worktree = ?", worktree)]


def drop(index: Index, worktree: str, folders: Iterable[str]) -> None:
    """Note that tickets are dated."""
    if index.one("SELECT 1 FROM undated WHERE worktree = ? LIMIT 1", worktree):
        index.many("DELETE FROM undated WHERE worktree = ? AND folder = ?", [(worktree, folder) for folder in folders])


def put(index: Index, row_id: int, moment: str) -> None:
    """Write when anything of a ticket, by row, last changed."""
    index.run("UPDATE ticket SET updated_at = ? WHERE id = ?", moment, row_id)
