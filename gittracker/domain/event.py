"""The event: one change of one record, numbered within one lifetime of an index."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a subscriber gets whose place in the feed is unknown: read everything anew, then go on from this id.
RESET = "reset"
SOURCES = ("cli", "http", "mcp", "editor", "git")
_LONGEST = 2_000


class Event:
    """What changed: `changes` is JSON of field → [old, new]; of a reset only `id` and `at` are said."""

    __slots__ = ("id", "type", "ref", "slug", "changes", "actor", "source", "worktree", "at")

    def __init__(self, oid: str, kind: str, ref: str = "", slug: str = "", changes: str = "{}", actor: str = "",
                 source: str = "", worktree: str = "", at: str = "") -> None:
        self.id = oid
        self.type = kind
        self.ref = ref
        self.slug = slug
        self.changes = changes
        self.actor = actor
        self.source = source
        self.worktree = worktree
        self.at = at


def number(oid: str) -> tuple[str, int] | None:
    """Part an event's id into epoch and number; None where it is none."""
    epoch, dot, digits = oid.partition(".")
    good = dot and epoch and digits.isascii() and digits.isdecimal() and len(digits) < 16
    return (epoch, int(digits)) if good else None


def shortened(changes: dict[str, Any]) -> dict[str, Any]:
    """Cut long texts, so that the log of events stays small: an event says what to look at, not all that it says."""
    return {name: tuple(map(_cut, change)) for name, change in changes.items()}


def _cut(value: Any) -> Any:
    return value[:_LONGEST] + "…" if isinstance(value, str) and len(value) > _LONGEST else value
