"""Fold the records that replicas have otherwise, and lay out in the cache what the board then shows."""

from __future__ import annotations

import marshal
import os
import shutil
import time

from gittracker.board.fold import Folded, Version, fold
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats.etag import blob_id
from gittracker.git.objects import read_blobs
from gittracker.index import boards
from gittracker.index.boards import HOME, WORKTREE
from gittracker.store import atomic, files, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record
    from gittracker.index.boards import Replica
    from gittracker.services.board.boarding import Board

    Rows = list[tuple[str, str, str, str]]

_KEPT_SECONDS = 600  # an old layout stays for those who are reading it
GROUND = "home"  # the source of what stands in home's files
_PLAIN_CLASSES = ("page", "harness", "skill")  # their files may be nothing but text


class Place:
    """What is to be shown at one place: each file folded, those that nobody changed left as the ground has them."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.folded: dict[str, Folded] = {}
        self.ground: dict[str, bytes | None] = {}

    def differs(self) -> bool:
        """Tell whether the board shows anything otherwise than the ground."""
        return any(one.data != self.ground[path] or one.disputes for path, one in self.folded.items())

    def detail(self, name: str) -> list[object]:
        """Give what is noted of it: its layout's name, and by path disputes and suppliers."""
        disputes = [(path, d.field, _plain(d.shown), d.shown_in, _plain(d.other), d.other_in)
                    for path, one in self.folded.items() for d in one.disputes]
        suppliers = {path: {**one.suppliers, "=": one.source} for path, one in self.folded.items()}
        return [name, disputes, suppliers]


def refold(board: Board, places: list[str]) -> list[str]:
    """Fold the records at some places; gives those that the board shows otherwise than it did."""
    tracker = board.tracker
    index, view = tracker.index, tracker.view
    by_place = {place: boards.at(index, view, place) for place in places}
    replicas = {one.name: one for one in boards.replicas(index, view)}
    found = _Contents(board, replicas, [row for rows in by_place.values() for row in rows])
    before = boards.overlays(index, view)
    changed = []
    for place, rows in by_place.items():
        shown = look(board, place, rows, found)
        if not rows or not shown.differs():
            if place in before:
                boards.drop_overlay(index, view, place)
            if place in before or rows:
                changed.append(place)
            continue
        detail = shown.detail(_lay_out(board, shown))
        if before.get(place) != boards.pack(detail):
            boards.put_overlay(index, view, place, detail)
            changed.append(place)
    _sweep(board)
    return changed


def look(board: Board, place: str, rows: Rows, contents: _Contents) -> Place:
    """Fold the files at one place."""
    from gittracker.services.board.disputing import Moments
    shown = Place(place)
    for path in dict.fromkeys(row[1] for row in rows):
        mine = [row for row in rows if row[1] == path]
        shown.ground[path] = start = read(f"{board.tracker.ground.tracker}/{path}")
        source = GROUND
        if mine and contents.replicas[mine[0][0]].kind == HOME:
            start, source = contents.of(mine[0]), mine[0][0]
            mine = mine[1:]
        versions = [Version(row[0], contents.base(row), contents.of(row)) for row in mine]
        moments = Moments(board, contents.replicas, path)
        shown.folded[path] = fold(class_of(path, start, versions), start, source, versions, moments.is_later)
    return shown


def class_of(path: str, start: bytes | None, versions: list[Version]) -> type[Record] | None:
    """Give what a file is read as, None where it is merged as text."""
    noun = kinds.noun(path)
    if noun in _PLAIN_CLASSES and not all(data is None or data.startswith(b"---") for one in versions
                                          for data in (start, one.base, one.data)):
        return None
    return CLASSES.get(noun)


class _Contents:
    """The bytes of versions: a worktree's from its files, those of commits and bases from git, asked once."""

    def __init__(self, board: Board, replicas: dict[str, Replica], rows: Rows) -> None:
        self.replicas = replicas
        self._format = board.tracker.repository.object_format
        self._files: dict[tuple[str, str], bytes | None] = {}
        wanted = [base for _, _, base, _ in rows if base]
        for name, path, _, blob in rows:
            if replicas[name].kind == WORKTREE and blob:
                data = read(f"{replicas[name].tracker}/{path}")
                self._files[name, path] = data
                if data is not None and blob_id(data, self._format) == blob:
                    continue
            wanted += [blob] if blob else []
        self._blobs = read_blobs(board.tracker.ground.top, wanted)

    def base(self, row: tuple[str, str, str, str]) -> bytes | None:
        """Give the bytes at the base."""
        return self._blobs.get(row[2])

    def of(self, row: tuple[str, str, str, str]) -> bytes | None:
        """Give the replica's own bytes."""
        name, path, _, blob = row
        if not blob:
            return None
        return self._blobs[blob] if blob in self._blobs else self._files.get((name, path))


