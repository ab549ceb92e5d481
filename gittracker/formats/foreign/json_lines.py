"""JSON lines, a JSON array or a single object: each object with its line, and what could not be read."""

from __future__ import annotations

import json
from typing import Any

from gittracker.domain.foreign import Anomaly

_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_LISTS = ("issues", "beads", "tasks", "tickets", "items", "records", "data", "results")
_JSON = json.JSONDecoder(strict=False)  # control characters inside strings are read, not refused

Found = tuple[int, dict[str, Any]]


def read(text: str, path: str) -> tuple[list[Found], list[Anomaly]]:
    """Give every object with its line; each line or item that is none becomes an anomaly that is lost."""
    stripped = text.lstrip()
    if stripped.startswith("[") or (stripped.startswith("{") and _spans_lines(stripped)):
        found = _document(text, path)
        if found is not None:
            return found
    objects: list[Found] = []
    anomalies: list[Anomaly] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith(_MARKERS):
            anomalies.append(Anomaly(path, number, "conflict-marker", f"git conflict marker: {line[:40]!a}", True))
        elif line:
            _line(line, number, path, objects, anomalies)
    return objects, anomalies


def _spans_lines(text: str) -> bool:
    """Tell one object over many lines from one object a line."""
    try:
        json.loads(text.partition("\n")[0], strict=False)
    except (ValueError, RecursionError):
        return True
    return False


def _document(text: str, path: str) -> tuple[list[Found], list[Anomaly]] | None:
    """Read the text as one JSON document: a list of objects, or an object that holds one; None where it is neither."""
    start = len(text) - len(text.lstrip())
    try:
        value, end = _JSON.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if text[end:].strip():
        return None
    if isinstance(value, dict):
        value = next((value[k] for k in _LISTS if isinstance(value.get(k), list)), [value])
    lines = _item_lines(text, start, len(value))
    objects = [(line, item) for line, item in zip(lines, value, strict=True) if isinstance(item, dict)]
    return objects, [Anomaly(path, line, "not-json", f"item {n} is no object: {json.dumps(item)[:60]}", True)
                     for n, (line, item) in enumerate(zip(lines, value, strict=True), 1) if not isinstance(item, dict)]


def _item_lines(text: str, start: int, count: int) -> list[int]:
    """Give the line of each item of a list that begins at `start`; the first line where the text is otherwise."""
    lines: list[int] = []
    position = start + 1
    line, counted = text.count("\n", 0, start) + 1, start
    try:
        while text[start] == "[" and len(lines) < count:
            position += len(text[position:position + 10_000]) - len(text[position:position + 10_000].lstrip(" \t\r\n,"))
            line, counted = line + text.count("\n", counted, position), position
            lines.append(line)
            position = _JSON.raw_decode(text, position)[1]
    except (ValueError, RecursionError):
        pass
    return lines + [1] * (count - len(lines))


def _line(line: str, number: int, path: str, objects: list[Found], anomalies: list[Anomaly]) -> None:
    """Read the objects of one line; a bad merge may have put two on it."""
    position = many = 0
    while position < len(line):
        try:
            value, position = _JSON.raw_decode(line, position)
        except ValueError as error:
            reason = getattr(error, "msg", "") or str(error)
            anomalies.append(Anomaly(path, number, "not-json", f"not JSON ({reason}): {line[position:][:60]!a}", True))
            return
        except RecursionError:
            anomalies.append(Anomaly(path, number, "not-json", "JSON nested too deep", True))
            return
        many += 1
        if isinstance(value, dict):
            objects.append((number, value))
        else:
            anomalies.append(Anomaly(path, number, "not-json", f"no object: {json.dumps(value)[:60]}", True))
        while position < len(line) and line[position] in " \t\r,":
            position += 1
    if many > 1:
        anomalies.append(Anomaly(path, number, "not-json", f"{many} values on one line; each was read"))
