"""What rows know by ref or the beginning of one, over all nouns; asked for rarely, so nothing is kept for it."""

from __future__ import annotations

from gittracker.index.records import Row, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

_BEHIND_HEX = "g"  # the first letter behind all hex digits


def comments(index: Index, worktree: str, ref: str) -> list[tuple[str, str, str]]:
    """List the comments on tickets whose ref begins so, as (ref, folder of the ticket, file name)."""
    return index.all("SELECT c.ref, t.folder, c.name FROM comment c JOIN ticket t ON t.id = c.ticket "
                     "WHERE t.worktree = ? AND c.ref >= ? AND c.ref < ? ORDER BY c.ref", worktree, ref,
                     ref + _BEHIND_HEX)


def records(index: Index, worktree: str, ref: str) -> list[Row]:
    """List the records that are no tickets and whose ref begins so."""
    return select(index, "worktree = ? AND ref >= ? AND ref < ? ORDER BY ref", worktree, ref, ref + _BEHIND_HEX)


def owners(index: Index, worktree: str) -> list[tuple[str, str, str]]:
    """List the tickets as (ref, slug, folder)."""
    return index.all("SELECT ref, slug, folder FROM ticket WHERE worktree = ?", worktree)


def labels(index: Index, worktree: str) -> dict[str, int]:
    """Count the tickets that have each label."""
    found: dict[str, int] = {}
    for packed, count in index.run("SELECT labels, count(*) FROM ticket WHERE worktree = ? AND labels <> '' "
                                   "GROUP BY labels", worktree):
        for label in packed.strip("\n").split("\n"):
            found[label] = found.get(label, 0) + count
    return found
