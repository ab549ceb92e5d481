"""Purge: take the bytes of a record, a comment or a file out of this clone's own records."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import ConflictError, NotFoundError
from gittracker.git import discover, rewrite
from gittracker.index import db
from gittracker.index import history as trail
from gittracker.services.past import history
from gittracker.services.tracker import open_tracker
from gittracker.services.write import access, finishing, waiting
from gittracker.services.write.locking import Locked
from gittracker.store import kinds, layout
from gittracker.store.worktreelocks import WorktreeLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.services.tracker import Tracker

_DELETIONS = {layout.TICKETS: "ticket delete {} --purge", layout.EPICS: "epic delete {}",
              layout.PAGES: "page delete {}", layout.SKILLS: "skill delete {}", layout.HARNESSES: "harness delete {}"}


class Purged:
    """What a purge took: entries rewritten, and whether the repository's own commits still hold the bytes."""

    __slots__ = ("name", "entries", "committed")

    def __init__(self, name: str, entries: int, committed: bool) -> None:
        self.name = name
        self.entries = entries
        self.committed = committed


def purge_history(tracker: Tracker, name: str) -> Purged:
    """Rewrite the journals without a record, a comment or one file; raises ConflictError while it is still there.

    What git's own commits hold is not ours to rewrite, and is told.
    """
    with Locked(tracker, "purge") as keeper:
        if keeper.sandboxed:
            raise access.refusal(tracker.repository, "a purge")
        history.catch_up(tracker)
        paths, shown = _locate(tracker, name)
        if any(os.path.exists(tracker.path(path)) and not _is_deleted(tracker, path) for path in paths):
            raise ConflictError(f"{shown} is still there", _deletion(name, paths[0], shown))
        purged, tombstone = frozenset(paths).__contains__, f"{shown} purged"
        count = rewrite.without(tracker.journal, tracker.repository.object_format, purged, tombstone)
        count += _purge_waiting(tracker, purged, tombstone)
        _forget_receipts(tracker)
        committed = _committed(tracker, paths)
        # A new index in the old one's place: the pages of deleted rows still have their text.
        open_tracker(tracker.repository.top, "", tracker.clock, tracker.entropy, db.NEW).close()
    return Purged(shown, count, committed)


def _purge_waiting(tracker: Tracker, purged: Callable[[str], bool], tombstone: str) -> int:
    """Take paths out of what waits for the journal in other worktrees, too."""
    count = 0
    for root in _others(tracker):
        with WorktreeLock(root, f"{tracker.principal.name}: purge (pid {os.getpid()})"):
            finishing.finish_sandboxed(root, tracker.repository.object_format)
            count += waiting.without(root, purged, tombstone)
    return count


def _others(tracker: Tracker) -> list[str]:
    """List the other worktrees' trackers in which sandboxed commands have been."""
    roots = [os.path.join(top, ".openkit") for top in discover.other_worktrees(tracker.repository)]
    return [root for root in roots if os.path.exists(f"{root}/{layout.LOCK}")]


def _locate(tracker: Tracker, name: str) -> tuple[list[str], str]:
    """Give the paths that history knows a record, a comment or a file by, and a label without their text."""
    known = [trail.give(path) for path in trail.paths(tracker.index)]
    known += [path for root in _others(tracker) for path in waiting.first_found(root, "sha1") if path not in known]
    path = name.removeprefix(".openkit/")
    if path != name and path in known and kinds.place(path):
        return [path], f"{history.name_of(tracker, kinds.place(path))} {kinds.noun(path)}"
    low = name.lower()
    if low.startswith(f"{ids.COMMENT}_"):
        suffix = ids.suffix(low) if ids.is_ref(low) else ""
        found = [p for p in known if suffix and kinds.noun(p) == "comment" and p.endswith(f"-{suffix}.md")]
        if len(found) != 1:
            raise NotFoundError("comment", name)
        return found, f"{history.name_of(tracker, kinds.place(found[0]))} comment"
    place = history.place_of(tracker, name)
    return kinds.files_of(known, place), history.name_of(tracker, place)


def _deletion(name: str, path: str, shown: str) -> str:
    """Say how to delete what is to be purged, which is always the first step."""
    top = path.partition("/")[0]
    if shown.endswith(" comment"):
        return f"gittracker comment delete {shown.split(' ')[0]} {name}"
    if name.startswith(".openkit/") or top not in _DELETIONS:
        return "remove it first"
    return f"gittracker {_DELETIONS[top].format(name)}"


def _is_deleted(tracker: Tracker, path: str) -> bool:
    """Tell whether a comment's file is only what deleting leaves."""
    from gittracker.domain.comment import Comment
    from gittracker.formats import entity_md
    from gittracker.store import atomic
    data = atomic.read(tracker.path(path)) if path.endswith(".md") else None
    return bool(data and entity_md.read(Comment, data)[0].deleted_at)


def _committed(tracker: Tracker, paths: list[str]) -> bool:
    from gittracker.git.run import git
    done = git(tracker.repository.top, "rev-list", "--all", "--max-count=1", "--", *(f".openkit/{p}" for p in paths))
    return bool(done.text)


def _forget_receipts(tracker: Tracker) -> None:
    """Receipts name entries by ids that no longer exist; keys older than the purge can be used again."""
    folder = os.path.join(tracker.state, "receipts")
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        os.unlink(os.path.join(folder, name))
