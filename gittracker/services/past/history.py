"""The audit trail: who changed what and when, and a ticket as it was."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError, NotFoundError, UsageError
from gittracker.domain.nouns import CLASSES
from gittracker.domain.ticket import Ticket
from gittracker.domain.times import utc
from gittracker.formats import entity_md
from gittracker.git import history as git_history
from gittracker.git import journal
from gittracker.git.objects import read_blobs
from gittracker.git.run import git
from gittracker.index import history, tickets
from gittracker.services.past import following
from gittracker.services.write import outside
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.git.signatures import Signature
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
_DESCRIBED = ("ticket", "epic", "project", "member")


class Logged:
    """One entry as the log shows it; `changes` holds (path, what, field, old, new), `signature` only if asked for."""

    __slots__ = ("id", "source", "actor", "at", "subject", "undoes", "paths", "changes", "signature")

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.id, self.source, self.actor, seconds, self.subject, self.undoes = row
        self.at = utc(seconds)
        self.paths: list[tuple[str, str, str]] = []
        self.changes: list[tuple[str, str, str, Any, Any]] = []
        self.signature: Signature | None = None


def catch_up(tracker: Tracker) -> None:
    """Read what is new in this worktree's journal and in the branch it is on; bounded at the first look."""
    outside.catch_up(tracker, journal.tip(tracker.journal, tracker.worktree))
    following.branch(tracker, tracker.repository.top, tracker.worktree)


def _reads_all(tracker: Tracker) -> bool:
    """Tell whether other worktrees' journals count: the board shows what they did; a tracker moved from one of them."""
    return bool(tracker.board) or tracker.repository.is_side


def limits(tracker: Tracker) -> list[str]:
    """Say what the history here can't know."""
    said = []
    own = history.tip(tracker.index, history.JOURNAL, tracker.worktree)
    if not own and not (_reads_all(tracker) and journal.tips(tracker.journal)):
        said.append("no journal here yet: only the branch's commits are known")
    if not history.tip(tracker.index, history.BRANCH, tracker.worktree):
        refused = git(tracker.repository.top, "rev-parse", "--git-dir")
        if refused.status:
            said.append(f"git refuses to read this repository: {refused.err.splitlines()[0]}")
    if tracker.index.get(f"bounded:{tracker.worktree}"):
        count = len(history.ids(tracker.index, history.BRANCH, tracker.worktree))
        said.append(f"only the newest {count} tracker commits of the branch were read")
    if os.path.exists(os.path.join(tracker.repository.common_dir, "shallow")):
        said.append("the clone is shallow: older commits are missing")
    return said


def log(tracker: Tracker, name: str = "", limit: int = 50, before: str = "") -> list[Logged]:
    """List entries and commits, newest first, each change once and by field.

    `before` is the id of an entry to go on behind.
    """
    catch_up(tracker)
    places = _places(tracker, name) if name else ()
    found: list[Logged] = []
    skipping = bool(before)
    for entry in _entries(tracker, places):
        if skipping:
            skipping = not entry.id.startswith(before)
        elif entry.paths:
            found.append(entry)
            if len(found) == limit:
                break
    if skipping:
        raise NotFoundError("entry", before)
    _fill(tracker, found)
    return [entry for entry in found if entry.changes or entry.source != history.BRANCH]


def count_behind(tracker: Tracker, name: str, entry: str) -> int:
    """Count the entries that are older than one, of all or of one record."""
    ids_ = [e.id for e in _entries(tracker, _places(tracker, name) if name else ()) if e.paths]
    return len(ids_) - ids_.index(entry) - 1 if entry in ids_ else 0


def entries_at(tracker: Tracker, places: tuple[str, ...]) -> list[Logged]:
    """List the entries and commits that changed something at these places, newest first, with paths and blobs alone."""
    catch_up(tracker)
    return _entries(tracker, places)


