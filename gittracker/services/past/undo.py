"""Undo: take an entry's changes back, field by field, without touching what came later."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError
from gittracker.domain.merge import merge, merge_text
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.git import history as git_history
from gittracker.index import boards
from gittracker.index import history as trail
from gittracker.services import rebinding
from gittracker.services.attached import largefiles
from gittracker.services.board.contents import read
from gittracker.services.past import history, lastcommand
from gittracker.services.write import outside
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


_SHORTEST = 4


def undo(writing: Writing, names: list[str]) -> None:
    """Take back these entries, else the caller's own last one here that is not an undo.

    What was written in other worktrees by the same command is taken back, too. Raises ConflictError naming the later
    entry that changed the same field; `--force` takes the old value.
    """
    tracker = writing.tracker
    history.catch_up(tracker)
    if tracker.board:
        outside.catch_up_all(tracker)  # what a killed command left in other worktrees, others have just journalled
    steps = [step for name in names for step in lastcommand.whole(writing, _entry(tracker, name))]
    for where, seq, oid, subject in steps or lastcommand.find(writing):
        changes = tracker.index.all("SELECT path, old, new FROM change WHERE entry = ?", seq)
        blobs = history.read_all(where, [b for _, old, new in changes for b in (old, new) if b])
        for path, old, new in changes:
            _undo_file(writing, where, seq, trail.give(path), blobs.get(old), blobs.get(new))
        for path, data in list(writing.after.items()):
            if data is None and kinds.noun(path) in _WITH_MORE:
                _check_empty(writing, kinds.place(path))
                _check_alone(writing, path)
        if not writing.homes.beside and all(data == writing.before[path] for path, data in writing.after.items()):
            raise ConflictError(f"there is nothing left to undo of {oid[:10]} ({subject})", "gittracker log")
        rebinding.check(writing)
        writing.undoes = f"{writing.undoes} {oid}".strip()
        writing.say(f"undo of {oid[:10]}: {subject}")


def _entry(tracker: Tracker, name: str) -> tuple[int, str, str]:
    found = tracker.index.all(f"SELECT seq, id, subject FROM entry WHERE worktree = ? AND {trail.OURS} "
                              "AND id LIKE ? AND actor <> ?", tracker.worktree, name.lower() + "%", outside.BY_GIT)
    if not found and len(name) >= _SHORTEST:
        found = _that_waited_as(tracker, name.lower()) or lastcommand.beside(tracker, name.lower())
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


_WITH_MORE = ("ticket", "epic", "page", "update")
_NEEDED = (layout.CONFIG, layout.STATUSES, layout.GITIGNORE, layout.GITATTRIBUTES)


def _undo_file(writing: Writing, where: Tracker, seq: int, path: str, before: bytes | None,
               after: bytes | None) -> None:
    """Bring one file back in the worktree where the entry changed it."""
    def brought_back(current: bytes | None) -> bytes | None:
        return _before(writing, where, seq, path, before, after, current)
    if before is None and path in _NEEDED:
        raise ConflictError(f'without "{path}" there is no tracker', "gittracker log")
    top = where.repository.top
    if where is not writing.homes.at(path) and not writing.moves(path, top):
        writing.homes.also(top, path, brought_back)
        return
    current = writing.read(path)
    _put(writing, path, current, brought_back(current))


def _before(writing: Writing, where: Tracker, seq: int, path: str, before: bytes | None, after: bytes | None,
            current: bytes | None) -> bytes | None:
    """Give a file without the entry's change: by field or line where it changed since, whole where it didn't."""
    before = largefiles.for_disk(where, path, before)
    if largefiles.for_history(where, path, current) == after:
        return before
    later = _later(where, seq, path)
    if current is None or before is None or after is None:
        if not writing.request.force:
            raise ConflictError(f'"{path}" was changed later by {later}', _hint(later))
        return before
    merged, disputed = _merge(path, before, after, current)
    if disputed and not writing.request.force:
        raise ConflictError(f'{", ".join(disputed)} of "{path}" was changed later by {later}', _hint(later))
    return _forced(path, before, current, merged, disputed) if disputed else merged


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
        raise ConflictError(f"{name} has {len(kept)} more file(s) since it was created", _put_away(where, name))


def _put_away(where: str, name: str) -> str:
    is_ticket = layout.is_ticket(f"{where}/{layout.TICKET_FILE}")
    return f"gittracker ticket archive {name}" if is_ticket else f"gittracker log {name}"


def _check_alone(writing: Writing, path: str) -> None:
    """A created record goes only if no other worktree or branch has made anything of it: that would be in conflict."""
    tracker = writing.homes.at(path)
    if not tracker.board or writing.request.force:
        return
    where = kinds.place(path)
    home = tracker.ground.top
    others = [name for name, *_ in boards.at(tracker.index, tracker.view, where) if name != tracker.repository.top]
    if home != tracker.repository.top and read(f"{home}/.openkit/{path}") not in (None, writing.before[path]):
        others.append(home)
    if others:
        name = writing.tracker.name_at(where)
        other = others[0] if others[0].startswith("refs/") else os.path.relpath(others[0], tracker.repository.top)
        raise ConflictError(f'{name} was changed in "{other}" since it was created', _put_away(where, name))
