"""Replay: journal what sandboxed commands left, each line one entry, under the actor and time it was done."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.formats import pending as lines
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.git.objects import ids_at
from gittracker.index import db, eventlog, history
from gittracker.services.refresh import rows
from gittracker.services.write import outside, waiting
from gittracker.services.write.writing import RECOVERIES, UNCHANGED
from gittracker.store import counters, pending, receipts, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.formats.pending import Line
    from gittracker.services.tracker import Tracker

_PREFIX = "HEAD:.openkit/"
_SHORT = 10  # as the subject of an undo names an entry


def replay(tracker: Tracker) -> None:
    """Journal the pending file's lines, then take them out; a line that the journal has is only taken out.

    What can't be read as a line stays, for `doctor` to tell. Raises StorageError; the lines then wait on.
    """
    data = pending.load(tracker.root)
    if not data:
        pending.replace(tracker.root, b"")
    found, bad = lines.read(data)
    if not found or waiting.is_tracked(tracker.root):
        return
    outside.catch_up(tracker, journal.tip(tracker.journal, tracker.worktree))
    before = waiting.journalled(tracker, found)
    entries = _Replay(tracker, before).run(found)
    steps.reached("pending journalled")
    _raise_counters(tracker, found)
    events = _tell(tracker, [line for line in found if line.id not in before])
    for line in found:
        if line.message.key and not receipts.load(tracker.state, line.message.key):
            made = [_receipt(one, entries.get(line.id), events.get((line.id, one["path"]))) for one in line.records]
            receipts.save(tracker.state, line.message.key, line.fingerprint, made)
    steps.reached("pending receipts saved")
    pending.replace(tracker.root, b"".join(raw + b"\n" for _, _, raw in bad))
    steps.reached("pending consumed")


class _Replay:
    """One run of the lines: `entries` by line id, `held` what the stream holds for a path by now."""

    def __init__(self, tracker: Tracker, entries: dict[str, str]) -> None:
        self.tracker = tracker
        self.entries = dict(entries)
        self._parent = journal.tip(tracker.journal, tracker.worktree)
        self._held: dict[str, str] = {}
        self._waiting: list[tuple[str, Commit]] = []

    def run(self, found: list[Line]) -> dict[str, str]:
        heads = self._heads(found)
        for line in found:
            if line.id not in self.entries:
                self._add(line, heads)
        self._append()
        return self.entries

    def _add(self, line: Line, heads: dict[str, str]) -> None:
        changes = [(path, data) for path, _, data in line.changes
                   if not (line.found and self._holds(path) == self._blob(data))]  # journalled since it was found
        message = line.message
        if any(oid in message.undoes for oid, _ in self._waiting):
            self._append()  # what it undoes must have its name first
        for waited in message.undoes.split():
            entry = self.entries.get(waited, waited)
            message.undoes = message.undoes.replace(waited, entry)
            message.subject = message.subject.replace(waited[:_SHORT], entry[:_SHORT])
        if line.found == lines.UNSURE and all(heads.get(path) == self._blob(data) for path, data in changes):
            message.actor = outside.BY_GIT
        if changes or not (line.found or line.records):  # without either, a purge has left it as a tombstone
            self._waiting.append((line.id, Commit(line.author, line.email, line.at, message.render(), changes)))
        self._held.update((path, self._blob(data)) for path, data in changes)

    def _append(self) -> None:
        if not self._waiting:
            return
        stream = journal.stream(self.tracker.worktree, self._parent, [commit for _, commit in self._waiting],
                                self.tracker.committer)
        made = journal.append(self.tracker.journal, stream)
        self.entries.update(zip((oid for oid, _ in self._waiting), made, strict=True))
        self._parent, self._waiting = made[-1], []

    def _holds(self, path: str) -> str | None:
        if path in self._held:
            return self._held[path]
        return history.latest(self.tracker.index, self.tracker.worktree, path, history.JOURNAL)

    def _blob(self, data: bytes | None) -> str:
        return "" if data is None else blob_id(data, self.tracker.repository.object_format)

    def _heads(self, found: list[Line]) -> dict[str, str]:
        """Ask git about bytes as found of which the sandbox, where git refused, could not tell who left them."""
        names = [_PREFIX + path for line in found if line.found == lines.UNSURE for path, _, _ in line.changes]
        heads = ids_at(self.tracker.repository.top, names)
        return {name.removeprefix(_PREFIX): oid for name, oid in heads.items()}


def _receipt(record: dict[str, Any], entry: str | None, event: str | None) -> dict[str, Any]:
    old, new = record.get("old_etag"), record.get("new_etag")
    return {"ref": record["ref"], "slug": record["slug"], "path": record["path"], "old_etag": old, "new_etag": new,
            "entry": entry if old != new else None, "event": event, "pending": None}


def _raise_counters(tracker: Tracker, found: list[Line]) -> None:
    kept = counters.load(tracker.state)
    raised = dict(kept)
    for line in found:
        for key, number in line.counters.items():
            if ids.is_project_key(key.removesuffix("-E")):  # an epic's has that behind the project's
                raised[key] = max(raised.get(key, 0), number)
    if raised != kept:
        counters.save(tracker.state, raised)


def _tell(tracker: Tracker, found: list[Line]) -> dict[tuple[str, str], str]:
    """Send the events of lines that were just journalled; gives their ids by line and path."""
    told: dict[tuple[str, str], str] = {}
    try:
        with tracker.index as index:
            rows.refresh_own(tracker, [path for line in found for path, _, _ in line.changes])
            for line in found:
                for one in line.records:
                    if one["kind"] != UNCHANGED:
                        told[line.id, one["path"]] = eventlog.append(
                            index, one["kind"], one["ref"], one["slug"], one["changes"],
                            line.message.actor, "cli", tracker.worktree, tracker.now())
                    if one["kind"] in RECOVERIES:
                        index.drop(f"lost:{tracker.view}")
    except (db.Error, OSError):
        return {}  # the index is rebuilt from the files; the entries are made
    return told