def last_of(tracker: Tracker, path: str) -> list[tuple[int, str, str]]:
    """Tell (when, by whom, which blob) each worktree changed a file last; of this one, its branch, too."""
    catch_up(tracker)
    if _reads_all(tracker):
        outside.catch_up_all(tracker)
    outside.catch_up_foreign(tracker)
    found: dict[str, tuple[int, str, str]] = {}
    for worktree, *last in tracker.index.run(
            "SELECT e.worktree, e.at, e.actor, c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE c.path = ? "
            "AND (e.worktree = ? OR (? AND e.source = 'journal') OR e.source = 'foreign') AND e.actor <> 'git' "
            "ORDER BY e.at DESC, e.source = 'branch', e.seq DESC", history.keep(path), tracker.worktree,
            int(_reads_all(tracker))):
        found.setdefault(worktree, (last[0], last[1], last[2]))
    return list(found.values())


def _places(tracker: Tracker, name: str) -> tuple[str, ...]:
    """Give the place of a record, and those that a page had before it was moved."""
    place = place_of(tracker, name)
    if not place.startswith(layout.PAGES + "/"):
        return (place,)
    from gittracker.index import records
    row = records.own(tracker.index, tracker.view, place)
    old = [f"{layout.PAGES}/{alias}" for alias in (row.record.aliases if row else ())]
    return (place, *(one for one in old if not records.own(tracker.index, tracker.view, one)))


def sign(tracker: Tracker, entries: list[Logged]) -> None:
    """Verify the signatures of entries and commits; those of the journal have none unless git was told to sign them."""
    from gittracker.git import signatures
    for source, folder in ((history.JOURNAL, tracker.journal), (history.FOREIGN, tracker.journal),
                           (history.BRANCH, tracker.repository.top)):
        chosen = [entry for entry in entries if entry.source == source]
        found = signatures.read(folder, [entry.id for entry in chosen]) if chosen else {}
        for entry in chosen:
            entry.signature = found[entry.id]


def place_of(tracker: Tracker, name: str) -> str:
    """Give the place of a record by any of its names: a ticket's folder, an epic's, a page without `.md`.

    One that is gone is found by the name that history knows. Raises NotFoundError.
    """
    noun = ids.noun_of(name)
    wanted = name.lower()
    if noun != "ticket":
        from gittracker.services import records
        # A page that is gone may be the beginning of another's path.
        row = records.named(tracker, noun, name) if noun == "page" else records.find_any(tracker, name)
        if row:
            return str(row.place)
        wanted = records.full_name(tracker, noun, name).lower()
    for place in {kinds.place(history.give(path)) for path in history.paths(tracker.index)}:
        if place and not place.startswith(layout.TICKETS) and wanted in (kinds.name_of(place).lower(), place.lower(),
                                                                       place.rpartition("/")[2].lower()):
            return place
    if noun == "page":
        return str(records.find(tracker, noun, name).place)
    return folder_of(tracker, name)


def folder_of(tracker: Tracker, name: str) -> str:
    """Give a ticket's folder by any of its names; that of one that is gone by its slug or its folder's name."""
    row = tracker.find(name)
    if row:
        return str(row.folder)
    wanted = name.lower()
    for folder in history.gone_folders(tracker.index):
        base = folder.rpartition("/")[2]
        if wanted in (base.lower(), ids.slug_of_folder(base).lower()):
            return folder
    for folder, ticket in _gone(tracker).items():  # one that was moved, whose folder has the name of its first project
        if wanted in (ticket.slug.lower(), *(alias.lower() for alias in ticket.aliases)):
            return folder
    raise NotFoundError("ticket", name, "gittracker log")


def name_of(tracker: Tracker, place: str) -> str:
    """Give the name of the record at a place, or of one that is gone the last that it had."""
    name = tracker.name_at(place)
    gone = place.startswith(layout.TICKETS) and tickets.slug_in(tracker.index, tracker.view, place) is None
    last = _gone(tracker, place).get(place) if gone else None
    return (last.slug if last else "") or name


def _gone(tracker: Tracker, only: str = "") -> dict[str, Ticket]:
    """Give the last state of the tickets that history knows and that are not here, by folder."""
    blobs: dict[str, str] = {}
    for path, old, new in tracker.index.all(
            "SELECT c.path, c.old, c.new FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? AND c.path "
            "LIKE 'tickets/%/ticket.md' ORDER BY e.at, e.source = 'branch', e.seq", tracker.worktree):
        folder = layout.folder_of(history.give(path))
        if only in ("", folder):
            blobs[folder] = new or old.split(" ")[0]
    blobs = {f: b for f, b in blobs.items() if tickets.slug_in(tracker.index, tracker.view, f) is None}
    found: dict[str, Ticket] = {}
    data = read_all(tracker, list(blobs.values()))
    for folder, blob in blobs.items():
        try:
            found[folder] = entity_md.read(Ticket, data[blob])[0]
        except (InvalidDataError, KeyError):
            continue
    return found


