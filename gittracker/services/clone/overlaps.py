"""Overlaps: the files and lines that worktrees would conflict in if merged now, uncommitted edits included."""

from __future__ import annotations

import os
import time
from itertools import combinations

from gittracker.git import mergetrees
from gittracker.services.clone.clones import LOCAL, Clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gittracker.git.mergetrees import Conflict, Hunk
    from gittracker.git.worktrees import Worktree
    from gittracker.services.tracker import Tracker

    Lines = tuple[int, int]  # the first and the last, or one behind where something would go in between

_TRACKER = ".openkit/"
SECONDS = 20.0
_CLAIMING_SECONDS = 2.0
_MOST_FILES, _MOST_TOLD = 50, 3  # files of a pair whose lines are looked up, and overlaps in a warning
BINARY, ADDED, DELETED, CONTENT = "binary", "both added", "deleted by one", "content"


class Side:
    """One of those that would be merged: what it is called, its folder (empty for a branch alone) and its commit."""

    __slots__ = ("name", "top", "commit")

    def __init__(self, name: str, top: str, commit: str) -> None:
        self.name = name
        self.top = top
        self.commit = commit


class Overlap:
    """One file that a pair would conflict in; `lines` are pairs of ranges, of the first's file and of the second's."""

    __slots__ = ("path", "kind", "lines")

    def __init__(self, path: str, kind: str, lines: list[tuple[Lines, Lines]]) -> None:
        self.path = path
        self.kind = kind
        self.lines = lines


class Pair:
    """Two sides and what they would conflict in."""

    __slots__ = ("one", "other", "files")

    def __init__(self, one: Side, other: Side, files: list[Overlap]) -> None:
        self.one = one
        self.other = other
        self.files = files


class Found:
    """What was found in the pairs that were looked at: `checked` of `total`; `limits` says what was not."""

    __slots__ = ("pairs", "checked", "total", "limits")

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self.checked = self.total = 0
        self.limits: list[str] = []


def find(tracker: Tracker, names: list[str], seconds: float = SECONDS) -> Found:
    """Merge pairwise, nowhere: all worktrees and home, or some branches; one branch with all others.

    Stops when the time is up and says how far it came. Raises NotFoundError.
    """
    end = time.monotonic() + seconds
    clone = Clone(tracker.caller.repository)
    wanted = [clone.branch(name).name for name in names]
    found = Found()
    sides = list(_all(clone, wanted, found, end))
    pairs = [(one, other) for one, other in combinations(sides, 2)
             if len(wanted) != 1 or LOCAL + one.name == wanted[0] or LOCAL + other.name == wanted[0]]
    return _merge(clone, pairs, found, end)


def with_others(tracker: Tracker, top: str) -> list[str]:
    """Say where a worktree's code would conflict with that of others now, in a sentence a pair; bounded in time.

    Only those are merged that touch the same files, as far as git tracks them; the tracker's own merge by record.
    """
    clone = Clone(tracker.caller.repository)
    mine = next((one for one in clone.code if os.path.realpath(one.top) == os.path.realpath(top)), None)
    home = clone.branches.get(clone.home)
    if mine is None or home is None or len(clone.code) < 2:
        return []
    end, found = time.monotonic() + _CLAIMING_SECONDS, Found()
    code = {path for path in mergetrees.touched(mine.top, home.head) if not path.startswith(_TRACKER)}
    near = [one for one in clone.code if code and one is not mine and not one.bare and os.path.isdir(one.top)
            and time.monotonic() < end and code & mergetrees.touched(one.top, home.head)]
    own = next(_sides([mine], found, end), None) if near else None
    pairs = [(own, other) for other in _sides(near, found, end)] if own else []
    told = [f"{pair.one.name} and {pair.other.name} would conflict in {_said(pair)}"
            for pair in _merge(clone, pairs, found, end).pairs]
    more = len(told) - _MOST_TOLD
    return told[:_MOST_TOLD] + ([f"{more} more worktree(s) would conflict: gittracker overlap"] if more > 0 else [])


def _said(pair: Pair) -> str:
    names = [f"{one.path}{':' + shown(one.lines[0][0]) if one.lines else ''}" for one in pair.files]
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return ", ".join(names[:_MOST_TOLD]) + more


