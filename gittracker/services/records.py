"""Records that are no tickets, found by any name and changed in one way: epics, pages, updates, skills, harnesses."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, NotFoundError
from gittracker.domain.page import Page, full
from gittracker.formats import entity_md
from gittracker.index import records as rows
from gittracker.index.records import Row
from gittracker.services.refresh import recording
from gittracker.services.write.writing import UNCHANGED
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

_ROOTS = {"epic": layout.EPICS, "progress": layout.EPICS, "page": layout.PAGES, "update": layout.UPDATES,
          "skill": layout.SKILLS, "harness": layout.HARNESSES}


class HeldRecord:
    """A record as the command in the making leaves it; `name` is what messages call it, `data` its file's bytes."""

    __slots__ = ("path", "name", "record", "data")

    def __init__(self, path: str, name: str, record: Any, data: bytes) -> None:
        self.path = path
        self.name = name
        self.record = record
        self.data = data

    @property
    def place(self) -> str:
        """Where the record and all that belongs to it lie."""
        return kinds.place(self.path)


def every(tracker: Tracker, noun: str) -> list[Row]:
    """List the records of a noun by name, as their files are now."""
    recording.refresh(tracker, _ROOTS[noun])
    return rows.every(tracker.index, tracker.view, noun)


def find(tracker: Tracker, noun: str, name: str) -> Row:
    """Find a record by name, ref, dashed UUID, alias or a unique prefix; raises NotFoundError, AmbiguousError."""
    recording.refresh(tracker, _ROOTS[noun])
    found = _found(tracker, noun, _as_ref(noun, name)) if name else None
    if found is None:
        raise NotFoundError(noun, name)
    return found


def named(tracker: Tracker, noun: str, name: str) -> Row | None:
    """Find a record by its whole name, a name that it once had, its ref or dashed UUID; raises AmbiguousError."""
    recording.refresh(tracker, _ROOTS[noun])
    return known(tracker, noun, _as_ref(noun, name))


def known(tracker: Tracker, noun: str, name: str) -> Row | None:
    """Find a record by whole name, alias or ref, as the index knows it; raises AmbiguousError."""
    index, worktree = tracker.index, tracker.view
    wanted = full_name(tracker, noun, name)
    found = rows.named(index, worktree, noun, wanted) or rows.named(index, worktree, noun, name)
    return found or (rows.once_named(index, worktree, noun, wanted) if noun == Page.NOUN else None)


def _found(tracker: Tracker, noun: str, name: str) -> Row | None:
    index, worktree = tracker.index, tracker.view
    if noun != Page.NOUN:
        return rows.find(index, worktree, noun, name)
    return (known(tracker, noun, name) or rows.find(index, worktree, noun, full_name(tracker, noun, name))
            or rows.find(index, worktree, noun, name))


def full_name(tracker: Tracker, noun: str, name: str) -> str:
    """Give the name as records have it: a page's begins with its project."""
    projects = tracker.settings.projects
    if noun != Page.NOUN or not projects:
        return name
    return full(name, projects, tracker.settings.project())


def find_any(tracker: Tracker, name: str) -> Row | None:
    """Find the epic, page or update that a name names by its form; None where it can only be a ticket's."""
    noun = ids.noun_of(name)
    if noun == "ticket":
        return None
    try:
        return find(tracker, noun, name)
    except NotFoundError:
        return None


def about(writing: Writing, noun: str, name: str) -> HeldRecord:
    """Find a record that the command is about; the first must meet `--if-match`. Raises what `find` raises."""
    held = look_up(writing, noun, name)
    writing.meet(held.name, held.data)
    return held


def look_up(writing: Writing, noun: str, name: str) -> HeldRecord:
    """Find a record as the command in the making leaves it; raises what `find` raises."""
    held = pending(writing, noun, name)
    if held:
        return held
    try:
        return hold(writing, find(writing.tracker, noun, name))
    except NotFoundError:
        moved = pending_alias(writing, noun, name)
        if moved is None:
            raise
        return moved


def about_any(writing: Writing, name: str) -> HeldRecord | None:
    """Find the epic, page or update that a name names by its form; None where it can only be a ticket's."""
    noun = ids.noun_of(name)
    if noun == "ticket":
        return None
    try:
        return about(writing, noun, name)
    except NotFoundError:
        return None


