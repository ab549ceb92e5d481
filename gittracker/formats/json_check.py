"""Check a value against one of our JSON Schemas: the keywords that those use, and no more (a test says which)."""

from __future__ import annotations

import re

from gittracker.domain import times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Schema = dict[str, Any]
    Place = tuple[str | int, ...]

# What is checked, and what only tells people something.
KEYWORDS = frozenset((
    "type", "enum", "properties", "patternProperties", "additionalProperties", "required", "items", "minItems",
    "uniqueItems", "pattern", "minimum", "format", "anyOf", "allOf", "$ref"))
NOTES = frozenset(("$schema", "title", "description", "$defs"))
_NAMES = {"string": "text", "null": "empty", "boolean": "true or false", "integer": "a whole number",
          "number": "a number", "array": "a list", "object": "keys with values"}
_MOST_SHOWN = 40


class Error:
    """One thing that doesn't fit: where (keys and list positions) and what."""

    __slots__ = ("place", "message")

    def __init__(self, place: Place, message: str) -> None:
        self.place = place
        self.message = message


def check(schema: Schema, value: Any) -> list[Error]:
    """List what doesn't fit."""
    return _check(schema, value, (), schema)


def _check(schema: Schema, value: Any, place: Place, whole: Schema) -> list[Error]:
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    wrong = _wrong_kind(schema, value)
    if wrong:
        return [Error(place, f"{_label(place)} is {_shown(value)}; expected {wrong}")]
    found = [error for part in schema.get("allOf", ()) for error in _check(part, value, place, whole)]
    if "anyOf" in schema:
        tries = [_check(part, value, place, whole) for part in schema["anyOf"]]
        found += sorted(tries, key=len)[0] if all(tries) else []
    if isinstance(value, dict):
        found += _check_object(schema, value, place, whole)
    elif isinstance(value, list):
        found += _check_list(schema, value, place, whole)
    elif not _fits(schema, value):
        found.append(Error(place, f"{_label(place)} is {_shown(value)}; expected {_expected(schema)}"))
    return found


def _wrong_kind(schema: Schema, value: Any) -> str:
    """Say what was expected where a value is of the wrong type or none of those allowed; else nothing."""
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        return f"one of {', '.join(map(_plain, schema['enum']))}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return "" if not kinds or any(_is(value, kind) for kind in kinds) else " or ".join(_NAMES[k] for k in kinds)


def _is(value: Any, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        return isinstance(value, int | float) and not isinstance(value, bool) and (kind == "number" or value % 1 == 0)
    return isinstance(value, {"string": str, "array": list, "object": dict}[kind])


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in JSON, where true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _check_object(schema: Schema, value: dict[Any, Any], place: Place, whole: Schema) -> list[Error]:
    found = [Error(place, f"{name} is missing") for name in schema.get("required", ()) if name not in value]
    for name, inner in value.items():
        parts = [schema["properties"][name]] if name in schema.get("properties", {}) else []
        parts += [part for pattern, part in schema.get("patternProperties", {}).items()
                  if re.search(pattern, str(name))]
        if not parts:
            other = schema.get("additionalProperties", True)
            if other is False:
                found.append(Error((*place, name), f"there is no key {name}"))
            parts = [other] if isinstance(other, dict) else []
        found += [error for part in parts for error in _check(part, inner, (*place, name), whole)]
    return found


def _check_list(schema: Schema, value: list[Any], place: Place, whole: Schema) -> list[Error]:
    found = []
    if len(value) < schema.get("minItems", 0):
        found.append(Error(place, f"{_label(place)} has {len(value)} item(s); expected {schema['minItems']} or more"))
    for number, item in enumerate(value):
        if "items" in schema:
            found += _check(schema["items"], item, (*place, number), whole)
        if schema.get("uniqueItems") and any(_same(item, other) for other in value[:number]):
            found.append(Error((*place, number), f"{_shown(item)} stands twice in {_label(place)}"))
    return found


def _fits(schema: Schema, value: Any) -> bool:
    if isinstance(value, str):
        moment = schema.get("format") != "date-time" or times.is_moment(value)
        return moment and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return not number or "minimum" not in schema or value >= schema["minimum"]


def _expected(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "a UTC time such as 2026-11-22T10:00:00Z"
    if "pattern" in schema:
        return f"text that fits {schema['pattern']}"
    return f"{schema['minimum']} or more"


def _label(place: Place) -> str:
    """Name a place: `tracker.types[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return text or "the whole"


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _shown(value: Any) -> str:
    """Show a value with what YAML or JSON takes it for, where that may surprise."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys with values"
    if value is None or isinstance(value, str):
        text = "" if value is None else value
        return f'"{text[:_MOST_SHOWN]}{"…" if len(text) > _MOST_SHOWN else ""}"' if text else "empty"
    kind = "true or false" if isinstance(value, bool) else "a number"
    return f"{str(value).lower()}, which is read as {kind} (in quotes it is text)"
