"""Notes of files that changed around the tool, for the next write to journal."""

from __future__ import annotations

from gittracker.index.history import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.index.db import Index


def add(index: Index, worktree: str, paths: Iterable[str]) -> None:
    """Note files."""
    index.many("INSERT OR IGNORE INTO outside VALUES (?, ?)", [(worktree, path) for path in paths])


def listed(index: Index, worktree: str, most: int) -> list[str]:
    """List the noted files, at most so many."""
    return [path for path, in index.run("SELECT path FROM outside WHERE worktree = ? LIMIT ?", worktree, most)]


def drop(index: Index, worktree: str, paths: Iterable[str]) -> None:
    """Drop the notes of files that are journalled, or need not be."""
    index.many("DELETE FROM outside WHERE worktree = ? AND path = ?", [(worktree, keep(path)) for path in paths])
