"""Text from anywhere as GitHub-flavoured markdown that does nothing: no HTML, no mention, no link of its own."""

from __future__ import annotations

import re

# A character of no width, written as an entity so that a reader of the source sees it.
_GAP = "&#8203;"
_KEPT = "\n\t\u200c\u200d"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
# What a host turns into a link or a notification even where markdown would not: @name, #12, GH-12, !3, addresses.
_CALLS = re.compile(r"([@#!%~$])(?=[\w\"])|\b(GH-)(?=\d)|\b(www)(?=\.)|(:)(?=//)", re.IGNORECASE)
_MARK = "\ue000"


def plain(text: str) -> str:
    """Replace control characters, and those that turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in text)


def html(text: str) -> str:
    """Write text as one line for inside an HTML tag, where markdown is not read but mentions are."""
    return _escaped(text).replace(_MARK, _GAP)


def inline(text: str) -> str:
    """Write text as one line within a paragraph or a table cell."""
    return _SPECIAL.sub(r"\\\g<0>", _escaped(text)).replace(_MARK, _GAP)


def code(text: str) -> str:
    """Write text as a code span."""
    line = " ".join(plain(text).split()).replace("|", "\uff5c")  # a cell ends at a bar in a code span too
    marks = "`" * (_longest(line) + 1)
    pad = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{marks}{pad}{line}{pad}{marks}" if line else ""


def fence(text: str, language: str = "text", most: int = 0) -> str:
    """Write text as a code block, at most about `most` characters of it (0: all)."""
    clean = plain(text.replace("\r\n", "\n")).strip("\n")
    if most and len(clean) > most:
        cut = clean[:most].rsplit("\n", 1)[0]
        clean = f"{cut}\n… ({len(clean) - len(cut)} more characters)"
    marks = "`" * max(3, _longest(clean) + 1)
    return f"{marks}{language}\n{clean}\n{marks}"


def details(summary: str, body: str) -> str:
    """Write a part that opens on a click; `summary` is HTML, `body` markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _escaped(text: str) -> str:
    line = " ".join(plain(text.replace(_MARK, "\ufffd")).split())
    held = _CALLS.sub(lambda m: m[0] + _MARK, line)
    return "".join(_ENTITIES.get(c, c) for c in held)


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
