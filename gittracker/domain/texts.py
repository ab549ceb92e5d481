"""What text may hold: a name is one line, a body has no control characters that a terminal would obey."""

from __future__ import annotations

from gittracker.domain.errors import UsageError

_LINE_ENDS = "\u2028\u2029"
_BODY = "\n\t\r"
_UNITS = ("bytes", "KiB", "MiB", "GiB")


def one_line(what: str, text: str) -> str:
    """Give text without the space round it; raises UsageError unless it is one line without control characters."""
    clean = text.strip()
    if not clean:
        raise UsageError(f"{what} is empty", f"give {what} some text")
    if not clean.isprintable() and any(_is_control(c) or c in _LINE_ENDS for c in clean):
        raise UsageError(f"{what} {clean!a} is not one line of text", "give it without control characters")
    return clean


def check_body(what: str, text: str) -> None:
    """Raise UsageError where a text of many lines holds a control character."""
    if text.isprintable():
        return
    for number, line in enumerate(text.split("\n"), 1):
        found = next((c for c in line if _is_control(c) and c not in _BODY), "")
        if found:
            raise UsageError(f"{what} holds the control character {found!a} in line {number}",
                             "take it out, or add --force to keep it")


def around(line: str, place: int, width: int = 100) -> str:
    """Give about `width` characters of a line round a place, with an ellipsis where something is cut."""
    start = max(0, min(place - width // 3, len(line) - width))
    end = start + width
    shown = " ".join(line[start:end].split())
    return f"{'…' if line[:start].strip() else ''}{shown}{'…' if line[end:].strip() else ''}"


def size_shown(size: int) -> str:
    """Write a size for people: 512 bytes, 12.5 KiB, 25 MiB."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_UNITS) - 1:
        value, place = value / 1024, place + 1
    return f"{value:.1f}".removesuffix(".0") + f" {_UNITS[place]}"


def _is_control(char: str) -> bool:
    return char < " " or "\x7f" <= char <= "\x9f"
