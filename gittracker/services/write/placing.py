"""Where a write goes: to the worktree it was made from, unless its record lives in another or that would hide it."""

from __future__ import annotations

import os

from gittracker.board.fold import WHOLE, Folded, Version, fold
from gittracker.domain.errors import ConflictError, InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.git.objects import ids_at
from gittracker.index import boards
from gittracker.index.boards import HOME, WORKTREE
from gittracker.services.board import folding, replicas
from gittracker.services.board.contents import read
from gittracker.services.board.disputing import Moments
from gittracker.services.write.requests import Elsewhere
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gittracker.index.boards import Replica
    from gittracker.services.board.boarding import Board
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.homes import Beside
    from gittracker.services.write.writing import Writing


_ALONG = ("started_at", "completed_at", "resolution")  # that a change of status brings
_AHEAD = 3_600  # seconds by which another clock may be ahead


def home_of(tracker: Tracker, path: str) -> Elsewhere:
    """Tell in which worktree a file is that this one doesn't have."""
    board = tracker.board
    assert board
    tops = [tracker.ground.top, *(one.top for one in board.replicas if one.kind == WORKTREE)]
    for top in tops:
        if top != tracker.repository.top and os.path.isfile(f"{top}/.openkit/{path}"):
            return Elsewhere(top, path)
    rows = boards.at(tracker.index, tracker.view, kinds.place(path))
    return Elsewhere(next((name for name, its, _, blob in rows if its == path and blob), tracker.ground.top), path)


def overriding(tracker: Tracker, path: str, field: str) -> Elsewhere:
    """Tell which replica supplies a field's value on the board."""
    assert tracker.board
    suppliers = folding.suppliers(tracker.board, path)
    source = suppliers.get(field) or suppliers.get(WHOLE) or suppliers.get("=") or folding.GROUND
    return Elsewhere(tracker.ground.top if source == folding.GROUND else source, path)


def beside(tracker: Tracker, error: Elsewhere, tried: list[str], stays: bool = False) -> Tracker:
    """Open the worktree that a write goes to.

    Raises ConflictError where there is none, where it would not help, and where the write is about this one alone.
    """
    what = kinds.name_of(kinds.place(error.path)) if kinds.place(error.path) else error.path
    name = error.source.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    if error.source.startswith("refs/"):
        from shlex import quote

        from gittracker.git import worktrees
        there = next((one.top for one in worktrees.every(tracker.repository.top) if one.branch == error.source), "")
        if there:
            raise ConflictError(f'"{what}" is on the branch "{name}", but "{there}", a sparse checkout, leaves it out',
                                f"git -C {quote(there)} sparse-checkout add "
                                f"{quote(os.path.dirname(f'.openkit/{error.path}'))}", path=error.path)
        raise ConflictError(f'the board shows "{what}" as it is on "{name}", which no worktree has checked out',
                            _way_to(tracker, error.source), path=error.path)
    if stays:
        where = os.path.relpath(error.source, tracker.repository.top)
        raise ConflictError(f'"{what}" lives in "{where}", and not in this worktree', f"run the command in {where}",
                            path=error.path)
    if error.source in tried and error.whole:
        where = os.path.relpath(error.source, tracker.caller.repository.top)
        raise ConflictError(f'"{what}" lives in "{where}", and other records of this command do not; a sandboxed '
                            "command writes in one worktree", f"gittracker -C {where}, for {what} alone",
                            path=error.path)
    if error.source in tried:
        raise ConflictError(f'"{what}" was changed in "{error.source}" too, and the board would go on to show that',
                            f"gittracker -C {error.source} show {what} --where", path=error.path)
    tried.append(error.source)
    return tracker.at_worktree(error.source)


