"""Rows of what the base branch has closed, kept where the policy asks that blockers are landed."""

from __future__ import annotations

from gittracker.index import edges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


class Base:
    """The base branch's commit that the rows are of; `signs` are stamps of refs, `rules` what makes a ticket closed."""

    __slots__ = ("head", "signs", "rules")

    def __init__(self, head: str, signs: bytes, rules: bytes) -> None:
        self.head = head
        self.signs = signs
        self.rules = rules


def base(index: Index, view: str) -> Base | None:
    """Give what the rows are of, None where none are kept."""
    row = index.one("SELECT head, signs, rules FROM base WHERE worktree = ?", view)
    return Base(*row) if row else None


def put(index: Index, view: str, found: Base) -> None:
    """Note what the rows are of."""
    index.run("INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?)", view, found.head, found.signs, found.rules)


def change(index: Index, view: str, closed: dict[str, bool]) -> None:
    """Note of some tickets, by folder, whether the base branch has them closed."""
    index.many("DELETE FROM landed WHERE worktree = ? AND folder = ?", [(view, folder) for folder in closed])
    index.many("INSERT INTO landed VALUES (?, ?)", [(view, folder) for folder, is_so in closed.items() if is_so])
    edges.recount_all(index, view)


def clear(index: Index, view: str) -> None:
    """Forget which tickets the base branch has closed."""
    index.run("DELETE FROM landed WHERE worktree = ?", view)


def forget(index: Index, view: str) -> None:
    """Keep none any more: what is closed blocks no longer, wherever it is closed."""
    with index:
        clear(index, view)
        index.run("DELETE FROM base WHERE worktree = ?", view)
        edges.recount_all(index, view)
