"""What exists on one branch or in one worktree alone: what no other branch and no other worktree shows."""

from __future__ import annotations

import os

from gittracker.domain.changes import Comparison
from gittracker.domain.errors import TrackerError
from gittracker.formats.etag import blob_id
from gittracker.git import objects, trees
from gittracker.services.clone import clones
from gittracker.services.refresh import recordchanges
from gittracker.services.refresh.recordchanges import Changed
from gittracker.store import atomic, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.worktrees import Worktree
    from gittracker.services.clone.clones import Clone
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
ELSEWHERE = "everywhere else"


class Unlanded:
    """What was found: the files, and the same by record; and which of the worktree's files are uncommitted."""

    __slots__ = ("changed", "told", "uncommitted")

    def __init__(self, changed: list[Changed], told: Comparison, uncommitted: list[str]) -> None:
        self.changed = changed
        self.told = told
        self.uncommitted = uncommitted

    def names(self, most: int) -> str:
        """Name the records, at most so many."""
        found = [record.name if record.noun == "ticket" else f"{record.noun} {record.name}"
                 for record in self.told.records]
        return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "")


def in_worktree(tracker: Tracker, clone: Clone, one: Worktree) -> Unlanded:
    """Find what a worktree has, uncommitted edits included, that nothing else in the clone has.

    What it has deleted counts as well, for as long as another branch still has it; what it never had does not.
    """
    return _compare(tracker, clone, one.short, one.head, clone.heads_beside(one.branch, one.top), one)


def on_branch(tracker: Tracker, clone: Clone, name: str) -> Unlanded:
    """Find what a branch (by its full name), and the worktree that is on it, has that nothing else in the clone has."""
    found, there = clone.branch(name), clone.on(name)
    if there:
        return in_worktree(tracker, clone, there)
    return _compare(tracker, clone, name.removeprefix(clones.LOCAL), found.head, clone.heads_beside(name, ""), None)


def uncommitted(one: Worktree) -> list[str]:
    """List the tracker's files that differ from what the worktree is on, removed ones too."""
    if not clones.has_tracker(one):
        return []
    return list(_edits(one))


def _edits(one: Worktree) -> dict[str, str]:
    """Give the blobs of the tracker's files that differ from what a worktree is on; empty for one that was removed."""
    rows = trees.in_worktree(one.top, one.head or trees.empty_tree(one.top), _PREFIX)
    now = _ids(one, [path for path, _ in rows])
    return {path: now.get(path, "") for path, old in rows if now.get(path, "") != old}


def _compare(tracker: Tracker, clone: Clone, label: str, head: str, others: list[str],
             one: Worktree | None) -> Unlanded:
    top = clone.repository.top
    base, tree = trees.fork(top, head, others) if head and others else ("", "")
    tree = tree or trees.empty_tree(top)
    found = {path: Changed(path, kinds.part(path), old, new)
             for path, old, new in (trees.between(top, tree, head, _PREFIX) if head else [])}
    edits = _edits(one) if one and clones.has_tracker(one) else {}
    _add_uncommitted(edits, top, tree, found)
    seen = trees.past(top, base, others, _PREFIX) if base and base != head and found else set()
    there = _paths(top, others, [path for path, changed in found.items() if not changed.new])
    kept = [changed for path, changed in sorted(found.items()) if (path, changed.new) not in seen
            and (path in there if not changed.new else not _is_elsewhere(clone, one, changed))]
    _read(top, one, kept)
    records, limits = recordchanges.gather(kept, _owners(top, head, one, kept), tracker.settings, tracker.settings)
    return Unlanded(kept, Comparison(ELSEWHERE, label, base, head, records, limits, {}),
                    list(edits))


def _add_uncommitted(edits: dict[str, str], top: str, tree: str, found: dict[str, Changed]) -> None:
    olds = objects.ids_at(top, [f"{tree}:{_PREFIX}{path}" for path in edits])
    for path, new in edits.items():
        old = olds.get(f"{tree}:{_PREFIX}{path}", "")
        found.pop(path, None)
        if new != old:
            found[path] = Changed(path, kinds.part(path), old, new)


def _paths(top: str, heads: list[str], paths: list[str]) -> set[str]:
    """Give those paths that any of the commits has."""
    names = {f"{head}:{_PREFIX}{path}": path for head in heads for path in paths}
    return {names[name] for name in objects.ids_at(top, list(names))}


def _ids(one: Worktree, paths: list[str]) -> dict[str, str]:
    """Give the blob ids that git would give these files of a worktree, its filters applied."""
    there = [path for path in paths if os.path.isfile(f"{one.top}/{_PREFIX}{path}")
             and not os.path.islink(f"{one.top}/{_PREFIX}{path}")]
    found = objects.hash_files(one.top, [_PREFIX + path for path in there])
    return {path.removeprefix(_PREFIX): oid for path, oid in found.items()}


def _is_elsewhere(clone: Clone, one: Worktree | None, changed: Changed) -> bool:
    """Tell whether another worktree has the same bytes, uncommitted perhaps."""
    for other in clone.worktrees:
        if other is one or other.bare:
            continue
        path = f"{other.top}/{_PREFIX}{changed.path}"
        try:
            data = atomic.read(path) if os.path.isfile(path) else None
        except TrackerError:
            continue
        if data is not None and blob_id(data, clone.repository.object_format) == changed.new:
            return True
    return False


def _read(top: str, one: Worktree | None, kept: list[Changed]) -> None:
    """Read the bytes of what is text, from git or else from the worktree."""
    text = [changed for changed in kept if changed.place.part != kinds.FILE]
    blobs = objects.read_blobs(top, [oid for changed in text for oid in (changed.old, changed.new) if oid])
    for changed in text:
        changed.before = blobs.get(changed.old)
        changed.after = blobs.get(changed.new)
        if changed.after is None and one:
            changed.after = atomic.read(f"{one.top}/{_PREFIX}{changed.path}")


def _owners(top: str, head: str, one: Worktree | None, kept: list[Changed]) -> dict[str, bytes]:
    """Give the own files of records of which only other parts are told, for their names."""
    there = {changed.path for changed in kept}
    wanted = {changed.place.own for changed in kept} - there
    found = {}
    for path in wanted:
        data = atomic.read(f"{one.top}/{_PREFIX}{path}") if one else None
        if data is not None:
            found[path] = data
    names = {f"{head}:{_PREFIX}{path}": path for path in wanted - found.keys() if head and "\n" not in path}
    return {**found, **{names[name]: data for name, data in objects.read_blobs(top, list(names)).items()}}
