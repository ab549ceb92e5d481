"""A command's share in one worktree: the files and the entry that it makes there. Most commands have just one."""

from __future__ import annotations

from gittracker.domain.errors import AccessError, StorageError
from gittracker.formats.entry import Message
from gittracker.formats.etag import blob_id
from gittracker.git import journal
from gittracker.git.journal import Commit
from gittracker.index import eventlog, notes
from gittracker.services.refresh import rows
from gittracker.services.write import outside
from gittracker.services.write.keeping import JournalKeeper
from gittracker.services.write.writing import RECOVERIES, UNCHANGED, Touched, Writing
from gittracker.store import atomic, bulk, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.locking import Keeper
    from gittracker.store.intents import Part

    Receipt = dict[str, Any]
    Change = tuple[str, bytes | None, bytes | None]

_MOST_NAMED = 100  # tickets in an entry's trailers


class Share:
    """What a command changes in one worktree, as (path, bytes before, bytes after), and the records that it touches.

    `branch` is home's where no worktree is on it: what is home's alone is committed there.
    """

    __slots__ = ("tracker", "keeper", "changes", "touched", "commits", "branch", "moved")

    def __init__(self, tracker: Tracker, keeper: Keeper, changes: list[Change]) -> None:
        self.tracker = tracker
        self.keeper = keeper
        self.changes = changes
        self.touched: list[tuple[Touched, Receipt]] = []
        self.commits: list[Commit] = []
        self.branch = ""
        self.moved: tuple[str, str] | None = None  # the branch's commits before and after

    @property
    def files(self) -> list[Change]:
        """Give the changes of files in the worktree."""
        return [one for one in self.changes if not self.branch or not settings.is_one(one[0])]

    @property
    def rules(self) -> list[Change]:
        """Give the changes that go to home's branch."""
        return [one for one in self.changes if self.branch and settings.is_one(one[0])]

    def part(self) -> Part:
        """Give the worktree's part of the intent."""
        return self.keeper.part(self.files, self.commits)

    def beside(self) -> list[Part]:
        """Give home's branch's part of the intent: its name, the commit's message, and what is to be on it."""
        return [(self.branch, "", self.commits[-1].message, self.rules, [])] if self.rules else []

    def begin(self, writing: Writing, is_whole: bool) -> None:
        """Make the entries, of what changed around the tool, too."""
        tracker = self.tracker
        if any(layout.may_be_attached(path) for path, _, _ in self.changes):
            from gittracker.services.attached import largefiles
            largefiles.keep(tracker, self.changes)
        self.keeper.begin()
        adopted = writing.adopted if tracker is writing.tracker else []
        self.commits = [*outside.commits(tracker, [*self.changes, *adopted]), self._entry(writing, is_whole)]

    def _entry(self, writing: Writing, is_whole: bool) -> Commit:
        tracker = self.tracker
        principal = tracker.principal
        slugs = list(dict.fromkeys(one.ticket for one, _ in self.touched if one.ticket))
        subjects = writing.subjects if is_whole else self._subjects(writing)
        subjects = subjects or [f"{slug} changed" for slug in slugs]
        message = Message("; ".join(subjects), slugs[:_MOST_NAMED], principal.name, writing.request.key, writing.undoes,
                          worktree=_made_from(tracker, writing), command=writing.command)
        at = max(tracker.clock() // 1_000_000_000, writing.least)
        return Commit(principal.git_name, principal.email, at, message.render(),
                      [(path, outside.for_history(tracker, path, data)) for path, _, data in self.changes])

    def _subjects(self, writing: Writing) -> list[str]:
        """Give what is said of this share's records; whatever is said of none at all, too."""
        if not self.touched:
            return writing.subjects
        known = {name: one for one in writing.touched for name in (one.slug, one.ticket) if name}
        own = {name for one, _ in self.touched for name in (one.slug, one.ticket)}
        return [text for text in writing.subjects
                if (first := text.partition(" ")[0]) in own or first not in known]

    def write_files(self, writing: Writing) -> None:
        """Replace the files, then read them back: success is never claimed for bytes that aren't there."""
        bulk.replace([(self.tracker.path(path), data) for path, _, data in self.files], writing.told)
        if self.rules:
            from gittracker.services.board import homebranch
            self.moved = homebranch.add(self.tracker, self.branch, self.rules, self.commits[-1].message)
        for path, _, data in self.files:
            if atomic.read(self.tracker.path(path)) != data:
                raise StorageError(f'"{path}" does not hold what was written', "another program may have changed it; "
                                   "look at the file, then run the command again")

    def put_back(self) -> None:
        """Put the files back as they were."""
        if self.moved:
            from gittracker.services.board import homebranch
            homebranch.take_back(self.tracker, self.branch, self.moved)
        bulk.replace([(self.tracker.path(path), None) for path, before, _ in self.files if before is None])
        for path, before, data in self.files:
            if before is not None and atomic.read(self.tracker.path(path)) == data:
                atomic.put_back(self.tracker.path(path), before)

    def sign(self) -> None:
        """Name in the receipts the entry that proves them."""
        for _, receipt in self.touched:
            if receipt["old_etag"] != receipt["new_etag"]:
                self.keeper.sign(receipt)

    def index(self) -> None:
        """Bring history, rows and events up to date in one transaction."""
        tracker, index, worktree = self.tracker, self.tracker.index, self.tracker.worktree
        own_rules = [path for path, _, _ in self.changes if settings.is_one(path)]
        if own_rules:
            tracker.renew()
        with index:
            if own_rules:
                from gittracker.services.refresh import rulechanges
                rulechanges.settle(tracker, own_rules)
            self.keeper.put_rows()
            paths = dict.fromkeys(path for commit in self.commits for path, _ in commit.changes)
            rows.refresh_own(tracker, paths)
            notes.drop(index, worktree, paths)
            for one, receipt in self.touched:
                if one.kind != UNCHANGED and not self.keeper.sandboxed:  # else it leaves when it is journalled
                    receipt["event"] = eventlog.append(index, one.kind, one.ref, one.slug, one.changes,
                                                       tracker.principal.name, "cli", worktree, tracker.now())
            if any(one.kind in RECOVERIES for one, _ in self.touched):
                index.drop(f"lost:{tracker.view}")


def of(writing: Writing, keeper: Keeper, made: list[Receipt]) -> list[Share]:
    """Part a command by the worktrees that it changes files in, its own first; no share where nothing changes."""
    found: dict[int, Share] = {}
    for path, data in writing.after.items():
        if data != writing.before[path]:
            _share(found, writing.homes.at(path), keeper).changes.append((path, writing.before[path], data))
    for path, others in writing.homes.beside.items():
        for it in others.values():
            _share(found, it.tracker, keeper).changes.append((path, it.before, it.after))
    if any(settings.is_one(path) for path in writing.after) and id(writing.tracker) in found:
        branch = found[id(writing.tracker)].branch = writing.homes.branch()
        if branch and keeper.sandboxed:
            from gittracker.services.write import access
            raise access.git_refusal(writing.tracker.repository, "a change of the configuration")
    for path in writing.dropped:
        _share(found, writing.tracker, keeper).changes.append((path, None, None))
    shares = sorted(found.values(), key=lambda one: one.tracker is not writing.tracker)
    for one, receipt in zip(writing.touched, made, strict=True) if shares else ():
        found.get(id(writing.homes.at(one.path)), shares[0]).touched.append((one, receipt))
    return shares


def _made_from(tracker: Tracker, writing: Writing) -> str:
    """Give the number of the worktree that a command runs in, where all of them write one copy of the tracker."""
    if tracker.caller is tracker or not tracker.repository.is_side or writing.sandboxed:
        return ""
    try:
        tracker.caller.settle()
    except AccessError:
        return ""  # a sandbox that lets us write the tracker alone; only a bare `undo` asks from where
    return tracker.caller.worktree


def command(writing: Writing, parts: list[Share]) -> str:
    """Name a command that is not written in its own worktree alone: that one, the newest entry there, and when.

    The entries carry it, so that `undo` finds what belongs together whatever becomes of the index.
    """
    tracker = writing.tracker
    caller = tracker.caller
    if all(one.tracker.repository.top == caller.repository.top or one.tracker.repository.is_side for one in parts):
        return ""
    tip = "?"  # what waits for the journal is no entry yet
    if not writing.sandboxed:
        caller.settle()
        tip = journal.tip(tracker.journal, caller.worktree) or "-"
    return "" if caller.worktree.startswith("?") else f"{caller.worktree} {tip} {tracker.clock():x}"


def _share(found: dict[int, Share], tracker: Tracker, keeper: Keeper) -> Share:
    if id(tracker) not in found:
        own = keeper if keeper.tracker is tracker else JournalKeeper(tracker)
        found[id(tracker)] = Share(tracker, own, [])
    return found[id(tracker)]


def receipt(tracker: Tracker, writing: Writing, one: Touched) -> Receipt:
    """Give the receipt of one record, which its entry is to prove."""
    def etag(found: bytes | None) -> str | None:
        data = outside.for_history(tracker, one.path, found)
        return None if data is None else blob_id(data, tracker.repository.object_format)
    return {"ref": one.ref, "slug": one.slug, "path": f".openkit/{one.path}",
            "old_etag": etag(writing.before.get(one.path)), "new_etag": etag(writing.after.get(one.path)),
            "entry": None, "event": None, "pending": None,
            **({"lease": writing.proofs[one.ref]} if one.ref in writing.proofs else {})}
