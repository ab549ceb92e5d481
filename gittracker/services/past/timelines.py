"""The lives of tickets out of history: when each was created, started, closed, reopened."""

from __future__ import annotations

from gittracker.domain import flow, times
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.flow import Life
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md, frontmatter
from gittracker.index import facts, tickets
from gittracker.index import history as rows
from gittracker.services.past import history
from gittracker.services.past.stages import StageBook
from gittracker.store import layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.facts import Fact
    from gittracker.services.tracker import Tracker

    # when, the blobs before (a merge has more than one), the blob after (empty: removed)
    Change = tuple[int, list[str], str]

_CHUNK = 2_000
_KEYS = ("slug", "type", "status", "assignee", "created_at", "started_at", "completed_at", "archived")
_read_moments: dict[str, int] = {}


def lives(tracker: Tracker, chosen: set[int] | None = None) -> tuple[dict[str, Life], set[str]]:
    """Give the life of each ticket by folder (of those rows alone if `chosen` is given), and statuses of no stage.

    A ticket that history saw deleted has a life too, unless tickets were chosen.
    """
    changes, versions = _changes(tracker)
    known = _facts(tracker, changes)
    book = StageBook(versions, tracker.settings.statuses)
    found: dict[str, Life] = {}
    there = {row[1]: row for row in tickets.standing(tracker.index, tracker.view)
             if chosen is None or row[0] in chosen}
    for folder, row in there.items():
        life = _Reader(known, book).follow(changes.get(folder, []))
        _bring_to_now(life, row)
        found[folder] = life
    if chosen is None:
        for folder in changes.keys() - there.keys():
            if not changes[folder][-1][2]:  # else it is not here: on another branch, or lost
                life = _Reader(known, book).follow(changes[folder])
                found.update({folder: life} if life.steps else {})
    return found, book.unknown


def _changes(tracker: Tracker) -> tuple[dict[str, list[Change]], list[tuple[int, list[Any]]]]:
    """Give the changes of each ticket's file by folder, oldest first, and the versions of statuses.yaml."""
    history.catch_up(tracker)
    found: dict[str, list[Change]] = {}
    rules: list[tuple[int, str]] = []
    for path, told in _by_path(tracker).items():
        trail = history.Trail()
        for at, source, actor, old, new in told:
            if not trail.adds(source, actor, path, new):
                continue
            if path == layout.STATUSES:
                rules.append((at, new))
            else:
                found.setdefault(layout.folder_of(path), []).append((at, old.split(" ") if old else [], new))
    texts = history.read_all(tracker, [blob for _, blob in rules if blob])
    return found, [(at, settings.read_statuses(texts[blob])) for at, blob in rules if blob in texts]


def _by_path(tracker: Tracker) -> dict[str, list[tuple[int, str, str, str, str]]]:
    """Give (at, source, actor, old, new) of each file that counts, in the order in which they came about.

    Where a later commit was written earlier (a rebase, a wrong clock), it counts as made when the one before it was.
    """
    found: dict[str, list[tuple[int, str, str, str, str]]] = {}
    last: dict[tuple[str, str], int] = {}
    for kept, old, new, at, source, actor in rows.told(tracker.index, tracker.worktree, layout.STATUSES):
        if kept == layout.STATUSES or layout.is_ticket(kept):
            path = rows.give(kept)
            at = last[path, source] = max(at, last.get((path, source), at))
            found.setdefault(path, []).append((at, source, actor, old, new))
    for told in found.values():
        told.sort(key=lambda row: (row[0], row[1] == rows.BRANCH))
    return found


def _facts(tracker: Tracker, changes: dict[str, list[Change]]) -> dict[str, Fact]:
    """Give what the versions say; those not read before are read from git, many at once."""
    known = facts.every(tracker.index)
    wanted = {blob for each in changes.values() for _, old, new in each for blob in (*old, new) if blob}
    missing = sorted(wanted - known.keys())
    for start in range(0, len(missing), _CHUNK):
        blobs = history.read_all(tracker, missing[start:start + _CHUNK])
        fresh = {blob: fact for blob, data in blobs.items() if (fact := _fact(data))}
        facts.put(tracker.index, fresh)
        known.update(fresh)
    return known


