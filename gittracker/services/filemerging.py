"""The three-way merge of one tracker file: by field where it is a record, by lines where it is other text."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge, merge_text
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record

OURS, THEIRS = "ours", "theirs"


class Dispute:
    """One field that two sides changed differently; an empty field is the file as a whole."""

    __slots__ = ("path", "field", "ours", "theirs")

    def __init__(self, path: str, field: str, ours: Any, theirs: Any) -> None:
        self.path = path
        self.field = field
        self.ours = ours
        self.theirs = theirs


def merge_file(path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None,
               choice: str = "") -> tuple[bytes | None, list[Dispute]]:
    """Merge a file that both sides changed; gives the result and what is disputed, decided by `choice` if it is given.

    None is a file that is not there.
    """
    if ours is None or theirs is None:
        said = [None if side is None else "changed" for side in (ours, theirs)]
        return (theirs if choice == THEIRS else ours), [Dispute(path, "", *said)]
    cls = CLASSES.get(kinds.noun(path))
    if cls is not None and cls.FIELDS:
        try:
            return _merge_record(cls, path, base, ours, theirs, choice)
        except InvalidDataError:
            pass  # one of them can't be read as a record; as text it may merge all the same
    return _merge_lines(path, base, ours, theirs, choice)


def _merge_record(cls: type[Record], path: str, base: bytes | None, ours: bytes, theirs: bytes,
                  choice: str) -> tuple[bytes, list[Dispute]]:
    before = cls() if base is None else entity_md.read(cls, base, path)[0]
    mine, other = entity_md.read(cls, ours, path)[0], entity_md.read(cls, theirs, path)[0]
    merged = merge(before, mine, other)
    changes = dict(merged.changes)
    if choice == THEIRS:
        changes.update((name, pair[1]) for name, pair in merged.disputes.items())
    data = entity_md.patch(cls, ours, changes, path) if changes else ours
    return data, [Dispute(path, name, *pair) for name, pair in merged.disputes.items()]


def _merge_lines(path: str, base: bytes | None, ours: bytes, theirs: bytes,
                 choice: str) -> tuple[bytes, list[Dispute]]:
    if path.startswith("conversations/") and path.endswith(".jsonl"):
        return _union(base or b"", ours, theirs), []
    try:
        text = merge_text((base or b"").decode(), ours.decode(), theirs.decode())
    except UnicodeDecodeError:
        text = None
    if text is not None:
        return text.encode(), []
    return (theirs if choice == THEIRS else ours), [Dispute(path, "", "changed", "changed")]


def _union(base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Keep the lines of both logs, as git's union driver does."""
    known = {*base.split(b"\n"), *ours.split(b"\n")}
    added = [line for line in theirs.split(b"\n") if line and line not in known]
    return ours + (b"" if ours.endswith(b"\n") or not ours else b"\n") + b"".join(line + b"\n" for line in added)