def _way_to(tracker: Tracker, ref: str) -> str:
    """Say how what a branch has comes to where it can be written: by a sync of whoever follows it, or a worktree."""
    from gittracker.git import refs, worktrees
    top = tracker.repository.top
    followers = [one.name for one in refs.every(top).values() if one.upstream == ref]
    tops = {one.branch: one.top for one in worktrees.every(top) if one.branch in followers and not one.bare}
    if tops:
        where = os.path.relpath(top if top in tops.values() else next(iter(tops.values())), top)
        return "gittracker sync" if where == "." else f"gittracker -C {where} sync"
    name = (followers or [ref])[0].removeprefix("refs/heads/").removeprefix("refs/remotes/")
    return f"git worktree add ../{name.replace('/', '-')} {name}"


def check(writing: Writing) -> None:
    """Raise Elsewhere where the board would not show what is about to be written."""
    board = writing.tracker.board
    if not board:
        return
    known = board.places
    for path, data in writing.after.items():
        place = replicas.place_of(path)
        if place and data != writing.before[path] and (place in known or _is_apart(writing, path)):
            _check_file(board, writing, place, path, data)


def _is_apart(writing: Writing, path: str) -> bool:
    """Tell whether home has another version of a file than this worktree had."""
    tracker = writing.homes.at(path)
    return (tracker.ground.top != tracker.repository.top
            and read(f"{tracker.ground.tracker}/{path}") != writing.before[path])


def _check_file(board: Board, writing: Writing, place: str, path: str, data: bytes | None) -> None:
    tracker = writing.homes.at(path)
    own = next((one for one in board.replicas if one.top == tracker.repository.top), None)
    name = own.name if own else folding.GROUND
    rows = [row for row in boards.at(tracker.index, tracker.view, place) if row[1] == path]
    if not own and not any(row[0] != name for row in rows):
        return
    while True:
        found, least = _simulate(board, rows, own, path, data, writing.homes.beside.get(path, {}))
        hidden = next(((field, value) for field, value in _wanted(writing, path, data).items()
                       if not _is_shown(path, found, field, value)), None)
        if hidden is None:
            break
        field, value = hidden
        source = found.supplier(field)
        top = tracker.ground.top if source == folding.GROUND else source
        if not (_removed_too(writing, rows, own, path, source) if field == WHOLE else
                writing.homes.also(top, path, _Saying(path, field, value))):
            raise Elsewhere(top, path)
    writing.least = max(writing.least, least)


class _Saying:
    """Make a file say one more value of a field, which it would hide otherwise; of a set, just what comes and goes."""

    def __init__(self, path: str, field: str, value: tuple[Any, Any]) -> None:
        self._path = path
        self._field = field
        self._value = value

    def __call__(self, data: bytes | None) -> bytes | None:
        """Patch the file; one that is gone, or can't be read by field, stays as it is."""
        old, new = self._value
        try:
            record = entity_md.read(CLASSES["ticket"], data or b"", self._path)[0]
        except InvalidDataError:
            return data
        if self._field in record.FIELDS and record.FIELDS[self._field].kind.many:
            before = set(old or ())
            new = tuple(sorted((set(record.__dict__[self._field]) | (set(new) - before)) - (before - set(new))))
        return data and entity_md.patch(CLASSES["ticket"], data, {self._field: new}, self._path)


def _removed_too(writing: Writing, rows: list[tuple[str, str, str, str]], own: Replica | None, path: str,
                 source: str) -> bool:
    """Let a file that was moved go where it was changed, if it was changed here, too; what they made of it moves."""
    if writing.after[path] is not None or path not in writing.homes.moved:
        return False
    tracker = writing.homes.at(path)
    now = blob_id(writing.before[path] or b"", tracker.repository.object_format)
    base = {name: base for name, _, base, _ in rows}.get(own.name if own else source, "")
    top = tracker.ground.top if source == folding.GROUND else source
    return base != now and writing.homes.also(top, path, lambda _: None)


