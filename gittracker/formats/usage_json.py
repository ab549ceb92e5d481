"""A usage report as its file has it: one JSON object, a member a line."""

from __future__ import annotations

import json

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.usage import Usage
from gittracker.formats import json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_INDENT = 2


def render(usage: Usage) -> bytes:
    """Write a report; what is unset and need not stand there is left out."""
    shown = {name: field.kind.to_json(usage.__dict__[name]) for name, field in Usage.FIELDS.items()
             if field.always or usage.__dict__[name] != field.kind.empty}
    return (json_text.dumps({**shown, **usage.extra}, _INDENT) + "\n").encode()


def read(data: bytes, path: str = "") -> Usage:
    """Read a report; members that we don't know are kept in `extra`. Raises InvalidDataError with the line."""
    members = _load(data, path)
    values: dict[str, Any] = {}
    for name, value in members.items():
        field = Usage.FIELDS.get(name)
        if field is None or value is None:
            continue
        try:
            if not isinstance(value, str):
                raise ValueError("text or a number")
            values[name] = field.kind.read(value)
        except ValueError as error:
            raise InvalidDataError(f"{name} is {json.dumps(value)}; expected {error}",
                                   "mend the file, or gittracker usage remove", path, _line(data, name)) from error
    return Usage(extra={k: v for k, v in members.items() if k not in Usage.FIELDS}, **values)


def _load(data: bytes, path: str) -> dict[str, Any]:
    """Read the object; numbers come as the text that stands there, for a float would lose money."""
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError as error:
        raise InvalidDataError("not UTF-8 text", "mend the file, or gittracker usage remove", path, 1) from error
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise InvalidDataError(f"broken JSON: {error}", "mend the file, or gittracker usage remove", path,
                               line) from error
    if not isinstance(found, dict):
        raise InvalidDataError("not a JSON object", "mend the file, or gittracker usage remove", path, 1)
    return found


def _line(data: bytes, name: str) -> int:
    before, found, _ = data.partition(f'"{name}"'.encode())
    return before.count(b"\n") + 1 if found else 1
