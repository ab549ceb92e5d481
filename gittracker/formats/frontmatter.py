"""Front matter as lines: read what we write without YAML, and replace only the lines of changed keys."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Raw

_BOM = "\ufeff"
_BLANK = " \t\r\n"
_is_key: dict[str, bool] = {}  # what `_scan` has judged: the same few keys stand in thousands of files
_KEY_EXTRA = "_-."
# What lines say that `read_plain` has met, as (key or `-`, value, whether items may follow): most lines of a ticket
# stand in thousands. Those that come once would fill it, so it ends somewhere.
_lines: dict[str, tuple[str, Raw, bool]] = {}
_MOST_LINES = 5_000
_UNKNOWN: tuple[str, Raw, bool] = ("", None, False)


class Span:
    """One top-level key: lines `start` to `end` (exclusive, within the front matter) and its value."""

    __slots__ = ("key", "start", "end", "value", "flow")

    def __init__(self, key: str, start: int, end: int, value: Raw, flow: bool = False) -> None:
        self.key = key
        self.start = start
        self.end = end
        self.value = value
        self.flow = flow


class Document:
    """A file taken apart without losing a byte: head + front lines + fence + body."""

    __slots__ = ("head", "lines", "fence", "body", "eol", "spans")

    def __init__(self, head: str, lines: list[str], fence: str, body: str) -> None:
        self.head = head
        self.lines = lines
        self.fence = fence
        self.body = body
        self.eol = "\r\n" if head.endswith("\r\n") else "\n"
        self.spans: dict[str, Span] = {}

    def encode(self) -> bytes:
        """Put the file together again."""
        return (self.head + "".join(self.lines) + self.fence + self.body).encode()

    def line_of(self, key: str) -> int:
        """Give the 1-based line of a key in the file, 0 where it is absent."""
        span = self.spans.get(key)
        return span.start + 2 if span else 0


def parse(data: bytes, path: str = "") -> Document:
    """Take a file apart and read its front matter as text values.

    Raises InvalidDataError with the line for: no UTF-8, no front matter, conflict markers, broken YAML, repeated keys.
    """
    document = split(data, path)
    spans = _scan(document.lines)
    if spans is None:
        from gittracker.formats import yaml_doc
        spans = [Span(*row) for row in yaml_doc.spans("".join(document.lines), path)]
    for span in spans:
        if span.key in document.spans:
            raise InvalidDataError(f'the key "{span.key}" stands twice', _EDIT, path, span.start + 2)
        document.spans[span.key] = span
    return document


_EDIT = "edit the file; nothing else is affected"


def read_plain(data: bytes) -> tuple[dict[str, Raw], str] | None:
    """Read the values and the body of a file that stands as we write it; None where only `parse` can tell.

    An index of 10,000 tickets reads 40,000 files: this is half its cost with `parse`, which also keeps the lines.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    close = text.find("\n---\n", 3)
    if close < 0 or text[:4] != "---\n":
        return None
    found: dict[str, Raw] = {}
    last = ""
    for line in text[4:close].split("\n"):
        if not line:
            continue
        key, value, opens = _lines.get(line) or _read_line(line)
        if key == "-":
            if not _extend(found, last, value):
                return None
        elif not key or key in found:
            return None
        else:
            found[key] = value
            last = key if opens else ""
    return found, text[close + 5:]


def _read_line(line: str) -> tuple[str, Raw, bool]:
    """Read one line as `read_plain` needs it; without a key where only `parse` can tell."""
    key, _, rest = line.partition(": ")
    if not rest:
        key, colon, rest = line.partition(":")
        if line[:2] == "- ":
            key, rest = "-", line[2:]
        elif rest or not colon:
            return _UNKNOWN
    if key != "-" and not _is_key.get(key):
        return _UNKNOWN
    value, known = scalars.read(rest.strip(_BLANK))
    if not known or (key == "-" and not isinstance(value, str)):
        return _UNKNOWN
    made = key, value, not rest
    if len(_lines) < _MOST_LINES and not isinstance(value, list):
        _lines[line] = made
    return made


