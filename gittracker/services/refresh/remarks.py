"""Look for comments where an answer depends on them: lists that ask what is ready look at more than tickets' files."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker


def refresh(tracker: Tracker, deep: bool) -> None:
    """Bring the index up to date, with folders and comments where git has changed files since the last such look."""
    key, stamp = f"deep:{tracker.view}", tracker.git_stamp(time.time_ns())
    moved = tracker.index.get(key) != stamp
    tracker.refresh(deep or moved)
    if moved:
        tracker.index.note(key, stamp)


def look_into(tracker: Tracker, folders: list[str]) -> bool:
    """Look at all that lies in some tickets' folders here; tells whether any of it has changed since it was read."""
    stale = tracker.scanner.stale(folders)
    if stale:
        tracker.scanner.refresh_folders(stale)
    elsewhere = tracker.board.look_at(folders, tracker.repository.top) if tracker.board and folders else False
    return bool(stale) or elsewhere
