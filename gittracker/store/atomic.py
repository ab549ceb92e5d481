"""Replace files whole, durably, and never half."""

from __future__ import annotations

import os
from _stat import S_ISREG

from gittracker.domain.errors import AccessError, InvalidDataError, StorageError
from gittracker.store import steps
from gittracker.store.layout import TEMPORARY

_MODE, _PRIVATE, _SCRIPT = 0o666, 0o600, 0o777
_BINARY = getattr(os, "O_BINARY", 0)
_PLAIN = os.O_RDONLY | _BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def write(path: str, data: bytes, private: bool = False) -> None:
    """Write a file by temp file, fsync, rename and fsync of the folder; missing folders are made.

    A `private` file is for its owner alone. Raises StorageError with nothing changed where the file system refuses.
    """
    temporary = f"{path}.{os.getpid()}{TEMPORARY}"
    try:
        mode = _prepare(path, data)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, _PRIVATE if private else mode)
        try:
            if not private and hasattr(os, "fchmod") and os.path.exists(path):
                os.fchmod(fd, mode)  # as it was, whatever the umask of whoever writes now
            put(fd, data)
            steps.reached("temporary written")
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temporary, path)
        steps.reached("renamed")
        sync_folder(os.path.dirname(path))
    except OSError as error:
        discard(temporary)
        raise refused(path, error) from error


def replace(path: str, data: bytes | None) -> None:
    """Write a file, or remove it where there are no bytes."""
    if data is None:
        remove(path)
    else:
        write(path, data)


def put_back(path: str, data: bytes | None) -> None:
    """Give a file its old bytes again, in place where a full disk has no room for a temp file."""
    try:
        replace(path, data)
    except StorageError:
        if data is None:
            raise
        try:
            fd = os.open(path, os.O_WRONLY | _BINARY)
            try:
                put(fd, data)
                os.ftruncate(fd, len(data))
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise refused(path, error) from error


def put_new(path: str, data: bytes, mode: int) -> None:
    """Write bytes to a file of this name, not yet durably; raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, mode)
    try:
        put(fd, data)
    finally:
        os.close(fd)


def mode_of(path: str, data: bytes) -> int:
    """Give the mode of the file that is there, or that of a new one: a skill's script can be run."""
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        return _SCRIPT if data[:2] == b"#!" and "/.openkit/skills/" in path else _MODE


def put(fd: int, data: bytes) -> None:
    """Write all bytes to a file descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def remove(path: str) -> None:
    """Remove a file durably, and the folders that it leaves empty below `tickets`."""
    try:
        unlink(path)
    except OSError as error:
        raise refused(path, error) from error
    folder = os.path.dirname(path)
    if os.path.isdir(folder):
        sync_folder(folder)
    prune(folder)


def unlink(path: str) -> None:
    """Remove a file, if it is there: a command that died may have left only its folder."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    steps.reached("removed")


def prune(folder: str) -> str:
    """Remove a folder and those above it that are empty, up to `tickets`; gives the one that stays."""
    while os.path.basename(folder) not in ("tickets", ".openkit"):
        try:
            os.rmdir(folder)
            steps.reached("folder removed")
        except FileNotFoundError:
            pass
        except OSError:
            return folder
        folder = os.path.dirname(folder)
    return folder


def sync_folder(folder: str) -> None:
    """Make a rename or an unlink in a folder durable."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def refused(path: str, error: OSError) -> StorageError:
    """Say what the file system said; an AccessError where it is rights that are missing, not room."""
    from errno import EROFS
    cls = AccessError if isinstance(error, PermissionError) or error.errno == EROFS else StorageError
    return cls(f'can\'t write "{path}": {error.strerror or error}',
                        "nothing was changed; make room or mend the rights, then run the command again", path=path)


def _prepare(path: str, data: bytes) -> int:
    """Make the folder; give the mode that the file is to have."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        make_folder(folder)
    return mode_of(path, data)


def make_folder(folder: str) -> None:
    """Make a folder and its parents, durably."""
    parent = os.path.dirname(folder)
    if not os.path.isdir(parent):
        make_folder(parent)
    try:
        os.mkdir(folder)
    except FileExistsError:
        return
    sync_folder(parent)


def discard(temporary: str) -> None:
    """Remove a temp file that is no longer wanted."""
    try:
        os.unlink(temporary)
    except OSError:
        pass


def read(path: str) -> bytes | None:
    """Read a file whole; None where it is absent. Raises InvalidDataError where it is anything but a plain file."""
    found = open_plain(path)
    if found is None:
        return None
    fd, one = found
    try:
        return drain(fd, one.st_size)
    finally:
        os.close(fd)


def open_plain(path: str) -> tuple[int, os.stat_result] | None:
    """Open a file that is neither a link (which could lead anywhere) nor a pipe (which would never end).

    Gives the handle and its stat, None where the file is absent; raises InvalidDataError.
    """
    try:
        fd = os.open(path, _PLAIN)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        from errno import ELOOP, ENXIO
        if error.errno in (ELOOP, ENXIO):
            raise InvalidDataError("not a plain file", "put a plain file in its place", path) from error
        raise
    one = os.fstat(fd)
    if not S_ISREG(one.st_mode):
        os.close(fd)
        raise InvalidDataError("not a plain file", "put a plain file in its place", path)
    return fd, one


def drain(fd: int, size: int) -> bytes:
    """Read an open file to its end; `size` is what it is expected to have."""
    data = os.read(fd, size + 1)
    while len(data) > size and (more := os.read(fd, 1 << 20)):
        data += more  # it grew meanwhile, or it is a pipe
    return data
