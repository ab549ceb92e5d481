"""What the index says of ticket folders that are about to be read again: of one, or of all in a shard at once."""

from __future__ import annotations

from gittracker.index import history, tickets
from gittracker.index.tickets import Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.db import Index
    from gittracker.index.history import Dated

_COMMENTS = ("SELECT t.folder, c.name, c.etag, c.ref, c.by, c.at, c.deleted, c.text, c.question, c.answers, c.stamp "
             "FROM ticket t JOIN comment c ON c.ticket = t.id WHERE t.worktree = ? AND ")
_TICKETS = (f"SELECT d.title, d.description, d.comments, d.workpad, {tickets.SELECT} FROM ticket t "
            "JOIN doc d ON d.id = t.id WHERE t.worktree = ? AND ")
_WORDS = 4  # the columns of `doc`, which come first
_FOLDER, _ETAG, _SLUG = (1 + tickets.COLUMNS.index(name) for name in ("folder", "etag", "slug"))  # of the values


class Old:
    """A ticket's rows: its own as `values`, what it is searched by as `words`, its comments' without it, by name."""

    __slots__ = ("values", "words", "comments")

    def __init__(self, found: tuple[Any, ...]) -> None:
        self.words = found[:_WORDS]
        self.values = found[_WORDS:]
        self.comments: list[tuple[Any, ...]] = []

    @property
    def id(self) -> int:
        """Give the row's number."""
        return int(self.values[0])

    @property
    def etag(self) -> str:
        """Give the etag of its file."""
        return str(self.values[_ETAG])

    @property
    def slug(self) -> str:
        """Give its slug."""
        return str(self.values[_SLUG])

    @property
    def workpad(self) -> str:
        """Give the workpad's text."""
        return str(self.words[-1])

    def get(self, name: str) -> Any:
        """Give what a column holds."""
        return self.values[1 + tickets.COLUMNS.index(name)]

    def row(self) -> Row:
        """Give the ticket with its description; whether it is ready is not asked."""
        return Row(self.values, self.words[1])

    def etags(self, folder: str) -> dict[str, str]:
        """Give the etags of its file and its comments' by path."""
        found = {f"{folder}/comments/{name}": etag for name, etag, *_ in self.comments}
        found[f"{folder}/ticket.md"] = self.etag
        return found


class Known:
    """What is known of some folders: rows of tickets, stamps of workpads, what has problems, what history tells."""

    __slots__ = ("tickets", "workpads", "with_problems", "history")

    def __init__(self) -> None:
        self.tickets: dict[str, Old] = {}
        self.workpads: dict[str, bytes] = {}
        self.with_problems: set[str] = set()
        self.history: dict[str, list[Dated]] = {}


def of_folder(index: Index, view: str, folder: str) -> Known:
    """Give what is known of one ticket folder."""
    known = _found(index, view, "t.folder = ?", (folder,))
    workpad = index.get(f"workpad:{view}:{folder}")
    if workpad is not None:
        known.workpads[folder] = workpad
    known.with_problems = _with_problems(index, view, folder)
    known.history = history.dated(index, stream(view), f"{folder}/", f"{folder}0", view)
    return known


def of_shard(index: Index, view: str, shard: str) -> Known:
    """Give what is known of all ticket folders in a shard, a folder itself: five questions for a hundred tickets."""
    first, behind = f"{shard}/", f"{shard}0"
    known = _found(index, view, "t.folder >= ? AND t.folder < ?", (first, behind))
    start = f"workpad:{view}:"
    known.workpads = {key[len(start):]: stamp for key, stamp in index.run(
        "SELECT key, value FROM meta WHERE key >= ? AND key < ?", start + first, start + behind)}
    known.with_problems = _with_problems(index, view, shard)
    known.history = history.dated(index, stream(view), first, behind, view)
    return known


def stream(view: str) -> str:
    """Give the number of the worktree whose files a view shows, or begins with."""
    return view.removeprefix("here:")


def _found(index: Index, view: str, which: str, values: tuple[str, ...]) -> Known:
    known = Known()
    for found in index.run(_TICKETS + which, view, *values):
        one = Old(found)
        known.tickets[one.values[_FOLDER]] = one
    for folder, *comment in index.run(f"{_COMMENTS}{which} ORDER BY t.folder, c.name", view, *values):
        known.tickets[folder].comments.append(tuple(comment))
    return known


def _with_problems(index: Index, view: str, below: str) -> set[str]:
    return {_folder(path) for path, in index.run(
        "SELECT path FROM problem WHERE worktree = ? AND path >= ? AND path < ?", view, f"{below}/", f"{below}0")}


def _folder(path: str) -> str:
    """Give the ticket folder that a path lies in."""
    return "/".join(path.split("/", 3)[:3])
