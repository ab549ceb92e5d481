"""Open the index: one SQLite file a clone, made anew whenever it is missing, old or broken."""

from __future__ import annotations

import _sqlite3 as sqlite
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_BUSY_MS = 10_000
_AT_ONCE = 2_000
# Cached values are marshalled, so an index belongs to one Python version.
VERSION = 12
_NAME = f"index-{VERSION}-{sys.version_info[0]}{sys.version_info[1]}."
Error = sqlite.Error
# Where an index comes from: the one that is kept, a new one in its place, one of our own in TMPDIR, or memory for
# this command alone.
KEPT, NEW, PRIVATE, MEMORY = "kept", "new", "private", "memory"
IN_MEMORY = ":memory:"
_READ_ONLY = (3, 8, 14)  # SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN
_DAMAGED = (1, 11, 26)  # SQLITE_ERROR (a table is missing), SQLITE_CORRUPT, SQLITE_NOTADB
Broken = sqlite.DatabaseError


class Index:
    """A connection to the index; `fresh` says that it was just made and holds nothing yet."""

    def __init__(self, path: str, fresh: bool, final: str = "", older: str = "") -> None:
        self.path = path
        self.older = older  # the file in whose place a fresh one comes
        self.fresh = fresh
        self._final = final
        self._db = sqlite.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None, cached_statements=64)
        self._depth = 0
        self._complete = not fresh
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}  # rows that an index which is being filled gets together
        self._rows = 0
        self.run("PRAGMA synchronous=NORMAL")
        if fresh:
            self.run("PRAGMA journal_mode=OFF")
            self.run("PRAGMA synchronous=OFF")
            self.run("PRAGMA cache_size=-32000")
            self.run("BEGIN IMMEDIATE")
            from gittracker.index import schema
            for statement in schema.tables():
                self.run(statement)
            self.run(f"PRAGMA user_version = {VERSION}")
            self.put("epoch", os.urandom(4).hex())
            self._depth = 1

    def run(self, sql: str, *values: Any) -> Any:
        """Run one statement and give its cursor."""
        return self._db.execute(sql, values)

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows."""
        if rows:
            self._db.executemany(sql, rows)

    def insert(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Run an INSERT for rows, some thousand at once while the index is being filled."""
        if self._complete:
            self.many(sql, rows)
            return
        waiting = self._waiting.setdefault(sql, [])
        waiting += rows
        if len(waiting) > _AT_ONCE:
            self.many(sql, self._waiting.pop(sql))

    def next_row(self) -> int:
        """Give the number of the next ticket's row in an index that is being filled."""
        self._rows += 1
        return self._rows

    def one(self, sql: str, *values: Any) -> Any:
        """Give the first row, or None."""
        return self._db.execute(sql, values).fetchone()

    def all(self, sql: str, *values: Any) -> list[Any]:
        """Give all rows."""
        return list(self._db.execute(sql, values))

    def get(self, key: str) -> Any:
        """Give a noted value, or None."""
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return row[0] if row else None

    def put(self, key: str, value: Any) -> None:
        """Note a value."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def note(self, key: str, value: Any) -> None:
        """Note a value in a transaction of its own."""
        with self:
            self.put(key, value)

    def drop(self, key: str) -> None:
        """Forget a noted value."""
        self.run("DELETE FROM meta WHERE key = ?", key)

    def reading(self) -> _Reading:
        """Let the reads of a `with` see one state, and pay for one lock of the file instead of one each."""
        return _Reading(self._db)

    def __enter__(self) -> Self:
        """Begin a transaction; inner ones join the outer."""
        if self._depth == 0:
            self.run("BEGIN IMMEDIATE")
        self._depth += 1
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._depth -= 1
        if self._depth:
            return
        try:
            if not kind:
                self.run("COMMIT")
        finally:
            if self._db.in_transaction:  # SQLite has rolled back by itself where the disk is full
                self.run("ROLLBACK")

    @property
    def is_filling(self) -> bool:
        """Tell whether rows are put for the first time, without SQL indexes and words; `complete` ends that."""
        return not self._complete

    def complete(self) -> None:
        """Make what a fresh index had no need of while it was filled: SQL indexes and the words."""
        if self._complete:
            return
        self._complete = True
        for sql, rows in self._waiting.items():
            self.many(sql, rows)
        self._waiting.clear()
        from gittracker.index import schema
        for statement in schema.INDEXES:
            self.run(statement)
        self.run("INSERT INTO words(words) VALUES ('rebuild')")

    def finish(self) -> None:
        """Put a freshly built index in its place, whole; another builder's that came first stays."""
        if not self.fresh:
            return
        self.complete()
        self.run("COMMIT")
        self._depth = 0
        if self.path == IN_MEMORY:
            self.fresh = False
            return
        self.run("PRAGMA journal_mode=TRUNCATE")
        self._db.close()
        try:
            os.link(self.path, self._final)
        except FileExistsError:
            pass
        except OSError:
            os.rename(self.path, self._final)
        _unlink(self.path)
        self.path, self.fresh = self._final, False
        self._db = sqlite.connect(self.path, timeout=_BUSY_MS / 1000, isolation_level=None)
        self.run("PRAGMA synchronous=NORMAL")

    def is_newest(self) -> bool:
        """Tell whether no other index has come in this one's place."""
        return self.path == IN_MEMORY or newest(os.path.dirname(self.path)) == self.path

    def close(self) -> None:
        """Close the connection; an unfinished build is thrown away."""
        self._db.close()
        if self.fresh:
            _unlink(self.path)


