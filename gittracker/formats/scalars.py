"""One YAML scalar on one line: what we read as text without a YAML library, and how we write it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Raw

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INDICATORS = frozenset("[]{}&*!|>%@`\"',#?:-")
_SPACE = " \t"
# What YAML 1.1 or 1.2 readers take for a boolean or null.
_WORDS = frozenset(["null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"])
_NUMERIC = frozenset("0123456789abcdefABCDEFxXoOtTzZ_:.+- ")


class Nested(str):
    """Something deeper than a list, as one line of flow YAML; written without quotes."""

    __slots__ = ()


def read(text: str) -> tuple[Raw, bool]:
    """Read the text behind `key:`; the second value is False where only YAML can tell."""
    if text in NULLS:
        return None, True
    if text.isalnum():
        return text, True
    first = text[0]
    if first in "\"'":
        return _quoted(text, first)
    if first == "[":
        return _flow(text)
    if first == "#":
        return None, True
    if first in _INDICATORS and not (first in "?:-" and len(text) > 1 and text[1] not in " \t"):
        return None, False
    cut = text.find(" #")
    if cut >= 0:
        text = text[:cut].rstrip()
    if ": " in text or text[-1] == ":" or "\t" in text or not text.isprintable():
        return None, False
    return (None if text in NULLS else text), True


def _quoted(text: str, quote: str) -> tuple[Raw, bool]:
    end = _closing(text)
    inside = text[1:end]
    rest = text[end + 1:]
    if end < 0 or (rest and not _is_comment(rest)) or not inside.isprintable():
        return None, False
    if quote == "'":
        return inside.replace("''", "'"), True
    return inside, "\\" not in inside


def _closing(text: str) -> int:
    """Find the quote that closes the one which `text` begins with, -1 where there is none."""
    quote = text[0]
    if quote == '"':
        text = text.replace("\\\\", "xx").replace('\\"', "xx")
    end = text.find(quote, 1)
    while quote == "'" and end > 0 and text[end + 1:end + 2] == "'":
        end = text.find(quote, end + 2)
    return end


def _is_comment(rest: str) -> bool:
    return rest[0] in _SPACE and rest.lstrip(_SPACE)[:1] == "#"


def _flow(text: str) -> tuple[Raw, bool]:
    """Read `[a, b]` of plain words."""
    if text[-1] != "]":
        return None, False
    inside = text[1:-1].strip()
    items = [item.strip() for item in inside.split(",")] if inside else []
    if any(not item or item in NULLS or not all(c.isalnum() or c in "_-./" for c in item) or item[0] == "-"
           for item in items):
        return None, False
    return list(items), True


def comment(line: str) -> str:
    """Give the comment at the end of a one-line value, with the space before it."""
    start = line.find(":") + 1
    start += len(line) - start - len(line[start:].lstrip(_SPACE))
    if line[start:start + 1] in ("'", '"'):
        start += _closing(line[start:])
    cut = line.find(" #", max(start - 1, 0))
    return "" if cut < 0 else line[len(line[:cut].rstrip()):]


def write(value: str, flow: bool = False) -> str:
    """Write text so that YAML 1.1 and 1.2 readers both read it back as this text."""
    if _is_plain(value) and not (flow and set(value) & set(",[]{}?")):
        return value
    if value.isprintable():
        if "'" not in value or '"' in value or "\\" in value:
            return "'" + value.replace("'", "''") + "'"
        return f'"{value}"'
    return '"' + "".join(_escape(c) for c in value) + '"'


def _is_plain(value: str) -> bool:
    if not value or value != value.strip() or not value.isprintable() or value[0] in _INDICATORS:
        return False
    if ": " in value or " #" in value or value[-1] == ":" or value.lower() in _WORDS or value.startswith("---"):
        return False
    return not (value[0] in "0123456789+." and (_NUMERIC.issuperset(value)
                                                  or value.lower().lstrip("+.") in ("inf", "nan")))


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char)
    code = ord(char)
    return known or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
