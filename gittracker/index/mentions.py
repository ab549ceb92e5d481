"""Which texts may mention what: rows for the records that are no tickets, the words of FTS5 for tickets.

Both give candidates; whether a text really mentions something is for who reads it. Rows of tickets' mentions would cost
a full index a tenth more, for a question that is rare.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.index.db import Index

_MATCHING = "FROM words CROSS JOIN ticket t ON t.id = words.rowid WHERE words MATCH ? AND t.worktree = ?"

_HEAD = "t.id, t.folder, t.ref, t.slug, d.title, d.description, d.workpad, d.comments"

Ticket = tuple[int, str, str, str, str, str, str, str]  # row, folder, ref, slug, title, description, workpad, comments


def alias_key(name: str) -> str:
    """Give the key under which a record is found by a name that it once had."""
    return "=" + name.lower()


def put(index: Index, worktree: str, path: str, keys: Iterable[str]) -> None:
    """Note what a record's text mentions, and by what it was called before."""
    remove(index, worktree, path)
    index.many("INSERT INTO mention VALUES (?, ?, ?)", [(worktree, key, path) for key in sorted(keys)])


def remove(index: Index, worktree: str, path: str) -> None:
    """Forget what a record's text mentions."""
    index.run("DELETE FROM mention WHERE worktree = ? AND path = ?", worktree, path)


def paths(index: Index, worktree: str, keys: list[str]) -> list[str]:
    """List the files of the records whose text has one of the keys."""
    marks = ",".join("?" * len(keys))
    return [path for path, in index.run(f"SELECT DISTINCT path FROM mention WHERE worktree = ? AND key IN ({marks}) "
                                        "ORDER BY path", worktree, *keys)]


def tickets(index: Index, worktree: str, phrases: list[str], limit: int = -1) -> list[Ticket]:
    """List the tickets, the lowest number first, whose words have one of the phrases.

    Where a phrase has no letter or digit, which FTS5 doesn't know, that is all tickets.
    """
    if not all(any(c.isalnum() for c in phrase) for phrase in phrases):
        return index.all(f"SELECT {_HEAD} FROM ticket t JOIN doc d ON d.id = t.id WHERE t.worktree = ?", worktree)
    return index.all(f"SELECT {_HEAD} {_MATCHING.replace('WHERE', 'JOIN doc d ON d.id = t.id WHERE')} "
                     "ORDER BY t.number, t.ref LIMIT ?", _any_of(phrases), worktree, limit)


def has_other(index: Index, worktree: str, phrases: list[str], row_id: int) -> bool:
    """Tell whether the words of any ticket but one have one of the phrases."""
    found = index.run(f"SELECT t.id {_MATCHING} LIMIT 2", _any_of(phrases), worktree)
    return any(one != row_id for one, in found)


def _any_of(phrases: list[str]) -> str:
    return " OR ".join('"' + phrase.replace('"', " ") + '"' for phrase in phrases)


def comments(index: Index, row_id: int) -> list[tuple[int, str, str]]:
    """List a ticket's comments as (number, file's name, text); deleted ones count but have no text."""
    return [(number, name, "" if deleted else text) for number, (name, text, deleted) in enumerate(index.all(
        "SELECT name, text, deleted FROM comment WHERE ticket = ? ORDER BY at, ref, name", row_id), 1)]
