"""Pages that one side moved while the other worked on them: the work goes to where the page is now."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.page import Page
from gittracker.git.objects import read_blobs
from gittracker.services.refresh import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.trackertrees import Entries, Entry

    Side = dict[str, tuple[Entry, Entry]]  # a file in the base, and on a side


def follow(top: str, mine: Side, other: Side) -> Entries:
    """Move each side's changes of a page along with the page, where the other side moved it; the sides are changed.

    Gives what is to be otherwise in the other side's tree for that.
    """
    by_mine, by_other = _moves(top, mine), _moves(top, other)
    over: Entries = {}
    for old, target in _carry(other, mine, by_mine, by_other):
        over.update({old: None, target: other[target][1]})
    _carry(mine, other, by_other, by_mine)
    return over


def _carry(side: Side, mover: Side, moves: dict[str, str], own: dict[str, str]) -> list[tuple[str, str]]:
    """Put a side's changes at places that the mover left where they went; gives the paths, old and new."""
    done = []
    for path in [path for path, (_, new) in side.items() if new and kinds.place(path) in moves]:
        place = kinds.place(path)
        target = moves[place] + path[len(place):]
        if place in own or target in side:
            continue  # both moved it, or it is there: nobody can say what was meant
        before, new = side.pop(path)
        side[target] = before, new
        if target in mover:
            mover[target] = before, mover[target][1]  # which was moved along, not made
        done.append((path, target))
    return done


def _moves(top: str, side: Side) -> dict[str, str]:
    """Give the places to which a side moved pages, by the places where they were."""
    pages = {path: pair for path, pair in side.items() if kinds.noun(path) == Page.NOUN}
    left = {path: old[1] for path, (old, new) in pages.items() if old and new is None}
    made = {path: new[1] for path, (old, new) in pages.items() if new and old is None}
    if not left or not made:
        return {}
    blobs = read_blobs(top, [*left.values(), *made.values()])
    now = {ref: path for path, oid in made.items() if (ref := _ref(path, blobs.get(oid, b"")))}
    refs = {path: _ref(path, blobs.get(oid, b"")) for path, oid in left.items()}
    return {kinds.place(path): kinds.place(now[ref]) for path, ref in refs.items() if ref in now}


def _ref(path: str, data: bytes) -> str:
    try:
        return str(recording.parse_as(Page, path, data)[0].__dict__["ref"])
    except InvalidDataError:
        return ""
