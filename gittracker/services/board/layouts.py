"""Lay out in the cache the records that the board shows otherwise than the ground: whole, for whoever reads them.

What is laid out at once lies in one folder, which comes to its name only when all of it is there.
"""

from __future__ import annotations

import marshal
import os
import shutil
import time
from _stat import S_IMODE, S_ISREG

from gittracker.formats.etag import blob_id
from gittracker.index import boards, history
from gittracker.store import atomic, files, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.board.fold import Folded
    from gittracker.services.board.boarding import Board
    from gittracker.services.board.contents import Contents
    from gittracker.services.board.folding import Place

_KEPT_SECONDS = 600  # an old layout stays for those who are reading it
_SMALL = 1 << 16  # what is larger is for the system to copy
_MODE = 0o666
_LONG_AGO = 1_000_000_000  # the time of a file whose bytes history dates: a second behind 1970


class Layouts:
    """Gathers records that are to be shown, and lays out those that are not there yet."""

    def __init__(self, board: Board, before: dict[str, bytes]) -> None:
        self._tracker = board.tracker
        self._folder = board.folder
        self._ground = board.tracker.ground.tracker
        self._before = before
        self._there: dict[str, bool] = {}  # by name of a layout
        self._shown: list[tuple[Place, str, str]] = []  # with its key, and the layout that has it already
        self._wanted: list[tuple[Place, dict[str, os.stat_result], dict[str, int]]] = []

    def add(self, shown: Place, contents: Contents) -> None:
        """Show a record."""
        kept = {path: one for path in _files(self._ground, shown.place) if path not in shown.folded
                and (one := _plain(f"{self._ground}/{path}"))}
        times = {path: self._newest(path, one, contents) for path, one in shown.folded.items()}
        key = _key(shown, kept, times)
        detail = self._before.get(shown.place)
        known: list[str] = marshal.loads(detail) if detail else []
        name = known[0] if known[3:] == [key] and self._is_there(known[0]) else ""
        self._shown.append((shown, key, name))
        if not name:
            self._wanted.append((shown, kept, times))

    def _newest(self, path: str, one: Folded, contents: Contents) -> int:
        """Give the time of the newest file that a shown one is made of, of those whose bytes history doesn't date."""
        if one.data is None or self._is_dated(path, blob_id(one.data, self._tracker.repository.object_format)):
            return _LONG_AGO
        sources = {*one.suppliers.values(), *(() if "" in one.suppliers else (one.source,))}
        return max((contents.mtime(source, path) for source in sources
                    if not self._is_dated(path, contents.blob(source, path))), default=0) or _LONG_AGO

    def _is_dated(self, path: str, blob: str) -> bool:
        tracker = self._tracker
        return history.holds(tracker.index, tracker.ground_number, tracker.view, path, blob)

    def _is_there(self, name: str) -> bool:
        if name not in self._there:
            self._there[name] = os.path.isdir(f"{self._folder}/{name}")
        return self._there[name]

    def details(self) -> dict[str, list[object]]:
        """Lay out what is not there, and give by place what is to be noted."""
        made = self._lay_out([key for _, key, name in self._shown if not name])
        return {shown.place: shown.detail(name or made, key) for shown, key, name in self._shown}

    def _lay_out(self, keys: list[str]) -> str:
        """Write the records' files; gives the name of their layout, which goes by what is in it."""
        if not keys:
            return ""
        name = keys[0] if len(keys) == 1 else blob_id(" ".join(sorted(keys)).encode())[:16]
        top = f"{self._folder}/{name}"
        if not os.path.isdir(top):
            making = f"{top}.{os.getpid()}"
            os.makedirs(making, exist_ok=True)
            folders = {making}
            for shown, kept, times in self._wanted:
                self._write(making, shown, kept, times, folders)
            try:
                os.rename(making, top)
            except OSError:
                shutil.rmtree(making, ignore_errors=True)  # another command was first
        return name

    def _write(self, top: str, shown: Place, kept: dict[str, os.stat_result], times: dict[str, int],
               folders: set[str]) -> None:
        if _is_folder(shown.place):
            _make_folder(f"{top}/{shown.place}", folders)
        for path, one in kept.items():
            _make_folder(os.path.dirname(f"{top}/{path}"), folders)
            _copy(f"{self._ground}/{path}", f"{top}/{path}", one)
        for path, folded in shown.folded.items():
            if folded.data is not None:
                _make_folder(os.path.dirname(f"{top}/{path}"), folders)
                _put(f"{top}/{path}", folded.data, times[path])


def _key(shown: Place, kept: dict[str, os.stat_result], times: dict[str, int]) -> str:
    """Tell by a short text which files a record has as it is shown."""
    stamps = [(path, one.st_mtime_ns, one.st_size) for path, one in sorted(kept.items())]
    named = repr((shown.place, stamps, sorted((p, blob_id(f.data) if f.data is not None else "",
                                               times[p]) for p, f in shown.folded.items())))
    return blob_id(named.encode(errors="surrogateescape"))[:16]


def _is_folder(place: str) -> bool:
    return place.partition("/")[0] not in (layout.PAGES, layout.HARNESSES)


def _make_folder(path: str, made: set[str]) -> None:
    """Make a folder with those above it; `made` are known to be there."""
    if path not in made:
        try:
            os.mkdir(path)
        except FileNotFoundError:
            os.makedirs(path, exist_ok=True)
        except FileExistsError:
            pass
        made.add(path)


def _copy(source: str, path: str, stat: os.stat_result) -> None:
    data = atomic.read(source) if stat.st_size <= _SMALL else None
    if data is None:
        shutil.copy2(source, path)
    else:
        _put(path, data, stat.st_mtime_ns, S_IMODE(stat.st_mode))


def _put(path: str, data: bytes, mtime: int, mode: int = _MODE) -> None:
    atomic.put_new(path, data, mode)
    if mtime:
        os.utime(path, ns=(mtime, mtime))


def _plain(path: str) -> os.stat_result | None:
    """Give the stat of a plain file, None for all else: it is not laid out."""
    try:
        one = os.lstat(path)
    except OSError:
        return None
    return one if S_ISREG(one.st_mode) else None


def _files(root: str, place: str) -> list[str]:
    """List the files of the record at a place."""
    if _is_folder(place):
        return files.below(root, place)
    beside = [path for start in (layout.PAGE_COMMENTS, layout.PAGE_FILES) for path in files.below(root, place + start)]
    return beside + ([f"{place}.md"] if os.path.isfile(f"{root}/{place}.md") else [])


def sweep(board: Board) -> None:
    """Remove old layouts that nothing shows any more; not each time, for there may be thousands to look at."""
    view, index = board.tracker.view, board.tracker.index
    limit = time.time() - _KEPT_SECONDS
    if (index.get(f"swept:{view}") or 0) > limit:
        return
    index.put(f"swept:{view}", time.time())
    kept = {marshal.loads(detail)[0] for detail in boards.overlays(index, view).values()}
    try:
        with os.scandir(board.folder) as found:
            old = [one.path for one in found if one.name not in kept and one.stat().st_mtime < limit]
    except OSError:
        return
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
