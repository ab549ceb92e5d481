"""Board rows: the replicas, what each has that its base has not, and the records that the board shows otherwise."""

from __future__ import annotations

import marshal

from gittracker.index import history
from gittracker.index.history import give, keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gittracker.index.db import Index

# A worktree's files; a branch that none has checked out; what a branch follows; what the ground leaves out.
WORKTREE, BRANCH, UPSTREAM, HOME = "worktree", "branch", "upstream", "home"
_COLUMNS = "seq, kind, name, top, git_dir, number, head, base, key, state, problem"
_FEW = 50  # places that are asked about one by one


class Replica:
    """One copy of the tracker beside the ground's.

    `name` is a worktree's top or a ref's full name, `branch` … ; `base` is the tree that it is compared with, `key`
    says of which heads that is the base, `state` are packed stamps of git's files in the worktree.
    """

    __slots__ = ("seq", "kind", "name", "top", "git_dir", "number", "head", "base", "key", "state", "problem")

    def __init__(self, seq: int, kind: str, name: str, top: str = "", git_dir: str = "", number: str = "",
                 head: str = "", base: str = "", key: str = "", state: bytes = b"", problem: str = "") -> None:
        self.seq = seq
        self.kind = kind
        self.name = name
        self.top = top
        self.git_dir = git_dir
        self.number = number
        self.head = head
        self.base = base
        self.key = key
        self.state = state
        self.problem = problem

    @property
    def tracker(self) -> str:
        """Give the folder of a worktree's tracker."""
        return f"{self.top}/.openkit"


def pack(value: Any) -> bytes:
    """Pack a value so that equal ones give equal bytes; marshal's later formats go by which objects are shared."""
    return marshal.dumps(value, 2)


def replicas(index: Index, view: str) -> list[Replica]:
    """List the replicas in the order they are folded in."""
    return [Replica(*row) for row in index.all(f"SELECT {_COLUMNS} FROM replica WHERE view = ? ORDER BY seq", view)]


def put(index: Index, view: str, one: Replica) -> None:
    """Write a replica."""
    index.run(f"INSERT OR REPLACE INTO replica(view, {_COLUMNS}) VALUES ({', '.join('?' * 12)})", view,
              *(getattr(one, name) for name in Replica.__slots__))


def remove(index: Index, view: str, name: str) -> None:
    """Forget a replica, what it has, and its commits."""
    history.forget(index, history.REPLICA, history.replica(view, name))
    index.run("DELETE FROM replica WHERE view = ? AND name = ?", view, name)
    index.run("DELETE FROM version WHERE view = ? AND replica = ?", view, name)


def versions(index: Index, view: str, name: str) -> dict[str, tuple[str, str]]:
    """Give (base blob, blob) by path of what a replica has otherwise; an empty blob is no file."""
    return {give(path): (base, blob) for path, base, blob in index.run(
        "SELECT path, base, blob FROM version WHERE view = ? AND replica = ?", view, name)}


def put_versions(index: Index, view: str, name: str, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write (path, place, base blob, blob) of what a replica has otherwise."""
    index.many("INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?)",
               [(view, name, keep(path), keep(place), base, blob) for path, place, base, blob in rows])


def drop_versions(index: Index, view: str, name: str, paths: Iterable[str] | None = None) -> None:
    """Forget what a replica has at some paths, or at all."""
    if paths is None:
        index.run("DELETE FROM version WHERE view = ? AND replica = ?", view, name)
    else:
        index.many("DELETE FROM version WHERE view = ? AND replica = ? AND path = ?",
                   [(view, name, keep(path)) for path in paths])


def places(index: Index, view: str, name: str = "") -> set[str]:
    """Give the places at which a replica, or any, has something otherwise."""
    where, values = ("AND replica = ?", [name]) if name else ("", [])
    return {give(place) for place, in index.run(f"SELECT DISTINCT place FROM version WHERE view = ? {where}", view,
                                                *values)}


def paths_outside(index: Index, view: str, folder: str) -> list[str]:
    """List the paths that a replica has otherwise, but for those below one folder."""
    return [give(path) for path, in index.run("SELECT DISTINCT path FROM version WHERE view = ? AND NOT (path >= ? AND "
                                              "path < ?)", view, folder + "/", folder + "0")]


def at(index: Index, view: str, place: str) -> list[tuple[str, str, str, str]]:
    """List (replica, path, base blob, blob) at a place, in the order of the replicas."""
    return [(name, give(path), base, blob) for name, path, base, blob in index.run(
        # Left to itself, SQLite looks at every version there is.
        "SELECT v.replica, v.path, v.base, v.blob FROM version v INDEXED BY version_place JOIN replica r ON "
        "r.view = v.view AND r.name = v.replica WHERE v.view = ? AND v.place = ? ORDER BY r.seq, v.path", view,
        keep(place))]


def at_each(index: Index, view: str, places: list[str]) -> dict[str, list[tuple[str, str, str, str]]]:
    """List the same at each of some places; of many, all are gone through at once."""
    if len(places) <= _FEW:
        return {place: at(index, view, place) for place in places}
    found: dict[str, list[tuple[str, str, str, str]]] = {place: [] for place in places}
    for place, name, path, base, blob in index.run(
            "SELECT v.place, v.replica, v.path, v.base, v.blob FROM version v JOIN replica r ON r.view = v.view AND "
            "r.name = v.replica WHERE v.view = ? ORDER BY r.seq, v.path", view):
        mine = found.get(give(place))
        if mine is not None:
            mine.append((name, give(path), base, blob))
    return found


def owed(index: Index, view: str) -> set[str]:
    """Give the places whose versions changed and that are not folded yet, as where a command died in between."""
    packed = index.get(f"refold:{view}")
    return set(marshal.loads(packed)) if packed else set()


def owe(index: Index, view: str, places: set[str]) -> None:
    """Note places that are to be folded anew."""
    if places - {""}:
        index.put(f"refold:{view}", pack(sorted((owed(index, view) | places) - {""})))


def settle(index: Index, view: str, places: Iterable[str]) -> None:
    """Note that places are folded."""
    left = owed(index, view)
    if left:
        rest = sorted(left.difference(places))
        if rest:
            index.put(f"refold:{view}", pack(rest))
        else:
            index.drop(f"refold:{view}")


def overlays(index: Index, view: str) -> dict[str, bytes]:
    """Give the packed details of the records that the board shows otherwise than the ground, by place."""
    return {give(place): detail for place, detail in index.run("SELECT place, detail FROM overlay WHERE view = ?",
                                                              view)}


def put_overlays(index: Index, view: str, packed: dict[str, bytes]) -> None:
    """Note that the board shows records otherwise, by place with packed details."""
    index.many("INSERT OR REPLACE INTO overlay VALUES (?, ?, ?)",
               [(view, keep(place), detail) for place, detail in packed.items()])


def drop_overlays(index: Index, view: str, places: list[str]) -> None:
    """Note that the board shows records as the ground has them."""
    index.many("DELETE FROM overlay WHERE view = ? AND place = ?", [(view, keep(place)) for place in places])
