"""Code in markdown: which parts of a text are code blocks and code spans, by the rules of CommonMark as far as needed.

Fences may stand in lists and quotes. A code block by indentation alone is taken for text: it can't be told from what a
list continues.
"""

from __future__ import annotations

_MARKS = ("```", "~~~")
_DIGITS, _POINTS, _MOST_DIGITS = frozenset("0123456789"), (".", ")"), 9
_BLANK = " \t\r"


def blank_code(text: str) -> str:
    """Give the text with spaces in place of its code; every other character stays where it is."""
    if "`" not in text and "~~~" not in text:
        return text
    parts: list[str] = []
    block: list[str] = []
    fence = ""
    for line in text.split("\n"):
        bare = _without_lead(line)
        if fence:
            parts.append(" " * len(line))
            if _closes(bare, fence):
                fence = ""
            continue
        opened = _opens(bare)
        if opened or not bare.strip(_BLANK) or _begins(line):
            parts += _blank_spans(block)
            block = []
        if opened:
            fence = opened
            parts.append(" " * len(line))
        else:
            block.append(line)
    return "\n".join(parts + _blank_spans(block))


def _without_lead(line: str) -> str:
    """Give a line without what stands for quotes and items at its start: `> - 1. x` is `x`."""
    place = 0
    while place < len(line):
        char, after = line[place], line[place + 1:place + 2]
        if char in " \t>" or (char in "-*+" and after in (" ", "\t")):
            place += 1
            continue
        end = place
        while end - place < _MOST_DIGITS and line[end:end + 1] in _DIGITS:
            end += 1
        if end == place or line[end:end + 1] not in _POINTS or line[end + 1:end + 2] not in (" ", "\t"):
            break
        place = end + 1
    return line[place:]


def _begins(line: str) -> bool:
    """Tell whether a line begins a heading, an item, a quote or a row, which no code span reaches over."""
    bare = line.lstrip(_BLANK)
    return bare.startswith(("#", "|")) or _without_lead(bare) != bare


def _opens(bare: str) -> str:
    """Give the fence that a line opens, empty where it opens none."""
    mark = bare[:1]
    if not bare.startswith(_MARKS):
        return ""
    length = len(bare) - len(bare.lstrip(mark))
    return "" if mark == "`" and "`" in bare[length:] else mark * length


def _closes(bare: str, fence: str) -> bool:
    return bare.startswith(fence) and not bare.strip(_BLANK).strip(fence[0])


def _blank_spans(lines: list[str]) -> list[str]:
    """Blank the code spans of one block; each run of backticks closes at the next run of the same length."""
    text = "\n".join(lines)
    runs = _runs(text)
    if len(runs) < 2:
        return lines
    by_length: dict[int, list[int]] = {}
    for number in range(len(runs) - 1, -1, -1):
        by_length.setdefault(runs[number][1], []).append(number)  # the last is the next
    parts: list[str] = []
    done = number = 0
    while number < len(runs):
        start, length, escaped = runs[number]
        waiting = by_length.get(length - escaped, [])
        while waiting and waiting[-1] <= number:
            waiting.pop()
        if length > escaped and waiting:
            number = waiting.pop()
            end = runs[number][0] + runs[number][1]
            parts += (text[done:start], "".join("\n" if c == "\n" else " " for c in text[start:end]))
            done = end
        number += 1
    return ("".join(parts) + text[done:]).split("\n")


def _runs(text: str) -> list[tuple[int, int, int]]:
    """List the runs of backticks as (start, length, 1 where a backslash takes the first away)."""
    found = []
    end = 0
    start = text.find("`")
    while start >= 0:
        between = text[end:start]
        end = start + 1
        while text[end:end + 1] == "`":
            end += 1
        found.append((start, end - start, (len(between) - len(between.rstrip("\\"))) % 2))
        start = text.find("`", end)
    return found
