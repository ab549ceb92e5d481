"""The text of a Backlog.md task: its section markers taken off, its comments taken out."""

from __future__ import annotations

import re

from gittracker.domain.foreign import Remark
from gittracker.formats.foreign import moments, texts

_MARKER = re.compile(r"\s*<!-- (?:SECTION:[A-Z_]+|AC|DOD):(?:BEGIN|END) -->\s*$")
_BEGIN, _END = "<!-- COMMENTS:BEGIN -->", "<!-- COMMENTS:END -->"
_ONE_BEGIN, _ONE_END = "<!-- COMMENT:BEGIN -->", "<!-- COMMENT:END -->"
_HEADER = re.compile(r"(author|created|index|updated|edited):[ \t]*(.*)$", re.IGNORECASE)
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def read(body: str) -> tuple[str, list[Remark], list[tuple[int, str]]]:
    """Give the description, the comments, and what was odd about them (lines from the body's first)."""
    lines = body.split("\n")
    remarks: list[Remark] = []
    odd: list[tuple[int, str]] = []
    span = _comments(lines)
    if span:
        start, end = span
        found = _blocks(lines[start + 1:end])
        if found is None:
            odd.append((start, "comments that can't be told apart stay in the description"))
        else:
            remarks = found
            heading = next(n for n in range(start - 1, -1, -1) if lines[n].strip())
            odd += [(start, f'comment {n} was written at an unreadable time') for n, r in enumerate(found, 1)
                    if not r.at]
            above, below = "\n".join(lines[:heading]), "\n".join(lines[end + 1:])
            lines = f"{above.rstrip()}\n\n{below.lstrip()}".split("\n")
    return texts.body(_without_markers(lines)), remarks, odd


def _comments(lines: list[str]) -> tuple[int, int] | None:
    """Find the comments: the lines of the markers that stand right below their heading."""
    for start, line in enumerate(lines):
        if line.strip() != _BEGIN:
            continue
        above = next((one for one in reversed(lines[:start]) if one.strip()), "")
        end = next((n for n in range(len(lines) - 1, start, -1) if lines[n].strip() == _END), -1)
        if above.strip().lower() == "## comments" and end > 0:
            return start, end
    return None


def _blocks(lines: list[str]) -> list[Remark] | None:
    """Read the comments; None where a text stands outside them."""
    if any(line.strip() == _ONE_BEGIN for line in lines):
        return _marked(lines)
    found: list[Remark] = []
    place = 0
    while place < len(lines):
        if not lines[place].strip():
            place += 1
            continue
        values, place = _headers(lines, place)
        if not values or place >= len(lines) or lines[place].strip() != "---":
            return None
        end = _closing(lines, place + 1)
        found.append(_remark(values, lines[place + 1:end]))
        place = end + 1
    return found


def _closing(lines: list[str], start: int) -> int:
    """Give the line of the rule that ends a comment: behind it comes another's header, or nothing."""
    for number in range(start, len(lines)):
        if lines[number].strip() == "---":
            following = next((line for line in lines[number + 1:] if line.strip()), "")
            if not following or _HEADER.match(following):
                return number
    return len(lines)


def _marked(lines: list[str]) -> list[Remark] | None:
    found: list[Remark] = []
    start = -1
    for number, line in enumerate(lines):
        if line.strip() == _ONE_BEGIN:
            start = number + 1
        elif line.strip() == _ONE_END and start >= 0:
            values, place = _headers(lines[:number], start)
            found.append(_remark(values, lines[place:number]))
            start = -1
        elif start < 0 and line.strip():
            return None
    return found if start < 0 else None


def _headers(lines: list[str], place: int) -> tuple[dict[str, str], int]:
    values: dict[str, str] = {}
    while place < len(lines) and (match := _HEADER.match(lines[place])) and match[1].lower() not in values:
        values[match[1].lower()] = match[2].strip()
        place += 1
    return values, place


def _remark(values: dict[str, str], lines: list[str]) -> Remark:
    by = texts.one_line(values.get("author", "")).removeprefix("@")
    return Remark(by, moments.moment(values.get("created")) or "", texts.body("\n".join(lines)))


def _without_markers(lines: list[str]) -> str:
    """Take the markers off, the blank lines that they leave double, and the heading of the description."""
    kept: list[str] = []
    fence = ""
    for line in lines:
        marks = _FENCE.match(line)
        if marks and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else marks[1]
        if not fence and _MARKER.match(line):
            if kept and not kept[-1].strip():
                kept.pop()
                kept.append("")
            continue
        kept.append(line)
    first = next((n for n, line in enumerate(kept) if line.strip()), len(kept))
    if first < len(kept) and kept[first].strip().lower() == "## description":
        kept = kept[first + 1:]
    return "\n".join(kept)
