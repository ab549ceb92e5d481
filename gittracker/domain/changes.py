"""What one state of a tracker changes in another: records, their fields, comments and files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What can happen to a record, in the order it is told; a record may have more than one.
EVENTS = ("created", "removed", "closed", "reopened", "moved", "archived", "unarchived", "changed")
NOUNS = ("ticket", "epic", "page", "update", "project", "member", "skill", "harness", "workflow", "job")


class Remark:
    """A comment (or another entry of one file) that was added, edited or deleted."""

    __slots__ = ("path", "what", "event", "by", "text")

    def __init__(self, path: str, what: str, event: str, by: str, text: str) -> None:
        self.path = path
        self.what = what
        self.event = event
        self.by = by
        self.text = text


def file_said(name: str, event: str) -> str:
    """Say what happened to a file; what is attached counts as binary, as it does for git."""
    return f"{name} {event}{' (binary)' if name.startswith('attachments/') else ''}"


class RecordChange:
    """One record's changes: `fields` holds (field, old, new), `files` (name, event)."""

    __slots__ = ("noun", "name", "title", "path", "events", "fields", "remarks", "files")

    def __init__(self, noun: str, name: str, title: str, path: str, events: tuple[str, ...],
                 fields: list[tuple[str, Any, Any]], remarks: list[Remark], files: list[tuple[str, str]]) -> None:
        self.noun = noun
        self.name = name
        self.title = title
        self.path = path
        self.events = events
        self.fields = fields
        self.remarks = remarks
        self.files = files


class Comparison:
    """A whole comparison; `limits` says what it can't know, and `names` gives slugs by ref."""

    __slots__ = ("base", "head", "base_commit", "head_commit", "records", "limits", "names")

    def __init__(self, base: str, head: str, base_commit: str, head_commit: str, records: list[RecordChange],
                 limits: list[str], names: dict[str, str]) -> None:
        self.base = base
        self.head = head
        self.base_commit = base_commit
        self.head_commit = head_commit
        self.records = sorted(records, key=_place)
        self.limits = limits
        self.names = names

    def counts(self) -> dict[str, dict[str, int]]:
        """Count events by noun, and what happened to remarks by what they are."""
        found: dict[str, dict[str, int]] = {}
        for record in self.records:
            for noun, event in [*((record.noun, e) for e in record.events),
                                *((r.what, r.event) for r in record.remarks)]:
                row = found.setdefault(noun, {})
                row[event] = row.get(event, 0) + 1
        return found

    def summary(self) -> str:
        """Say it in one line."""
        parts = []
        for noun, events in self.counts().items():
            for number, (event, count) in enumerate(sorted(events.items(), key=lambda e: _rank(e[0]))):
                many = "" if count == 1 else "ies" if noun[-1:] == "y" else "s"
                what = f"{noun[:-1] if many == 'ies' else noun}{many} " if number == 0 else ""
                parts.append(f"{count} {what}{event}")
        return ", ".join(parts) or "nothing changes"


def events_of(before: str | None, after: str | None) -> tuple[str, ...]:
    """Tell what a change of stage is: None where the ticket is not there."""
    closed = ("completed", "canceled")
    found = []
    if before is None and after is not None:
        found.append("created")
    if after is None:
        return ("removed",)
    if after in closed and before not in closed:
        found.append("closed")
    if before in closed and after not in closed:
        found.append("reopened")
    return tuple(found)


def _rank(event: str) -> int:
    return EVENTS.index(event) if event in EVENTS else len(EVENTS)


def _place(record: RecordChange) -> tuple[int, str, str, int, str]:
    """Order records: tickets first, then by name with numbers in their order."""
    noun = NOUNS.index(record.noun) if record.noun in NOUNS else len(NOUNS)
    key, _, number = record.name.rpartition("-")
    digits = number.isdecimal() and number.isascii() and len(number) < 12
    return noun, record.noun, key if digits else record.name, int(number) if digits else 0, record.path
