"""Lost work that comes back: as a normal write, from whichever worktree's journal holds it."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.index import history as rows
from gittracker.services.attached import largefiles
from gittracker.services.past import history, losses, lostfields
from gittracker.services.past.losses import Lost
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


def recover(writing: Writing, name: str) -> int:
    """Bring back what is lost of a record, or a whole one that is lost or was deleted; gives how many files changed."""
    tracker = writing.tracker
    folder = history.place_of(tracker, name)
    found = losses.lost(tracker, folder, is_wide=True) or _deleted(tracker, folder)
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
    found = losses.lost(writing.tracker, place)
    slug = history.name_of(writing.tracker, place)
    blobs = history.read_all(writing.tracker, [one.blob for one in found])
    for one in found:
        writing.dropped.append(one.path)
        if one.path not in losses.latest(writing.tracker, place, writing.tracker.worktree):
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
