"""Lost work: what a journal holds and no worktree and no local branch shows, and how it comes back."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.git import discover
from gittracker.git.objects import ids_at
from gittracker.git.run import git
from gittracker.index import history as rows
from gittracker.services import history, largefiles, lostfields, outside
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.writing import Writing

_PREFIX = ".openkit/"


class Lost:
    """One file that is gone: its bytes are in the journal under `blob`."""

    __slots__ = ("path", "blob", "folder")

    def __init__(self, path: str, blob: str) -> None:
        self.path = path
        self.blob = blob
        self.folder = kinds.place(path)

    @property
    def what(self) -> str:
        """Say what kind of thing it is."""
        return kinds.noun(self.path)


def lost(tracker: Tracker, folder: str = "") -> list[Lost]:
    """List what is lost, of one record by its place or everywhere; in the journals of removed worktrees too."""
    outside.catch_up_all(tracker)
    gone = _not_in_files(tracker, {path: blob for path, blob in _latest(tracker, folder).items() if blob})
    if not gone:
        return []
    own = {kinds.own_file(kinds.place(path)) for path in gone}
    shown = _on_branches(tracker, sorted({*gone, *own}))
    left = {path for path in gone if path not in shown}
    there = shown | (own - _not_in_files(tracker, dict.fromkeys(own, "")).keys()) | left
    return [Lost(path, gone[path]) for path in sorted(left) if kinds.own_file(kinds.place(path)) in there]


def count_lost_comments(tracker: Tracker, folder: str) -> int:
    """Count a ticket's lost comments; cheap where nothing is gone."""
    return sum(one.what == "comment" for one in lost(tracker, folder))


def recover(writing: Writing, name: str) -> int:
    """Bring back what is lost of a record, or a whole one that is lost or was deleted; gives how many files changed."""
    tracker = writing.tracker
    folder = history.place_of(tracker, name)
    found = lost(tracker, folder) or _deleted(tracker, folder)
    blobs = history.read_all(tracker, [one.blob for one in found])
    count = 0
    name_now = history.name_of(tracker, folder) if found else ""
    for one in found:
        data = blobs.get(one.blob)
        if data is not None:
            whole = largefiles.for_disk(tracker, one.path, data)
            writing.put(one.path, whole)
            largefiles.warn_of_pointer(writing, one.path, whole)
            _touch(writing, one, data, name_now)
            count += 1
    count += lostfields.recover(writing, folder)
    if count:
        writing.say(f"{history.name_of(tracker, folder)} recovered: {count} file(s)")
    return count


def _deleted(tracker: Tracker, place: str) -> list[Lost]:
    """List what the last command removed of a record that is no ticket, where nothing of it is there any more."""
    changes: dict[str, tuple[int, str, str]] = {}
    for path, seq, old, new in tracker.index.all(
            "SELECT c.path, e.seq, c.old, c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? "
            f"AND e.{rows.OURS} AND c.path >= ? AND c.path < ? ORDER BY e.seq", tracker.worktree, place,
            place + "\U0010ffff"):
        if kinds.place(rows.give(path)) == place and not place.startswith(layout.TICKETS + "/"):
            changes[rows.give(path)] = seq, old, new
    if any(os.path.exists(tracker.path(path)) for path in changes):
        return []
    last = max((seq for seq, _, new in changes.values() if not new), default=0)
    return [Lost(path, old) for path, (seq, old, _) in sorted(changes.items()) if seq == last and old]


def forget(writing: Writing, name: str) -> int:
    """Hide what is lost of a ticket for good: an entry removes it from the journal's newest tree."""
    place = history.place_of(writing.tracker, name)
    found = lost(writing.tracker, place)
    slug = history.name_of(writing.tracker, place)
    blobs = history.read_all(writing.tracker, [one.blob for one in found])
    for one in found:
        writing.dropped.append(one.path)
        if one.path not in _latest(writing.tracker, place, writing.tracker.worktree):
            writing.adopted.append((one.path, blobs.get(one.blob), None))
        writing.touch("file.forgotten", one.path, slug, one.path, {}, slug)
    if found:
        writing.say(f"{slug} forgot {len(found)} lost file(s)")
    return len(found)


def _touch(writing: Writing, one: Lost, data: bytes, name: str) -> None:
    slug = ref = name
    cls = CLASSES.get(one.what)
    try:
        record = entity_md.read(cls, data)[0] if cls and cls.FIELDS else None
    except InvalidDataError:
        record = None
    if record:
        slug, ref = record.__dict__.get("slug") or slug, record.__dict__.get("ref") or ref
    writing.touch(f"{one.what}.recovered", ref, slug, one.path, {}, slug if layout.folder_of(one.path) else "")


def _latest(tracker: Tracker, folder: str, worktree: str = "") -> dict[str, str]:
    """Give the blob that a journal last left of each path, the latest of all journals or one worktree's; empty if gone.

    Of the same second, that it went says more than that another journal still had it.
    """
    bounds = (folder, folder + "\U0010ffff") if folder else ("", "\U0010ffff")
    found = tracker.index.all(
        f"SELECT c.path, c.new, e.at, e.worktree FROM change c JOIN entry e ON e.seq = c.entry WHERE e.{rows.OURS} "
        "AND c.path >= ? AND c.path < ? AND ? IN ('', e.worktree) ORDER BY e.seq", *bounds, worktree)
    last: dict[tuple[str, str], tuple[int, bool, str]] = {}
    for path, blob, at, source in found:
        last[rows.give(path), source] = at, not blob, blob
    latest: dict[str, tuple[int, bool, str]] = {}
    for (path, _), one in last.items():
        latest[path] = max(one, latest.get(path, one))
    return {path: blob for path, (_, _, blob) in latest.items()
            if (where := kinds.place(path)) and where == (folder or where)}


def _not_in_files(tracker: Tracker, paths: dict[str, str]) -> dict[str, str]:
    """Keep those paths that no worktree has a file at."""
    gone = {path: blob for path, blob in paths.items() if not os.path.exists(tracker.path(path))}
    for top in discover.other_worktrees(tracker.repository) if gone else ():
        gone = {path: blob for path, blob in gone.items() if not os.path.exists(f"{top}/{_PREFIX}{path}")}
    return gone


def _on_branches(tracker: Tracker, paths: list[str]) -> set[str]:
    """Give those paths that a local branch has, or what a worktree is on: they are elsewhere, not lost."""
    top = tracker.repository.top
    heads = git(top, "for-each-ref", "--format=%(objectname)", "refs/heads").text.split()
    listed = git(top, "worktree", "list", "--porcelain").text.split("\n")
    heads += [line.removeprefix("HEAD ") for line in listed if line.startswith("HEAD ") and line.strip("HEAD 0")]
    names = [f"{head}:{_PREFIX}{path}" for head in dict.fromkeys(heads) for path in paths]
    return {name.partition(f":{_PREFIX}")[2] for name in ids_at(top, names)}
