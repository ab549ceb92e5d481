"""Events: what changed, numbered within one lifetime of the index."""

from __future__ import annotations

import os

from gittracker.formats import json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.event import Event
    from gittracker.index.db import Index

_KEPT, _SWEPT_EVERY = 100_000, 1_000
_PUT = ("INSERT INTO event(type, ref, slug, changes, actor, source, worktree, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
_LONGEST = 2_000


def epoch(index: Index) -> str:
    """Give the name of this index's lifetime, made on first use."""
    known = index.get("epoch")
    if not known:
        known = os.urandom(4).hex()
        index.put("epoch", known)
    return str(known)


def append(index: Index, kind: str, ref: str, slug: str, changes: dict[str, Any], actor: str, source: str,
           worktree: str, at: str) -> str:
    """Number an event and give its id; `changes` holds (old, new) by field."""
    number = int(index.run(_PUT, *_row(kind, ref, slug, changes, actor, source, worktree, at)).lastrowid)
    _sweep(index, number - 1, number)
    return f"{epoch(index)}.{number}"


def append_all(index: Index, told: list[tuple[Any, ...]]) -> None:
    """Number many events, each given as `append` takes one."""
    before = bounds(index)[1]
    index.many(_PUT, [_row(*one) for one in told])
    _sweep(index, before, before + len(told))


def _row(kind: str, ref: str, slug: str, changes: dict[str, Any], *rest: str) -> tuple[str, ...]:
    return kind, ref, slug, json_text.dumps(_shortened(changes)), *rest


def _sweep(index: Index, before: int, last: int) -> None:
    """Keep only the newest, which is looked to every so many."""
    if before // _SWEPT_EVERY < last // _SWEPT_EVERY:
        index.run("DELETE FROM event WHERE seq <= ?", last - _KEPT)


def _shortened(changes: dict[str, Any]) -> dict[str, Any]:
    """Cut long texts, so that the log stays small: an event says what to look at, not all that it says."""
    return {name: tuple(map(_cut, change)) for name, change in changes.items()}


def _cut(value: Any) -> Any:
    return value[:_LONGEST] + "…" if isinstance(value, str) and len(value) > _LONGEST else value


def after(index: Index, number: int, most: int) -> list[Event]:
    """List the events behind a number, oldest first, at most so many."""
    from gittracker.domain.event import Event
    name = epoch(index)
    return [Event(f"{name}.{seq}", *rest) for seq, *rest in index.run(
        "SELECT seq, type, ref, slug, changes, actor, source, worktree, at FROM event WHERE seq > ? ORDER BY seq "
        "LIMIT ?", number, most)]


def bounds(index: Index) -> tuple[int, int]:
    """Give the number before the first event that is kept, and that of the newest there ever was."""
    newest = index.one("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
    oldest = index.one("SELECT min(seq) FROM event")[0]
    last = int(newest[0]) if newest else 0
    return (int(oldest) - 1 if oldest else last), last
