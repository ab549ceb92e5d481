"""Attached files that git LFS keeps: git and the journal hold a pointer, the bytes lie in LFS's own storage.

What LFS's filter does when git adds a file is done here when a command writes or removes one: the bytes go into the
storage before the command acts, so that they can be brought back. `git lfs prune` may take them away again.
"""

from __future__ import annotations

import os

from gittracker.domain.errors import AccessError
from gittracker.store import atomic, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.formats.lfs import Pointer
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Change = tuple[str, bytes | None, bytes | None]

_PREFIX = ".openkit/"
_LFS = "lfs"


def is_kept(tracker: Tracker, path: str) -> bool:
    """Tell whether git LFS keeps the file at a path."""
    if not _is_attached(path):
        return False
    look_up(tracker, [path])
    return tracker.filters[path] == _LFS


def look_up(tracker: Tracker, paths: list[str]) -> None:
    """Ask git about many attached files at once."""
    asked = [path for path in dict.fromkeys(paths) if path not in tracker.filters]
    if asked:
        from gittracker.git import attributes
        found = attributes.filters(tracker.repository.top, [_PREFIX + path for path in asked])
        tracker.filters.update((path, found.get(_PREFIX + path, "")) for path in asked)


def for_history(tracker: Tracker, path: str, data: bytes | None) -> bytes | None:
    """Give what history holds for a file: the pointer where git LFS keeps it, else its bytes."""
    if data is None or not is_kept(tracker, path):
        return data
    from gittracker.formats import lfs
    return data if lfs.read(data) else lfs.write(lfs.point(data))


def for_disk(tracker: Tracker, path: str, data: bytes | None) -> bytes | None:
    """Give what a file has on disk: the bytes that a pointer stands for where they are here, else what history has."""
    if data is None or not is_kept(tracker, path):
        return data
    from gittracker.formats import lfs
    pointer = lfs.read(data)
    found = stored(tracker, pointer) if pointer else None
    return data if found is None else found


def stored(tracker: Tracker, pointer: Pointer) -> bytes | None:
    """Give the bytes that a pointer stands for; None where they are not here."""
    return atomic.read(_place(tracker, pointer))


def keep(tracker: Tracker, changes: list[Change]) -> None:
    """Put the bytes of changed files into LFS's storage.

    Raises StorageError where bytes that are to go could not be brought back; those that come are on disk anyway.
    """
    attached = [change for change in changes if _is_attached(change[0])]
    if attached:
        look_up(tracker, [path for path, _, _ in attached])
    for path, before, after in attached:
        _keep(tracker, path, before)
        try:
            _keep(tracker, path, after)
        except AccessError:
            pass  # sandboxed


def _keep(tracker: Tracker, path: str, data: bytes | None) -> None:
    if data is None or not is_kept(tracker, path):
        return
    from gittracker.formats import lfs
    if not lfs.read(data):
        place = _place(tracker, lfs.point(data))
        if not os.path.isfile(place):
            atomic.write(place, data)


def warn_of_pointer(writing: Writing, path: str, data: bytes | None) -> None:
    """Say that a file came back as a pointer alone."""
    if data is None or not is_kept(writing.tracker, path):
        return
    from gittracker.formats import lfs
    if lfs.read(data):
        writing.warn(f"{path.rpartition('/')[2]} came back as a pointer of git LFS, whose bytes are not here: git lfs "
                     f"pull --include '{_PREFIX}{path}'")


def _is_attached(path: str) -> bool:
    """Tell whether a path is an attached file's, cheaply, for every written file is asked about."""
    return layout.may_be_attached(path) and kinds.noun(path) == "attachment"


def _place(tracker: Tracker, pointer: Pointer) -> str:
    """Give the file in LFS's storage: a folder as configured, else `lfs` in the common git directory."""
    from gittracker.git import attributes
    storage = os.path.expanduser(attributes.setting(tracker.repository.top, "lfs.storage") or _LFS)
    return os.path.join(tracker.repository.common_dir, storage, *pointer.path.split("/"))
