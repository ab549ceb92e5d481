"""Bring rows up to date with what the tool itself wrote, which is no change around it."""

from __future__ import annotations

from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.services.tracker import Tracker


def refresh_own(tracker: Tracker, paths: Iterable[str]) -> None:
    """Read anew the records that these files belong to."""
    own = dict.fromkeys(paths)
    folders = list(dict.fromkeys(folder for folder in map(layout.folder_of, own) if folder))
    if tracker.board:
        tracker.board.wrote(frozenset(own))
    if tracker.ground.top == tracker.repository.top:
        tracker.scanner.refresh_folders(folders, frozenset(own))
    roots = {path.partition("/")[0] for path in own}.intersection(layout.RECORDS)
    if roots:
        from gittracker.services.refresh import recording
        recording.refresh(tracker, *roots, own=frozenset(own))
