"""Fold the records that replicas have otherwise, for what the board then shows."""

from __future__ import annotations

import marshal

from gittracker.board.fold import WHOLE, Folded, Version, changed, fold
from gittracker.domain.nouns import CLASSES
from gittracker.index import boards
from gittracker.index.boards import HOME
from gittracker.services.board import layouts
from gittracker.services.board.contents import Contents, read
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.fields import Record
    from gittracker.services.board.boarding import Board

    Rows = list[tuple[str, str, str, str]]

GROUND = "home"  # the source of what stands in home's files
# Stands for the fields in which a file differs from the ground's, where one replica alone has it otherwise: its bytes
# are the fold, and which fields these are is asked when somebody wants to know.
_DIFFERING = "?"
_REST = "="  # the source of all other fields
_PLAIN_CLASSES = ("page", "harness", "skill")  # their files may be nothing but text
_MANY = 200  # places after which nobody should wait for old layouts to be removed as well


class Place:
    """What is to be shown at one place: each file folded, those that nobody changed left as the ground has them."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.folded: dict[str, Folded] = {}
        self.ground: dict[str, bytes | None] = {}

    def differs(self) -> bool:
        """Tell whether the board shows anything otherwise than the ground."""
        return any(one.data != self.ground[path] or one.disputes for path, one in self.folded.items())

    def detail(self, name: str, key: str) -> list[object]:
        """Give what is noted of it: its layout's name, by path disputes and suppliers, and what its files are."""
        disputes = [(path, d.field, _plain(d.shown), d.shown_in, _plain(d.other), d.other_in)
                    for path, one in self.folded.items() for d in one.disputes]
        suppliers = {path: {**one.suppliers, _REST: one.source} for path, one in self.folded.items()}
        return [name, disputes, suppliers, key]


def refold(board: Board, places: list[str]) -> list[str]:
    """Fold the records at some places; gives those that the board shows otherwise than it did."""
    index, view = board.tracker.index, board.tracker.view
    if len(places) <= _MANY:
        layouts.sweep(board)
    by_place = boards.at_each(index, view, places)
    replicas = {one.name: one for one in boards.replicas(index, view)}
    found = Contents(board, replicas, [row for rows in by_place.values() for row in rows])
    before = boards.overlays(index, view)
    made = layouts.Layouts(board, before)
    gone, changed = [], []
    for place, rows in by_place.items():
        shown = look(board, place, rows, found)
        if rows and shown.differs():
            made.add(shown, found)
        elif place in before or rows:
            gone.append(place)
    boards.drop_overlays(index, view, [place for place in gone if place in before])
    details = {place: boards.pack(detail) for place, detail in made.details().items()}
    changed = [place for place, detail in details.items() if before.get(place) != detail]
    boards.put_overlays(index, view, {place: details[place] for place in changed})
    return gone + changed


def look(board: Board, place: str, rows: Rows, contents: Contents) -> Place:
    """Fold the files at one place."""
    shown = Place(place)
    by_path: dict[str, Rows] = {}
    for row in rows:
        by_path.setdefault(row[1], []).append(row)
    for path, mine in by_path.items():
        shown.ground[path] = start = contents.ground(path)
        shown.folded[path] = (_take(start, contents.of(mine[0]), mine[0][0]) if contents.is_one_sided(path) else
                              _fold(board, path, mine, contents))
    return shown


def _take(start: bytes | None, data: bytes | None, source: str) -> Folded:
    """Take a file as the only replica that changed it has it."""
    folded = Folded(start, GROUND)
    folded.data = data
    folded.suppliers = {WHOLE if start is None or data is None else _DIFFERING: source}
    return folded


def _fold(board: Board, path: str, mine: Rows, contents: Contents) -> Folded:
    from gittracker.services.board.disputing import Moments
    start, source = contents.ground(path), GROUND
    if contents.replicas[mine[0][0]].kind == HOME:
        start, source = contents.of(mine[0]), mine[0][0]
        mine = mine[1:]
    versions = [Version(row[0], contents.base(row), contents.of(row)) for row in mine]
    moments = Moments(board, contents.replicas, path)
    return fold(class_of(path, start, versions), start, source, versions, moments.is_later)


def suppliers(board: Board, path: str) -> dict[str, str]:
    """Give the sources of a file's fields as the board shows it: of those that are named, of the whole, else "="."""
    detail = board.overlays.get(kinds.place(path))
    found: dict[str, str] = marshal.loads(detail)[2].get(path, {}) if detail else {}
    source = found.pop(_DIFFERING, "")
    if source:
        start, data = read(f"{board.tracker.ground.tracker}/{path}"), read(board.path(path))
        fields = changed(class_of(path, start, [Version(source, start, data)]), start, data)
        found.update(dict.fromkeys(fields or [WHOLE], source))
    return found


def class_of(path: str, start: bytes | None, versions: list[Version]) -> type[Record] | None:
    """Give what a file is read as, None where it is merged as text."""
    noun = kinds.noun(path)
    if noun in _PLAIN_CLASSES and not all(data is None or data.startswith(b"---") for one in versions
                                          for data in (start, one.base, one.data)):
        return None
    return CLASSES.get(noun)


def contents(board: Board, rows: Rows) -> Contents:
    """Give the bytes of versions, and of what they are based on."""
    return Contents(board, {one.name: one for one in board.replicas}, rows, all_bases=True)


def _plain(value: object) -> object:
    """Give a value that can be packed: what is nested in front matter is a kind of text of its own."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) or value is None else str(value)