def _extend(found: dict[str, Raw], key: str, item: Raw) -> bool:
    """Add an item to the list under `key`; False where there is none."""
    if not key or not isinstance(item, str):
        return False
    if found[key] is None:
        found[key] = []
    values = found[key]
    if not isinstance(values, list):
        return False
    values.append(item)
    return True


def split(data: bytes, path: str = "") -> Document:
    """Find the fences; every byte is kept."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidDataError("not UTF-8", _EDIT, path, line) from error
    start = 1 if text.startswith(_BOM) else 0
    first_end = text.find("\n", start) + 1
    if not first_end or text[start:first_end].rstrip() != "---":
        raise InvalidDataError('no front matter: the first line is not "---"', _EDIT, path, 1)
    close = _closing(text, first_end)
    front = text[first_end:close] if close >= 0 else text[first_end:]
    if "<<<<<<< " in front or ">>>>>>> " in front:
        _refuse_markers(front, path)
    if close < 0:
        raise InvalidDataError('front matter without a closing "---"', _EDIT, path, 1)
    body = text.find("\n", close) + 1 or len(text)
    lines = [line + "\n" for line in front[:-1].split("\n")] if front else []
    return Document(text[:first_end], lines, text[close:body], text[body:])


def _closing(text: str, start: int) -> int:
    """Give the place of the first line that is only `---`, -1 where there is none."""
    place = start - 1
    while (place := text.find("\n---", place)) >= 0:
        end = text.find("\n", place + 1)
        if text[place + 1:end if end >= 0 else len(text)].rstrip() == "---":
            return place + 1
        place += 1
    return -1


def _refuse_markers(front: str, path: str) -> None:
    for number, line in enumerate(front.split("\n"), 2):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise InvalidDataError("git conflict markers", "gittracker resolve", path, number)


def _scan(lines: list[str]) -> list[Span] | None:
    """Read the subset of YAML that we write; None where a line is outside it."""
    spans: list[Span] = []
    for number, line in enumerate(lines):
        first = line[0]
        if first in " \t-#\r\n":
            text = line.rstrip(" \r\n")
            if text and first != "#" and not (spans and _add_item(spans[-1], text, number, lines)):
                return None
            continue
        key, _, rest = line.partition(":")
        if key not in _is_key:
            _is_key[key] = _looks_like_key(key)
        text = rest.strip(_BLANK)
        if not rest or not _is_key[key] or (text and rest[0] != " "):
            return None
        value: Raw = None
        if text:
            value, known = scalars.read(text)
            if not known:
                return None
        spans.append(Span(key, number, number + 1, value, isinstance(value, list)))
    return spans


def _looks_like_key(key: str) -> bool:
    return key.isascii() and all(c.isalnum() or c in _KEY_EXTRA for c in key) and key[:1].isalpha()


def _add_item(span: Span, text: str, number: int, lines: list[str]) -> bool:
    """Read `- item` as the next item of a list; False where it is something else."""
    stripped = text.lstrip(" ")
    if span.flow or not (stripped == "-" or stripped.startswith("- ")):
        return False
    item, known = scalars.read(stripped[1:].strip(_BLANK))
    if not known or isinstance(item, list) or isinstance(span.value, str):
        return False
    if span.value is None:
        rest = lines[span.start].partition(":")[2].strip(_BLANK)
        if rest and rest[0] != "#":
            return False
        span.value = []
    elif text.index("-") != lines[span.end - 1].index("-"):
        return False
    if item is not None:
        span.value.append(item)
    span.end = number + 1
    return True


def patch(document: Document, changes: dict[str, Raw], order: tuple[str, ...],
          keep_empty: frozenset[str] = frozenset(), typed: frozenset[str] = frozenset()) -> bytes:
    """Give the file with only the lines of the changed keys replaced.

    `order` places keys that are new; an unset key goes away unless it is in `keep_empty`; keys in `typed` hold
    numbers, dates or flags and are written without quotes.
    """
    for key, value in changes.items():
        span = document.spans.get(key)
        gone = value in (None, []) and key not in keep_empty
        if span and gone:
            _delete(document, span)
        elif span:
            _replace(document, span, value, key in typed, key in order)
        elif not gone:
            _insert(document, key, value, order, key in typed)
    return document.encode()


def render(key: str, value: Raw, eol: str, plain: bool = False) -> list[str]:
    """Write one key as lines."""
    if isinstance(value, list):
        return [f"{key}:{eol}"] + [f"- {scalars.write(item)}{eol}" for item in value]
    if value is None:
        return [f"{key}:{eol}"]
    return [f"{key}: {value if plain or isinstance(value, scalars.Nested) else scalars.write(value)}{eol}"]


def _replace(document: Document, span: Span, value: Raw, plain: bool, is_set: bool) -> None:
    old = document.lines[span.start:span.end]
    new = render(span.key, value, document.eol, plain)
    if isinstance(value, list) and span.flow and value:
        new = [f"{span.key}: [{', '.join(scalars.write(i, flow=True) for i in value)}]{document.eol}"]
    elif isinstance(value, list) and isinstance(span.value, list) and not span.flow and is_set:
        new = _edit_items(old, value, document.eol) or new
    if len(old) == 1 and new[0] != old[0]:
        new[0] = new[0].rstrip("\r\n") + scalars.comment(old[0].rstrip()) + document.eol
    _splice(document, span.start, span.end, new)
    span.value = value
    span.end = span.start + len(new)


def _edit_items(old: list[str], wanted: list[str], eol: str) -> list[str] | None:
    """Keep the lines of items that stay, with their comments; put new ones where they sort.

    None where a line holds what only YAML can read.
    """
    kept: list[tuple[str | None, str]] = []
    left = set(wanted)
    indent = ""
    for line in old[1:]:
        stripped = line.strip()
        item = None
        if stripped.startswith("-"):
            item, known = scalars.read(stripped[1:].strip(_BLANK))
            if not known:
                return None
        elif stripped and stripped[0] != "#":
            return None
        if isinstance(item, str):
            indent = line[:len(line) - len(line.lstrip())]
            if item not in left:
                continue
            left.discard(item)
        kept.append((item if isinstance(item, str) else None, line))
    for item in sorted(left):
        place = next((i for i, (other, _) in enumerate(kept) if other is not None and other > item), len(kept))
        kept.insert(place, (item, f"{indent}- {scalars.write(item)}{eol}"))
    return [old[0]] + [line for _, line in kept]


def _delete(document: Document, span: Span) -> None:
    end = span.end
    if end < len(document.lines) and not document.lines[end].strip():
        end += 1
    elif span.start and not document.lines[span.start - 1].strip():
        span.start -= 1
    del document.spans[span.key]
    _splice(document, span.start, end, [])


def _insert(document: Document, key: str, value: Raw, order: tuple[str, ...], plain: bool) -> None:
    """Put a new key behind its nearest predecessor in `order`, with blank lines round it."""
    before = order[:order.index(key)] if key in order else order
    previous = next((document.spans[k] for k in reversed(before) if k in document.spans), None)
    if key not in order and document.spans:
        previous = max(document.spans.values(), key=lambda e: e.end)
    eol = document.eol
    lines = render(key, value, eol, plain)
    at = previous.end if previous else 0
    start = at + 1 if previous else 0
    end = start + len(lines)
    gap = [eol] if at < len(document.lines) and document.lines[at].strip() else []
    _splice(document, at, at, [eol, *lines, *gap] if previous else [*lines, *gap])
    document.spans[key] = Span(key, start, end, value)


def _splice(document: Document, start: int, end: int, new: list[str]) -> None:
    """Replace lines and move the spans behind them."""
    moved = len(new) - (end - start)
    for span in document.spans.values():
        if span.start >= end and span.start >= start:
            span.start += moved
            span.end += moved
    document.lines[start:end] = new
