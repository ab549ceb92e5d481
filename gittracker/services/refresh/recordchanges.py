"""From changed files to changed records: fields, events, comments, files."""

from __future__ import annotations

from gittracker.domain.changes import RecordChange, Remark, events_of
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md, loose
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.settings import Settings

    Fields = list[tuple[str, Any, Any]]

_WITH_DESCRIPTION = ("ticket", "epic", "project", "member")


class Changed:
    """One changed file: its place, its blobs and, where it is text of ours, its bytes on both sides."""

    __slots__ = ("path", "place", "old", "new", "before", "after", "problem")

    def __init__(self, path: str, place: kinds.Part, old: str, new: str) -> None:
        self.path = path
        self.place = place
        self.old = old
        self.new = new
        self.before: bytes | None = None
        self.after: bytes | None = None
        self.problem = ""

    @property
    def event(self) -> str:
        """Say what happened to the file."""
        return "added" if not self.old else "changed" if self.new or self.problem else "removed"


def gather(changed: list[Changed], own: dict[str, bytes], old_rules: Settings,
           new_rules: Settings) -> tuple[list[RecordChange], list[str]]:
    """Group changed files by record; `own` has the own files of records where only another part changed.

    The second value says what could not be read.
    """
    groups: dict[str, list[Changed]] = {}
    for one in changed:
        groups.setdefault(one.place.own, []).append(one)
    problems: list[str] = []
    return [_record(path, group, own.get(path), (old_rules, new_rules), problems)
            for path, group in groups.items()], problems


def _record(path: str, group: list[Changed], held: bytes | None, rules: tuple[Settings, Settings],
            problems: list[str]) -> RecordChange:
    """Make one record's change from those of its files."""
    place = group[0].place
    fields: Fields = []
    remarks: list[tuple[str, str, Remark]] = []
    files: list[tuple[str, str]] = []
    before = after = _read(place, path, held, problems)
    for one in sorted(group, key=lambda c: c.path):
        if one.problem:
            problems.append(f".openkit/{one.path}: {one.problem}")
        if one.place.part == kinds.OWN:
            before, after = _read(place, path, one.before, problems), _read(place, path, one.after, problems)
            fields = _fields(place.noun, before, after) if before or after else []
            files += [("", one.event)] if not fields else []
        elif one.place.part == kinds.REMARK:
            remarks.append(_remark(one))
        elif one.place.part == kinds.WORKPAD:
            fields.append(("workpad", _text(one.before), _text(one.after)))
        else:
            files.append((_shown(one.place.label), one.event))
    shown = after or before or {}
    name = str(shown.get("slug") or "") if place.noun == "ticket" else ""
    title = str(shown.get("title") or shown.get("name") or "")
    title = "" if title == place.name else title
    return RecordChange(place.noun, name or _shown(place.name), title, path,
                        _events(place.noun, group, before, after, rules), fields,
                        [remark for *_, remark in sorted(remarks, key=lambda r: r[:2])], files)


def _read(place: kinds.Part, path: str, data: bytes | None, problems: list[str]) -> dict[str, Any]:
    """Give a record's values and its text under `body`; empty where it is not there or can't be read."""
    if data is None:
        return {}
    cls = CLASSES.get(place.noun)
    try:
        if cls and cls.FIELDS:
            record = entity_md.read(cls, data, path)[0]
            held = {n: v for n, v in record.values().items() if v != cls.FIELDS[n].kind.empty}
            return {**held, **record.extra, "body": record.body}
        values, text = loose.read(path, data)
        return {**values, "body": text}
    except InvalidDataError as error:
        problems.append(f".openkit/{error.path or path}{f':{error.line}' if error.line else ''}: {error.reason}")
        return {}


def _fields(noun: str, before: dict[str, Any], after: dict[str, Any]) -> Fields:
    """List what differs, without the keys that are unset on both sides."""
    text = "description" if noun in _WITH_DESCRIPTION else "text"
    found = loose.differences(before, after)
    return [(text if name == "body" else name, _set(old), _set(new)) for name, old, new in found
            if _set(old) != _set(new)]


def _set(value: Any) -> Any:
    """Give a value, None where it is unset; lists compare as tuples."""
    value = tuple(value) if isinstance(value, list) else value
    return None if value in ("", ()) else value


def _events(noun: str, group: list[Changed], before: dict[str, Any], after: dict[str, Any],
            rules: tuple[Settings, Settings]) -> tuple[str, ...]:
    own = next((one for one in group if one.place.part == kinds.OWN), None)
    if own is None or noun not in ("ticket", "epic", "update") or not (before or after):
        return ("created",) if own and not own.old else ("removed",) if own and own.event == "removed" else ("changed",)
    old, new = (_stage(noun, values, rules[side]) for side, values in enumerate((before, after)))
    if own.old and not before:
        old = new  # the old file can't be read: what its status was is not known
    if own.new and not after:
        new = old
    found = list(events_of(old, new))
    if before and after:
        found += ["moved"] if _key(before) != _key(after) and _key(before) and _key(after) else []
        if before.get("archived") != after.get("archived"):
            found.append("archived" if after.get("archived") else "unarchived")
    return tuple(found) or ("changed",)


def _stage(noun: str, values: dict[str, Any], rules: Settings) -> str | None:
    """Give the stage of a record's status, None where the record is not there; a deleted update is not."""
    if not values or values.get("deleted_at"):
        return None
    status = str(values.get("status", ""))
    if noun == "ticket":
        return rules.stage(status)
    return {"done": "completed", "canceled": "canceled"}.get(status, "started") if noun == "epic" else "started"


def _key(values: dict[str, Any]) -> str:
    return str(values.get("slug", "")).rpartition("-")[0]


def _remark(one: Changed) -> tuple[str, str, Remark]:
    """Give when a comment or another entry was written, its ref, and what happened to it.

    A deleted one keeps its file without text.
    """
    try:
        values, text = loose.read(one.path, one.after if one.after is not None else one.before or b"")
    except InvalidDataError:
        values, text = {}, ""
    event = {"added": "added", "removed": "removed"}.get(one.event, "edited")
    if values.get("deleted_at") and one.after is not None:
        event = "deleted"
    by = values.get("deleted_by" if event == "deleted" else "edited_by" if event == "edited" else "by")
    remark = Remark(one.path, one.place.label, event, str(by or values.get("by") or values.get("author") or ""), text)
    return str(values.get("at") or ""), str(values.get("ref") or ""), remark


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="replace").replace("\r\n", "\n").strip("\n")


def _shown(name: str) -> str:
    """Write a file's name without bytes that are no UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