def shown(lines: Lines) -> str:
    """Write a range of lines: `3`, `3-5`."""
    first, last = lines
    return str(first) if last <= first else f"{first}-{last}"


def _all(clone: Clone, wanted: list[str], found: Found, end: float) -> Iterator[Side]:
    """Give what is to be merged: each worktree as it is now, and home or a named branch that is checked out nowhere."""
    named = set(wanted) if len(wanted) > 1 else set()
    yield from _sides([one for one in clone.code if not named or one.branch in named], found, end)
    for name in dict.fromkeys([*wanted, *([clone.home] if not named else [])]):
        if name in clone.branches and not clone.on(name):
            yield Side(name.removeprefix(LOCAL), "", clone.branches[name].head)


def _sides(worktrees: list[Worktree], found: Found, end: float) -> Iterator[Side]:
    """Give worktrees as they are now; when the time is up the rest is left out."""
    import tempfile
    left = 0
    with tempfile.TemporaryDirectory(prefix="gittracker-") as folder:
        for number, one in enumerate(worktrees):
            if one.bare or not one.head or not os.path.isdir(one.top):
                continue
            if time.monotonic() > end:
                left += 1
                continue
            yield Side(one.short, one.top, _commit(one, os.path.join(folder, f"index{number}"), found))
    if left:
        found.limits.append(f"the time was up before {left} worktree(s) were looked at")


def _commit(one: Worktree, scratch: str, found: Found) -> str:
    made = mergetrees.snapshot(one.top, one.git_dir, one.head, scratch)
    if not made:
        found.limits.append(f"uncommitted edits in {one.short} were not looked at: git could not read or keep them")
    return made or one.head


def _merge(clone: Clone, pairs: list[tuple[Side, Side]], found: Found, end: float) -> Found:
    found.total = len(pairs)
    for one, other in pairs:
        if time.monotonic() > end:
            found.limits.append(f"the time was up after {found.checked} of {found.total} pairs: name branches to look "
                                "at fewer")
            break
        conflicts = mergetrees.conflicts(clone.repository.top, one.commit, other.commit)
        if conflicts is None:
            found.limits.append(f"git could not compare {one.name} with {other.name}")
            continue
        found.checked += 1
        if conflicts:
            files = [_overlap(clone.repository.top, conflict, number < _MOST_FILES)
                     for number, conflict in enumerate(conflicts)]
            found.pairs.append(Pair(one, other, files))
    return found


def _overlap(top: str, conflict: Conflict, closely: bool) -> Overlap:
    stages = conflict.stages
    if not (2 in stages and 3 in stages):
        return Overlap(conflict.path, DELETED, [])
    mine, other = stages[2][1], stages[3][1]
    if 1 not in stages:
        whole = [tuple((1, mergetrees.count_lines(top, blob)) for blob in (mine, other))] if closely else []
        return Overlap(conflict.path, ADDED, [(pair[0], pair[1]) for pair in whole])
    if not closely:
        return Overlap(conflict.path, CONTENT, [])
    base = stages[1][1]
    found = list(_touching(mergetrees.hunks(top, base, mine), mergetrees.hunks(top, base, other)))
    return Overlap(conflict.path, CONTENT if found else BINARY, found)


def _touching(ours: list[Hunk], theirs: list[Hunk]) -> Iterable[tuple[Lines, Lines]]:
    """Give the changes that touch in the base and differ, as ranges of both new files."""
    for mine in ours:
        near = [one for one in theirs if _start(one) <= _end(mine) and _start(mine) <= _end(one)
                and (one.start, one.count, one.lines) != (mine.start, mine.count, mine.lines)]
        if near:
            yield (_new(mine), (_new(near[0])[0], _new(near[-1])[1]))


def _start(one: Hunk) -> int:
    return one.start if one.count else one.start + 1  # nothing but lines that go in behind `start`


def _end(one: Hunk) -> int:
    """Give the line behind the last that a change replaces, which a change that begins there touches."""
    return _start(one) + one.count


def _new(one: Hunk) -> Lines:
    return (one.new_start, one.new_start + one.new_count - 1) if one.new_count else (one.new_start + 1, one.new_start)
