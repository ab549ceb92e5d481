"""Replace many files at once: each whole, and all of them durable by one sync of the file system at the end.

An intent must be durable before and stay until the end: what a power cut leaves of the files, it makes good.
"""

from __future__ import annotations

import os

from gittracker.store import atomic, steps
from gittracker.store.layout import TEMPORARY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Files = list[tuple[str, bytes | None]]

# From so many files on, one sync of everything costs less than an fsync for each file and folder.
MANY = 100


def replace(files: Files, told: Callable[[], None] | None = None) -> None:
    """Write (path, bytes) each by temp file and rename, or remove where there are no bytes; then make all durable.

    `told` is called after each file. Raises StorageError.
    """
    if len(files) < MANY:
        for path, data in files:
            atomic.replace(path, data)
            steps.reached("file written")
            if told:
                told()
        return
    folders: set[str] = set()
    for path, data in files:
        try:
            _replace(path, data, folders)
        except OSError as error:
            raise atomic.refused(path, error) from error
        steps.reached("file written")
        if told:
            told()
    _sync([path for path, data in files if data is not None], folders)
    steps.reached("all synced")


def _replace(path: str, data: bytes | None, folders: set[str]) -> None:
    folder = os.path.dirname(path)
    if data is None:
        atomic.unlink(path)
        folders.add(atomic.prune(folder))
        return
    if folder not in folders:
        os.makedirs(folder, exist_ok=True)
        folders.update((folder, os.path.dirname(folder), os.path.dirname(os.path.dirname(folder))))
    temporary = f"{path}.{os.getpid()}{TEMPORARY}"
    try:
        atomic.put_new(temporary, data, atomic.mode_of(path, data))
        os.replace(temporary, path)
    except OSError:
        atomic.discard(temporary)
        raise


def _sync(files: list[str], folders: set[str]) -> None:
    """Make files and folders durable: by one call where the system has it, else one by one."""
    anywhere = next((f for f in folders if os.path.isdir(f)), "")
    if anywhere and _sync_file_system(anywhere):
        return
    for path in files:
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    for folder in sorted(folders):
        if os.path.isdir(folder):
            atomic.sync_folder(folder)


def _sync_file_system(folder: str) -> bool:
    """Ask Linux to write the file system that holds a folder; False where that can't be asked. Raises StorageError."""
    try:
        import ctypes
        sync = ctypes.CDLL(None, use_errno=True).syncfs
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    fd = os.open(folder, os.O_RDONLY)
    try:
        if sync(fd) == 0:
            return True
        error = OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        raise atomic.refused(folder, error) from error
    finally:
        os.close(fd)
