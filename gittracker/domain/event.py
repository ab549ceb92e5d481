"""The event: one change of one record, numbered within one lifetime of an index."""

from __future__ import annotations

# What a subscriber gets whose place in the feed is unknown: read everything anew, then go on from this id.
RESET = "reset"
SOURCES = ("cli", "http", "mcp", "editor", "git")


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
