"""Undo: take an entry's changes back, field by field, without touching what came later."""

from __future__ import annotations

import os
from itertools import islice

from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError
from gittracker.domain.merge import merge, merge_text
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.git import history as git_history
from gittracker.index import history as trail
from gittracker.index import placed
from gittracker.services import rebinding
from gittracker.services.attached import largefiles
from gittracker.services.past import history
from gittracker.services.write import outside
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


_SHORTEST = 4
_AT_ONCE = 50  # entries that git is asked about together


def undo(writing: Writing, names: list[str]) -> None:
    """Take back these entries, else the caller's own last one here that is not an undo.

    Raises ConflictError naming the later entry that changed the same field; `--force` takes the old value.
    """
    tracker = writing.tracker
    history.catch_up(tracker)
    for entry in [_entry(tracker, name) for name in names] or [_own_last(tracker)]:
        seq, oid, subject = entry
        changes = tracker.index.all("SELECT path, old, new FROM change WHERE entry = ?", seq)
        blobs = history.read_all(tracker, [b for _, old, new in changes for b in (old, new) if b])
        for path, old, new in changes:
            _undo_file(writing, seq, trail.give(path), blobs.get(old), blobs.get(new))
        for path, data in list(writing.after.items()):
            if data is None and kinds.noun(path) in _WITH_MORE:
                _check_empty(writing, kinds.place(path))
        if all(data == writing.before[path] for path, data in writing.after.items()):
            raise ConflictError(f"there is nothing left to undo of {oid[:10]} ({subject})", "gittracker log")
        rebinding.check(writing)
        writing.undoes = f"{writing.undoes} {oid}".strip()
        writing.say(f"undo of {oid[:10]}: {subject}")


def _entry(tracker: Tracker, name: str) -> tuple[int, str, str]:
    found = tracker.index.all(f"SELECT seq, id, subject FROM entry WHERE worktree = ? AND {trail.OURS} "
                              "AND id LIKE ? AND actor <> ?", tracker.worktree, name.lower() + "%", outside.BY_GIT)
    if not found and len(name) >= _SHORTEST:
        found = _that_waited_as(tracker, name.lower())
    if len(name) < _SHORTEST or len(found) != 1:
        raise NotFoundError("entry", name, "gittracker log")
    return found[0]  # type: ignore[no-any-return]


def _that_waited_as(tracker: Tracker, name: str) -> list[tuple[int, str, str]]:
    """Find entries by the id they had in a sandboxed command's receipt."""
    everything = trail.entries_since(tracker.index, tracker.worktree, 0)
    waited = git_history.pending_ids(tracker.journal, everything) if everything else {}
    return [row for waiting, oid in waited.items() if waiting.startswith(name)
            for row in tracker.index.all("SELECT seq, id, subject FROM entry WHERE worktree = ? AND id = ?",
                                         tracker.worktree, oid)]


def _own_last(tracker: Tracker) -> tuple[int, str, str]:
    """Give the caller's last entry that is neither an undo nor undone nor purged, nor made the tracker."""
    own = _own(tracker)
    found = next(_made_here(tracker, own) if tracker.repository.is_side else own, None)
    if found is None:
        raise NotFoundError("entry", f"of {tracker.principal.name} to undo", "gittracker log")
    _check_not_elsewhere(tracker, found[0])
    return found


def _own(tracker: Tracker) -> Iterator[tuple[int, str, str]]:
    """Go through the caller's entries from the newest."""
    undone: set[str] = set()
    for seq, oid, subject, actor, undoes, counts in trail.newest(tracker.index, tracker.worktree):
        if oid in undone:
            continue  # and what it undid stands again
        undone.update(undoes.split())
        if not undoes and counts and actor == tracker.principal.name:
            yield seq, oid, subject


