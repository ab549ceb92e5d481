"""Keep the rows in step with the files: compare stamps, read what differs, in one transaction."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.index import shards, tickets
from gittracker.store import layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.domain.settings import Settings
    from gittracker.index.db import Index
    from gittracker.services.board.boarding import Board
    from gittracker.services.refresh.noticing import Seen
    from gittracker.services.refresh.reading import Reader
    from gittracker.store.stamps import TicketStamp


_FEW = 4  # so many tickets may go at once
_SOME = 8  # for more tickets of a shard than this, the rows of all of it are asked for at once


class Scanner:
    """Refreshes the rows of a view; `worktree` is the key of the stamps of the files they come from."""

    def __init__(self, index: Index, tracker: str, worktree: str, view: str, settings: Settings, object_format: str,
                 board: Board | None = None, tell: Callable[[list[Seen]], set[str]] | None = None) -> None:
        self.index = index
        self.tracker = tracker
        self.worktree = worktree
        self.view = view
        self.settings = settings
        self.object_format = object_format
        self._tell = tell
        self.board = board
        self._folded: set[str] | None = None
        self._stale: set[str] = set()  # places whose ground changed and that other replicas changed, too

    def _reader(self) -> Reader:
        """Make what reads files into rows; a command that finds nothing changed never loads it."""
        from gittracker.services.refresh.reading import Reader
        reader = Reader(self.index, self.tracker, self.view, self.settings, self.object_format, self.board)
        reader.tell = self._tell
        return reader

    def refresh(self, deep: bool) -> None:
        """Bring all rows up to date; `deep` also looks at ticket folders and their comments."""
        root = f"{self.tracker}/{layout.TICKETS}"
        try:
            names = set(os.listdir(root))
        except OSError:
            names = set()
        known = shards.every(self.index, self.worktree)
        dirty = []
        for name in names:
            stamp, packed = known.get(name, (stamps.NEVER, b""))
            entries = shards.unpack(packed)
            changed = _changed(f"{root}/{name}/", stamp, entries, deep)
            if changed is None or changed:
                dirty.append((name, entries, changed))
        gone = known.keys() - names
        if gone or any(changed is None for _, _, changed in dirty):
            self._suspect(known, names)
        if dirty or gone:
            reader = self._reader()
            with self.index:
                for name, entries, changed in dirty:
                    self._refresh_shard(reader, name, entries, changed)
                for name in gone:
                    self._refresh_shard(reader, name, shards.unpack(known[name][1]), None)
                self._finish(reader)

    def _suspect(self, known: dict[str, tuple[int, bytes]], names: set[str]) -> None:
        """Note where most tickets are gone at once: git must say whether they are deleted."""
        base = f"{self.tracker}/{layout.TICKETS}"
        before = sum(len(shards.unpack(packed)) for _, packed in known.values())
        after = sum(len(stamps.subfolders(f"{base}/{name}")) for name in names)
        if before - after > _FEW and after * 2 < before:
            with self.index as index:
                index.put(f"suspect:{self.view}", 1)
                index.drop(f"refs:{self.view}")

    def refresh_hot(self, hot: set[str]) -> None:
        """Look only at what has come or gone, and at some folders and their comments."""
        from gittracker.services.board import stamping
        folders = stamping.stale(self.index, self.worktree, self.tracker, True, hot)
        if folders:
            self.refresh_folders(folders)

    def refresh_folders(self, folders: list[str], own: frozenset[str] = frozenset()) -> None:
        """Read these ticket folders anew; the paths in `own` are this command's writes, not outside edits."""
        reader = self._reader()
        reader.own = own
        with self.index:
            for shard, names in _by_shard(folders).items():
                self._refresh_shard(reader, shard, shards.entries(self.index, self.worktree, shard), names)
            self._finish(reader)

    def stale(self, folders: list[str]) -> list[str]:
        """Name those of some ticket folders that look changed, comments coming and going included."""
        by_shard: dict[str, list[str]] = {}
        for folder in dict.fromkeys(folders):
            by_shard.setdefault(folder.split("/")[1], []).append(folder)
        found = []
        for shard, some in by_shard.items():
            known = {entry[0]: entry for entry in shards.entries(self.index, self.worktree, shard)}
            entries = [known[name] for folder in some if (name := folder.rpartition("/")[2]) in known]
            found += [f"{layout.TICKETS}/{shard}/{name}" for name in stamps.changed(
                f"{self.tracker}/{layout.TICKETS}/{shard}/", entries, True)]
        return found

    def refresh_shard(self, name: str) -> None:
        """Bring one shard's listing up to date."""
        reader = self._reader()
        with self.index:
            self._refresh_shard(reader, name, shards.entries(self.index, self.worktree, name), None)
            self._finish(reader)

    def read_shown(self, folders: list[str], own: frozenset[str] = frozenset()) -> None:
        """Read tickets anew as the board shows them; the paths in `own` are this command's writes."""
        reader = self._reader()
        reader.own = own
        with self.index:
            for shard, names in _by_shard(folders).items():
                known = reader.known_in(f"{layout.TICKETS}/{shard}") if len(names) > _SOME else None
                for name in names:
                    reader.read_shown(f"{layout.TICKETS}/{shard}/{name}", known)
            reader.finish()

    def _finish(self, reader: Reader) -> None:
        reader.finish()
        if self.board and self._stale:
            self.board.refold(self._stale)

    def is_behind(self, journal: str) -> bool:
        """Tell whether the ground has entries that the index hasn't: of a command that died, or a sandboxed one."""
        number = self.view.removeprefix("here:")
        known = self.index.get(f"tip:journal:{number}") or ""
        try:
            with open(f"{journal}/refs/journal/{number}", "rb") as file:
                tip = file.read().strip().decode()
        except OSError:
            tip = known  # it has none yet
        waiting = stamps.of_file(f"{self.tracker}/{layout.PENDING}")
        return tip != known or (f"{waiting} {tip}" if waiting else "") != (
            self.index.get(f"tip:pending:{number}") or "")

    def redate(self) -> None:
        """Date anew the tickets that history tells of since their rows were written."""
        if self.index.one("SELECT 1 FROM undated WHERE worktree = ? LIMIT 1", self.view):
            from gittracker.index import undated
            if self.board:  # which of two values is later, history may tell otherwise, too
                self.board.refold(self.board.overlays.keys() & {*undated.listed(self.index, self.view)})
            reader = self._reader()
            with self.index as index:
                for shard, folders in _by_shard(undated.listed(index, self.view)).items():
                    known = reader.known_in(f"{layout.TICKETS}/{shard}") if len(folders) > _SOME else None
                    for name in folders:
                        reader.date(f"{layout.TICKETS}/{shard}/{name}", known)
                reader.finish()

    def _note_stale(self, place: str) -> None:
        if not self.board:
            return
        if self._folded is None:
            self._folded = self.board.places
        if place in self._folded:
            self._stale.add(place)

    def is_current(self, row_id: int, place: str) -> bool:
        """Tell whether nothing in a ticket's folder, comment files included, changed since it was read."""
        shard, _, name = place.partition("/")[2].partition("/")
        entry = next((e for e in shards.entries(self.index, self.worktree, shard) if e[0] == name), None)
        if entry is None and (not self.board or os.path.isdir(f"{self.tracker}/{place}")):
            return False
        if entry is not None and stamps.of_ticket(f"{self.tracker}/{place}", name) != entry:
            return False
        folder = f"{self.board.root_of(place) if self.board else self.tracker}/{place}"
        workpad = self.index.get(f"workpad:{self.view}:{place}")
        if stamps.of_file(f"{folder}/{layout.WORKPAD}") != (marshal.loads(workpad) if workpad else None):
            return False
        comments = tickets.comment_stamps(self.index, row_id)
        return all(stamps.of_file(f"{folder}/{layout.COMMENTS}/{n}") == marshal.loads(s) for n, s in comments)

    def _refresh_shard(self, reader: Reader, shard: str, entries: list[TicketStamp], names: list[str] | None) -> None:
        """Read the named tickets of a shard again; all that look changed where `names` is None."""
        folder = f"{self.tracker}/{layout.TICKETS}/{shard}"
        now = time.time_ns()
        stamp = stamps.settled(os.stat(folder).st_mtime_ns, now) if os.path.isdir(folder) else stamps.NEVER
        before = {entry[0]: entry for entry in entries}
        listed = stamps.subfolders(folder)
        if names is None:
            names = [n for n in listed if n not in before or before[n] != stamps.of_ticket(f"{folder}/{n}", n)]
        else:  # the shard's stamp will say that all that is listed is known
            names = [*names, *(n for n in listed if n not in before)]
        after = {n: before[n] for n in listed if n in before}
        gone = before.keys() - set(listed)
        known = reader.known_in(f"{layout.TICKETS}/{shard}") if len(names) + len(gone) > _SOME else None
        for name in set(names).intersection(listed):
            place = f"{layout.TICKETS}/{shard}/{name}"
            after[name] = reader.read(place, name, now, known)
            self._note_stale(place)
        for name in gone:
            place = f"{layout.TICKETS}/{shard}/{name}"
            reader.read_shown(place, known)
            self._note_stale(place)
        shards.put(self.index, self.worktree, shard, stamp, list(after.values()))


def _by_shard(folders: list[str]) -> dict[str, list[str]]:
    """Sort ticket folders by their shard, as names in it."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        _, shard, name = folder.split("/")
        found.setdefault(shard, []).append(name)
    return found


def _changed(folder: str, stamp: int, entries: list[TicketStamp], deep: bool) -> list[str] | None:
    """Name the tickets of a shard that look changed; None where the shard's own listing is stale."""
    try:
        if os.stat(folder).st_mtime_ns != stamp:
            return None
    except OSError:
        return None
    return stamps.changed(folder, entries, deep)
