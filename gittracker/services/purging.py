"""Purge: take a ticket's or a comment's bytes out of this clone's own records."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, NotFoundError
from gittracker.git import rewrite
from gittracker.index import db
from gittracker.services import history
from gittracker.services.apply import Locked
from gittracker.services.tracker import open_tracker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker


class Purged:
    """What a purge took: entries rewritten, and whether the repository's own commits still hold the bytes."""

    __slots__ = ("name", "entries", "committed")

    def __init__(self, name: str, entries: int, committed: bool) -> None:
        self.name = name
        self.entries = entries
        self.committed = committed


def purge_history(tracker: Tracker, name: str) -> Purged:
    """Rewrite the journals without a ticket or a comment; raises ConflictError while its file is still there.

    What git's own commits hold is not ours to rewrite, and is told.
    """
    with Locked(tracker, "purge"):
        history.catch_up(tracker)
        path, shown = _locate(tracker, name)
        folder = path if not path.endswith(".md") else ""
        present = os.path.exists(tracker.path(path)) and not _is_deleted(tracker, path)
        if present:
            hint = (f"gittracker ticket delete {name} --purge" if folder
                    else f"gittracker comment delete {shown.split(' ')[0]} {name}")
            raise ConflictError(f"{shown} is still there", hint)
        tombstone = f"{shown} purged"
        count = rewrite.without(tracker.journal, tracker.repository.object_format,
                                lambda p: p == path or (bool(folder) and p.startswith(folder + "/")), tombstone)
        _forget_receipts(tracker)
        committed = _committed(tracker, path)
        # A new index in the old one's place: the pages of deleted rows still have their text.
        open_tracker(tracker.repository.top, "", tracker.clock, tracker.entropy, db.NEW).close()
    return Purged(shown, count, committed)


def _locate(tracker: Tracker, name: str) -> tuple[str, str]:
    """Give the path that history knows a ticket (its folder) or a comment (its file) by, and a text-free label."""
    low = name.lower()
    if ids.is_ref(low, ids.COMMENT) or low.startswith("cmt_"):
        suffix = ids.suffix(low) if ids.is_ref(low) else ""
        found = [p for (p,) in tracker.index.all(
            "SELECT DISTINCT path FROM change WHERE path LIKE ?", f"tickets/%/comments/%-{suffix}.md")]
        if suffix and len(found) == 1:
            slug = ids.slug_of_folder(found[0].split("/")[2])
            return found[0], f"{slug} comment"
        raise NotFoundError("comment", name)
    folder = history.folder_of(tracker, name)
    return folder, ids.slug_of_folder(folder.rpartition("/")[2])


def _is_deleted(tracker: Tracker, path: str) -> bool:
    """Tell whether a comment's file is only what deleting leaves."""
    from gittracker.domain.comment import Comment
    from gittracker.formats import entity_md
    from gittracker.store import atomic
    data = atomic.read(tracker.path(path)) if path.endswith(".md") else None
    return bool(data and entity_md.read(Comment, data)[0].deleted_at)


def _committed(tracker: Tracker, path: str) -> bool:
    from gittracker.git.run import git
    done = git(tracker.repository.top, "rev-list", "--all", "--max-count=1", "--", f".openkit/{path}")
    return bool(done.text)


def _forget_receipts(tracker: Tracker) -> None:
    """Receipts name entries by ids that no longer exist; keys older than the purge can be used again."""
    folder = os.path.join(tracker.state, "receipts")
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        os.unlink(os.path.join(folder, name))