def _made_here(tracker: Tracker, own: Iterator[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """Keep the entries that were made from the worktree that the command runs in."""
    here = "" if tracker.caller is tracker else tracker.caller.worktree
    while some := list(islice(own, _AT_ONCE)):
        said = git_history.messages(tracker.journal, [oid for _, oid, _ in some])
        yield from (one for one in some if (said[one[1]].worktree if one[1] in said else here) == here)


def _check_not_elsewhere(tracker: Tracker, seq: int) -> None:
    """Refuse to undo an entry of this worktree where the last command made from it was written in another."""
    where, oid = placed.last(tracker.index, tracker.worktree)
    newer = tracker.index.one("SELECT 1 FROM entry WHERE id = ? AND seq > ?", oid, seq) if oid else None
    if newer and not tracker.index.one("SELECT 1 FROM entry WHERE instr(undoes, ?) > 0", oid):
        shown = os.path.relpath(where, tracker.repository.top)
        raise ConflictError(f'the last command made here was written in "{shown}" (entry {oid[:10]})',
                            f"gittracker -C {shown} undo {oid[:10]}, or name the entry")


_WITH_MORE = ("ticket", "epic", "page", "update")
_NEEDED = (layout.CONFIG, layout.STATUSES, layout.GITIGNORE, layout.GITATTRIBUTES)


def _undo_file(writing: Writing, seq: int, path: str, before: bytes | None, after: bytes | None) -> None:
    """Bring one file back: by field or line where it changed since, whole where it didn't."""
    current = writing.read(path)
    if before is None and path in _NEEDED:
        raise ConflictError(f'without "{path}" there is no tracker', "gittracker log")
    before = largefiles.for_disk(writing.tracker, path, before)
    if largefiles.for_history(writing.tracker, path, current) == after:
        _put(writing, path, current, before)
        return
    later = _later(writing.tracker, seq, path)
    if current is None or before is None or after is None:
        if not writing.request.force:
            raise ConflictError(f'"{path}" was changed later by {later}', _hint(later))
        _put(writing, path, current, before)
        return
    merged, disputed = _merge(path, before, after, current)
    if disputed and not writing.request.force:
        raise ConflictError(f'{", ".join(disputed)} of "{path}" was changed later by {later}', _hint(later))
    if disputed:
        merged = _forced(path, before, current, merged, disputed)
    _put(writing, path, current, merged)


_LATER = "undo that entry first, or add --force to take the old value"
_NO_ENTRY = "an edit or a commit that is no entry here"


def _hint(later: str) -> str:
    return "change it by hand: an undo would take that back, too" if later == _NO_ENTRY else _LATER


def _merge(path: str, before: bytes, after: bytes, current: bytes) -> tuple[bytes, list[str]]:
    """Merge with the entry's result as base and its start as theirs; the names that both changed come second."""
    if path == layout.STATUSES:
        from gittracker.formats import statuses_yaml
        return statuses_yaml.merge(after, current, before)
    if kinds.noun(path) == "attachment":
        return current, ["the bytes"]
    cls = _class(path)
    if cls is None:
        text = merge_text(*(b.decode(errors="surrogateescape") for b in (after, current, before)))
        return (current, ["the text"]) if text is None else (text.encode(errors="surrogateescape"), [])
    base, ours, theirs = (entity_md.read(cls, data)[0] for data in (after, current, before))
    result = merge(base, ours, theirs)
    return entity_md.patch(cls, current, result.changes, path), list(result.disputes)


def _class(path: str) -> type[Record] | None:
    """Give the class of a file that is merged by field; None where it is merged as text."""
    cls = CLASSES.get(kinds.noun(path))
    return cls if cls and cls.FIELDS else None


def _forced(path: str, before: bytes, current: bytes, merged: bytes, disputed: list[str]) -> bytes:
    cls = _class(path)
    if path == layout.STATUSES:
        return merged  # which has the old values already
    if cls is None:
        return before
    old = entity_md.read(cls, before)[0]
    values = {n: old.body if n == "body" else old.__dict__.get(n, old.extra.get(n)) for n in disputed}
    return entity_md.patch(cls, merged, values, path)


def _later(tracker: Tracker, seq: int, path: str) -> str:
    row = tracker.index.one(
        "SELECT e.id, e.subject FROM entry e JOIN change c ON c.entry = e.seq WHERE c.path = ? AND e.worktree = ? "
        f"AND e.{trail.OURS} AND e.seq > ? ORDER BY e.seq DESC", trail.keep(path), tracker.worktree, seq)
    return f"{row[0][:10]} ({row[1]})" if row else _NO_ENTRY


def _put(writing: Writing, path: str, current: bytes | None, wanted: bytes | None) -> None:
    """Set the file, and note which record that changes."""
    if current == wanted:
        return
    writing.put(path, wanted)
    largefiles.warn_of_pointer(writing, path, wanted)
    folder = layout.folder_of(path)
    ref = slug = path.encode(errors="surrogateescape").decode(errors="replace")
    changes: dict[str, object] = {}
    cls = _class(path)
    try:
        record = entity_md.read(cls, wanted or current or b"", path)[0] if cls else None
        if cls and record and wanted is not None and current is not None:
            changes = dict(entity_md.differences(entity_md.read(cls, current)[0], record))
    except InvalidDataError:
        record = None  # a file that was in conflict, say: it comes back as it was
    if record:
        ref = record.__dict__.get("ref") or ref
        slug = record.__dict__.get("slug") or slug
    if folder and not layout.is_ticket(path):
        slug = writing.tracker.name_at(folder)
    elif kinds.place(path) and not folder:
        slug = kinds.name_of(kinds.place(path))
    kind = "deleted" if wanted is None else "created" if current is None else "updated"
    writing.touch(f"{kinds.noun(path)}.{kind}", ref, slug, path, changes, slug if folder else "")


def _check_empty(writing: Writing, where: str) -> None:
    """A created record goes only if nothing was added to it since."""
    # What belongs to a page lies beside its file, anything else in the record's folder.
    base = where.rpartition("/")[0] if where.startswith(layout.PAGES + "/") else where
    kept = kinds.files_of(writing.files_below(base), where)
    if kept and not writing.request.force:
        name = writing.tracker.name_at(where)
        raise ConflictError(f"{name} has {len(kept)} more file(s) since it was created",
                            f"gittracker ticket archive {name}" if layout.is_ticket(f"{where}/{layout.TICKET_FILE}")
                            else f"gittracker log {name}")
