"""Text from anywhere: bytes that may not be UTF-8, values that no file of ours can hold as they are."""

from __future__ import annotations

import json
from typing import Any

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ESCAPED = {0xDC00 + byte: chr(byte) for byte in range(0x80, 0x100)}  # what surrogateescape leaves, as Latin-1
_HALVES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def decode(data: bytes) -> tuple[str, list[int]]:
    """Read bytes as text with LF line ends; gives the lines that weren't UTF-8 and were read as Latin-1."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = data[len(bom):].decode(name, "surrogateescape" if name == "utf-8" else "replace")
            break
    else:
        text = data.decode("utf-8", "surrogateescape")
    text = text.replace("\r\n", "\n")
    if _is_whole(text):
        return text, []
    lines = [n for n, line in enumerate(text.split("\n"), 1) if any("\udc80" <= c <= "\udcff" for c in line)]
    return text.translate(_ESCAPED), lines


def whole(text: str) -> str:
    """Put U+FFFD for halves of surrogate pairs, which no file can hold."""
    return text if _is_whole(text) else text.translate(_HALVES)


def _is_whole(text: str) -> bool:
    """Tell whether text has no half of a pair; to encode it is the quickest way to know."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def one_line(text: str) -> str:
    """Make one line of printable text of anything."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(c if c.isprintable() else " " for c in whole(text)).split())


def body(text: str) -> str:
    """Give text of many lines as our files hold it."""
    return whole(text).replace("\r\n", "\n").strip("\n")


def as_text(value: Any) -> str:
    """Write a JSON value as text: text as it is, a number or flag by its word, anything deeper as JSON."""
    if isinstance(value, str):
        return whole(value)
    if value is None:
        return ""
    return whole(json.dumps(value, ensure_ascii=False, sort_keys=False, default=str))


def is_empty(value: Any) -> bool:
    """Tell a value that says nothing: null, empty text, an empty list or object."""
    return value is None or value == "" or value == [] or value == {} or (
        isinstance(value, str) and not value.strip())


def x_name(key: str) -> str:
    """Give the custom field that keeps a source's key: `external-id` gives `x_external_id`."""
    clean = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in key).strip("_")
    return f"x_{clean or 'value'}"


def put_extra(extra: dict[str, Any], key: str, value: Any) -> None:
    """Keep a value under its custom field; a second key of one name gets a number."""
    if is_empty(value):
        return
    plain = isinstance(value, list) and all(isinstance(item, str | int | float | bool) for item in value)
    kept = [as_text(item) for item in value] if plain else as_text(value)
    name = x_name(key)
    number = 2
    while name in extra:
        name, number = f"{x_name(key)}_{number}", number + 1
    extra[name] = kept


def sections(parts: list[tuple[str, str]]) -> str:
    """Join texts under level-two headings; one without a heading comes as it is, empty ones are left out."""
    shown = [f"## {heading}\n\n{body(text)}" if heading else body(text) for heading, text in parts if text.strip()]
    return "\n\n".join(part for part in shown if part)
