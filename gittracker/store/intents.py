"""The intent: what a command is about to do, durable before it does it, so that the next one can finish it."""

from __future__ import annotations

import marshal
import os

from gittracker.store import atomic, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HEAD, _TAIL = b"gittracker intent 1\n", b"\ndone\n"
# Version 2 of marshal reads the same in every Python; JSON would cost its import on every write.
_MARSHAL = 2


class Intent:
    """One command's whole effect. `changes` holds (path, bytes before or None, bytes after or None)."""

    __slots__ = ("root", "worktree", "parent", "key", "fingerprint", "changes", "stream", "receipts")

    def __init__(self, root: str, worktree: str, parent: str, key: str, fingerprint: str,
                 changes: list[tuple[str, bytes | None, bytes | None]], stream: bytes,
                 receipts: list[dict[str, Any]]) -> None:
        self.root = root
        self.worktree = worktree
        self.parent = parent
        self.key = key
        self.fingerprint = fingerprint
        self.changes = changes
        self.stream = stream
        self.receipts = receipts


def path_in(state: str) -> str:
    """Give the clone's intent."""
    return os.path.join(state, "intent")


def save(path: str, intent: Intent) -> None:
    """Write the intent and make it durable; raises StorageError."""
    values = tuple(getattr(intent, name) for name in Intent.__slots__)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        try:
            atomic.put(fd, _HEAD + marshal.dumps(values, _MARSHAL) + _TAIL)
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
    if not data or not data.startswith(_HEAD) or not data.endswith(_TAIL):
        return None
    return Intent(*marshal.loads(data[len(_HEAD):-len(_TAIL)]))


def clear(path: str) -> None:
    """Forget the intent."""
    try:
        os.truncate(path, 0)
    except FileNotFoundError:
        pass
