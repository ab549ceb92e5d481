"""Where a record is mentioned: in the texts of tickets, epics, pages, updates, skills, and in the comments on them."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.texts import around
from gittracker.formats import mentions as formats
from gittracker.index import mentions as rows
from gittracker.index import records
from gittracker.services.naming import targets
from gittracker.services.naming.mentions import Resolver
from gittracker.services.refresh import recording
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gittracker.services.naming.targets import Target
    from gittracker.services.tracker import Tracker

_LINKED = ("page", "update", "skill", "harness")
_ENTRIES = ("comment", "progress")
_LINKS = ("[[", "](", "]:")
_FEW = 50


class Backlink:
    """One text that mentions a record: whose it is, which field, a comment's number, the line and its number."""

    __slots__ = ("source", "field", "number", "path", "line", "snippet")

    def __init__(self, source: Target, field: str, number: int, path: str, line: int, snippet: str) -> None:
        self.source = source
        self.field = field
        self.number = number
        self.path = path
        self.line = line
        self.snippet = snippet

    @property
    def where(self) -> str:
        """Say in which text: `description`, `comment 2`."""
        return f"{self.field} {self.number}" if self.number else self.field

    def to_json(self) -> dict[str, Any]:
        """Give the mention as it is printed."""
        return {**self.source.head(), "field": self.field, "number": self.number or None, "line": self.line,
                "path": f".openkit/{self.path}", "snippet": self.snippet}


def find(tracker: Tracker, target: Target, fresh: bool = True, few: bool = False) -> list[Backlink]:
    """List where a record is mentioned, its own texts aside: tickets by number, then other records by name.

    Without `fresh` the answer is what the index knows; with `few` it may stop after some tickets.
    """
    if fresh:
        tracker.refresh(deep=True)
        recording.refresh(tracker)
    keys = keys_of(target)
    resolver = Resolver(tracker)
    found = list(_in_tickets(tracker, target, keys, resolver, _FEW if few else -1))
    found.sort(key=lambda one: (ids.parse_slug(one.source.name) or (one.source.name, 0)))
    others = sorted(_in_records(tracker, target, keys, resolver), key=lambda one: (one.source.name, one.path))
    return found + others


def keys_of(target: Target) -> list[str]:
    """List the keys by which texts may mention a record."""
    names = (target.name, *target.aliases)
    if target.type == "member":
        own = [formats.member_key(target.name)]
    elif target.type in _LINKED:
        own = [formats.page_key(name) for name in names]
    elif target.type in ("ticket", "epic"):
        own = [formats.slug_key(name) for name in names]
    else:
        own = []
    return list(dict.fromkeys([*([target.ref] if target.ref else ()), *own]))


def phrases_of(keys: list[str]) -> list[str]:
    """Give the phrases of which the words of a text that has one of the keys must have one."""
    found = []
    for key in keys:
        word = key[1:] if key[:1] in "/@" else key
        found.append(word)
        if key[:1] == "/" and not word.isalnum():
            from urllib.parse import quote
            found.append(quote(word))
    return list(dict.fromkeys(found))


def _in_tickets(tracker: Tracker, target: Target, keys: list[str], resolver: Resolver,
                limit: int) -> Iterator[Backlink]:
    for row_id, folder, ref, slug, title, description, workpad, comments in rows.tickets(
            tracker.index, tracker.view, phrases_of(keys), limit):
        if target.path.startswith(f"{folder}/"):
            continue
        own = layout.ticket_file(folder)
        texts = [("title", 0, own, title), ("description", 0, own, description),
                 *(("comment", number, f"{folder}/{layout.COMMENTS}/{name}", text)
                   for number, name, text in (rows.comments(tracker.index, row_id)
                                              if _may_have(comments, target, keys) else ())),
                 ("workpad", 0, f"{folder}/{layout.WORKPAD}", workpad)]
        source = targets.Target("ticket", ref, slug, title, own, dict)
        for field, number, path, text in texts:
            hit = _first(text, target, keys, resolver, path)
            if hit:
                yield Backlink(source, field, number, path, *hit)


def _in_records(tracker: Tracker, target: Target, keys: list[str], resolver: Resolver) -> Iterator[Backlink]:
    index, worktree = tracker.index, tracker.view
    for path in rows.paths(index, worktree, keys):
        row = records.at(index, worktree, path)
        if row is None or (kinds.place(target.path) and row.place == kinds.place(target.path)):
            continue
        owner = records.own(index, worktree, row.place) if row.noun in _ENTRIES else row
        title = row.record.__dict__.get("title", "")
        for field, text in (("title", title), (_field(row.noun), row.record.body)):
            hit = _first(text, target, keys, resolver, path)
            if hit and owner:
                number = targets.number_of(tracker, row.noun, path) if row.noun in _ENTRIES else 0
                yield Backlink(targets.record(tracker, owner), field, number, path, *hit)


def _field(noun: str) -> str:
    return noun if noun in _ENTRIES else "description" if noun == "epic" else "text"


def _first(text: str, target: Target, keys: list[str], resolver: Resolver, home: str) -> tuple[int, str] | None:
    """Find the first mention of a record in a text: the number of its line, and the line."""
    if not text or not _may_have(text, target, keys):
        return None
    for one in formats.find(text):
        if formats.key(one) in keys:
            found = resolver.target(one, home)
            if found and found.is_same(target):
                start = text.rfind("\n", 0, one.start) + 1
                line = text[start:].partition("\n")[0]
                return text.count("\n", 0, start) + 1, around(line, one.start - start)
    return None


def _may_have(text: str, target: Target, keys: list[str]) -> bool:
    """Tell quickly that a text has no mention: the last word of a page's path may be any word, a slug is in few."""
    if target.type in _LINKED:
        return any(sign in text for sign in _LINKS) or target.ref in text
    if target.type == "member":
        return "@" in text or target.ref in text
    low = text.lower()
    return any(key.lower() in low for key in keys)
