"""The three-way merge: of values by their kind, of text by lines."""

from __future__ import annotations

from gittracker.domain.weave import Clash, joined, weave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record


class Merged:
    """What a merge gives: the values to set on ours, and the names that both sides changed differently."""

    __slots__ = ("changes", "disputes")

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.disputes: dict[str, tuple[Any, Any]] = {}


def merge(base: Record, ours: Record, theirs: Record) -> Merged:
    """Merge by field: what one side changed wins, sets by item, the body by lines.

    A field that both changed differently keeps ours and is named in `disputes` as (ours, theirs). Of a disputed text
    either has what the other side changed elsewhere, as it has between git's markers.
    """
    merged = Merged()
    names = [(n, f.kind.many) for n, f in ours.FIELDS.items()]
    rows = [(n, many, base.__dict__[n], ours.__dict__[n], theirs.__dict__[n]) for n, many in names]
    for key in sorted({**base.extra, **ours.extra, **theirs.extra}):
        rows.append((key, False, base.extra.get(key), ours.extra.get(key), theirs.extra.get(key)))
    for name, many, old, mine, other in rows:
        if other in (old, mine):
            continue
        if many:
            merged.changes[name] = merge_set(old, mine, other)
        elif mine == old:
            merged.changes[name] = other
        else:
            merged.disputes[name] = mine, other
    text = merge_text(base.body, ours.body, theirs.body)
    if text is None:
        merged.disputes["body"] = _either(base.body, ours.body, theirs.body)
    elif text != ours.body:
        merged.changes["body"] = text
    return merged


def merge_set(base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """Merge sets by items added and removed; an item removed on either side goes."""
    removed = (set(base) - set(ours)) | (set(base) - set(theirs))
    return tuple(sorted((set(base) | set(ours) | set(theirs)) - removed))


def merge_text(base: str, ours: str, theirs: str) -> str | None:
    """Merge text by lines as git does; None where both sides changed the same or touching lines differently.

    Repeated lines can be told apart in more than one way: what would change when merged once more is None too. So is
    what git would merge to another text, though one side has all that the other changed.
    """
    text = _merge_once(base, ours, theirs)
    if text is None or any(_merge_once(base, text, side) not in (text, None) for side in (ours, theirs)):
        return None
    return text


def _either(base: str, ours: str, theirs: str) -> tuple[str, str]:
    """Give a text as it is where ours, and where theirs has its way in what both changed."""
    pieces = weave(*(text.split("\n") if text else [] for text in (base, ours, theirs)))
    if joined(pieces) is not None:
        return ours, theirs  # what can be read in two ways is not taken apart
    mine, other = ("\n".join(line for piece in pieces for line in (getattr(piece, side) if isinstance(piece, Clash)
                                                                   else piece)) for side in ("ours", "theirs"))
    return (mine, other) if mine != other else (ours, theirs)


def _merge_once(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    text = _woven(base, ours, theirs)
    mine, other = _holds(base, ours, theirs), _holds(base, theirs, ours)
    if mine == other:
        return text
    whole = ours if mine else theirs
    return whole if text in (whole, None) else None


def _holds(base: str, whole: str, part: str) -> bool:
    """Tell whether `whole` has the changes of `part` already: they can be taken out of it and merged in again."""
    if not _may_hold(base, whole, part):
        return False
    without = _woven(part, whole, base)
    return without is not None and _woven(base, without, part) == whole


def _may_hold(base: str, whole: str, part: str) -> bool:
    """Tell by counting lines whether it can be: of each line `whole` has gained or lost as many as `part` at least."""
    old, more, less = _counts(base), _counts(whole), _counts(part)
    for line in {**old, **less}.keys() - {""}:
        wanted, found = (side.get(line, 0) - old.get(line, 0) for side in (less, more))
        if (wanted > 0 and found < wanted) or (wanted < 0 and found > wanted):
            return False
    return True


def _counts(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in text.split("\n"):
        found[line] = found.get(line, 0) + 1
    return found


def _woven(base: str, ours: str, theirs: str) -> str | None:
    lines = joined(weave(*(text.split("\n") if text else [] for text in (base, ours, theirs))))
    return None if lines is None else "\n".join(lines)
