"""Leases as text: the clone's book of them, a line each, and the few that a worktree holds."""

from __future__ import annotations

from gittracker.domain.lease import Book, Lease, Lost, Sight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # (ref, number, slug, holder) of a lease that a worktree holds
    Note = tuple[str, int, str, str]

_HEAD = "gittracker leases 1"
_LEASE, _LOST = Lease.__slots__, Lost.__slots__
_NUMBERS = ("number", "taken_at", "beat_at", "term")
_LEASE_NUMBERS = [_LEASE.index(name) for name in _NUMBERS]
_SIGHT = Sight.__slots__
_SIGHT_NUMBERS = [_SIGHT.index(name) for name in ("seen_at", "term", "number")]
_LOST_NUMBER = _LOST.index("number")
_ESCAPES = (("%", "%25"), ("\t", "%09"), ("\n", "%0A"), ("\r", "%0D"))


def render(book: Book) -> bytes:
    """Write a book; a line is a word and its values, with tabs between. Each write of a ticket reads it."""
    lines = [_HEAD, f"highest\t{book.highest}", "\t".join(("columns", *_LEASE))]
    lines += [_line("lease", one, _LEASE) for one in book.leases.values()]
    lines += [_line("lost", one, _LOST) for one in book.lost]
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


def read(data: bytes) -> Book:
    """Read a book; words and columns that a newer version may have added behind ours are left out.

    A line that makes no sense is left out too: no number that others' lines have is given again for it.
    """
    book = Book()
    for line in data.decode(errors="surrogateescape").split("\n"):
        try:
            _take(book, *line.split("\t"))
        except ValueError:
            continue
    numbers = [*(one.number for one in book.leases.values()), *(one.number for one in book.lost)]
    book.highest = max([book.highest, *numbers])
    return book


def _take(book: Book, word: str, *values: str) -> None:
    given: list[Any] = [_unescaped(value) for value in values] if any("%" in value for value in values) else [*values]
    if word == "lease" and len(given) >= len(_LEASE):
        for place in _LEASE_NUMBERS:
            given[place] = int(given[place])
        book.leases[given[0]] = Lease(*given[:len(_LEASE)])
    elif word == "lost" and len(given) >= len(_LOST):
        given[_LOST_NUMBER] = int(given[_LOST_NUMBER])
        book.lost.append(Lost(*given[:len(_LOST)]))
    elif word == "highest" and given:
        book.highest = int(given[0])


def _line(word: str, value: object, names: tuple[str, ...]) -> str:
    return "\t".join([word, *(_escaped(str(getattr(value, name))) for name in names)])


def _escaped(text: str) -> str:
    for char, code in _ESCAPES:
        text = text.replace(char, code)
    return text


def _unescaped(text: str) -> str:
    for char, code in reversed(_ESCAPES):
        text = text.replace(code, char)
    return text


def render_notes(notes: list[Note]) -> bytes:
    """Write what a worktree holds."""
    return "".join(f"{ref}\t{number}\t{_escaped(slug)}\t{_escaped(holder)}\n"
                   for ref, number, slug, holder in notes).encode(errors="surrogateescape")


def read_notes(data: bytes) -> list[Note]:
    """Read what a worktree holds."""
    rows = [line.split("\t") for line in data.decode(errors="surrogateescape").split("\n")]
    return [(row[0], int(row[1]), _unescaped(row[2]), _unescaped(row[3])) for row in rows
            if len(row) == 4 and row[1].isdecimal()]


def render_sights(sights: list[Sight]) -> bytes:
    """Write what was seen on remotes."""
    return "".join(f"{_line('sight', one, _SIGHT)}\n" for one in sights).encode(errors="surrogateescape")


def read_sights(data: bytes) -> list[Sight]:
    """Read what was seen on remotes."""
    found = []
    for line in data.decode(errors="surrogateescape").split("\n"):
        values: list[Any] = [_unescaped(value) for value in line.split("\t")[1:]]
        if len(values) >= len(_SIGHT) and all(values[place].isdecimal() for place in _SIGHT_NUMBERS):
            for place in _SIGHT_NUMBERS:
                values[place] = int(values[place])
            found.append(Sight(*values[:len(_SIGHT)]))
    return found
