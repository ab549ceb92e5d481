"""Shard rows: the stamps of a shard's listing and of the tickets in it, packed."""

from __future__ import annotations

import marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.db import Index

    Entries = list[list[Any]]  # one a ticket, as the store makes them


def every(index: Index, worktree: str) -> dict[str, tuple[int, bytes]]:
    """Give (stamp, packed entries) by shard."""
    return {name: (stamp, packed) for name, stamp, packed in index.run(
        "SELECT name, stamp, entries FROM shard WHERE worktree = ?", worktree)}


def stamps(index: Index, worktree: str) -> dict[str, int]:
    """Give the stamps of all shards' listings."""
    return dict(index.all("SELECT name, stamp FROM shard WHERE worktree = ?", worktree))


def unpack(packed: bytes) -> Entries:
    """Give the entries of a shard."""
    entries: Entries = marshal.loads(packed) if packed else []
    return entries


def entries(index: Index, worktree: str, name: str) -> Entries:
    """Give one shard's entries."""
    row = index.one("SELECT entries FROM shard WHERE worktree = ? AND name = ?", worktree, name)
    return unpack(row[0]) if row else []


def stamp(index: Index, worktree: str, name: str) -> int | None:
    """Give the stamp of one shard's listing, None where it was never read."""
    row = index.one("SELECT stamp FROM shard WHERE worktree = ? AND name = ?", worktree, name)
    return int(row[0]) if row else None


def put(index: Index, worktree: str, name: str, stamp: int, found: Entries) -> None:
    """Write a shard; one without tickets is dropped."""
    if found:
        index.run("INSERT OR REPLACE INTO shard VALUES (?, ?, ?, ?)", worktree, name, stamp, marshal.dumps(found))
    else:
        index.run("DELETE FROM shard WHERE worktree = ? AND name = ?", worktree, name)


def forget(index: Index, worktree: str) -> None:
    """Let no stamp of a worktree fit, so that every file is read again; names stay, so that what is gone is noticed."""
    for name, (_, packed) in every(index, worktree).items():
        put(index, worktree, name, 0, [[entry[0], *[0] * (len(entry) - 1)] for entry in unpack(packed)])
