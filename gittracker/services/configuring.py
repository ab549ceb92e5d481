"""What projects and members share: records of the configuration, read as the command in the making leaves them."""

from __future__ import annotations

from gittracker.domain import names
from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.texts import one_line
from gittracker.formats import entity_md
from gittracker.services.records import HeldRecord
from gittracker.store import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.write.writing import Writing


def hold(writing: Writing, cls: type[Record], path: str, name: str) -> HeldRecord:
    """Give a record of the configuration; the first to be looked at must meet `--if-match`."""
    data = writing.read(path) or b""
    writing.meet(name, data, f"gittracker {cls.NOUN} show {name}")
    return HeldRecord(path, name, entity_md.read(cls, data, path)[0], data)


def check_free(writing: Writing, noun: str, name: str) -> None:
    """Refuse a name whose file is there, or that some file system can't tell from another; raises ConflictError."""
    start = f"{noun}s/"
    there = {*settings.names(writing.tracker.rules), *writing.after}
    present = sorted(path[len(start):].removesuffix(".md") for path in there
                     if path.startswith(start) and writing.after.get(path, b"") is not None)
    names.check_free(noun, name, present, f"gittracker {noun} list")


def text(cls: type[Record], name: str, value: str, allowed: tuple[str, ...] = ()) -> str:
    """Check what was typed for a field: one line, and one of the words that it may be; `none` clears it."""
    clean = one_line(f"the {name}", value)
    if allowed:
        if clean.lower() not in allowed:
            raise InvalidDataError(f'{name} "{value}" is none of {", ".join(allowed)}', f"--{name} {allowed[0]}")
        return clean.lower()
    if clean.lower() == "none":
        if name == "name":
            raise UsageError(f"a {cls.NOUN} needs a name", "--name 'Web shop'")
        return ""
    return clean


def body(writing: Writing, what: str, old: str, new: str) -> str:
    """Check a description; raises what `check_text` raises."""
    writing.check_text(f"{what}'s description", old, new)
    return entity_md.read_body(new)


def members(old: tuple[str, ...], add: list[str], less: list[str], what: str) -> tuple[str, ...]:
    """Add to a set of words, and take from it."""
    return tuple(sorted({*old, *(one_line(what, item) for item in add)} - {item.strip() for item in less}))


def described(differences: dict[str, tuple[Any, Any]]) -> str:
    """Say in one line what changed."""
    from gittracker.services import wording
    return wording.changes(differences)
