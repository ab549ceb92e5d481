"""Front matter as people and other tools leave it: by YAML where it is YAML, else line by line, never refused."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import yaml_doc

_KEY = re.compile(r"(?:\"([^\"]+)\"|'([^']+)'|([^\s:#\-\[{\"'][^:]*?))[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_BLOCK = re.compile(r"[|>][+-]?\d*$")
_UNPARSED = "unparsed"


class Front(NamedTuple):
    """A file taken apart: values by key (text, lists, deeper), lines of keys and of the body, and what was odd."""

    values: dict[str, Any]
    lines: dict[str, int]
    body: str
    body_line: int
    comments: list[tuple[int, str]]
    oddities: list[tuple[int, str, str]]  # line, kind, message

    def line(self, key: str) -> int:
        """Give the line of a key, else the first."""
        return self.lines.get(key, 1)


def read(text: str) -> Front | None:
    """Take a file apart; None where it has no front matter."""
    lines = text.split("\n")
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or lines[start].rstrip() != "---":
        return None
    oddities: list[tuple[int, str, str]] = []
    close = next((n for n in range(start + 1, len(lines)) if lines[n].rstrip() == "---"), -1)
    if close < 0:
        close = _where_keys_end(lines, start + 1)
        oddities.append((start + 1, "front-matter", 'front matter without a closing "---"'))
        body_at = close
    else:
        body_at = close + 1
    front = lines[start + 1:close]
    keys, twice = _keys(front, start + 2)
    values = _values(front, start + 2, twice, oddities)
    comments = [(n, line.strip()[1:].strip()) for n, line in enumerate(front, start + 2)
                if line.lstrip().startswith("#")]
    return Front(values, keys, "\n".join(lines[body_at:]), body_at + 1, comments, oddities)


def _where_keys_end(lines: list[str], start: int) -> int:
    for number in range(start, len(lines)):
        line = lines[number]
        if not (_KEY.match(line) or line[:1] in (" ", "\t", "-", "#")) or line.startswith("# "):
            return number
    return len(lines)


def _keys(front: list[str], first: int) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """Give the line of each top-level key, and the keys that stand twice."""
    found: dict[str, int] = {}
    twice = []
    for number, line in enumerate(front, first):
        match = _KEY.match(line)
        if match:
            key = match[1] or match[2] or match[3]
            if key in found:
                twice.append((number, key))
            found.setdefault(key, number)
    return found, twice


def _values(front: list[str], first: int, twice: list[tuple[int, str]],
            oddities: list[tuple[int, str, str]]) -> dict[str, Any]:
    oddities += [(number, "front-matter", f'the key "{key}" stands twice') for number, key in twice]
    if not twice:
        try:
            values = yaml_doc.texts("\n".join(front) + "\n", first)
            _note_cut_comment(front, first, values, oddities)
            return values
        except InvalidDataError as error:
            oddities.append((error.line, "front-matter", f"{error.reason}; read line by line"))
    return _by_lines(front, first, oddities)


def _note_cut_comment(front: list[str], first: int, values: dict[str, Any],
                      oddities: list[tuple[int, str, str]]) -> None:
    """YAML takes ` #12` behind an unquoted title for a comment; nobody who wrote it did."""
    for number, line in enumerate(front, first):
        match = _KEY.match(line)
        if match and match[3] == "title" and " #" in (match[4] or "") and match[4][0] not in "\"'":
            title = match[4].strip()
            if values.get("title") != title:
                values["title"] = title
                oddities.append((number, "front-matter", "YAML reads the end of the title as a comment; it was kept"))


def _by_lines(front: list[str], first: int, oddities: list[tuple[int, str, str]]) -> dict[str, Any]:
    """Read keys and lists without YAML: quotes are taken off, what fits nowhere is kept under `unparsed`."""
    values: dict[str, Any] = {}
    last = ""
    block = False
    for number, line in enumerate(front, first):
        text = line.strip()
        match = None if block and line[:1] in (" ", "\t") else _KEY.match(line)
        if match:
            last = _free(values, match[1] or match[2] or match[3])
            rest = (match[4] or "").strip()
            block = bool(_BLOCK.match(rest))
            values[last] = "" if block else _scalar(rest)
        elif not text:
            if block:
                values[last] += "\n"
        elif block and line[:1] in (" ", "\t"):
            values[last] = f"{values[last]}\n{text}" if values[last] else text
        elif text.startswith("#"):
            continue
        elif last and (text == "-" or text.startswith("- ")):
            _append(values, last, _scalar(text[1:].strip()))
        elif last and line[:1] in (" ", "\t"):
            values[last] = _joined(values[last], text)
        else:
            values.setdefault(_UNPARSED, []).append(line)
            oddities.append((number, "front-matter", f"not a key with a value: {text[:60]!a}; kept as x_{_UNPARSED}"))
    return values


def _free(values: dict[str, Any], key: str) -> str:
    """Give a key that is not taken: the second of one name gets a number."""
    name, number = key, 2
    while name in values:
        name, number = f"{key}_{number}", number + 1
    return name


def _append(values: dict[str, Any], key: str, item: Any) -> None:
    if not isinstance(values[key], list):
        values[key] = [values[key]] if values[key] else []
    if isinstance(item, list):
        values[key] += item
    elif item:
        values[key].append(item)


def _joined(value: Any, text: str) -> Any:
    if isinstance(value, list):
        return [*value[:-1], f"{value[-1]} {text}"] if value else [text]
    return f"{value} {text}".strip()


def _scalar(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inside = text[1:-1]
        return inside.replace("''", "'") if text[0] == "'" else inside.replace('\\"', '"').replace("\\\\", "\\")
    if text.startswith("[") and text.endswith("]"):
        return [item for item in (_scalar(part.strip()) for part in _parts(text[1:-1])) if item]
    return "" if text in ("~", "null") else text


def _parts(text: str) -> list[str]:
    """Cut a flow list at its commas, not at those inside quotes."""
    parts, quote = [""], ""
    for char in text:
        if char == "," and not quote:
            parts.append("")
            continue
        if char in "\"'" and (quote == char or (not quote and not parts[-1].strip())):
            quote = "" if quote else char
        parts[-1] += char
    return parts
