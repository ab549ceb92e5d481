"""Refresh what hints name: the one call by which a watcher brings the index up to date."""

from __future__ import annotations

import os

from gittracker.index import shards
from gittracker.services.refresh import recording, rulechanges
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_MANY = 200


class Hints:
    """What is worth a look in one worktree: ticket folders, folders of other records, or everything."""

    __slots__ = ("folders", "roots", "whole", "again")

    def __init__(self, whole: bool = False) -> None:
        self.folders: set[str] = set()
        self.roots: set[str] = set()
        self.whole = whole
        self.again = whole  # whether events may have been lost, so that a second look is due

    def join(self, other: Hints) -> None:
        """Add another's hints to these; very many of them are the same as all."""
        self.folders |= other.folders
        self.roots |= other.roots
        self.whole |= other.whole or len(self.folders) > _MANY
        self.again |= other.again or self.whole


def refresh(tracker: Tracker, root: str, hints: Hints) -> None:
    """Bring rows and events up to date with the files of one worktree, told by its tracker's folder."""
    tracker.begin_anew()
    tracker.renew()
    tracker.heed()  # by the rules as they are now
    rulechanges.look(tracker)
    if root == tracker.ground.tracker:
        _refresh_ground(tracker, hints)  # first, for when home's commit is another one, every replica is compared anew
        if hints.whole and tracker.board:
            tracker.board.notice()
    elif tracker.board:
        if hints.whole:
            tracker.board.notice()
        tracker.board.look_into(root, sorted(hints.folders), sorted(hints.roots.intersection(layout.RECORDS)),
                                hints.whole)


def _refresh_ground(tracker: Tracker, hints: Hints) -> None:
    if hints.whole:
        tracker.refresh_ground(deep=True)
    elif hints.folders:
        tracker.scanner.refresh_folders(sorted(hints.folders))
    roots = layout.RECORDS if hints.whole else sorted(hints.roots.intersection(layout.RECORDS))
    if roots:
        recording.reread(tracker, *roots)


def reread(tracker: Tracker) -> None:
    """Read every ticket's files again, whatever their stamps say."""
    with tracker.index as index:
        shards.forget(index, tracker.stamped)
        if tracker.board:
            tracker.board.forget()
    if tracker.board:
        tracker.board.notice()
    tracker.refresh_ground(deep=True)


def is_git_at_work(git_dir: str, longest: float, now: float) -> bool:
    """Tell whether git is writing files in a worktree; a lock that lay there longer was left by one that died."""
    try:
        return now - os.stat(os.path.join(git_dir, "index.lock")).st_mtime < longest
    except OSError:
        return False
