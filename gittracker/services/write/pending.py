"""The keeper of a sandboxed write: its entries wait in the worktree, for the next command that may journal them.

It has the methods of the usual keeper (`keeping`); the files change as ever.
"""

from __future__ import annotations

from gittracker.domain.errors import AccessError
from gittracker.formats import entry
from gittracker.formats import pending as lines
from gittracker.formats.etag import blob_id
from gittracker.formats.pending import Line
from gittracker.git import journal
from gittracker.git.run import git
from gittracker.index import history
from gittracker.services.write import finishing, numbers, outside
from gittracker.store import counters, intents, pending, receipts, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.git.journal import Commit
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Request, Writing
    from gittracker.store.intents import Part

    Receipt = dict[str, Any]
    Change = tuple[str, bytes | None, bytes | None]

_ID_BYTES = 20


def settle(tracker: Tracker) -> None:
    """Finish the files of whatever died in this worktree; what its journal lacks, a command with access adds."""
    object_format = tracker.repository.object_format
    finishing.finish_sandboxed(tracker.root, object_format)
    try:
        left = intents.load(intents.path_in(tracker.state))
    except PermissionError:
        return
    # Commands with access hold this worktree's lock too: one whose intent is here still has died.
    for _, worktree, parent, changes, _ in left.parts() if left else ():
        if worktree == tracker.worktree and journal.tip(tracker.journal, worktree) == parent:
            finishing.finish_files(tracker.root, changes, object_format)


class PendingKeeper:
    """Keeps entries, receipts and numbers in the worktree's pending file."""

    sandboxed = True
    told: tuple[str, ...] = ()
    entry = ""  # there is none yet

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._tip = ""
        self._lines = b""
        self._id = ""

    def number(self, key: str) -> int:
        """Give the highest number of a project that was given out, as far as can be read here."""
        known, readable = 0, True
        try:
            known = counters.load(self.tracker.state).get(key, 0)
        except OSError:
            readable = False
        known = max([known, *(line.counters.get(key, 0) for line in self._waiting(b'"counters"'))])
        return numbers.elsewhere(self.tracker.repository, key, known, everywhere=not readable)

    def first_receipts(self, key: str) -> dict[str, Any] | None:
        """Give what a command under this idempotency key was answered, here or in the clone."""
        try:
            kept = receipts.load(self.tracker.state, key)
        except OSError:
            kept = None
        if kept:
            return kept
        for line in self._waiting(b'"key"'):
            if line.message.key == key:
                return {"fingerprint": line.fingerprint, "receipts": [_receipt(one, line) for one in line.records]}
        return None

    def _waiting(self, needle: bytes) -> list[Line]:
        """Read the lines that wait and hold some bytes."""
        data = pending.load(self.tracker.root)
        return lines.read(b"\n".join(raw for raw in data.split(b"\n") if needle in raw))[0] if needle in data else []

    def remember(self, request: Request, made: list[Receipt]) -> None:
        """Leave the receipts of a command that had nothing to change; raises StorageError."""
        tracker = self.tracker
        principal = tracker.principal
        message = entry.Message(request.name, [], principal.name, request.key)
        line = Line(self._new_id(), tracker.clock() // 1_000_000_000, principal.git_name, principal.email, message,
                    "", [], request.fingerprint, records=[_record(one, "ticket.unchanged", {}) for one in made])
        self._save([], lines.render(line))
        self.record()
        pending.clear_intent(tracker.root)

    def begin(self) -> None:
        """Learn what journal and pending file hold by now, as far as they can be read."""
        self._tip = journal.tip(self.tracker.journal, self.tracker.worktree)
        outside.catch_up(self.tracker, self._tip)

    def part(self, changes: list[Change], commits: list[Commit]) -> Part:
        """Refuse to be one of several: a sandboxed command writes in one worktree."""
        raise AccessError("a sandboxed command writes in one worktree", "gittracker doctor")

    def promise(self, writing: Writing, changes: list[Change], commits: list[Commit], made: list[Receipt],
                others: list[Part]) -> None:
        """Save the intent: from here on the write is finished, by whomever; raises StorageError."""
        blobs: dict[str, str] = {}
        *found, own = [self._line(commit, blobs) for commit in commits]
        for line in found:
            line.found = self._who(line)
        self._id = own.id
        own.fingerprint, own.counters = writing.request.fingerprint, writing.counters
        own.records = [_record(receipt, one.kind, one.changes)
                       for receipt, one in zip(made, writing.touched, strict=True)]
        self._save(changes, b"".join(map(lines.render, (*found, own))))

    def _line(self, commit: Commit, blobs: dict[str, str]) -> Line:
        """Turn an entry into its line; `blobs` is what the lines before it left."""
        index, worktree = self.tracker.index, self.tracker.worktree
        changes = []
        for path, data in commit.changes:
            old = blobs[path] if path in blobs else history.latest(index, worktree, path) or ""
            blobs[path] = "" if data is None else blob_id(data, self.tracker.repository.object_format)
            changes.append((path, old, data))
        return Line(self._new_id(), commit.at, commit.author, commit.email, entry.read(commit.message), "", changes)

    def _who(self, line: Line) -> str:
        """Say who left bytes as found; git, which may refuse another user's repository, is needed to know itself."""
        if line.message.actor == outside.BY_EDITOR and git(self.tracker.repository.top, "rev-parse", "HEAD").status:
            return lines.UNSURE
        return line.message.actor

    def _save(self, changes: list[Change], rendered: bytes) -> None:
        self._lines = rendered
        pending.save_intent(self.tracker.root, pending.Intent(changes, rendered))

    def _new_id(self) -> str:
        return self.tracker.entropy(_ID_BYTES).hex()

    def reserve(self, given: dict[str, int]) -> None:
        """The numbers that were given out stand in the line."""

    def set_down(self, state: dict[str, bytes | None]) -> None:
        """The clone's own files stay as they are: a sandboxed write renews no lease and ends none."""

    def record(self) -> None:
        """Leave the lines; raises StorageError."""
        pending.append(self.tracker.root, self._lines)
        steps.reached("left pending")

    def has_recorded(self) -> bool:
        """Tell whether the lines are there, even if `record` failed."""
        return self._lines in pending.load(self.tracker.root)

    def sign(self, receipt: Receipt) -> None:
        """Name in a receipt what proves it."""
        receipt["pending"] = self._id

    def put_rows(self) -> None:
        """Show the lines to the index."""
        outside.catch_up(self.tracker, self._tip)

    def follow(self) -> None:
        """The next command that may, commits them."""

    def withdraw(self) -> None:
        """Forget the intent of a write whose files are as they were; raises StorageError."""
        pending.clear_intent(self.tracker.root)

    def end(self, request: Request, made: list[Receipt]) -> None:
        """Forget the intent of a finished write; raises StorageError."""
        pending.clear_intent(self.tracker.root)
        steps.reached("intent cleared")


def _record(receipt: Receipt, kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Give what a receipt and an event are made of later."""
    kept = {name: receipt[name] for name in ("ref", "slug", "path", "old_etag", "new_etag")}
    return {"kind": kind, **kept, "changes": changes}


def _receipt(record: dict[str, Any], line: Line) -> Receipt:
    """Give the receipt again that a command got whose entry still waits."""
    old, new = record.get("old_etag"), record.get("new_etag")
    return {"ref": record["ref"], "slug": record["slug"], "path": record["path"], "old_etag": old, "new_etag": new,
            "entry": None, "event": None, "pending": line.id if old != new else None}
