"""What the terminal shows: lines that fit, colour only where it is wanted."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COLORS = {"bold": "1", "dim": "2", "underline": "4", "red": "31", "green": "32", "yellow": "33", "blue": "34",
           "magenta": "35"}
_STAGE_COLORS = {"backlog": "dim", "unstarted": "blue", "started": "yellow", "completed": "green", "canceled": "dim"}
_DEFAULT_WIDTH = 100
_INDENT = 2


class Output:
    """Standard output as one command uses it; `secret` is a text that no file can know, `plain` asks for no colour."""

    def __init__(self, as_json: bool, secret: str, plain: bool = False) -> None:
        self.as_json = as_json
        # Stands for the escape character until the text around it, which a file may have brought, is clean.
        self._escape = f"<{secret}>"
        self.tty = sys.stdout.isatty()
        self.color = self.tty and not plain and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Give the terminal's width in columns."""
        given = os.environ.get("COLUMNS", "")
        if given.isdecimal() and int(given) > 0:
            return int(given)
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or _DEFAULT_WIDTH
        except (OSError, ValueError):
            return _DEFAULT_WIDTH

    def line(self, text: str = "") -> None:
        """Print text whose only control characters are its line ends, tabs and our own colours."""
        text = clean(text)
        if self.color:
            text = text.replace(self._escape, "\x1b")
        sys.stdout.write(text + "\n")

    def row(self, text: str) -> None:
        """Print one row of a list: on a terminal it is cut to the width, in a pipe it stays whole."""
        text = " ".join(text.split("\n"))
        self.line(fit(text, self.width).rstrip() if self.tty else text)

    def json(self, value: Any) -> None:
        """Print a value as JSON."""
        from gittracker.formats import json_text
        self.raw(json_text.dumps(value, _INDENT) + "\n")

    def raw(self, text: str) -> None:
        """Print text for a program as it is; only a terminal gets escapes for what it would obey."""
        if self.tty:
            text = text.replace("\r\n", "\n")
            text = "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)
        sys.stdout.write(text)

    def aside(self, text: str) -> None:
        """Say something on standard error that is no part of what was asked for."""
        sys.stderr.write(clean(text) + "\n")

    def paint(self, text: str, *styles: str) -> str:
        """Colour text where colour is wanted."""
        if not self.color or not text:
            return text
        return f"{self._escape}[{';'.join(_COLORS[s] for s in styles)}m{text}{self._escape}[0m"

    def stage(self, text: str, stage: str) -> str:
        """Colour a status by its stage."""
        return self.paint(text, _STAGE_COLORS.get(stage, "dim"))


def clean(text: str) -> str:
    """Replace control characters, which a file could use to fool a terminal; joiners stay, for emoji need them."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t\u200c\u200d" else "\ufffd" for c in text)


def one_line(text: str) -> str:
    """Give text without line ends, which a file written by hand may have in a title."""
    return text if text.isprintable() else " ".join(text.split())


def columns(text: str) -> int:
    """Count the terminal columns of text."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, width: int) -> str:
    """Cut text to a width, with an ellipsis where something is cut, and fill it up with spaces."""
    have = columns(text)
    if have <= width:
        return text + " " * (width - have)
    if text.isascii():
        return text[:max(0, width - 1)] + "…"
    kept, used = "", 0
    for char in text:
        used += columns(char)
        if used > width - 1:
            break
        kept += char
    return kept + "…" + " " * (width - 1 - columns(kept))


def value(found: Any, width: int = 60) -> str:
    """Show any value of a record on one line."""
    if found in (None, "", (), []):
        return "none"
    text = ", ".join(found) if isinstance(found, tuple | list) else str(found)
    return fit(" ".join(text.split()), width).rstrip()
