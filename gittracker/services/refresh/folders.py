"""Tell by the folders alone whether records that are no tickets came, went or were replaced since they were read."""

from __future__ import annotations

import marshal
import os
import time

from gittracker.store import layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_ROOTS = (layout.EPICS, layout.PAGES, layout.UPDATES)


def look(tracker: Tracker) -> None:
    """Read epics, pages and updates anew where one of their folders changed.

    git and most editors replace files, which changes the folder; what is written in place is seen by whoever reads
    such records themselves. A tracker without such records pays for three names that are not there.
    """
    now = time.time_ns()
    found = [stamp for root in _ROOTS for stamp in _folders(tracker.path(root))]
    key = f"folders:{tracker.view}"
    seen = marshal.dumps(found)
    if tracker.index.get(key) == seen or (not found and tracker.index.get(key) is None):
        return
    from gittracker.services.refresh import recording
    recording.refresh(tracker, *_ROOTS)
    young = any(stamps.settled(stamp, now) == stamps.NEVER for _, stamp in found)
    with tracker.index as index:
        index.put(key, b"" if young else seen)


def _folders(path: str) -> list[tuple[str, int]]:
    """List a folder and all below it with the times at which they last changed."""
    try:
        found = [(path, os.stat(path).st_mtime_ns)]
    except OSError:
        return []
    return found + [stamp for name in stamps.subfolders(path) for stamp in _folders(f"{path}/{name}")]
