"""The intent: what a command is about to do, durable before it does it, so that the next one can finish it."""

from __future__ import annotations

import marshal
import os

from gittracker.store import atomic, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # One worktree's: its tracker's folder, its number, the entry before, (path, bytes before, after), the new entries.
    # Home's branch's, where no worktree is on it: its name, no number, the commit's message, the changes, nothing.
    Part = tuple[str, str, str, list[tuple[str, bytes | None, bytes | None]], list[bytes]]

_HEAD, _FIRST_HEAD, _TAIL = b"gittracker intent 2\n", b"gittracker intent 1\n", b"\ndone\n"
# Version 2 of marshal reads the same in every Python; JSON would cost its import on every write.
_MARSHAL = 2
_LARGE = 1 << 12


class Intent:
    """One command's whole effect. `changes` holds (path, bytes before or None, bytes after or None).

    `state` are files of the clone's own, by their path below its common directory. `others` are what it does in other
    worktrees. These two are the last, for an intent may be of an older version that had none.
    """

    __slots__ = ("root", "worktree", "parent", "key", "fingerprint", "changes", "stream", "receipts", "state", "others")

    def __init__(self, root: str, worktree: str, parent: str, key: str, fingerprint: str,
                 changes: list[tuple[str, bytes | None, bytes | None]], stream: list[bytes],
                 receipts: list[dict[str, Any]], state: list[tuple[str, bytes | None]] | None = None,
                 others: list[Part] | None = None) -> None:
        self.root = root
        self.worktree = worktree
        self.parent = parent
        self.key = key
        self.fingerprint = fingerprint
        self.changes = changes
        self.stream = stream
        self.receipts = receipts
        self.state = state or []
        self.others = others or []

    def parts(self) -> list[Part]:
        """Give what it does in each worktree, its own first."""
        return [(self.root, self.worktree, self.parent, self.changes, self.stream), *self.others]


def path_in(state: str) -> str:
    """Give the clone's intent."""
    return os.path.join(state, "intent")


def save(path: str, intent: Intent) -> None:
    """Write the intent and make it durable; raises StorageError.

    Bytes of some size stand behind the values, each once: what is written and what is journalled are the same object.
    """
    large: dict[int, tuple[int, bytes]] = {}

    def place(data: bytes | None) -> bytes | int | None:
        if data is None or len(data) < _LARGE:
            return data
        return large.setdefault(id(data), (len(large), data))[0]
    values = {name: getattr(intent, name) for name in Intent.__slots__}
    values["changes"], values["stream"] = _each(place, intent.changes, intent.stream)
    values["others"] = [(*where, *_each(place, changes, stream)) for *where, changes, stream in intent.others]
    blobs = [data for _, data in large.values()]
    told = marshal.dumps((tuple(values.values()), [len(data) for data in blobs]), _MARSHAL)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        try:
            for piece in (_HEAD + b"%d\n" % len(told) + told, *blobs, _TAIL):
                atomic.put(fd, piece)
            steps.reached("intent written")
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        clear(path)
        raise atomic.refused(path, error) from error


def load(path: str) -> Intent | None:
    """Read an intent that was left behind; a torn one was never acted on and counts as none."""
    data = atomic.read(path)
    if not data or not data.startswith((_HEAD, _FIRST_HEAD)) or not data.endswith(_TAIL):
        return None
    if data.startswith(_FIRST_HEAD):  # of an older version, which had one piece
        old = dict(zip(Intent.__slots__, marshal.loads(data[len(_FIRST_HEAD):-len(_TAIL)]), strict=False))
        return Intent(**{**old, "stream": [old["stream"]]})
    start = data.index(b"\n", len(_HEAD)) + 1
    end = start + int(data[len(_HEAD):start])
    values, sizes = marshal.loads(data[start:end])
    blobs = []
    for size in sizes:
        blobs.append(data[end:end + size])
        end += size
    return _filled(Intent(*values), blobs)


def _filled(intent: Intent, blobs: list[bytes]) -> Intent:
    def fill(found: Any) -> Any:
        return blobs[found] if isinstance(found, int) else found
    intent.changes, intent.stream = _each(fill, intent.changes, intent.stream)
    intent.others = [(root, worktree, parent, *_each(fill, changes, stream))
                     for root, worktree, parent, changes, stream in intent.others]
    return intent


def _each(what: Callable[[Any], Any], changes: list[Any], stream: list[Any]) -> tuple[list[Any], list[Any]]:
    return [(name, what(before), what(after)) for name, before, after in changes], [what(piece) for piece in stream]


def clear(path: str) -> None:
    """Forget the intent."""
    try:
        os.truncate(path, 0)
    except FileNotFoundError:
        pass
