"""Notes of commands that were written in other worktrees than the one they were made from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


_MOST = 50  # commands of a worktree that are noted


def note(index: Index, worktree: str, parts: list[tuple[str, str]]) -> None:
    """Note where a command made from a worktree was written, as (top, entry) of each part."""
    said = "\n".join(f"{entry} {top}" for top, entry in parts)
    kept = (index.get(f"placed:{worktree}") or "").split("\n\n")[:_MOST - 1]
    index.note(f"placed:{worktree}", "\n\n".join([said, *filter(None, kept)]))


def commands(index: Index, worktree: str) -> list[list[tuple[str, str]]]:
    """Give the parts of the last commands that were not written in their own worktree alone, the newest first."""
    blocks = (index.get(f"placed:{worktree}") or "").split("\n\n")
    return [[(top, entry) for entry, _, top in (line.partition(" ") for line in block.split("\n"))]
            for block in blocks if block]
