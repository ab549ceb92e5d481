"""What is wrong with attached files: what is no plain file, and names that not every file system can keep."""

from __future__ import annotations

import os
from _stat import S_ISREG

from gittracker.domain import names
from gittracker.domain.errors import UsageError
from gittracker.store import kinds, layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.services.tracker import Tracker

    Fault = tuple[str, int, str]  # path, line, message


def faults(tracker: Tracker) -> list[Fault]:
    """List what is wrong, by folder."""
    return [fault for folder in _folders(tracker) for fault in _of_folder(tracker, folder)]


def _folders(tracker: Tracker) -> Iterator[str]:
    """Give the folders of attached files, links that stand in for one included."""
    for top, depth in ((layout.TICKETS, 2), (layout.EPICS, 1)):
        places = [top]
        for _ in range(depth):
            places = [f"{place}/{name}" for place in places for name in stamps.subfolders(tracker.path(place))]
        yield from (f"{place}/{layout.ATTACHMENTS}" for place in places)
    for base, folders, _ in os.walk(tracker.path(layout.PAGES)):
        where = os.path.relpath(base, tracker.root).replace(os.sep, "/")
        for name in [name for name in folders if name.endswith(layout.PAGE_FILES)]:
            folders.remove(name)
            if kinds.noun(f"{where}/{name}/x") == "attachment":
                yield f"{where}/{name}"


def _of_folder(tracker: Tracker, folder: str) -> Iterator[Fault]:
    top = tracker.path(folder)
    if os.path.islink(top):
        yield folder, 0, "a symbolic link, which git does not look behind"
        return
    seen: dict[str, str] = {}
    for base, folders, files in os.walk(top):
        for name in (*folders, *files):
            full = os.path.join(base, name)
            path = os.path.relpath(full, tracker.root).replace(os.sep, "/")
            shown = path.encode(errors="surrogateescape").decode(errors="replace")
            if name in files or os.path.islink(full):
                message = _of_file(full, name)
                if message:
                    yield shown, 0, message
            other = seen.setdefault(names.folded(os.path.relpath(full, top)), shown)
            if other != shown:
                yield shown, 0, f"can't be told from {other.rpartition('/')[2]} on every file system"


def _of_file(full: str, name: str) -> str:
    """Say what is wrong with one file, empty where nothing is."""
    try:
        mode = os.lstat(full).st_mode
    except OSError:
        return ""
    if not S_ISREG(mode):
        return "not a plain file"
    try:
        names.check("the name", name)
    except UsageError as error:
        return "" if name.endswith(layout.TEMPORARY) else error.message
    return ""
