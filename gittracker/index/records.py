"""Rows of the records that are no tickets: epics, pages, updates, skills, harnesses, and their comments and entries."""

from __future__ import annotations

import marshal

from gittracker.domain.errors import AmbiguousError
from gittracker.domain.nouns import CLASSES
from gittracker.index import mentions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.index.db import Index

_COLUMNS = "noun, path, place, name, etag, packed"
_MOST_CANDIDATES = 8


class Row:
    """One record as the index knows it: the noun, its file, its place, the name for people, the etag, the value."""

    __slots__ = ("noun", "path", "place", "name", "etag", "record")

    def __init__(self, noun: str, path: str, place: str, name: str, etag: str, packed: bytes) -> None:
        self.noun = noun
        self.path = path
        self.place = place
        self.name = name
        self.etag = etag
        values, extra, body = marshal.loads(packed)
        self.record: Any = CLASSES[noun](body=body, extra=extra, **values)


def stamps(index: Index, worktree: str, folder: str) -> dict[str, bytes]:
    """Give the packed stamps of the files below a folder, by path."""
    return dict(index.all("SELECT path, stamp FROM record WHERE worktree = ? AND path >= ? AND path < ?", worktree,
                          folder + "/", folder + "0"))


def put(index: Index, worktree: str, path: str, place: str, name: str, etag: str, stamp: bytes,
        record: Record) -> None:
    """Write a record's row."""
    # What is nested in front matter is a kind of text of its own, which marshal doesn't know.
    extra = {key: str(value) if isinstance(value, str) else value for key, value in record.extra.items()}
    packed = marshal.dumps((record.values(), extra, record.body))
    index.run("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", worktree, path, place, record.NOUN,
              name, record.__dict__.get("ref", ""), etag, stamp, packed)


def restamp(index: Index, worktree: str, path: str, stamp: bytes) -> None:
    """Note the stamp of a file that can't be read; its last good row stays."""
    index.run("UPDATE record SET stamp = ? WHERE worktree = ? AND path = ?", stamp, worktree, path)


def remove(index: Index, worktree: str, path: str) -> None:
    """Forget a record."""
    index.run("DELETE FROM record WHERE worktree = ? AND path = ?", worktree, path)


def every(index: Index, worktree: str, noun: str, place: str = "") -> list[Row]:
    """List the records of a noun by name, all of them or those that belong to one place."""
    where = "AND place = ?" if place else ""
    return [Row(*row) for row in index.all(
        f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND noun = ? {where} ORDER BY name, path", worktree, noun,
        *([place] if place else []))]


def below(index: Index, worktree: str, noun: str, folder: str) -> list[Row]:
    """List the records of a noun below a folder, by path."""
    return [Row(*row) for row in index.all(
        f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND path >= ? AND path < ? AND noun = ? ORDER BY path",
        worktree, folder + "/", folder + "0", noun)]


def count(index: Index, worktree: str, noun: str, place: str) -> int:
    """Count the records of a noun that belong to a place."""
    return int(index.one("SELECT count(*) FROM record WHERE worktree = ? AND noun = ? AND place = ?", worktree, noun,
                         place)[0])


def at(index: Index, worktree: str, path: str) -> Row | None:
    """Find a record by its file."""
    row = index.one(f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND path = ?", worktree, path)
    return Row(*row) if row else None


def own(index: Index, worktree: str, place: str) -> Row | None:
    """Find the record at a place, as against what belongs to it."""
    row = index.one(f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND place = ? AND noun NOT IN "
                    "('comment', 'progress')", worktree, place)
    return Row(*row) if row else None


def named(index: Index, worktree: str, noun: str, name: str) -> Row | None:
    """Find a record by its whole name or ref; raises AmbiguousError."""
    return _first(index, worktree, noun, name, (("name = ?", name), ("ref = ?", name.lower())))


def once_named(index: Index, worktree: str, noun: str, alias: str) -> Row | None:
    """Find a record by a name that it once had; raises AmbiguousError."""
    paths = mentions.paths(index, worktree, [mentions.alias_key(alias)])
    found = [row for path in paths if (row := at(index, worktree, path)) and row.noun == noun]
    if len(found) > 1:
        raise AmbiguousError(alias, [row.name for row in found[:_MOST_CANDIDATES]])
    return found[0] if found else None


def find(index: Index, worktree: str, noun: str, name: str) -> Row | None:
    """Find a record by name, ref or a unique prefix of either; raises AmbiguousError with the candidates."""
    return _first(index, worktree, noun, name, (
        ("name = ?", name), ("ref = ?", name.lower()), ("place LIKE ? ESCAPE '#'", _behind(name)),
        ("name LIKE ? ESCAPE '#'", _starts(name)), ("ref LIKE ? ESCAPE '#'", _starts(name))))


def _first(index: Index, worktree: str, noun: str, name: str, ways: tuple[tuple[str, str], ...]) -> Row | None:
    """Take the first way that finds anything; raises AmbiguousError where it finds more than one record."""
    for condition, value in ways:
        found = index.all(f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND noun = ? AND {condition} "
                          f"LIMIT {_MOST_CANDIDATES}", worktree, noun, value)
        if len(found) > 1:
            raise AmbiguousError(name, [row[2].partition("/")[2] for row in found])
        if found:
            return Row(*found[0])
    return None


def select(index: Index, condition: str, *values: str) -> list[Row]:
    """List the records that meet a condition in SQL."""
    return [Row(*row) for row in index.all(f"SELECT {_COLUMNS} FROM record WHERE {condition}", *values)]


def by_ref(index: Index, worktree: str, ref: str) -> list[Row]:
    """List the records with a ref, of any noun; more than one where a file was copied by hand."""
    return [Row(*row) for row in index.all(f"SELECT {_COLUMNS} FROM record WHERE worktree = ? AND ref = ?", worktree,
                                           ref)]


def _starts(name: str) -> str:
    return name.replace("#", "##").replace("%", "#%").replace("_", "#_") + "%"


def _behind(name: str) -> str:
    """Match the last part of a place: a folder's whole name tells two records of one slug apart."""
    return "%/" + _starts(name)[:-1]
