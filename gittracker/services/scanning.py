"""Keep the rows in step with the files: compare stamps, read what differs, in one transaction."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.domain.comment import Comment
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.index import history, tickets
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.settings import Settings
    from gittracker.index.db import Index

    # name, ticket.md's (mtime, ctime, size), the folder's ctime, its comments' ctime
    Entry = list[Any]

# A file this young may change again within its time stamp's grain; coarse file systems have whole seconds.
_RACY_NS, _RACY_COARSE_NS = 30_000_000, 2_100_000_000
_MANY = 1_000
_NEVER, _ABSENT = 0, -1


class Scanner:
    """Refreshes one worktree's rows."""

    def __init__(self, index: Index, tracker: str, worktree: str, settings: Settings, object_format: str) -> None:
        self.index = index
        self.tracker = tracker
        self.worktree = worktree
        self.settings = settings
        self.object_format = object_format
        self._slugs: set[str] = set()  # that came or went

    def refresh(self, deep: bool) -> None:
        """Bring all rows up to date; `deep` also looks at ticket folders and their comments."""
        root = f"{self.tracker}/{layout.TICKETS}"
        try:
            names = set(os.listdir(root))
        except OSError:
            names = set()
        known = {row[0]: (row[1], row[2]) for row in self.index.run(
            "SELECT name, stamp, entries FROM shard WHERE worktree = ?", self.worktree)}
        dirty = []
        for name in names:
            stamp, packed = known.get(name, (_NEVER, b""))
            entries: list[Entry] = marshal.loads(packed) if packed else []
            changed = self._changed(f"{root}/{name}/", stamp, entries, deep)
            if changed is None or changed:
                dirty.append((name, entries, changed))
        gone = known.keys() - names
        if dirty or gone:
            with self.index:
                for name, entries, changed in dirty:
                    self._refresh_shard(name, entries, changed)
                for name in gone:
                    self._refresh_shard(name, marshal.loads(known[name][1]), None)
                self._finish()

    def _changed(self, folder: str, stamp: int, entries: list[Entry], deep: bool) -> list[str] | None:
        """Name the tickets of a shard that look changed; None where the shard's own listing is stale."""
        stat = os.stat
        changed = []
        try:
            if stat(folder).st_mtime_ns != stamp:
                return None
        except OSError:
            return None
        for name, mtime, ctime, size, own, comments in entries:
            try:
                one = stat(f"{folder}{name}/ticket.md")
                same = one.st_ctime_ns == ctime and one.st_mtime_ns == mtime and one.st_size == size
                if same and deep:
                    same = stat(folder + name).st_ctime_ns == own and not (
                        comments and stat(f"{folder}{name}/comments").st_ctime_ns != comments)
                if not same:
                    changed.append(name)
            except OSError:
                if mtime != _ABSENT:
                    changed.append(name)
        return changed

    def refresh_folders(self, folders: list[str], own: frozenset[str] = frozenset()) -> None:
        """Read these ticket folders anew; the paths in `own` are this command's writes, not outside edits."""
        by_shard: dict[str, list[str]] = {}
        for folder in folders:
            _, shard, name = folder.split("/")
            by_shard.setdefault(shard, []).append(name)
        with self.index:
            for shard, names in by_shard.items():
                row = self.index.one("SELECT entries FROM shard WHERE worktree = ? AND name = ?",
                                     self.worktree, shard)
                self._refresh_shard(shard, marshal.loads(row[0]) if row else [], names, own)
            self._finish()

    def refresh_shard(self, name: str) -> None:
        """Bring one shard's listing up to date."""
        row = self.index.one("SELECT entries FROM shard WHERE worktree = ? AND name = ?", self.worktree, name)
        with self.index:
            self._refresh_shard(name, marshal.loads(row[0]) if row else [], None)
            self._finish()

    def is_current(self, row: tickets.Row) -> bool:
        """Tell whether nothing in a ticket's folder, comment files included, changed since it was read."""
        folder = f"{self.tracker}/{row.folder}"
        shard, _, name = row.folder.partition("/")[2].partition("/")
        packed = self.index.one("SELECT entries FROM shard WHERE worktree = ? AND name = ?", self.worktree, shard)
        entry = next((e for e in marshal.loads(packed[0]) if e[0] == name), None) if packed else None
        if entry is None or _entry(folder, name, 0) != entry:
            return False
        workpad = self.index.get(f"workpad:{self.worktree}:{row.folder}")
        if _stamp(f"{folder}/{layout.WORKPAD}") != (marshal.loads(workpad) if workpad else None):
            return False
        stamps = self.index.all("SELECT name, stamp FROM comment WHERE ticket = ?", row.id)
        return all(_stamp(f"{folder}/{layout.COMMENTS}/{n}") == marshal.loads(s) for n, s in stamps)

    def _refresh_shard(self, shard: str, entries: list[Entry], names: list[str] | None,
                       own: frozenset[str] = frozenset()) -> None:
        """Read the named tickets of a shard again; all that look changed where `names` is None."""
        folder = f"{self.tracker}/{layout.TICKETS}/{shard}"
        before = {entry[0]: entry for entry in entries}
        now = time.time_ns()
        stamp = _racy(os.stat(folder).st_mtime_ns, now) if os.path.isdir(folder) else _NEVER
        listed = _subfolders(folder)
        if names is None:
            names = [n for n in listed if before.get(n) != _entry(f"{folder}/{n}", n, 0)]
        after = {n: before[n] for n in listed if n in before}
        for name in names:
            if name in listed:
                after[name] = self._refresh_ticket(f"{layout.TICKETS}/{shard}/{name}", name, now, own)
        for name in before.keys() - set(listed):
            self._forget(f"{layout.TICKETS}/{shard}/{name}")
        if listed:
            self.index.run("INSERT OR REPLACE INTO shard VALUES (?, ?, ?, ?)", self.worktree, shard, stamp,
                           marshal.dumps(list(after.values())))
        else:
            self.index.run("DELETE FROM shard WHERE worktree = ? AND name = ?", self.worktree, shard)

    def _forget(self, folder: str) -> None:
        row = self.index.one("SELECT slug FROM ticket WHERE worktree = ? AND folder = ?", self.worktree, folder)
        self._slugs.update(row or ())
        tickets.remove(self.index, self.worktree, folder)
        self.index.run("DELETE FROM problem WHERE worktree = ? AND path >= ? AND path < ?", self.worktree,
                       folder + "/", folder + "0")
        self.index.run("DELETE FROM meta WHERE key = ?", f"workpad:{self.worktree}:{folder}")

    def _refresh_ticket(self, folder: str, name: str, now: int, own: frozenset[str]) -> Entry:
        """Read one ticket folder into rows; a broken file keeps its last good row and becomes a problem."""
        full = f"{self.tracker}/{folder}"
        entry = _entry(full, name, now)
        path = layout.ticket_file(folder)
        if not self.index.fresh:
            self.index.run("DELETE FROM problem WHERE worktree = ? AND path >= ? AND path < ?", self.worktree,
                           folder + "/", folder + "0")
        data = atomic.read(f"{self.tracker}/{path}")
        comments, texts = self._comments(folder, now)
        workpad = self._workpad(folder, now)
        ticket, etag = self._ticket(path, name, data)
        if ticket is None:
            return entry
        files = [(path, etag, entry[1]), *texts]
        if workpad:
            files.append((f"{folder}/{layout.WORKPAD}", blob_id(workpad[1], self.object_format), workpad[0]))
        if not self.index.fresh:
            self._note(folder, files, own)
        moment = history.updated_at(self.index, self.worktree, folder, files)
        text = workpad[1].decode(errors="replace") if workpad else ""
        tickets.put(self.index, self.worktree, folder, ticket, etag, self.settings, comments, text, moment)
        return entry

    def _ticket(self, path: str, name: str, data: bytes | None) -> tuple[Ticket | None, str]:
        if data is None:
            self.problem(path, 0, "the folder has no ticket.md")
            return None, ""
        try:
            ticket, findings = entity_md.read(Ticket, data, path)
        except InvalidDataError as error:
            self.problem(path, error.line, error.reason)
            return None, ""
        for finding in findings:
            self.problem(path, finding.line, finding.message)
        if not ticket.ref or not ticket.slug:
            missing = " and ".join(word for word in ("ref", "slug") if not getattr(ticket, word))
            self.problem(path, 1, f"no {missing}")
            ticket = ticket.replace(slug=ticket.slug or name)
        status = self.settings.status_of(ticket.status or "")
        if status:
            ticket = ticket.replace(status=status.slug)
        elif ticket.status:
            self.problem(path, 1, f'status "{ticket.status}" is not in {layout.STATUSES}')
        if not self.index.fresh:
            row = self.index.one("SELECT slug FROM ticket WHERE worktree = ? AND folder = ?", self.worktree,
                                 layout.folder_of(path))
            if not row or row[0] != ticket.slug:
                self._slugs.update((ticket.slug, *(row or ())))
        return ticket, blob_id(data, self.object_format)

    def _comments(self, folder: str, now: int) -> tuple[list[tuple[Any, ...]], list[tuple[str, str, int]]]:
        """Read a ticket's comments: rows for the table, and (path, blob, mtime) of each."""
        base = f"{folder}/{layout.COMMENTS}"
        try:
            names = sorted(n for n in os.listdir(f"{self.tracker}/{base}") if n.endswith(".md"))
        except OSError:
            return [], []
        rows, files = [], []
        for name in names:
            path = f"{base}/{name}"
            stamp = _stamp(f"{self.tracker}/{path}", now)
            data = atomic.read(f"{self.tracker}/{path}") or b""
            etag = blob_id(data, self.object_format)
            try:
                one, findings = entity_md.read(Comment, data, path)
            except InvalidDataError as error:
                self.problem(path, error.line, error.reason)
                one, findings = Comment(body=data.decode(errors="replace")), []
            for finding in findings:
                self.problem(path, finding.line, finding.message)
            rows.append((name, etag, one.ref, one.by, one.at, int(bool(one.deleted_at)), one.body,
                         marshal.dumps(stamp)))
            files.append((path, etag, stamp[0] if stamp else 0))
        return rows, files

    def _workpad(self, folder: str, now: int) -> tuple[int, bytes] | None:
        """Read a ticket's workpad as (mtime in ns, bytes)."""
        path = f"{self.tracker}/{folder}/{layout.WORKPAD}"
        key = f"workpad:{self.worktree}:{folder}"
        stamp = _stamp(path, now)
        if stamp is None:
            if not self.index.fresh:
                self.index.run("DELETE FROM meta WHERE key = ?", key)
            return None
        self.index.put(key, marshal.dumps(stamp))
        return stamp[0], atomic.read(path) or b""

    def problem(self, path: str, line: int, message: str) -> None:
        """Note what is wrong with a file."""
        self.index.run("INSERT INTO problem VALUES (?, ?, ?, ?)", self.worktree, path, line, message)

    def _note(self, folder: str, files: list[tuple[str, str, int]], own: frozenset[str]) -> None:
        """Remember which files of a known ticket changed around the tool, for the next write to journal.

        A ticket that is new here is journalled as found before its first change; a pull may bring thousands.
        """
        row = self.index.one("SELECT id, etag FROM ticket WHERE worktree = ? AND folder = ?", self.worktree, folder)
        if not row:
            return
        known = {layout.ticket_file(folder): row[1]}
        known.update((f"{folder}/{layout.COMMENTS}/{n}", e) for n, e in self.index.all(
            "SELECT name, etag FROM comment WHERE ticket = ?", row[0]))
        for path, etag, _ in files:
            if path in own:
                self.index.run("DELETE FROM outside WHERE worktree = ? AND path = ?", self.worktree, path)
            elif known.get(path) != etag and history.latest(self.index, self.worktree, path) != etag:
                self.index.run("INSERT OR IGNORE INTO outside VALUES (?, ?)", self.worktree, path)

    def _finish(self) -> None:
        """Look up links and clashes of slugs again where tickets came, went or were renamed."""
        if not self._slugs and not self.index.fresh:
            return
        tickets.resolve_edges(self.index, self.worktree)
        key = f"clashes:{self.worktree}"
        if self.index.fresh or len(self._slugs) > _MANY:
            clashes = {row[0] for row in self.index.all(
                "SELECT slug FROM ticket WHERE worktree = ? GROUP BY slug COLLATE NOCASE HAVING count(*) > 1",
                self.worktree)}
        else:
            clashes = set((self.index.get(key) or "").split("\n")) - self._slugs
            clashes |= {slug for slug in self._slugs if self.index.one(
                "SELECT count(*) FROM ticket WHERE worktree = ? AND slug = ? COLLATE NOCASE", self.worktree,
                slug)[0] > 1}
        self.index.put(key, "\n".join(sorted(clashes - {""})))
        self._slugs.clear()


def _subfolders(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder) if os.path.isdir(f"{folder}/{n}"))
    except OSError:
        return []


def _racy(stamp: int, now: int) -> int:
    """Give a stamp, or a value that never fits where the file may change again within the same stamp."""
    grain = _RACY_COARSE_NS if stamp % 1_000_000_000 == 0 else _RACY_NS
    return _NEVER if now and stamp > now - grain else stamp


def _stamp(path: str, now: int = 0) -> tuple[int, int, int] | None:
    """Give a file's (mtime, ctime, size), None where it is absent; a racy one fits nothing."""
    try:
        one = os.stat(path)
    except OSError:
        return None
    return _racy(one.st_mtime_ns, now), _racy(one.st_ctime_ns, now), one.st_size


def _entry(folder: str, name: str, now: int) -> Entry:
    """Give the stamps of a ticket's folder."""
    stamp = _stamp(f"{folder}/{layout.TICKET_FILE}", now) or (_ABSENT, _ABSENT, 0)
    own, comments = _stamp(folder, now), _stamp(f"{folder}/{layout.COMMENTS}", now)
    return [name, *stamp, own[1] if own else _NEVER, comments[1] if comments else _NEVER]
