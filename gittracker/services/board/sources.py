"""Where the values that the board shows come from: replica, branch, commit or uncommitted, and since when."""

from __future__ import annotations

import marshal
import os

from gittracker.board.fold import WHOLE
from gittracker.domain.ticket import Ticket
from gittracker.domain.times import utc
from gittracker.formats import entity_md
from gittracker.git import objects, trees, worktrees
from gittracker.index import boards
from gittracker.services.board import folding
from gittracker.services.board.boarding import Board
from gittracker.services.board.contents import read
from gittracker.services.board.disputing import Moments
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker


class Place:
    """One replica as people know it: a worktree's path (relative to ours) or a branch, and the branch it is on."""

    __slots__ = ("name", "branch", "head", "top", "source")

    def __init__(self, name: str, branch: str, head: str, top: str, source: str) -> None:
        self.name = name
        self.branch = branch
        self.head = head
        self.top = top
        self.source = source

    def __str__(self) -> str:
        return self.name if self.name == self.branch else f"{self.name} ({self.branch or self.head[:10]})"


class Source:
    """One field's value, and where it comes from; `commit` is empty where no commit has the value yet."""

    __slots__ = ("field", "value", "place", "commit", "at")

    def __init__(self, field: str, value: Any, place: Place, commit: str, at: int) -> None:
        self.field = field
        self.value = value
        self.place = place
        self.commit = commit
        self.at = at

    def to_json(self) -> dict[str, Any]:
        """Give it as it is printed."""
        return {"field": self.field, "value": self.value, "replica": self.place.name,
                "branch": self.place.branch or None, "commit": self.commit or None,
                "at": utc(self.at) if self.at else None}


def places(tracker: Tracker) -> dict[str, Place]:
    """Give the replicas by the name that the index has for them; the ground's is `folding.GROUND`."""
    listed = {one.top: one for one in worktrees.every(tracker.repository.top)}
    found = {}
    tops = {folding.GROUND: tracker.ground.top, **{one.name: one.top for one in _board(tracker).replicas if one.top}}
    for source, top in tops.items():
        known = listed.get(top)
        found[source] = Place(os.path.relpath(top, tracker.repository.top), known.short if known and known.branch
                              else "", known.head if known else "", top, source)
    for one in _board(tracker).replicas:
        if not one.top:
            name = one.name.removeprefix("refs/heads/").removeprefix("refs/remotes/")
            found[one.name] = Place(name, name, one.head, "", one.name)
    return found


def beside(tracker: Tracker, path: str) -> str:
    """Name the replica that a file is in as the board shows it, empty where this worktree has it so."""
    if read(tracker.path(path)) == read(tracker.shown(path)):
        return ""
    suppliers = folding.suppliers(_board(tracker), path)
    known = places(tracker)
    named = [suppliers.get(WHOLE), suppliers.get("="), *suppliers.values(), folding.GROUND]
    others = [one for one in named if one and one in known and known[one].top != tracker.repository.top]
    return str(known[others[0]]) if others else ""


def of_ticket(tracker: Tracker, row: Row) -> list[Source]:
    """Say for each field that a ticket has where it comes from."""
    board = _board(tracker)
    path = layout.ticket_file(row.folder)
    suppliers = folding.suppliers(board, path)
    usual = suppliers.get(WHOLE) or suppliers.get("=") or folding.GROUND
    moments = Moments(board, {one.name: one for one in board.replicas}, path)
    known = places(tracker)
    committed = _Committed(path)
    ticket = row.ticket
    values = {name: field.kind.to_json(ticket.__dict__[name]) for name, field in Ticket.FIELDS.items()
              if ticket.__dict__[name] != field.kind.empty}
    values.update(ticket.extra, **({"description": ticket.body} if ticket.body else {}))
    found = []
    for name, value in values.items():
        field = "body" if name == "description" else name
        source = suppliers.get(field, usual)
        place = known.get(source) or known[folding.GROUND]
        found.append(Source(name, value, place, committed.of(place, field), moments.moment(source, field)))
    return found


class _Committed:
    """Which commit has what a replica shows of one file."""

    def __init__(self, path: str) -> None:
        self.path = f".openkit/{path}"
        self._known: dict[str, tuple[str, Any, Any]] = {}

    def of(self, place: Place, field: str) -> str:
        """Give the last commit that touched the file, if the value is in it; empty where it is uncommitted."""
        if place.source not in self._known:
            self._known[place.source] = self._look(place)
        commit, committed, now = self._known[place.source]
        return commit if committed and now and _value(committed, field) == _value(now, field) else ""

    def _look(self, place: Place) -> tuple[str, Any, Any]:
        folder = place.top or os.curdir
        if not place.head:
            return "", None, None
        name = f"{place.head}:{self.path}"
        data = objects.read_blobs(folder, [name]).get(name)
        there = read(f"{place.top}/{self.path}") if place.top else data
        committed, now = (entity_md.read(Ticket, one)[0] if one is not None else None for one in (data, there))
        return trees.last_change(folder, place.head, self.path), committed, now


def _value(record: Ticket, field: str) -> Any:
    return record.body if field == "body" else record.__dict__.get(field, record.extra.get(field))


def disputes(tracker: Tracker) -> list[dict[str, Any]]:
    """List the fields that two replicas changed differently: what is shown, the other value, and whose they are."""
    known = places(tracker)
    found = []
    for place, detail in sorted(_board(tracker).overlays.items()):
        for path, field, shown, shown_in, other, other_in in marshal.loads(detail)[1]:
            found.append({"record": kinds.noun(path), "name": tracker.name_at(place), "path": f".openkit/{path}",
                          "field": ("description" if field == "body" else field) or None,
                          "shown": shown, "shown_in": _named(known, shown_in), "other": other,
                          "other_in": _named(known, other_in)})
    return found


def drift(tracker: Tracker) -> list[dict[str, Any]]:
    """List what each replica would add on a merge: its records, and whether they are new, changed or removed there."""
    known = places(tracker)
    found = []
    for one in _board(tracker).replicas:
        rows = boards.versions(tracker.index, tracker.view, one.name)
        by_place: dict[str, list[tuple[str, str, str]]] = {}
        for path, (base, blob) in sorted(rows.items()):
            by_place.setdefault(kinds.place(path), []).append((path, base, blob))
        records = [{"record": kinds.noun(own[0]), "name": tracker.name_at(place),
                    "change": "new" if not own[1] else "changed" if own[2] else "removed",
                    "files": [f".openkit/{path}" for path, _, _ in files]}
                   for place, files in by_place.items() for own in [_own(files)]]
        if records or one.problem:
            found.append({"replica": _named(known, one.name), "kind": one.kind, "records": records,
                          "problem": one.problem or None})
    return found


def _own(files: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """Take the record's own file, or say that it changed with what lies beside it."""
    first = min(files, key=lambda one: (one[0].count("/"), one[0]))
    noun = kinds.noun(first[0])
    return first if noun not in ("comment", "workpad", "usage", "attachment") else (first[0], "=", "=")


def _named(known: dict[str, Place], source: str) -> str:
    return str(known[source]) if source in known else source


def _board(tracker: Tracker) -> Board:
    return tracker.board or Board(tracker)
