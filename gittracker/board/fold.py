"""Fold one file's versions into what the board shows: three ways, by field, in the order of the replicas."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge, merge_text
from gittracker.formats import entity_md

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.fields import Record

    # Tells whether the second source's value of a field is later than the first's.
    Later = Callable[[str, str, str], bool]

WHOLE = ""  # stands for the file as a whole, where a field's name is asked for
_BODY = "body"


class Version:
    """What one replica has of a file (None: no such file), and what the replicas before it had when it parted."""

    __slots__ = ("source", "base", "data")

    def __init__(self, source: str, base: bytes | None, data: bytes | None) -> None:
        self.source = source
        self.base = base
        self.data = data


class Dispute:
    """A field that two sides changed differently: the value that is shown, and the other one, each with its source."""

    __slots__ = ("field", "shown", "shown_in", "other", "other_in")

    def __init__(self, field: str, shown: Any, shown_in: str, other: Any, other_in: str) -> None:
        self.field = field
        self.shown = shown
        self.shown_in = shown_in
        self.other = other
        self.other_in = other_in


class Folded:
    """A file as the board shows it, by which source each of its fields is so, and what is disputed."""

    __slots__ = ("data", "source", "suppliers", "disputes")

    def __init__(self, data: bytes | None, source: str) -> None:
        self.data = data
        self.source = source  # of whatever no other source has supplied
        self.suppliers: dict[str, str] = {}
        self.disputes: list[Dispute] = []

    def supplier(self, field: str) -> str:
        """Give the source of a field's value."""
        return self.suppliers.get(field) or self.suppliers.get(WHOLE) or self.source

    def take(self, data: bytes | None, source: str) -> None:
        """Show another version as it is."""
        self.data = data
        self.suppliers = {WHOLE: source}

    def dispute(self, field: str, values: tuple[Any, Any], source: str, is_later: Later) -> bool:
        """Note that a source's value (the second) stands against the shown one; tells whether it is shown from now."""
        mine, other = values
        shown_in = self.supplier(field)
        later = is_later(field, shown_in, source)
        pair = (other, source, mine, shown_in) if later else (mine, shown_in, other, source)
        self.disputes = [one for one in self.disputes if not later or one.field != field or one.shown_in != source]
        self.disputes.append(Dispute(field, *pair))
        return later


def fold(cls: type[Record] | None, start: bytes | None, source: str, versions: list[Version],
         is_later: Later) -> Folded:
    """Fold versions into the first one; `cls` is what the file is read as, None for one that is merged as text."""
    found = Folded(start, source)
    for one in versions:
        if one.data != one.base and one.data != found.data:
            _join(cls, found, one, is_later)
    return found


def _join(cls: type[Record] | None, found: Folded, one: Version, is_later: Later) -> None:
    if found.data == one.base:
        fields = changed(cls, found.data, one.data)
        if not fields:
            found.take(one.data, one.source)
        found.data = one.data
        found.suppliers.update(dict.fromkeys(fields, one.source))
    elif one.data is None or found.data is None:
        kept = found.data is not None  # removed on one side, changed on the other: what somebody still works on stays
        found.disputes.append(Dispute(WHOLE, "changed", found.supplier(WHOLE) if kept else one.source, "removed",
                                      one.source if kept else found.supplier(WHOLE)))
        if not kept:
            found.take(one.data, one.source)
    elif cls is None or not _join_fields(cls, found, one, is_later):
        _join_text(found, one, is_later)


def changed(cls: type[Record] | None, base: bytes | None, data: bytes | None) -> list[str]:
    """Name the fields that differ; none where the file has none, is new or gone, or can't be read."""
    if cls is None or base is None or data is None:
        return []
    try:
        return list(entity_md.differences(entity_md.read(cls, base)[0], entity_md.read(cls, data)[0]))
    except InvalidDataError:
        return []


def _join_fields(cls: type[Record], found: Folded, one: Version, is_later: Later) -> bool:
    """Merge by field; tells whether all three could be read."""
    assert found.data is not None and one.data is not None
    try:
        ours, theirs = (entity_md.read(cls, data)[0] for data in (found.data, one.data))
        base = cls() if one.base is None else entity_md.read(cls, one.base)[0]
    except InvalidDataError:
        return False
    merged = merge(base, ours, theirs)
    changes = merged.changes
    kept: dict[str, Any] = {}
    for field, values in merged.disputes.items():
        if found.dispute(field, values, one.source, is_later):
            changes[field] = values[1]
        elif values[0] != ours.body and field == _BODY:
            kept[field] = values[0]  # what the other side changed elsewhere in the text is in it
    if changes or kept:
        found.data = entity_md.patch(cls, found.data, {**changes, **kept})
        found.suppliers.update(dict.fromkeys(changes, one.source))
    return True


def _join_text(found: Folded, one: Version, is_later: Later) -> None:
    assert found.data is not None and one.data is not None
    try:
        texts = [(data or b"").decode() for data in (one.base, found.data, one.data)]
    except UnicodeDecodeError:
        texts = []
    text = merge_text(*texts) if texts else None
    if text is not None:
        found.data = text.encode()
        found.suppliers[_BODY] = one.source
    elif found.dispute(WHOLE, tuple(texts[1:]) if texts else ("", ""), one.source, is_later):  # type: ignore[arg-type]
        found.take(one.data, one.source)
