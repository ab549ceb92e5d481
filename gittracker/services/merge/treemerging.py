"""Merge two branches' trackers file by file into one tree, and say what was disputed; only objects are written."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError, RefusedError
from gittracker.git import trackertrees
from gittracker.git.objects import read_blobs
from gittracker.services.merge import pagemoves
from gittracker.services.merge.combining import WHOLE, Dispute, combine
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.trackertrees import Entries, Entry
    from gittracker.services.merge.lateness import Lateness
    from gittracker.services.tracker import Tracker

    Pair = tuple[Entry, Entry]  # a file in the base, and on a side
    Side = dict[str, Pair]

_REGULAR = ("100644", "100755")
_FEW = 5  # tickets whose removal nobody is asked about


class Merge:
    """What a merge of two trackers gives: the tree, the disputes by path, and files that only one side removed.

    `kept` has, by path, whether it is theirs that had removed what stays.
    """

    def __init__(self, tree: str) -> None:
        self.tree = tree
        self.disputes: list[tuple[str, Dispute]] = []
        self.kept: dict[str, bool] = {}


def merge_trees(tracker: Tracker, trees: tuple[str, str, str], lateness: Lateness, scratch: str) -> Merge:
    """Merge the tracker's trees of a base, ours and theirs; `scratch` is an empty folder.

    Raises InvalidDataError where a side tracks what must stay on its machine, RefusedError where one lost its tickets.
    """
    top = tracker.repository.top
    base, ours, theirs = trees
    mine, other = (trackertrees.changes(top, base, tree) for tree in (ours, theirs))
    for path in {*mine, *other}:
        _check(path, (mine.get(path) or other[path])[1])
    for side, name in ((mine, lateness.ours.name), (other, lateness.theirs.name)):
        _check_losses(top, base, side, name)
    found = Merge(theirs)
    over = pagemoves.follow(top, mine, other)
    over.update((path, pair[1]) for path, pair in mine.items() if path not in other)
    both = {path: (mine[path], other[path]) for path in mine.keys() & other.keys() if mine[path][1] != other[path][1]}
    over.update(_disputed(tracker, both, lateness, found, scratch))
    over.update(_restored((mine, other), found))
    found.tree = trackertrees.write_tree(top, theirs, over, scratch)
    return found


def _check(path: str, entry: Entry) -> None:
    if entry and any(path == name or path.startswith(name.rstrip("/") + "/") for name in layout.IGNORED):
        raise InvalidDataError("this file belongs to one machine, but a branch tracks it",
                               f"git rm --cached .openkit/{path}", f".openkit/{path}", 1)


def _check_losses(top: str, base: str, side: Side, name: str) -> None:
    """Refuse to take for deletions that a side lost most of its tickets."""
    gone = sum(new is None and layout.is_ticket(path) for path, (_, new) in side.items())
    if gone <= _FEW:
        return
    there = sum(map(layout.is_ticket, trackertrees.paths(top, base)))
    if gone * 2 > there:
        raise RefusedError(f"{name} has lost {gone} of {there} tickets since it was last synced",
                           f"look first: git log --diff-filter=D --oneline {name} -- .openkit/tickets")


def _disputed(tracker: Tracker, both: dict[str, tuple[Pair, Pair]], lateness: Lateness, found: Merge,
              scratch: str) -> Entries:
    """Merge the files that both sides changed."""
    top = tracker.repository.top
    blobs = read_blobs(top, [entry[1] for pairs in both.values() for pair in pairs for entry in pair if entry])
    texts: dict[str, bytes] = {}
    over: Entries = {}
    for path, ((old, mine), (_, other)) in sorted(both.items()):
        if mine is None or other is None:
            found.kept[path] = other is None
            over[path] = mine or other
        elif mine[0] in _REGULAR and other[0] in _REGULAR:
            combined = combine(path, blobs[old[1]] if old else None, blobs[mine[1]], blobs[other[1]],
                               lateness.judge(path))
            found.disputes += [(path, one) for one in combined.disputes]
            texts[path] = combined.data
            over[path] = (mine[0] if old is None or mine[0] != old[0] else other[0]), ""
        else:
            later = lateness.judge(path)(WHOLE)
            found.disputes.append((path, Dispute(WHOLE, mine[1], other[1], later)))
            over[path] = other if later else mine
    for path, oid in trackertrees.write_blobs(top, texts, scratch).items():
        entry = over[path]
        over[path] = (entry[0], oid) if entry else None
    return over


def _restored(sides: tuple[Side, Side], found: Merge) -> Entries:
    """Bring back the files of records that one side removed while the other worked on them."""
    back: Entries = {}
    for number, side in enumerate(sides):
        other = sides[1 - number]
        worked_on = {own for path, (_, new) in other.items() if new and (own := kinds.part(path).own) != path}
        gone = {path for path, (_, new) in side.items() if new is None and path in worked_on}
        gone |= {path for path in found.kept if found.kept[path] == bool(number) and kinds.part(path).own == path}
        for path, (old, new) in side.items():
            if new is None and kinds.part(path).own in gone and path not in found.kept:
                if path in other and other[path][1] is None:
                    continue  # both removed it
                back[path] = old
                if path in gone:
                    found.kept[path] = bool(number)
    return back
