"""A section of ours in somebody else's file, between two marker lines: found, put, removed; every other byte stays."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.etag import blob_id

_BEGIN, _END = b"<!-- gittracker:begin", b"<!-- gittracker:end -->"
_CLOSE = b"-->"
_DIGITS = 10
_HINT = "put the markers right by hand, or take both lines out; nothing was changed"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Section:
    """Where our section stands: from `start` to `stop`, the line end behind it not counted, and what it holds."""

    __slots__ = ("start", "stop", "line", "digest", "text", "eol")

    def __init__(self, start: int, stop: int, line: int, digest: str, text: bytes, eol: bytes) -> None:
        self.start = start
        self.stop = stop
        self.line = line
        self.digest = digest
        self.text = text
        self.eol = eol

    @property
    def is_ours(self) -> bool:
        """Tell whether the text between the markers is as we wrote it, or empty."""
        return not self.text.strip() or self.digest == _digest(self.text)


def find(data: bytes, path: str) -> Section | None:
    """Find our section; raises InvalidDataError with the line of a marker that has no other, or one too many."""
    if b"\0" in data or data.startswith(_UTF16):
        raise InvalidDataError("not a text file in UTF-8", "name a text file with --file", path, 1)
    begins: list[tuple[int, int, int]] = []
    ends: list[tuple[int, int, int]] = []
    at = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        bare = line.strip(b" \t\r").removeprefix(b"\xef\xbb\xbf")
        if bare.startswith(_BEGIN) and bare.endswith(_CLOSE):
            begins.append((at, at + len(line), number))
        elif bare == _END:
            ends.append((at, at + len(line.rstrip(b"\r")), number))
        at += len(line) + 1
    if not begins and not ends:
        return None
    _check(begins, ends, path)
    (start, after, number), (end, stop, _) = begins[0], ends[0]
    marker = data[start:after].rstrip(b"\r")
    start += 3 if marker.startswith(b"\xef\xbb\xbf") else 0
    noted = marker.partition(_BEGIN)[2].removesuffix(_CLOSE).strip().split(b" ")[0].decode(errors="replace")
    eol = b"\r\n" if data[after - 1:after] == b"\r" else b"\n"
    return Section(start, stop, number, noted, data[after + 1:end], eol)


def _check(begins: list[tuple[int, int, int]], ends: list[tuple[int, int, int]], path: str) -> None:
    for found, name in ((begins, "begin"), (ends, "end")):
        if len(found) > 1:
            raise InvalidDataError(f"the {name} marker stands twice, first in line {found[0][2]}", _HINT, path,
                                   found[1][2])
    if not ends:
        raise InvalidDataError("the begin marker has no end marker", _HINT, path, begins[0][2])
    if not begins or begins[0][0] > ends[0][0]:
        raise InvalidDataError("the end marker has no begin marker before it", _HINT, path, ends[0][2])


def put(data: bytes, text: str, section: Section | None) -> bytes:
    """Give the file with `text` as our section: in its place, or at the end behind a blank line."""
    if section:
        return data[:section.start] + _render(text, section.eol) + data[section.stop:]
    eol = b"\r\n" if data.count(b"\r\n") * 2 > data.count(b"\n") else b"\n"
    made = _render(text, eol)
    if not data or data == b"\xef\xbb\xbf":
        return data + made + eol
    # A file without a final line end gets none either, which is how `remove` knows what to take away again.
    return data + eol + made + eol if data.endswith(b"\n") else data + eol * 2 + made


def remove(data: bytes, section: Section) -> bytes:
    """Give the file without our section, and without the blank line that stands for it."""
    before, after, eol = data[:section.start], data[section.stop:], section.eol
    rest = after.removeprefix(b"\r\n") if after.startswith(b"\r") else after.removeprefix(b"\n")
    if not rest.strip(b"\r\n") or rest.startswith((b"\n", b"\r\n")):
        if not after and before.endswith(eol * 2):
            before = before[:-2 * len(eol)]
        elif before.endswith(b"\n" + eol) or before == eol:
            before = before[:-len(eol)]
    return before + rest


def _render(text: str, eol: bytes) -> bytes:
    body = f"\n{text}\n".encode().replace(b"\n", eol)  # with blank lines, as formatters of markdown want it
    begin = b"%s %s %s" % (_BEGIN, _digest(body).encode(), _CLOSE)
    return begin + eol + body + _END


def _digest(text: bytes) -> str:
    return blob_id(text.replace(b"\r\n", b"\n"))[:_DIGITS]
