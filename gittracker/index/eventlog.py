"""Events: what changed, numbered within one lifetime of the index."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

_KEPT = 10_000


def epoch(index: Index) -> str:
    """Give the name of this index's lifetime, made on first use."""
    known = index.get("epoch")
    if not known:
        known = os.urandom(4).hex()
        index.put("epoch", known)
    return str(known)


def append(index: Index, kind: str, ref: str, slug: str, changes: str, actor: str, source: str, worktree: str,
           at: str) -> str:
    """Number an event and give its id; `changes` is JSON of field → [old, new]. Only the newest are kept."""
    cursor = index.run("INSERT INTO event(type, ref, slug, changes, actor, source, worktree, at) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kind, ref, slug, changes, actor, source, worktree, at)
    number = int(cursor.lastrowid)
    if number % 1000 == 0:
        index.run("DELETE FROM event WHERE seq <= ?", number - _KEPT)
    return f"{epoch(index)}.{number}"