class _Reading:
    """A transaction that only reads; writers wait for its end, so nothing is printed in one."""

    def __init__(self, connection: sqlite.Connection) -> None:
        self._db = connection
        self._is_ours = not connection.in_transaction

    def __enter__(self) -> None:
        if self._is_ours:
            self._db.execute("BEGIN")

    def __exit__(self, *_: object) -> None:
        if self._is_ours and self._db.in_transaction:
            self._db.execute("COMMIT")


def open_index(local: str, source: str = KEPT) -> Index:
    """Open the clone's index, or a fresh one beside it where there is none that can be used.

    Each build is a file of its own, for a SQLite file that is replaced under a writer gets the writer's rollback.
    """
    folder = "" if source == MEMORY else _private(local) if source == PRIVATE else _cache(local)
    if not folder:
        return Index(IN_MEMORY, fresh=True)
    path = newest(folder)
    number = int(path[:-3].rpartition(".")[2]) if path else 0
    if path and source == KEPT and not _may_write(path):
        return open_index(local, PRIVATE)  # said here, before a command has printed half of its answer
    if path and source in (KEPT, PRIVATE):
        try:
            index = Index(path, fresh=False)
            if index.one("PRAGMA user_version")[0] == VERSION:
                return index
            index.close()
        except Broken:
            pass
    final = os.path.join(folder, f"{_NAME}{number + 1}.db")
    building = f"{final}.{os.getpid()}"
    _unlink(building)
    copied = _copy(newest(os.path.join(local, "cache")), building, final) if source != NEW and not path else None
    return copied or Index(building, fresh=True, final=final, older=path)


def _copy(kept: str, building: str, final: str) -> Index | None:
    """Begin an index of our own with what the clone's holds, fifty times as fast as reading the files; stamps tell
    what has changed since. None where there is none to copy, or none that can be read.
    """
    if not kept or os.path.dirname(kept) == os.path.dirname(final):
        return None
    name = kept.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    try:
        source = sqlite.connect(f"file:{name}?mode=ro", uri=True, isolation_level=None)
        target = sqlite.connect(building, isolation_level=None)
        try:
            source.backup(target)
        finally:
            target.close()
            source.close()
        _copy_layouts(kept, final)
        os.rename(building, final)
        index = Index(final, fresh=False)
        if index.one("PRAGMA user_version")[0] == VERSION:
            index.drop("epoch")  # from here on the two count their events apart
            return index
        index.close()
    except (Broken, OSError):
        _unlink(building)
    return None