def _simulate(board: Board, rows: list[tuple[str, str, str, str]], own: Replica | None, path: str,
              data: bytes | None, beside: Mapping[str, Beside]) -> tuple[Folded, int]:
    """Fold a file as if this write were done, in the worktrees `beside`, too.

    Gives when its entry must be dated at least besides. In a bare layout the ground may be the worktree that writes.
    """
    contents = folding.contents(board, rows)
    ground = board.tracker.ground
    start = data
    if own and own.top != ground.top:
        start = beside[ground.top].after if ground.top in beside else read(f"{ground.tracker}/{path}")
    source = folding.GROUND
    versions = []
    for row in rows:
        if contents.replicas[row[0]].kind == HOME:
            start, source = contents.of(row), row[0]
        elif not own or row[0] != own.name:
            said = beside.get(contents.replicas[row[0]].top)
            versions.append(Version(row[0], contents.base(row), said.after if said else contents.of(row)))
    if own:
        mine = Version(own.name, _base(board, own, rows, path), data)
        place = sum(contents.replicas[one.source].seq < own.seq for one in versions)
        versions.insert(place, mine)
    moments = _Now(board, contents.replicas, path, own.name if own else folding.GROUND)
    return fold(folding.class_of(path, start, versions), start, source, versions, moments.is_later), moments.least


def _base(board: Board, own: Replica, rows: list[tuple[str, str, str, str]], path: str) -> bytes | None:
    from gittracker.git.objects import read_blobs
    known = next((row[2] for row in rows if row[0] == own.name), None)
    name = f"{own.base}:{replicas.PREFIX}{path}"
    blob = ids_at(own.top, [name]).get(name, "") if known is None and own.base else known or ""
    return read_blobs(own.top, [blob]).get(blob) if blob else None


class _Now(Moments):
    """Moments in which this worktree's value is the latest, for whoever writes has seen the others.

    `least` is when the entry must be dated, at least, to be later than what it overrides: more than one can be written
    in a second, and clocks differ. Another's moment that is far ahead stays ahead.
    """

    def __init__(self, board: Board, known: dict[str, Replica], path: str, own: str) -> None:
        super().__init__(board, known, path)
        self._own = own
        self._now = board.tracker.clock() // 1_000_000_000
        self.least = 0

    def is_later(self, field: str, one: str, other: str) -> bool:
        """Tell whether the second source's value of a field is later than the first's."""
        if self._own not in (one, other):
            return super().is_later(field, one, other)
        theirs = self.moment(one if other == self._own else other, field)
        mine_is = theirs <= self._now + _AHEAD
        if mine_is and theirs >= self._now:
            self.least = max(self.least, theirs + 1)
        return mine_is == (other == self._own)


def _wanted(writing: Writing, path: str, data: bytes | None) -> dict[str, Any]:
    """Give the values that a write wants to be shown, by field: as (old, new), or the whole file."""
    changes: dict[str, Any] = {}
    for one in writing.touched:
        if one.path == path and kinds.noun(path) == "ticket" and data is not None:
            changes.update(one.changes)
    if "status" in changes:  # what comes along with it is no reason to write elsewhere
        changes = {name: value for name, value in changes.items() if name not in _ALONG}
    return changes or {WHOLE: (None, data)}


def _is_shown(path: str, found: Folded, field: str, value: tuple[Any, Any]) -> bool:
    old, new = value
    if field == WHOLE:
        if new is None or found.data is None:
            return found.data is new
        return not any(one.shown_in != one.other_in and one.other == new for one in found.disputes)
    if found.data is None:
        return False
    try:
        record = entity_md.read(CLASSES["ticket"], found.data, path)[0]
    except InvalidDataError:
        return True  # a file that can't be read by field merges as text
    shown = record.body if field == "body" else record.__dict__.get(field, record.extra.get(field))
    if isinstance(new, tuple | list) and isinstance(shown, tuple | list):
        before = set(old or ())
        return set(new) - before <= set(shown) and not (before - set(new)) & set(shown)
    if field == "body":
        return True  # texts merge by lines; a dispute is told
    return bool(shown == new or (shown or None) == (new or None))
