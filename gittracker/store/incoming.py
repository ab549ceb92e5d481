"""Files that a user names, read as they are: plain, no larger than allowed, and the same from beginning to end."""

from __future__ import annotations

import os
import sys
from _stat import S_ISDIR, S_ISREG

from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.domain.texts import size_shown
from gittracker.store import atomic

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_TRIES = 3
_CHUNK = 1 << 20


def read(path: str, most: int) -> bytes:
    """Read a file of at most `most` bytes.

    Raises NotFoundError, UsageError (no plain file, or no right to read it), InvalidDataError (too large), and
    ConflictError where somebody writes it meanwhile.
    """
    for _ in range(_TRIES):
        data = _read_once(path, most)
        if data is not None:
            return data
    raise ConflictError(f'"{path}" changes while it is read', "try again once nobody writes it")


def _read_once(path: str, most: int) -> bytes | None:
    """Read a file; None where it changed meanwhile."""
    try:
        fd = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError("file", path, "name a file that exists, or - for standard input") from error
    except OSError as error:
        raise UsageError(f'can\'t read "{path}": {error.strerror}', "name a readable file") from error
    try:
        before = os.fstat(fd)
        if not S_ISREG(before.st_mode):
            what = "a folder" if S_ISDIR(before.st_mode) else "no plain file"
            raise UsageError(f'"{path}" is {what}', "name a plain file, or - for standard input")
        check_size(path, before.st_size, most)
        data = atomic.drain(fd, before.st_size)
        after = os.fstat(fd)
    finally:
        os.close(fd)
    same = (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    return data if same and len(data) == before.st_size == after.st_size else None


def read_input(name: str, most: int) -> bytes:
    """Read standard input to its end; raises InvalidDataError where it is larger than `most` bytes."""
    data = bytearray()
    while chunk := sys.stdin.buffer.read(_CHUNK):
        data += chunk
        if len(data) > most:
            raise _too_large(f'what comes in as "{name}" has more than {size_shown(most)}', most)
    return bytes(data)


def check_size(path: str, size: int, most: int) -> None:
    """Raise InvalidDataError where a file is larger than allowed."""
    if size > most:
        raise _too_large(f'"{path}" has {size_shown(size)}', most)


def _too_large(said: str, most: int) -> InvalidDataError:
    return InvalidDataError(f"{said}; attachments have at most {size_shown(most)}", "put it elsewhere and link to it, "
                            "or raise tracker.attachment_max_bytes in .openkit/config.json")
