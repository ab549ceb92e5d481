"""Three versions of a record's file merged into one: agreed fields joined, disputed lines between conflict markers."""

from __future__ import annotations

from gittracker.domain.lines import split
from gittracker.domain.merge import merge
from gittracker.domain.weave import Clash, clash, joined, weave
from gittracker.formats import conflicts, entity_md, frontmatter, scalars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.formats.conflicts import Pieces

    Choose = Callable[[str], str]

_CRLF, _LF = b"\r\n", b"\n"
_BODY = "body"
NOTES = "comments"  # what a dispute over lines that are no field's is called


class Combined:
    """A merged file, and the names of the fields that both sides changed differently: they stand between markers."""

    __slots__ = ("data", "disputes")

    def __init__(self, data: bytes, disputes: list[str]) -> None:
        self.data = data
        self.disputes = disputes


def combine(cls: type[Record], base: bytes | None, ours: bytes, theirs: bytes, path: str = "",
            choose: Choose = lambda name: "") -> Combined:
    """Merge a file's versions; an empty base is a file that both sides added. Bytes that needn't change stay.

    Without any base all that differs is in dispute. `choose` gives the side whose lines a disputed field takes, else
    both stand between markers. Raises InvalidDataError where a version can't be read.
    """
    start, ours, theirs = _with_one_line_end(base or b"", ours, theirs)
    if ours == theirs or (base is not None and start in (ours, theirs)):
        return Combined(theirs if ours == start else ours, [])
    old, mine, other = _base_of(cls, start, path), _Version(cls, ours, path), _Version(cls, theirs, path)
    if base is None:
        old.unsure = {*mine.own, *other.own, _BODY}
    return _Merging(cls, old, mine, other, choose).combined()


def _with_one_line_end(base: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, bytes, bytes]:
    """Let all versions end their lines alike: as the side that changed it does, else as ours."""
    old, mine, other = (_CRLF if data.partition(_LF)[0].endswith(b"\r") else _LF for data in (base, ours, theirs))
    wanted = other if mine == old and base else mine
    if old == mine == other:
        return base, ours, theirs
    plain = (data.replace(_CRLF, _LF) for data in (base, ours, theirs))
    one, two, three = (data.replace(_LF, wanted) for data in plain)
    return one, two, three


class _Version:
    """One version of the file: each key's own lines, and the lines before them, which are blank or comments."""

    def __init__(self, cls: type[Record], data: bytes, path: str) -> None:
        document = frontmatter.parse(data, path)
        self.record = entity_md.read(cls, data, path)[0]
        self.head, self.fence, self.body, self.eol = document.head, document.fence, document.body, document.eol
        self.own: dict[str, str] = {}
        self.lead: dict[str, str] = {}
        self.unfit = {key for key, span in document.spans.items() if not _fits(cls, key, span.value)}
        self.unsure: set[str] = set()  # of a base: where the sides of a conflict in it differ
        at = 0
        for key, span in sorted(document.spans.items(), key=lambda item: item[1].start):
            self.lead[key] = "".join(document.lines[at:span.start])
            self.own[key] = "".join(document.lines[span.start:span.end])
            at = span.end
        self.tail = "".join(document.lines[at:])

    def value(self, key: str) -> Any:
        """Give a field's value, or that of a key that is no field."""
        return self.record.__dict__[key] if key in self.record.FIELDS else self.record.extra.get(key)


def _fits(cls: type[Record], key: str, raw: Any) -> bool:
    """Tell whether a value can be compared as its field's; the text below goes by the name of `body`."""
    if key not in cls.FIELDS or raw is None:
        return key != _BODY
    try:
        cls.FIELDS[key].kind.read(raw)
    except ValueError:
        return False
    return True


def _base_of(cls: type[Record], data: bytes, path: str) -> _Version:
    """Read the base; where git merged two of them into one with conflicts in it, what they differ in is unsure."""
    if not data:
        return _Version(cls, b"---\n---\n", path)
    found = conflicts.sides(data.decode(errors="replace")) if b"<<<<<<< " in data else None
    if found is None:
        return _Version(cls, data, path)
    one, other = (_Version(cls, side.encode(), path) for side in found)
    one.unsure = {key for key in {**one.own, **other.own} if one.own.get(key) != other.own.get(key)}
    if one.body != other.body:
        one.unsure.add(_BODY)
    return one


