"""Attached files that git LFS keeps: git and the journal hold a pointer, the bytes lie in LFS's own storage.

What LFS's filter does when git adds a file is done here when a command writes one: the bytes go into the storage
before the command acts, so that what it replaces or removes can be brought back.
"""

from __future__ import annotations

import os

from gittracker.formats import lfs
from gittracker.git import attributes
from gittracker.store import atomic, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
_LFS = "lfs"


def is_kept(tracker: Tracker, path: str) -> bool:
    """Tell whether git LFS keeps the file at a path."""
    if kinds.noun(path) != "attachment":
        return False
    look_up(tracker, [path])
    return tracker.filters[path] == _LFS


def look_up(tracker: Tracker, paths: list[str]) -> None:
    """Ask git about many paths at once."""
    asked = [path for path in dict.fromkeys(paths) if path not in tracker.filters and kinds.noun(path) == "attachment"]
    if asked:
        found = attributes.filters(tracker.repository.top, [_PREFIX + path for path in asked])
        tracker.filters.update((path, found.get(_PREFIX + path, "")) for path in asked)


def for_history(tracker: Tracker, path: str, data: bytes) -> bytes:
    """Give what history holds for a file: the pointer where git LFS keeps it, else its bytes."""
    if lfs.read(data) or not is_kept(tracker, path):
        return data
    return lfs.write(lfs.point(data))


def for_disk(tracker: Tracker, path: str, data: bytes) -> bytes:
    """Give what a file has on disk: the bytes that a pointer stands for where they are here, else what history has."""
    pointer = lfs.read(data)
    if pointer is None or not is_kept(tracker, path):
        return data
    found = atomic.read(_place(tracker, pointer))
    return data if found is None else found


def stored(tracker: Tracker, pointer: lfs.Pointer) -> bytes | None:
    """Give the bytes that a pointer stands for; None where they were not fetched."""
    return atomic.read(_place(tracker, pointer))


def keep(tracker: Tracker, path: str, data: bytes) -> None:
    """Put a file's bytes into LFS's storage, so that its pointer leads somewhere; raises StorageError."""
    if lfs.read(data) or not is_kept(tracker, path):
        return
    place = _place(tracker, lfs.point(data))
    if not os.path.isfile(place):
        atomic.write(place, data)


def _place(tracker: Tracker, pointer: lfs.Pointer) -> str:
    return os.path.join(_storage(tracker), *pointer.path.split("/"))


def _storage(tracker: Tracker) -> str:
    """Give the folder of LFS's storage: as configured, else `lfs` in the common git directory."""
    common = tracker.repository.common_dir
    return os.path.join(common, os.path.expanduser(attributes.setting(tracker.repository.top, "lfs.storage") or _LFS))