def _entries(tracker: Tracker, places: tuple[str, ...]) -> list[Logged]:
    """Give entries newest first, without what git brought and what a branch commit only repeats.

    Those of other worktrees' journals are among them, for the board shows what they did, and those of other clones that
    were fetched.
    """
    if _reads_all(tracker):
        outside.catch_up_all(tracker)
    outside.catch_up_foreign(tracker)
    where = f"AND ({' OR '.join(['c.path >= ? AND c.path < ?'] * len(places))})" if places else ""
    bounds = [bound for place in places for bound in (place, place + "\U0010ffff")]
    rows = tracker.index.all(
        "SELECT e.seq, e.id, e.source, e.actor, e.at, e.subject, e.undoes, c.path, c.old, c.new FROM entry e "
        f"JOIN change c ON c.entry = e.seq WHERE (e.worktree = ? OR (? AND e.source = 'journal') "
        f"OR e.source = 'foreign') {where} "
        "ORDER BY e.at, e.source = 'branch', e.seq", tracker.worktree, int(_reads_all(tracker)), *bounds)
    entries: dict[int, Logged] = {}
    trail = Trail()
    ours = {oid for _, oid, source, *_ in rows if source != history.FOREIGN}
    for seq, *head, kept, old, new in rows:
        path = history.give(kept)
        if head[1] == history.FOREIGN and head[0] in ours:
            continue  # a clone that was copied has the entries of before, too
        if places and kinds.place(path) not in places:
            continue
        entry = entries.setdefault(seq, Logged(tuple(head)))
        if trail.adds(entry.source, entry.actor, path, new):
            entry.paths.append((path, old, new))
    return list(reversed(entries.values()))


class Trail:
    """Goes along a history from the oldest change, and knows which of them only repeat what was told."""

    def __init__(self) -> None:
        self._left: dict[str, list[str]] = {}  # blobs that our entries left since the branch last changed the path

    def adds(self, source: str, actor: str, path: str, new: str) -> bool:
        """Tell whether a change says something: not what git brought, nor a commit of what the journal has told."""
        if source != history.BRANCH:
            if actor != outside.BY_GIT:
                self._left.setdefault(path, []).append(new)
            return actor != outside.BY_GIT
        left = self._left.pop(path, [])
        if new not in left:
            return True
        self._left[path] = left[left.index(new) + 1:]  # a later entry of the same second
        return False


def _fill(tracker: Tracker, entries: list[Logged]) -> None:
    """Turn blobs into changes by field; a merge has only those that differ from all its parents."""
    blobs = read_all(tracker, [b for e in entries for path, old, new in e.paths for b in (*old.split(" "), new)
                               if b and kinds.noun(path) != "attachment"])
    for entry in entries:
        entry.changes += by_field(entry.paths, blobs)


def by_field(paths: list[tuple[str, str, str]], blobs: dict[str, bytes]) -> list[tuple[str, str, str, Any, Any]]:
    """Turn (path, old blobs, new blob) into changes by field: (path, what, field, old, new), record by record."""
    found = []
    for path, old, new in sorted(paths, key=_place):
        if kinds.noun(path) == "attachment":  # perhaps large, and never text: its name says enough
            name = path.rpartition("/")[2]
            found.append((path, "attachment", "", name if old else None, name if new else None))
            continue
        first, *others = [changes_of(path, blobs.get(one), blobs.get(new)) for one in old.split(" ")]
        names = [{change[:2] for change in other} for other in others]
        found += [(path, *change) for change in first if all(change[:2] in other for other in names)]
    return found


def _place(change: tuple[str, str, str]) -> tuple[str, bool, str]:
    """Order an entry's files by record, a ticket's own file first."""
    path = change[0]
    return kinds.place(path), not layout.is_ticket(path), path


