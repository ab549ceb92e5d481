"""Find the replicas beside the ground, and what each of them has that it has not from there."""

from __future__ import annotations

import os
import time

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.etag import blob_id
from gittracker.git import bases, discover, head, objects, refs, trees, worktrees
from gittracker.index import boards
from gittracker.index.boards import BRANCH, HOME, UPSTREAM, WORKTREE, Replica
from gittracker.services.board import ground
from gittracker.services.board.signals import signals
from gittracker.services.past import following
from gittracker.store import atomic, files, kinds, layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.services.tracker import Tracker

    Row = tuple[str, str, str, str]  # path, place, base blob, blob

PREFIX = ".openkit/"
FOLDED = (layout.TICKETS, *layout.RECORDS)  # what folds; the rest is home's alone
_DAYS = 30
# While one of these is there, git is in the middle of something.
_UNDER_WAY = ("index.lock", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
_FEW = 4  # below so many tickets, all of them may be gone


def place_of(path: str) -> str:
    """Give the place of the record that a path belongs to, empty where the path is home's alone."""
    return kinds.place(path) if path.partition("/")[0] in FOLDED else ""


def find(tracker: Tracker) -> set[str]:
    """List the replicas anew by git's refs and worktrees; gives the places that may show otherwise."""
    index, view = tracker.index, tracker.view
    now = time.time_ns()
    seen = discover.board_stamps(tracker.repository)
    listed = _List(tracker).replicas()
    before = {one.name: one for one in boards.replicas(index, view)}
    places: set[str] = set()
    with index:
        for name in before.keys() - {one.name for one in listed}:
            places |= boards.places(index, view, name)
            boards.remove(index, view, name)
        for one in listed:
            places |= _keep(tracker, before.get(one.name), one) | following.replica(tracker, one)
        found = signals(tracker.repository, listed)
        newest = max([*found[0], *(stamp for group in found[1:] for stamp in group[:2])])
        boards.owe(index, view, places)
        moved = found[0] != seen or stamps.settled(newest, now) == stamps.NEVER
        index.put(f"refs:{view}", b"" if moved else boards.pack((found, len(listed))))
    return places


def _keep(tracker: Tracker, before: Replica | None, one: Replica) -> set[str]:
    """Write a replica; gives the places that it may change."""
    index, view = tracker.index, tracker.view
    if before and (before.head, before.key, before.git_dir) == (one.head, one.key, one.git_dir):
        one.base, one.state, one.problem, one.number = before.base, before.state, before.problem, one.number
        boards.put(index, view, one)
        return set() if before.seq == one.seq else boards.places(index, view, one.name)
    places = boards.places(index, view, one.name)
    rows = _of_branch(tracker, one) if one.kind in (BRANCH, UPSTREAM) else _kept(tracker, before, one)
    boards.put(index, view, one)
    return places if rows is None else places | _write(tracker, one, rows)


def _kept(tracker: Tracker, before: Replica | None, one: Replica) -> list[Row] | None:
    """Give what a worktree had from the same base, for commits elsewhere change nothing in it; None if not all is kept.

    What these once had is left out when it is written: where that was so before, the worktree must be asked.
    """
    if not before or not one.base or (before.head, before.base, before.git_dir) != (one.head, one.base, one.git_dir):
        return None
    if tracker.index.get(_past_key(tracker, one)):
        return None
    one.state, one.problem, one.number = before.state, before.problem, before.number
    return [(path, place_of(path), base, blob) for path, (base, blob) in boards.versions(
        tracker.index, tracker.view, one.name).items()]


def _past_key(tracker: Tracker, one: Replica) -> str:
    return f"past:{tracker.view}:{one.name}"


class _List:
    """Lists the replicas of a clone in the order they are folded in, each with the base it has there."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        top = tracker.ground.top
        self.is_side = tracker.repository.is_side
        self.worktrees = worktrees.every(top)
        self.branches = refs.every(top)
        self.known = {one.name: one for one in boards.replicas(tracker.index, tracker.view)}
        home = "" if self.is_side else ground.home_branch(tracker.repository, tracker.ground)
        self.home = home if home in self.branches else ""  # which may have no commit yet
        self.folded: list[str] = []
        self.found: list[Replica] = []

    def replicas(self) -> list[Replica]:
        """Give the replicas."""
        tracker = self.tracker
        if self.is_side:
            return self._of_side()
        if self.worktrees and not self.worktrees[0].bare and not self.worktrees[0].git_dir:
            self.worktrees[0].top = discover.main_top(tracker.repository)  # git names a submodule's git directory
        own = next((one for one in self.worktrees if one.top == tracker.ground.top), None)
        if self.home:
            self._add(Replica(0, HOME, self.home, head=self.branches[self.home].head))
        elif own and own.head:
            if _leaves_out(tracker):
                self._add(Replica(0, HOME, own.branch or "HEAD", head=own.head))
            else:
                self.folded.append(own.head)
        for one in sorted(self.worktrees, key=lambda one: one.top):
            there = one.git_dir
            if (one is not own or self.home) and not one.bare and there:
                number = discover.number_of(discover.at(one.top, tracker.repository))
                self._add(Replica(0, WORKTREE, one.top, one.top, there, number, one.head))
        checked_out = {one.branch for one in self.worktrees if one.branch and not one.bare}
        for name, kind in self._branches(checked_out):
            self._add(Replica(0, kind, name, head=self.branches[name].head))
        return self.found

    def _of_side(self) -> list[Replica]:
        """Give what a tracker on a branch of its own has beside it: what the branch follows, and its own lost files."""
        own = head.full_branch(self.tracker.ground.top)
        known = self.branches.get(own)
        if known:
            self.folded.append(known.head)
            if _leaves_out(self.tracker):
                self._add(Replica(0, HOME, own, head=known.head))
            if known.upstream in self.branches:
                self._add(Replica(0, UPSTREAM, known.upstream, head=self.branches[known.upstream].head))
        for name in self._named({own, *(one.name for one in self.found)}):
            self._add(Replica(0, UPSTREAM, name, head=self.branches[name].head))
        return self.found

    def _named(self, but: set[str]) -> list[str]:
        """Name the other branches that the configuration wants, here or on a remote, whatever their age."""
        from fnmatch import fnmatchcase
        wanted = self.tracker.settings.board_sources
        return [name for name in sorted(self.branches) if name not in but and any(
            fnmatchcase(shown, one) for one in wanted for shown in (name, name.split("/", 2)[2]))]

    def _branches(self, checked_out: set[str]) -> list[tuple[str, str]]:
        """Name the branches that nobody has checked out and that are young enough, then what all of these follow.

        Last come those that the configuration names.
        """
        since = self.tracker.clock() // 1_000_000_000 - _DAYS * 86_400
        own = [name for name, one in sorted(self.branches.items()) if name.startswith("refs/heads/")
               and name not in checked_out and one.at >= since and name != self.home]
        followed = {self.branches[name].upstream for name in (*own, *checked_out) if name in self.branches}
        followed = {name for name in followed if name in self.branches} - {*own, *checked_out}
        named = self._named({*own, *checked_out, *followed, self.home}) if self.tracker.settings.board_sources else []
        return [(name, BRANCH) for name in own] + [(name, UPSTREAM) for name in (*sorted(followed), *named)]

    def _add(self, one: Replica) -> None:
        one.seq = len(self.found) + 1
        if one.kind != HOME:
            self._find_base(one)
        if one.head and one.head not in self.folded:
            self.folded.append(one.head)
        self.found.append(one)

    def _find_base(self, one: Replica) -> None:
        """Find the base, unless the same commits had it before."""
        heads = " ".join(self.folded)
        before = self.known.get(one.name)
        if before and before.key.partition(" ")[2] == heads and before.head == one.head:
            one.base, one.key = before.base, before.key
            return
        commit = one.base = one.head if one.head in self.folded else ""
        if one.head and self.folded and not one.base:
            top = self.tracker.ground.top
            commit, one.base = trees.fork(top, one.head, self.folded)
            if one.base and bases.has_synced(top, one.head, *self.folded):
                commit = one.base = bases.tracker_base(top, one.head, *self.folded)
        one.key = f"{commit} {heads}"


def _leaves_out(tracker: Tracker) -> bool:
    """Tell whether home's working tree may lack files that are not deleted: sparse, taken away, lost by accident."""
    there = tracker.ground
    return (not os.path.isdir(there.tracker) or discover.is_sparse(there)
            or bool(tracker.index.get(f"suspect:{tracker.view}")))


def scan_home(tracker: Tracker, one: Replica) -> set[str]:
    """Read what home's commit has otherwise than the ground's files; gives the places that changed."""
    top = tracker.ground.top
    found = trees.working(top, one.head, PREFIX, list(FOLDED))
    rows: list[Row] = []
    if one.name == ground.home_branch(tracker.repository, tracker.ground):
        for path, old in found.changed.items():
            if (place := place_of(path)) and _blob_of(tracker, f"{tracker.ground.tracker}/{path}") != old:
                rows.append((path, place, "", old))
        rows += [(path, place, "", old) for path, old in found.gone.items() if (place := place_of(path))]
    else:
        listed = trees.listed(top, one.head, PREFIX)
        lost = sum(layout.is_ticket(path) for path in found.gone)
        every = sum(layout.is_ticket(path) for path in listed)
        all_gone = not os.path.isdir(tracker.ground.tracker)
        kept = {} if all_gone or (lost > _FEW and lost * 2 > every) else found.gone
        one.problem = f"{lost} of {every} tickets are gone from the working tree" if not kept and lost else ""
        rows += [(path, place, "", blob) for path, blob in listed.items() if (place := place_of(path))
                 and path not in kept and not os.path.lexists(f"{tracker.ground.tracker}/{path}")]
    with tracker.index as index:
        if not rows and index.get(f"suspect:{tracker.view}"):
            index.drop(f"suspect:{tracker.view}")  # it is all there again, or git took it away
            index.drop(f"refs:{tracker.view}")
        boards.put(index, tracker.view, one)
        return _write(tracker, one, rows)


def _of_branch(tracker: Tracker, one: Replica) -> list[Row]:
    """Give what a branch has otherwise than its base, if that is not long ago."""
    top = tracker.ground.top
    since = tracker.clock() // 1_000_000_000 - _DAYS * 86_400
    base, against = one.base, one.base or (one.key.split(" ")[1:] or [""])[0]
    if not one.head or not against or one.head == against:
        return []
    rows = [(path, place, old if base else "", new) for path, old, new in trees.between(top, against, one.head, PREFIX)
            if (place := place_of(path)) and (base or new)]
    commit = one.key.partition(" ")[0]
    if rows and one.kind == BRANCH and commit and not trees.touched_since(top, commit, one.head, PREFIX, since):
        return []
    gone = {row[0]: row[2] for row in rows if not row[3]}
    return [row for row in rows if row[3]] + _removed(tracker, one, gone)


def scan(tracker: Tracker, one: Replica, only: Iterable[str] = ()) -> set[str]:
    """Read what a worktree has otherwise, at some places or everywhere; gives the places that changed."""
    index, view = tracker.index, tracker.view
    if worktrees.is_being_written(one.git_dir):
        return set()  # neither old nor new: what it had stays, and the next look comes back to it
    only = [] if one.problem else list(only)  # a part doesn't tell whether what was lost is back
    now = time.time_ns()
    state = worktrees.state(one.git_dir)
    rows = _of_worktree(tracker, one, only or list(FOLDED))
    if only and (one.problem or _is_accident(tracker, one, _lost(rows) + _lost_beside(tracker, one, only))):
        return scan(tracker, one)
    with index:
        if not only:
            young = any(stamps.settled(stamp, now) == stamps.NEVER for group in state for stamp in group[:2])
            one.state = b"" if young else boards.pack(state)
            boards.put(index, view, one)
        return _write(tracker, one, rows, only)


def glance(tracker: Tracker, one: Replica, folders: list[str]) -> set[str] | None:
    """Read what a worktree has otherwise in some ticket folders, without asking for git's index, which takes longest.

    Gives the places that changed; None where only the index tells: what is missing, open in a merge, or filtered.
    """
    is_sparse = discover.is_sparse(discover.at(one.top, tracker.repository))
    if not one.base or one.problem or is_sparse or any(os.path.exists(f"{one.git_dir}/{name}") for name in _UNDER_WAY):
        return None
    based = trees.listed(one.top, one.base, PREFIX, folders)
    there = [path for folder in folders for path in files.below(one.tracker, folder)
             if not path.endswith(layout.TEMPORARY)]
    if based.keys() - set(there):
        return None
    rows: list[Row] = []
    for path in there:
        data = None if f"/{layout.ATTACHMENTS}/" in path else _read(f"{one.tracker}/{path}")
        if data is None or b"<<<<<<< " in data:
            return None
        blob, base = blob_id(data, tracker.repository.object_format), based.get(path, "")
        if blob != base:
            rows.append((path, place_of(path), base, blob))
    with tracker.index:
        return _write(tracker, one, rows, folders)


def put_written(tracker: Tracker, one: Replica, paths: list[str]) -> set[str]:
    """Follow what the tool wrote in a worktree, without asking git what differs; gives the places that changed."""
    index, view = tracker.index, tracker.view
    known = boards.versions(index, view, one.name)
    names = {path: f"{one.base}:{PREFIX}{path}" for path in paths if path not in known and one.base}
    bases = objects.ids_at(one.top, list(names.values()))
    rows = []
    for path in paths:
        base = known[path][0] if path in known else bases.get(names.get(path, ""), "")
        blob = _blob_of(tracker, f"{one.tracker}/{path}")
        if blob != base:
            rows.append((path, place_of(path), base, blob))
    boards.drop_versions(index, view, one.name, set(paths) - {row[0] for row in rows})
    boards.put_versions(index, view, one.name, rows)
    return {place_of(path) for path in paths}


def _write(tracker: Tracker, one: Replica, rows: list[Row], only: list[str] | None = None) -> set[str]:
    """Replace what a replica has otherwise, at some places or everywhere; gives the places that changed."""
    index, view = tracker.index, tracker.view
    before = boards.versions(index, view, one.name)
    if only:
        asked = set(only)
        before = {path: row for path, row in before.items() if _is_below(path, asked)}
    new = [row for row in rows if not _is_past(tracker, one, row)]
    if len(new) < len(rows):
        index.put(_past_key(tracker, one), 1)
    elif not only:
        index.drop(_past_key(tracker, one))
    rows = new
    after = {path: (base, blob) for path, _, base, blob in rows}
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    boards.drop_versions(index, view, one.name, changed - after.keys())
    boards.put_versions(index, view, one.name, [row for row in rows if row[0] in changed])
    places = {place_of(path) for path in changed}
    boards.owe(index, view, places)
    return places


def _is_below(path: str, places: set[str]) -> bool:
    """Tell whether a path belongs to one of some places or folders, of which there may be as many as paths."""
    return path in places or any(path[:at] in places for at, letter in enumerate(path) if letter in "/.")


def _is_past(tracker: Tracker, one: Replica, row: Row) -> bool:
    """Tell whether what is folded before once had these bytes: what was squashed or rebased does not come back."""
    commit, _, heads = one.key.partition(" ")
    if not commit or heads in ("", commit):
        return False
    if tracker.past[0] != one.key:
        tracker.past = one.key, trees.past(tracker.ground.top, commit, heads.split(" "), PREFIX)
    return (row[0], row[3]) in tracker.past[1]


def _of_worktree(tracker: Tracker, one: Replica, places: list[str]) -> list[Row]:
    """Compare a worktree's files with its base; without one, with the ground, as if all that differs were new."""
    against = one.base or (one.key.split(" ")[1:] or [""])[0] or trees.empty_tree(one.top)
    if not os.path.isdir(one.tracker):
        return [(path, place, old if one.base else "", new) for path, old, new in trees.between(
            one.top, against, one.head, PREFIX) if (place := place_of(path)) and new] if one.head else []
    found = trees.working(one.top, against, PREFIX, places)
    rows: list[Row] = []
    for path, old in found.changed.items():
        place = place_of(path)
        blob = _blob_of(tracker, f"{one.tracker}/{path}") if place and not path.endswith(layout.TEMPORARY) else old
        if blob not in (old, ""):
            rows.append((path, place, old if one.base else "", blob))
    if one.base:
        rows += _removed(tracker, one, found.gone)
    return rows + _unmerged(one, against, found.unmerged)


def _read(path: str) -> bytes | None:
    try:
        return atomic.read(path)
    except (InvalidDataError, OSError):
        return None  # no plain file, or one that is not for us


def _blob_of(tracker: Tracker, path: str) -> str:
    data = _read(path)
    return "" if data is None else blob_id(data, tracker.repository.object_format)


def _removed(tracker: Tracker, one: Replica, gone: dict[str, str]) -> list[Row]:
    """Take what git calls deleted as deleted, unless most of the tracker is gone: that is an accident."""
    rows = [(path, place, old, "") for path, old in gone.items() if (place := place_of(path))]
    one.problem = _is_accident(tracker, one, _lost(rows))
    return [] if one.problem else rows


def _lost(rows: list[Row]) -> int:
    return sum(not blob and layout.is_ticket(path) for path, _, _, blob in rows)


def _lost_beside(tracker: Tracker, one: Replica, only: list[str]) -> int:
    """Count the tickets that a replica is known to have removed outside of what is looked at."""
    places = set(only)
    return sum(not blob and layout.is_ticket(path) and not _is_below(path, places)
               for path, (_, blob) in boards.versions(tracker.index, tracker.view, one.name).items())


def _is_accident(tracker: Tracker, one: Replica, lost: int) -> str:
    """Say so where a replica has lost more than half of the tickets that it had; empty where it has not."""
    if lost <= _FEW:
        return ""
    every = sum(layout.is_ticket(path) for path in trees.listed(tracker.ground.top, one.base, PREFIX, [layout.TICKETS]))
    return f"{lost} of {every} tickets are gone there" if lost * 2 > every else ""


def _unmerged(one: Replica, against: str, paths: set[str]) -> list[Row]:
    """Take the commit's version of what a merge under way has left open."""
    names = sorted(path for path in paths if place_of(path))
    blobs = objects.ids_at(one.top, [f"{rev}:{PREFIX}{path}" for path in names for rev in (against, "HEAD")])
    rows = [(path, place_of(path), blobs.get(f"{against}:{PREFIX}{path}", ""), blobs.get(f"HEAD:{PREFIX}{path}", ""))
            for path in names]
    return [row for row in rows if row[2] != row[3]]
