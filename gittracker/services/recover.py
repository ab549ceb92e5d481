"""Lost work: what the journal holds and neither the working tree nor a local branch shows, and how it comes back."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.nouns import CLASSES
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.git.objects import ids_at
from gittracker.git.run import git
from gittracker.index import history as rows
from gittracker.services import history, largefiles, outside
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
    """List what is lost, of one record by its place or everywhere."""
    outside.catch_up(tracker, _tip(tracker))
    latest = _latest(tracker, folder)
    gone = {p: b for p, b in latest.items() if b and not os.path.exists(tracker.path(p))}
    if not gone:
        return []
    shown = _on_branches(tracker, list(gone))
    return [Lost(path, blob) for path, blob in sorted(gone.items()) if path not in shown]


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
    count += _recover_fields(writing, folder)
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
    for one in found:
        writing.dropped.append(one.path)
        writing.touch("file.forgotten", one.path, slug, one.path, {}, slug)
    if found:
        writing.say(f"{slug} forgot {len(found)} lost file(s)")
    return len(found)


def _recover_fields(writing: Writing, folder: str) -> int:
    """Merge in the fields of the last state that a command or an editor left and that no branch has."""
    tracker = writing.tracker
    if not folder.startswith(layout.TICKETS):
        return 0
    path = layout.ticket_file(folder)
    current = writing.read(path)
    if current is None or path in writing.after:
        return 0
    states = tracker.index.all(
        "SELECT c.new, e.actor FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? AND c.path = ? "
        f"AND e.{rows.OURS} AND c.new <> '' ORDER BY e.seq DESC", tracker.worktree, path)
    made = next((blob for blob, actor in states if actor != outside.BY_GIT), "")
    head = f"HEAD:{_PREFIX}{path}"
    known = ids_at(tracker.repository.top, [head]).get(head, "")
    if not made or blob_id(current, tracker.repository.object_format) in (made, "") or made == known:
        return 0
    data = history.read_all(tracker, [made, known] if known else [made])
    try:
        theirs = entity_md.read(Ticket, data[made])[0]
        ours = entity_md.read(Ticket, current, path)[0]
        base = entity_md.read(Ticket, data[known])[0] if known in data else ours
    except InvalidDataError:
        return 0
    changes = merge(base, ours, theirs).changes
    if not changes:
        return 0
    held = writing.ticket(ours.ref or ours.slug)
    writing.change(held, changes, "ticket.recovered")
    return 1


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


def _latest(tracker: Tracker, folder: str) -> dict[str, str]:
    bounds = (folder, folder + "\U0010ffff") if folder else ("", "\U0010ffff")
    found = tracker.index.all(
        f"SELECT c.path, c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? AND e.{rows.OURS} "
        "AND c.path >= ? AND c.path < ? ORDER BY e.seq", tracker.worktree, *bounds)
    latest = {rows.give(path): blob for path, blob in found}
    return {path: blob for path, blob in latest.items() if (where := kinds.place(path)) and where == (folder or where)}


def _on_branches(tracker: Tracker, paths: list[str]) -> set[str]:
    """Give those paths that a local branch has: they are elsewhere, not lost."""
    top = tracker.repository.top
    branches = git(top, "for-each-ref", "--format=%(refname)", "refs/heads").text.split()
    names = [f"{branch}:{_PREFIX}{path}" for branch in ["HEAD", *branches] for path in paths]
    return {name.partition(f":{_PREFIX}")[2] for name in ids_at(top, names)}


def _tip(tracker: Tracker) -> str:
    from gittracker.git import journal
    return journal.tip(tracker.journal, tracker.worktree)
