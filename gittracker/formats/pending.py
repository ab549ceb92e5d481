"""A pending line: one entry as a sandboxed command leaves it for the journal, in `local/pending.jsonl`."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode

from gittracker.domain import times
from gittracker.formats.entry import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Change = tuple[str, str, bytes | None]

_ID_DIGITS = 40
_HEX = frozenset("0123456789abcdef")
# What is never part of the tracker's history.
_PRIVATE = ("local", "worktrees", "config.local.json")
UNSURE = "unsure"


class Line:
    """One entry that waits; `at` in seconds. `changes` holds (path, blob before or empty, bytes after or None).

    `found` is empty for a command's own entry; an entry of bytes as found says who left them, `git` or `editor`, or
    that nobody could tell (`unsure`). `counters` are the numbers given out, `records` what the receipts are made of.
    """

    __slots__ = ("id", "at", "author", "email", "message", "found", "changes", "fingerprint", "counters", "records")

    def __init__(self, oid: str, at: int, author: str, email: str, message: Message, found: str,
                 changes: list[Change], fingerprint: str = "", counters: dict[str, int] | None = None,
                 records: list[dict[str, Any]] | None = None) -> None:
        self.id = oid
        self.at = at
        self.author = author
        self.email = email
        self.message = message
        self.found = found
        self.changes = changes
        self.fingerprint = fingerprint
        self.counters = counters or {}
        self.records = records or []


def render(line: Line) -> bytes:
    """Write a line with its line end; what is empty is left out."""
    said = line.message
    members = {"id": line.id, "at": times.utc(line.at), "actor": said.actor, "author": line.author, "email": line.email,
               "subject": said.subject, "tickets": said.tickets, "found": line.found, "key": said.key,
               "fingerprint": line.fingerprint, "undoes": said.undoes, "command": said.command,
               "counters": line.counters, "changes": [_change(*one) for one in line.changes], "records": line.records}
    kept = {name: value for name, value in members.items() if value or name in ("at", "changes")}
    return json.dumps(kept).encode() + b"\n"


def pack(data: bytes | None) -> dict[str, str]:
    """Give bytes as a member: text where they are UTF-8, else base64, nothing for a file that is gone."""
    if data is None:
        return {}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def unpack(member: dict[str, Any]) -> bytes | None:
    """Read what `pack` gave; raises ValueError."""
    if "base64" in member:
        return b64decode(_of(member, "base64", str), validate=True)
    return _of(member, "text", str).encode() if "text" in member else None


def read(data: bytes) -> tuple[list[Line], list[tuple[int, str, bytes]]]:
    """Read a file's lines; what is no line of ours comes second as (number, what is wrong, bytes)."""
    lines: dict[str, Line] = {}
    problems = []
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            line = parse(raw)
            if line.id in lines:
                raise ValueError("another line has its id")
            lines[line.id] = line
        except ValueError as error:
            torn = number == data.count(b"\n") + 1
            problems.append((number, "a torn line" if torn else f"no pending entry: {error}", raw))
    return list(lines.values()), problems


def parse(raw: bytes) -> Line:
    """Read one line; raises ValueError, for anybody who may write the file may write anything into it."""
    try:
        given = json.loads(raw)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError as error:
        raise ValueError("not JSON") from error
    if not isinstance(given, dict):
        raise ValueError("not an object")
    oid = _of(given, "id", str)
    if len(oid) != _ID_DIGITS or not _HEX.issuperset(oid):
        raise ValueError(f'"{oid[:_ID_DIGITS]}" is no id')
    message = Message(_of(given, "subject", str, ""), _texts(given, "tickets"), _of(given, "actor", str),
                      _of(given, "key", str, ""), _of(given, "undoes", str, ""), pending=oid,
                      command=_of(given, "command", str, ""))
    return Line(oid, _moment(given), _of(given, "author", str, ""), _of(given, "email", str, ""), message,
                _of(given, "found", str, ""), [_read_change(one) for one in _objects(given, "changes")],
                _of(given, "fingerprint", str, ""), _counters(given), _records(given))


def is_history(path: str) -> bool:
    """Tell whether a path can be one that the journal holds: below the tracker's folder, and none of its own."""
    parts = path.split("/")
    return (parts[0] not in _PRIVATE and "\0" not in path
            and not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts))


def _change(path: str, old: str, data: bytes | None) -> dict[str, Any]:
    return {"path": path, **({"old": old} if old else {}), **pack(data)}


def _read_change(given: dict[str, Any]) -> Change:
    path = _of(given, "path", str)
    if not is_history(path):
        raise ValueError(f'"{path}" is no path of the tracker')
    old = _of(given, "old", str, "")
    if not _HEX.issuperset(old):
        raise ValueError(f'"{old}" is no blob')
    return path, old, unpack(given)


def _of(given: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    value = given.get(name, default)
    if type(value) is not kind:
        raise ValueError(f'"{name}" is missing' if value is None else f'"{name}" is no {kind.__name__}')
    return value


def _texts(given: dict[str, Any], name: str) -> list[str]:
    found = _of(given, name, list, [])
    if not all(isinstance(one, str) for one in found):
        raise ValueError(f'"{name}" is no list of texts')
    return list(found)


def _moment(given: dict[str, Any]) -> int:
    text = _of(given, "at", str)
    if not times.is_moment(text):
        raise ValueError('"at" is no UTC time')
    from datetime import datetime
    return int(datetime.fromisoformat(text).timestamp())


def _records(given: dict[str, Any]) -> list[dict[str, Any]]:
    found = _objects(given, "records", [])
    for one in found:
        for name in ("kind", "ref", "slug", "path"):
            _of(one, name, str)
        for name in ("old_etag", "new_etag"):
            if one.get(name) is not None:
                _of(one, name, str)
        _of(one, "changes", dict)
    return found


def _objects(given: dict[str, Any], name: str, default: Any = None) -> list[dict[str, Any]]:
    found = _of(given, name, list, default)
    if not all(isinstance(one, dict) for one in found):
        raise ValueError(f'"{name}" is no list of objects')
    return list(found)


def _counters(given: dict[str, Any]) -> dict[str, int]:
    found = _of(given, "counters", dict, {})
    if not all(type(number) is int and 0 <= number < 10 ** 9 for number in found.values()):
        raise ValueError('"counters" holds more than numbers')
    return dict(found)
