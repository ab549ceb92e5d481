"""Notes of writes that went to another worktree than the one they were made from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


def note(index: Index, worktree: str, top: str, entry: str) -> None:
    """Note where the last write made from a worktree went, and its entry there."""
    index.note(f"placed:{worktree}", f"{entry} {top}")


def last(index: Index, worktree: str) -> tuple[str, str]:
    """Give (top, entry) of the last such write; both empty where there was none."""
    entry, _, top = (index.get(f"placed:{worktree}") or "").partition(" ")
    return top, entry