def create(writing: Writing, path: str, record: Record, name: str) -> HeldRecord:
    """Add a new record's file."""
    held = HeldRecord(path, name, record, entity_md.render(record))
    writing.put(path, held.data)
    writing.records[path] = held
    made = {n: (None, v) for n, v in record.values().items() if v != record.FIELDS[n].kind.empty}
    writing.touch(f"{record.NOUN}.created", _ref(record), name, path, made, "")
    return held


def change(writing: Writing, held: HeldRecord, changes: dict[str, Any], kind: str = "") -> bool:
    """Change a record's fields and `body`; what is so already costs nothing. Tells whether anything changed."""
    old = held.record
    own = {n: v for n, v in changes.items() if n in old.FIELDS or n == "body"}
    extra = {n: v for n, v in changes.items() if n not in own}
    new = old.replace(**own, extra={k: v for k, v in {**old.extra, **extra}.items() if v is not None})
    different = entity_md.differences(old, new)
    if not different:
        keep(writing, held)
        return False
    data = entity_md.patch(type(old), held.data, {n: changes[n] for n in different}, held.path)
    writing.put(held.path, data)
    held.record, held.data = new, data
    writing.touch(kind or f"{old.NOUN}.updated", _ref(new), held.name, held.path, different, "")
    return True


def merged(held: HeldRecord, start: bytes, edited: bytes) -> bytes:
    """Give what an editor made of `start`, with what others changed in the file meanwhile; raises ConflictError."""
    if held.data == start or edited == start:
        return edited if held.data == start else held.data
    from gittracker.domain.merge import merge_text
    text = merge_text(*(data.decode(errors="surrogateescape") for data in (start, held.data, edited)))
    if text is None:
        raise ConflictError(f"{held.name} was changed in the same place meanwhile", f"gittracker log {held.name}")
    return text.encode(errors="surrogateescape")


def keep(writing: Writing, held: HeldRecord) -> None:
    """Note a record that was asked about but is as it should be, so that it gets a receipt too."""
    if not any(one.path == held.path for one in writing.touched):
        writing.put(held.path, held.data)
        writing.touch(UNCHANGED, _ref(held.record), held.name, held.path, {}, "")


def remove(writing: Writing, held: HeldRecord) -> list[str]:
    """Remove a record with all files that belong to it; gives their paths. Journal and git still have them."""
    top = held.place.rpartition("/")[0]
    below = writing.files_below(top)
    gone = kinds.files_of(below, held.place)
    for path in gone:
        writing.put(path, None)
    writing.records.pop(held.path, None)
    writing.touch(f"{held.record.NOUN}.deleted", _ref(held.record), held.name, held.path, {}, "")
    return gone


def hold(writing: Writing, row: Row) -> HeldRecord:
    """Take a record as the command in the making leaves it; raises NotFoundError."""
    if row.path in writing.records:
        held: HeldRecord = writing.records[row.path]
        return held
    data = writing.read(row.path)
    if data is None:
        raise NotFoundError(row.noun, row.name)
    held = HeldRecord(row.path, row.name, recording.parse(row.path, data)[0], data)
    writing.records[row.path] = held
    return held


def pending(writing: Writing, noun: str, name: str) -> HeldRecord | None:
    """Find a record that an earlier line of the batch made."""
    low = _as_ref(noun, name).lower()
    path = full_name(writing.tracker, noun, name).lower()
    return next((held for held in writing.records.values() if noun == held.record.NOUN
                 and (held.name.lower() in (low, path) or _ref(held.record) == low)), None)


def pending_alias(writing: Writing, noun: str, name: str) -> HeldRecord | None:
    """Find a record that an earlier line of the batch moved away from a name."""
    wanted = full_name(writing.tracker, noun, name).lower()
    return next((held for held in writing.records.values() if noun == held.record.NOUN
                 and wanted in (alias.lower() for alias in held.record.__dict__.get("aliases", ()))), None)


def _as_ref(noun: str, name: str) -> str:
    """Turn a dashed UUID into the ref of a noun."""
    uuid = ids.undashed(name)
    prefix = ids.PREFIXES.get(noun, "")
    return ids.make_ref(prefix, uuid) if uuid and prefix else name


def _ref(record: Record) -> str:
    return str(record.__dict__.get("ref", ""))