class _Merging:
    """One merge under way."""

    def __init__(self, cls: type[Record], base: _Version, ours: _Version, theirs: _Version, choose: Choose) -> None:
        self.cls = cls
        self.choose = choose
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.result = merge(base.record, ours.record, theirs.record)
        self.disputes: list[str] = []

    def combined(self) -> Combined:
        """Put the file together."""
        ours, eol = self.ours, self.ours.eol
        pieces: Pieces = [split(_choice(self.base.head, ours.head, self.theirs.head))]
        for key in _order(list(ours.own), list(self.theirs.own)):
            pieces += self._key(key)
        pieces += self._loose(self.base.tail, ours.tail, self.theirs.tail)
        body = self._body()
        fence = _choice(self.base.fence, ours.fence, self.theirs.fence)
        pieces.append([fence if fence.endswith("\n") or not any(body) else fence + eol])
        return Combined(conflicts.marked([*pieces, *body], eol).encode(), self.disputes)

    def _key(self, key: str) -> Pieces:
        own = self._own(key)
        if not any(own):
            return []
        leads = [side.lead[key] for side in (self.ours, self.theirs) if key in side.lead]
        lead = self._loose(self.base.lead.get(key, self.ours.eol), leads[0], leads[-1])
        return [*lead, *own]

    def _own(self, key: str) -> Pieces:
        """Merge the lines of one key: by bytes where one side left them alone, else by value."""
        base, ours, theirs = (side.own.get(key, "") for side in (self.base, self.ours, self.theirs))
        if ours == theirs or (key not in self.base.unsure and base in (ours, theirs)):
            return [split(_choice(base, ours, theirs))]
        unfit = self.base.unfit | self.ours.unfit | self.theirs.unfit | self.base.unsure
        made = None if key in unfit or key in self.result.disputes else self._by_value(key)
        if made is not None:
            return [split(made)]
        return self._disputed(key, clash(split(ours), split(theirs)))

    def _disputed(self, name: str, pieces: Pieces) -> Pieces:
        """Note a dispute, or take the lines of the side that was chosen."""
        side = self.choose(name)
        if side:
            return [(piece.ours if side == conflicts.OURS else piece.theirs) if isinstance(piece, Clash) else piece
                    for piece in pieces]
        if name not in self.disputes:
            self.disputes.append(name)
        return pieces

    def _by_value(self, key: str) -> str | None:
        """Write the merged value into the lines of the side that has it; None where the other's comment would go."""
        wanted = self.result.changes.get(key, self.ours.value(key))
        giver, other = self.ours, self.theirs
        many = key in self.cls.FIELDS and self.cls.FIELDS[key].kind.many
        if not many and (giver.value(key) == wanted) != (other.value(key) == wanted):
            better = other.value(key) == wanted
        else:
            better = bool(self._news(key, other)) and not self._news(key, giver)
        if better:
            giver, other = other, giver
        text = giver.own.get(key, "")
        if self._news(key, other) - _notes(text):
            return None
        return text if giver.value(key) == wanted else self._patched(key, text, wanted)

    def _news(self, key: str, side: _Version) -> set[str]:
        """Give the comments among a key's lines that the base doesn't have."""
        return _notes(side.own.get(key, "")) - _notes(self.base.own.get(key, ""))

    def _patched(self, key: str, text: str, value: Any) -> str:
        fence = f"---{self.ours.eol}"
        data = entity_md.patch(self.cls, f"{fence}{text}{fence}".encode(), {key: value})
        return data.decode()[len(fence):-len(fence)]

    def _loose(self, base: str, ours: str, theirs: str) -> Pieces:
        """Merge blank lines and comments between keys, by lines."""
        if ours == theirs or base in (ours, theirs):
            return [split(_choice(base, ours, theirs))]
        if not ours.strip() and not theirs.strip():
            return [split(ours)]
        pieces = weave(split(base), split(ours), split(theirs))
        return self._disputed(NOTES, pieces) if joined(pieces) is None else pieces

    def _body(self) -> Pieces:
        base, ours, theirs = self.base.body, self.ours.body, self.theirs.body
        unsure = _BODY in self.base.unsure
        if ours == theirs or (not unsure and base in (ours, theirs)):
            return [split(_choice(base, ours, theirs))]
        pieces = weave(split(base), split(ours), split(theirs))
        lines = joined(pieces)
        if unsure or _BODY in self.result.disputes:
            whole = unsure or lines is not None
            return self._disputed(_BODY, clash(split(ours), split(theirs)) if whole else pieces)
        text = self.result.changes.get(_BODY, self.ours.record.body)
        if lines is not None and entity_md.read_body("".join(lines)) == text:
            return [lines]
        lead = ours[:len(ours) - len(ours.lstrip("\r\n"))]
        return [split(lead + entity_md.write_body(text, self.ours.eol))]


def _choice(base: str, ours: str, theirs: str) -> str:
    """Give what the side that changed it has; ours where both did."""
    return theirs if ours == base else ours


def _order(ours: list[str], theirs: list[str]) -> list[str]:
    """Give the keys of both: those that only theirs has stand behind the one that is before them there."""
    order = list(ours)
    for number, key in enumerate(theirs):
        if key not in ours:
            at = order.index(theirs[number - 1]) + 1 if number else 0
            while at < len(order) and order[at] not in theirs:
                at += 1
            order.insert(at, key)
    return order


def _notes(text: str) -> set[str]:
    """Give the comments in a key's lines."""
    found = (line.strip() if line.lstrip().startswith("#") else scalars.comment(line.rstrip()).strip()
             for line in text.split("\n"))
    return {note for note in found if note}

