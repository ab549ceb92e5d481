"""What happened to records, told from their files before and after."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.services import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker


class Happened:
    """One event in the making: `changes` holds (old, new) by field."""

    __slots__ = ("kind", "ref", "slug", "changes")

    def __init__(self, kind: str, ref: str, slug: str, changes: dict[str, Any]) -> None:
        self.kind = kind
        self.ref = ref
        self.slug = slug
        self.changes = changes


def of_file(tracker: Tracker, path: str, before: bytes | None, after: bytes | None) -> list[Happened]:
    """Give the event of one changed file; none where it is no record, or can't be read."""
    noun = kinds.noun(path)
    cls = CLASSES.get(noun)
    if cls is None:
        return []
    try:
        old, new = (None if data is None else recording.parse_as(cls, path, data)[0] for data in (before, after))
    except InvalidDataError:
        return []
    one = new or old
    if one is None:
        return []
    verb = "created" if old is None else "deleted" if new is None else "updated"
    return [Happened(f"{noun}.{verb}", str(one.__dict__.get("ref") or path), _slug(tracker, path, one),
                     _changes(cls, old, new))]


def _changes(cls: type[Record], old: Record | None, new: Record | None) -> dict[str, Any]:
    if old and new:
        return dict(entity_md.differences(old, new))
    return {} if new is None else {name: (None, value) for name, value in new.values().items()
                                   if value != cls.FIELDS[name].kind.empty}


def _slug(tracker: Tracker, path: str, one: Record) -> str:
    place = kinds.place(path)
    return str(one.__dict__.get("slug") or (tracker.name_at(place) if place else path))