def layouts(path: str) -> str:
    """Give the folder beside an index where records lie that the board shows otherwise than any file has them."""
    return os.path.join(os.path.dirname(path), f"board-{os.path.basename(path).split('.')[1]}")


def _copy_layouts(kept: str, final: str) -> None:
    """Copy what the rows of a kept index name, for whoever reads the copy; raises OSError."""
    if os.path.isdir(layouts(kept)):
        import shutil
        shutil.copytree(layouts(kept), layouts(final), dirs_exist_ok=True)
        for folder, _, _ in os.walk(layouts(final)):
            os.chmod(folder, 0o700)  # what is copied may be read-only


def newest(folder: str) -> str:
    """Give the file of the newest index in a folder, empty where there is none."""
    try:
        names = os.listdir(folder)
    except OSError:
        return ""
    numbers = [int(name[len(_NAME):-3]) for name in names
               if name.startswith(_NAME) and name.endswith(".db") and name[len(_NAME):-3].isdecimal()]
    return os.path.join(folder, f"{_NAME}{max(numbers)}.db") if numbers else ""


def after(error: Exception, source: str = KEPT) -> str:
    """Tell which index to go on with after an error of the one from `source`."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _READ_ONLY and source == KEPT:
        return PRIVATE  # some sandboxes refuse a write that the folder's mode allows
    return NEW if code in _DAMAGED and source != PRIVATE else MEMORY


def rename_worktree(index: Index, old: str, new: str) -> None:
    """Give a worktree's rows its number."""
    with index:
        for table in ("ticket", "record", "mention", "usage", "usage_folder", "shard", "problem", "outside", "undated",
                      "entry", "event", "base", "landed", "gate"):
            index.run(f"UPDATE {table} SET worktree = ? WHERE worktree = ?", new, old)
        for table in ("replica", "version", "overlay"):
            index.run(f"UPDATE {table} SET view = ? WHERE view = ?", new, old)
        index.run("UPDATE replica SET number = ? WHERE number = ?", new, old)
        index.run("UPDATE entry SET worktree = replace(worktree, ?, ?) WHERE source = 'replica'", f"{old}>", f"{new}>")
        index.run("UPDATE shard SET worktree = replace(worktree, ?, ?) WHERE instr(worktree, '>') > 0", old, new)
        index.run("UPDATE meta SET key = replace(key, ?, ?) WHERE instr(key, ?) > 0", f":{old}", f":{new}", f":{old}")


def sweep(index: Index) -> None:
    """Delete the files of older builds."""
    folder, current = os.path.split(index.path)
    if index.path == IN_MEMORY:
        return
    for name in os.listdir(folder):
        number = name[len(_NAME):].partition(".")[0]
        if name.startswith(_NAME) and number.isdecimal() and int(number) < int(current[len(_NAME):-3]):
            _unlink(os.path.join(folder, name))


def _cache(local: str) -> str:
    """Give the folder for the index: the clone's cache, else our own in TMPDIR, else none."""
    folder = os.path.join(local, "cache")
    try:
        os.makedirs(folder, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    return _private(local)


def _may_write(path: str) -> bool:
    """Tell whether a file may be written; some sandboxes refuse what its mode allows, so that only trying tells."""
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError:
        return False
    return True


def _private(local: str) -> str:
    """Give the folder for an index of our own, empty where there can be none."""
    from gittracker.formats.etag import blob_id
    user = os.getuid() if hasattr(os, "getuid") else 0
    name = f"gittracker-{user}-{blob_id(local.encode())[:16]}"
    folder = os.path.join(os.environ.get("TMPDIR") or "/tmp", name)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        ours = not hasattr(os, "getuid") or os.lstat(folder).st_uid == user
        return folder if ours and os.access(folder, os.W_OK) else ""
    except OSError:
        return ""


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
