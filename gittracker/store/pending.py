"""The pending file of a worktree, and the intent beside it: what a sandboxed command leaves for the journal."""

from __future__ import annotations

import json
import os

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.pending import is_history, pack, unpack
from gittracker.store import atomic, layout, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Change = tuple[str, bytes | None, bytes | None]

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class Intent:
    """What a sandboxed command is about to do: files as (path, bytes before, bytes after), and its pending lines."""

    __slots__ = ("changes", "lines")

    def __init__(self, changes: list[Change], lines: bytes) -> None:
        self.changes = changes
        self.lines = lines


def load(root: str) -> bytes:
    """Read the pending file; empty where there is none. Raises InvalidDataError where it is no plain file."""
    return atomic.read(f"{root}/{layout.PENDING}") or b""


def append(root: str, lines: bytes) -> None:
    """Add lines durably; raises StorageError with the file as it was."""
    path = f"{root}/{layout.PENDING}"
    try:
        fd = _open(path)
        try:
            size = os.fstat(fd).st_size
            try:
                os.lseek(fd, size, os.SEEK_SET)
                atomic.put(fd, (b"" if _ends_a_line(fd, size) else b"\n") + lines)
                steps.reached("pending written")
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, size)
                if not size:
                    os.unlink(path)
                raise
        finally:
            os.close(fd)
        if not size:
            atomic.sync_folder(os.path.dirname(path))
    except OSError as error:
        raise atomic.refused(path, error) from error


def _open(path: str) -> int:
    try:
        return os.open(path, _FLAGS, 0o666)
    except PermissionError:  # another user's file in a folder that is ours too: take a copy in its place
        atomic.write(path, atomic.read(path) or b"")
        return os.open(path, _FLAGS, 0o666)


def _ends_a_line(fd: int, size: int) -> bool:
    if not size:
        return True
    os.lseek(fd, size - 1, os.SEEK_SET)
    last = os.read(fd, 1)
    os.lseek(fd, size, os.SEEK_SET)
    return last == b"\n"


def replace(root: str, data: bytes) -> None:
    """Give the file these bytes; without any it is removed. Raises StorageError."""
    path = f"{root}/{layout.PENDING}"
    if data:
        atomic.write(path, data)
    else:
        _remove(path)


def save_intent(root: str, intent: Intent) -> None:
    """Write the intent and make it durable; raises StorageError."""
    given = {"changes": [{"path": path, "before": pack(before), "after": pack(after)}
                         for path, before, after in intent.changes], "lines": pack(intent.lines)}
    atomic.write(f"{root}/{layout.INTENT}", json.dumps(given).encode() + b"\n")


def load_intent(root: str) -> Intent | None:
    """Read an intent that was left behind; raises InvalidDataError for one that no command wrote."""
    data = atomic.read(f"{root}/{layout.INTENT}")
    if data is None:
        return None
    try:
        given = json.loads(data)
        changes = [_change(one) for one in given["changes"]]
        return Intent(changes, unpack(given["lines"]) or b"")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidDataError("not what a command is about to do", "move it away: until then nothing is written",
                               layout.INTENT, 1) from error


def _change(given: dict[str, Any]) -> Change:
    path = given["path"]
    if not is_history(path):
        raise ValueError(path)
    return path, unpack(given["before"]), unpack(given["after"])


def clear_intent(root: str) -> None:
    """Forget the intent, durably: one that came back would be carried out again. Raises StorageError."""
    _remove(f"{root}/{layout.INTENT}")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
        atomic.sync_folder(os.path.dirname(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise atomic.refused(path, error) from error