def contents(board: Board, rows: Rows) -> _Contents:
    """Give the bytes of versions."""
    return _Contents(board, {one.name: one for one in board.replicas}, rows)


def read(path: str) -> bytes | None:
    """Read a file, None where there is no plain file."""
    try:
        return atomic.read(path)
    except (InvalidDataError, OSError):
        return None  # no plain file, or one that is not for us


def _lay_out(board: Board, shown: Place) -> str:
    """Write a record's files as they are shown; gives the name of the layout, which goes by what is in it."""
    ground = board.tracker.ground.tracker
    kept = {path: f"{ground}/{path}" for path in _files(ground, shown.place) if path not in shown.folded
            and not os.path.islink(f"{ground}/{path}")}
    stamps = [(path, one.st_mtime_ns, one.st_size) for path in sorted(kept) if (one := _stat(kept[path]))]
    named = repr((shown.place, stamps, sorted((p, blob_id(f.data) if f.data is not None else "")
                                              for p, f in shown.folded.items())))
    name = blob_id(named.encode(errors="surrogateescape"))[:16]
    top = os.path.join(board.folder, name)
    if not os.path.isdir(top):
        making = f"{top}.{os.getpid()}"
        os.makedirs(f"{making}/{shown.place}" if _is_folder(shown.place) else making, exist_ok=True)
        for path, source in kept.items():
            _make_folder(f"{making}/{path}")
            shutil.copy2(source, f"{making}/{path}")
        for path, folded in shown.folded.items():
            if folded.data is not None:
                _make_folder(f"{making}/{path}")
                _put(f"{making}/{path}", folded.data, _newest(board, path, folded))
        try:
            os.rename(making, top)
        except OSError:
            shutil.rmtree(making, ignore_errors=True)  # another command was first
    return name


def _is_folder(place: str) -> bool:
    return place.partition("/")[0] not in (layout.PAGES, layout.HARNESSES)


def _make_folder(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)


def _put(path: str, data: bytes, mtime: int) -> None:
    with open(path, "wb") as file:
        file.write(data)
    if mtime:
        os.utime(path, ns=(mtime, mtime))


def _newest(board: Board, path: str, one: Folded) -> int:
    """Give the time of the newest file that a shown one is made of, 0 where none of them is a file."""
    tops = {replica.name: replica.tracker for replica in board.replicas if replica.kind == WORKTREE}
    tops[GROUND] = board.tracker.ground.tracker
    sources = {*one.suppliers.values(), *(() if "" in one.suppliers else (one.source,))}
    found = [_stat(f"{tops[source]}/{path}") for source in sources if source in tops]
    return max((stat.st_mtime_ns for stat in found if stat), default=0)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _files(root: str, place: str) -> list[str]:
    """List the files of the record at a place."""
    if _is_folder(place):
        return files.below(root, place)
    beside = [path for start in (layout.PAGE_COMMENTS, layout.PAGE_FILES) for path in files.below(root, place + start)]
    return beside + ([f"{place}.md"] if os.path.isfile(f"{root}/{place}.md") else [])


def _plain(value: object) -> object:
    """Give a value that can be packed: what is nested in front matter is a kind of text of its own."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) or value is None else str(value)


def _sweep(board: Board) -> None:
    """Remove old layouts that nothing shows any more; not each time, for there may be thousands to look at."""
    folder, view, index = board.folder, board.tracker.view, board.tracker.index
    limit = time.time() - _KEPT_SECONDS
    if (index.get(f"swept:{view}") or 0) > limit:
        return
    index.put(f"swept:{view}", time.time())
    kept = {marshal.loads(detail)[0] for detail in boards.overlays(index, view).values()}
    try:
        with os.scandir(folder) as found:
            old = [one.path for one in found if one.name not in kept and one.stat().st_mtime < limit]
    except OSError:
        return
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