def _fact(data: bytes) -> Fact | None:
    """Read what a version says; of a file as we write it only the few keys that count."""
    plain = frontmatter.read_plain(data)
    raws = plain[0] if plain else {}
    texts = [raws.get(name) or "" for name in _KEYS]
    if not plain or any(isinstance(text, list) for text in texts):
        try:
            one = entity_md.read(Ticket, data)[0]
        except InvalidDataError:
            return None
        texts = [str(one.__dict__[name]) for name in _KEYS]
    slug, kind, status, assignee, created, started, completed, archived = map(str, texts)
    return (slug, kind.lower(), status.lower(), assignee, _seconds(created), _seconds(started), _seconds(completed),
            int(archived.lower() == "true"))


def _seconds(moment: str) -> int:
    """Read a moment; thousands of versions share theirs."""
    if moment not in _read_moments:
        _read_moments[moment] = times.since_1970(moment)
    return _read_moments[moment]


class _Reader:
    """Follows one ticket's versions."""

    def __init__(self, known: dict[str, Fact], book: StageBook) -> None:
        self._known = known
        self._book = book

    def follow(self, changes: list[Change]) -> Life:
        """Give the life that the versions tell."""
        life = Life()
        for at, old, new in changes:
            fact = self._known.get(new)
            before = [self._known[blob] for blob in old if blob in self._known]
            if not new and life.steps:
                life.step(at, flow.DROPPED)
            elif fact:
                self._go_on(life, at, before, fact)
                life.type, life.assignee = fact[1], fact[3]
        return life

    def _go_on(self, life: Life, at: int, before: list[Fact], fact: Fact) -> None:
        if not life.steps and before:  # what was earlier was not read
            begin(life, at - 1, before[0], self._state(before[0], at - 1))
        state = self._state(fact, at)
        if not life.steps:
            begin(life, at, fact, state)
        elif state not in [self._state(one, at - 1) for one in before]:
            advance(life, at, fact, state, before[0] if before else None)

    def _state(self, fact: Fact, at: int) -> str:
        _, _, status, _, _, started, completed, archived = fact
        stage = self._book.stage(status, at)
        return flow.state_of(stage or (completed and "completed") or (started and "started") or "backlog",
                             bool(archived))


def begin(life: Life, at: int, fact: Fact, state: str) -> None:
    """Begin a life with the first version that is known: what was before stands in the file's own moments."""
    _, _, _, _, created, started, completed, _ = fact
    is_open = state not in (flow.STARTED, flow.COMPLETED, flow.DROPPED)
    life.step(min(created or started or completed or at, at), state if is_open else "unstarted")
    if started and not is_open:
        life.step(min(started, at), flow.STARTED)
    life.step(min(completed or at, at) if state in (flow.COMPLETED, flow.DROPPED) else at, state)


def advance(life: Life, at: int, fact: Fact, state: str, before: Fact | None) -> None:
    """Go on to a state; the moments that the file got with it beat the entry's, which may be a commit of days."""
    _, _, _, _, _, started, completed, _ = fact
    if state not in (flow.STARTED, flow.COMPLETED, flow.DROPPED):
        life.step(at, state)
        return
    if started and life.first(flow.STARTED) is None:
        life.step(min(started, at), flow.STARTED)
    is_new = state != flow.STARTED and completed and (before is None or completed != before[6])
    life.step(min(completed, at) if is_new else at, state)


def _bring_to_now(life: Life, row: tuple[Any, ...]) -> None:
    """Add what history does not hold: the file as it is now."""
    _, _, stage, kind, status, assignee, *texts, archived, updated = row
    state = flow.state_of(stage, bool(archived))
    created, started, completed = (_seconds(text) for text in texts)
    fact = ("", kind, status, assignee, created, started, completed, archived)
    at = _seconds(updated) or created
    life.type, life.assignee = kind, assignee
    if not life.steps:
        begin(life, at, fact, state)
    elif life.state != state:
        advance(life, at, fact, state, None)