def read_all(tracker: Tracker, oids: list[str]) -> dict[str, bytes]:
    """Read blobs from the journal, what it lacks from what waits for it, and the rest from the repository."""
    found = read_blobs(tracker.journal, oids) if os.path.isdir(tracker.journal) else {}
    if history.tip(tracker.index, history.PENDING, tracker.worktree):
        from gittracker.services.write import waiting
        found.update(waiting.blobs(tracker, [oid for oid in oids if oid not in found]))
    return {**read_blobs(tracker.repository.top, [o for o in oids if o not in found]), **found}


def changes_of(path: str, before: bytes | None, after: bytes | None) -> list[tuple[str, str, Any, Any]]:
    """Give (what, field, old, new) for one file."""
    if path == layout.STATUSES:
        return _status_changes(before, after)
    noun = kinds.noun(path)
    cls = CLASSES.get(noun)
    if cls is None or not cls.FIELDS:  # no front matter
        what = path if noun == kinds.FILE else noun
        return [(what, "", None if before is None else "…", None if after is None else "…")]
    try:
        old = entity_md.read(cls, before)[0] if before is not None else None
        new = entity_md.read(cls, after)[0] if after is not None else None
    except InvalidDataError:
        return [(noun, "", "…", "unreadable")]
    if old is None or new is None:
        return [(noun, "", None if old is None else _label(old), None if new is None else _label(new))]
    return [(noun, "description" if n == "body" and noun in _DESCRIBED else n, *pair)
            for n, pair in entity_md.differences(old, new).items()]


def _label(record: Record) -> str:
    return str(record.__dict__.get("title") or record.__dict__.get("name") or record.body.split("\n")[0])


def _status_changes(before: bytes | None, after: bytes | None) -> list[tuple[str, str, Any, Any]]:
    from gittracker.formats import statuses_yaml
    if before is None or after is None:
        return [(layout.STATUSES, "", None if before is None else "…", None if after is None else "…")]
    try:
        found = statuses_yaml.compare(before, after)
    except InvalidDataError:
        found = []
    return [(f"status {slug}" if slug else "statuses", field, old, new) for slug, field, old, new in found] or [
        (layout.STATUSES, "", "…", "…")]


def show_at(tracker: Tracker, name: str, moment: str) -> tuple[str, Any, str]:
    """Give a record as it was at a time (2026-11-01T10:00, local) or at a revision: (its file, the value, since when).

    Since when is a moment, or the commit that was named. Raises NotFoundError, UsageError, InvalidDataError.
    """
    from gittracker.services.refresh import recording
    catch_up(tracker)
    path = kinds.own_file(place_of(tracker, name))
    data, since = _bytes_at(tracker, path, moment, name)
    if data is None:
        raise NotFoundError(kinds.noun(path), f"{name} at {moment}", f"gittracker log {name}")
    return path, recording.parse(path, data)[0], since


def _bytes_at(tracker: Tracker, path: str, moment: str, name: str) -> tuple[bytes | None, str]:
    from gittracker.domain import times
    if moment[:4].isdecimal() and (times.is_date(moment[:10])):
        row = tracker.index.one(
            "SELECT c.new, e.at FROM change c JOIN entry e ON e.seq = c.entry WHERE e.worktree = ? AND c.path = ? "
            "AND e.at <= ? ORDER BY e.at DESC, e.source = 'branch', e.seq DESC LIMIT 1", tracker.worktree,
            history.keep(path), seconds_of(moment))
        return (read_all(tracker, [row[0]]).get(row[0]), utc(row[1])) if row and row[0] else (None, "")
    commit = git_history.resolve(tracker.repository.top, moment)
    if not commit:
        raise UsageError(f'"{moment}" is no time and no revision', f"gittracker show {name} --at 2026-11-01T10:00")
    blob = f"{commit}:{_PREFIX}{path}"
    return read_blobs(tracker.repository.top, [blob]).get(blob), commit


def seconds_of(text: str) -> int:
    """Read a time as typed; local unless it ends in Z or an offset."""
    from datetime import datetime, timedelta
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'"{text}" is no time', "2026-11-01T10:00") from error
    if len(text) == 10:
        moment += timedelta(days=1, seconds=-1)
    try:
        return int(moment.timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(f'"{text}" is before or after all time', "2026-11-01T10:00") from error
