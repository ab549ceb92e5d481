"""Merge one file of the tracker three ways, whatever it is: by field, by section, by line or as a whole."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge, merge_text
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md, loose, sections
from gittracker.services.refresh import recording
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.fields import Record

    # Tells whether the second side's value of a field (WHOLE: of the file) is the later one.
    IsLater = Callable[[str], bool]

WHOLE = ""
_BODY = "body"


class Dispute:
    """A field that both sides changed differently: the value that stays and the one that goes, and whose stays."""

    __slots__ = ("field", "kept", "dropped", "keeps_theirs")

    def __init__(self, field: str, ours: Any, theirs: Any, keeps_theirs: bool) -> None:
        self.field = field
        self.kept, self.dropped = (theirs, ours) if keeps_theirs else (ours, theirs)
        self.keeps_theirs = keeps_theirs


class Combined:
    """A merged file's bytes, and what was disputed."""

    __slots__ = ("data", "disputes")

    def __init__(self, data: bytes, disputes: list[Dispute] | None = None) -> None:
        self.data = data
        self.disputes = disputes or []


def combine(path: str, base: bytes | None, ours: bytes, theirs: bytes, is_later: IsLater) -> Combined:
    """Merge a file that both sides have and changed; `base` is None where both added it.

    Of a disputed field the later value stays.
    """
    if ours == theirs or theirs == base:
        return Combined(ours)
    if ours == base:
        return Combined(theirs)
    texts = _texts(base or b"", ours, theirs)
    if texts is None or kinds.noun(path) == "attachment":
        return _whole(ours, theirs, is_later)
    cls = CLASSES.get(kinds.noun(path))
    if cls is not None and cls.FIELDS:
        found = _by_field(cls, path, (base, ours, theirs), texts, is_later)
        if found:
            return found
    if path.endswith(".jsonl"):
        return Combined(_union(*texts).encode())
    if path.endswith(f"/{layout.WORKPAD}"):
        return _by_section(texts, is_later)
    merged = merge_text(*texts)
    if merged is None or not _is_sound(path, merged.encode()):
        return _whole(ours, theirs, is_later)
    return Combined(merged.encode())


def _whole(ours: bytes, theirs: bytes, is_later: IsLater) -> Combined:
    later = is_later(WHOLE)
    return Combined(theirs if later else ours, [Dispute(WHOLE, _shown(ours), _shown(theirs), later)])


def _shown(data: bytes) -> str:
    """Give a file as a report can show it."""
    try:
        return data.decode() if b"\0" not in data else f"{len(data)} bytes"
    except UnicodeDecodeError:
        return f"{len(data)} bytes"


def _texts(*data: bytes) -> tuple[str, str, str] | None:
    try:
        base, ours, theirs = (one.decode() for one in data)
    except UnicodeDecodeError:
        return None
    return None if any(b"\0" in one for one in data) else (base, ours, theirs)


def _by_field(cls: type[Record], path: str, data: tuple[bytes | None, bytes, bytes], texts: tuple[str, str, str],
              is_later: IsLater) -> Combined | None:
    """Merge records; None where one of them can't be read as one, or not whole."""
    try:
        base = cls() if data[0] is None else _record(cls, path, data[0])
        ours, theirs = _record(cls, path, data[1]), _record(cls, path, data[2])
        merged = merge(base, ours, theirs)
        disputes = [Dispute(name, *pair, is_later(name)) for name, pair in merged.disputes.items()]
        # A text that stays has what the other side changed elsewhere in it.
        changes = {**merged.changes, **{one.field: one.kept for one in disputes if one.keeps_theirs
                                        or one.field == _BODY}}
        text = merge_text(*texts) if data[0] is not None and not disputes else None
        found = entity_md.patch(cls, recording.with_front_matter(ours, data[1]), changes, path)
        # Git's way keeps what stands between the fields; it is taken where it gives the same record.
        if text is not None and _record(cls, path, text.encode()) == _record(cls, path, found):
            found = text.encode()
    except InvalidDataError:
        return None
    return Combined(found, disputes)


def _record(cls: type[Record], path: str, data: bytes) -> Record:
    record, findings = recording.parse_as(cls, path, data)
    if findings:
        raise InvalidDataError(findings[0][1], path=path, line=findings[0][0])
    return record


def _by_section(texts: tuple[str, str, str], is_later: IsLater) -> Combined:
    """Merge a workpad: whoever works on it writes sections of their own."""
    whole = merge_text(*texts)
    if whole is not None:
        return Combined(whole.encode())
    base, ours, theirs = (_parts(text) for text in texts)
    disputes, parts = [], []
    for heading in [*ours, *(one for one in theirs if one not in ours)]:
        old, mine, other = (side.get(heading, "") for side in (base, ours, theirs))
        text = merge_text(old, mine, other)
        if text is None:
            disputes.append(Dispute(f"section {heading}" if heading else _BODY, mine, other, is_later(WHOLE)))
            text = str(disputes[-1].kept)
        parts.append(text if not text or text.endswith("\n") else text + "\n")
    return Combined("".join(parts).encode(), disputes)


def _parts(text: str) -> dict[str, str]:
    """Give the sections by heading; those that share one are one."""
    found: dict[str, str] = {}
    for heading, part in sections.split(text):
        found[heading] = found.get(heading, "") + part
    return found


def _union(base: str, ours: str, theirs: str) -> str:
    """Keep the lines of both sides, those of ours first."""
    there = set(ours.split("\n")) | set(base.split("\n"))
    added = [line for line in theirs.split("\n") if line and line not in there]
    head = ours if not ours or ours.endswith("\n") else ours + "\n"
    return head + "".join(f"{line}\n" for line in added)


def _is_sound(path: str, data: bytes) -> bool:
    """Tell whether merged lines are still a file of its kind."""
    try:
        loose.read(path, data)
    except InvalidDataError:
        return False
    return True
