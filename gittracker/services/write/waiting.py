"""What waits in a worktree's pending file, as history, receipts and undo see it before it is journalled."""

from __future__ import annotations

import os

from gittracker.formats import pending as lines
from gittracker.formats.etag import blob_id
from gittracker.git import history as git_history
from gittracker.git.history import Commit
from gittracker.git.run import git
from gittracker.index import history
from gittracker.store import layout, pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.formats.pending import Line
    from gittracker.services.tracker import Tracker


def commits(tracker: Tracker) -> list[Commit]:
    """Give the entries that wait as the journal will have them, in their order; those that it has are left out."""
    return _commits(tracker, tracker.root, tracker.worktree)


def _commits(tracker: Tracker, root: str, worktree: str) -> list[Commit]:
    found, _ = lines.read(pending.load(root))
    done = journalled(tracker, found, worktree)
    object_format = tracker.repository.object_format
    made = []
    for line in found:
        if line.id not in done and line.changes:
            rows = sorted((path, old, "" if data is None else blob_id(data, object_format))
                          for path, old, data in line.changes)
            made.append(Commit(line.id, line.author, line.email, line.at, line.message, rows))
    return made


def put_rows(tracker: Tracker, root: str, worktree: str, seen: str) -> None:
    """Show the index the entries that wait, in place of those that waited before; `seen` is what they are taken of."""
    waiting = _commits(tracker, root, worktree)
    with tracker.index as index:
        history.forget(index, history.PENDING, worktree)
        for one in waiting:
            history.put(index, history.PENDING, worktree, one.id, one.message.actor, one.author, one.at,
                        one.message.subject, one.message.undoes, one.changes, one.message.command)
        history.set_tip(index, history.PENDING, worktree, seen)


def journalled(tracker: Tracker, found: list[Line], worktree: str = "") -> dict[str, str]:
    """Give the journal's entries by the ids of those lines that it holds already: a replay may have died half-way."""
    if not found:
        return {}
    since = history.entries_since(tracker.index, worktree or tracker.worktree, min(line.at for line in found))
    return git_history.pending_ids(tracker.journal, since) if since else {}


def first_found(root: str, object_format: str) -> dict[str, str]:
    """Give for each path that waits the blob that the first sandboxed command found there, empty for none."""
    seen: dict[str, str] = {}
    for line in lines.read(pending.load(root))[0]:
        for path, old, data in line.changes:
            there = old if not line.found else "" if data is None else blob_id(data, object_format)
            seen.setdefault(path, there)
    return seen


def blobs(tracker: Tracker, wanted: list[str]) -> dict[str, bytes]:
    """Give those blobs that only the pending file holds."""
    if not wanted or not os.path.exists(tracker.path(layout.PENDING)):
        return {}
    found: dict[str, bytes] = {}
    for line in lines.read(pending.load(tracker.root))[0]:
        for _, _, data in line.changes:
            if data is not None:
                found[blob_id(data, tracker.repository.object_format)] = data
    return {oid: found[oid] for oid in wanted if oid in found}


def without(root: str, purged: Callable[[str], bool], tombstone: str) -> int:
    """Take the paths that `purged` names out of what waits; gives how many lines lost something."""
    count = 0
    kept = []
    for raw in pending.load(root).split(b"\n"):
        try:
            line = lines.parse(raw)
        except ValueError:
            kept.append(raw)
            continue
        left = [change for change in line.changes if not purged(change[0])]
        if len(left) < len(line.changes):
            count += 1
            line.changes, line.records, line.message.subject, line.message.key = left, [], tombstone, ""
            raw = lines.render(line).rstrip(b"\n")
        kept.append(raw)
    if count:
        pending.replace(root, b"\n".join(kept))
    return count


def problems(tracker: Tracker) -> list[tuple[str, int, str]]:
    """List what is wrong with the pending file as (path, line, message)."""
    data = pending.load(tracker.root)
    if not data:
        return []
    if is_tracked(tracker.root):
        return [(layout.PENDING, 0, "tracked by git, so nobody can tell whose it is and it is not journalled; "
                                    "git rm --cached takes it out")]
    return [(layout.PENDING, number, f"{message}; the files have what it changed, the journal will not say who did it")
            for number, message, _ in lines.read(data)[1]]


def is_tracked(root: str) -> bool:
    """Tell whether git tracks what is this worktree's own: then a clone may have brought it, and it proves nothing."""
    return bool(git(os.path.dirname(root), "ls-files", "--", f".openkit/{layout.LOCAL}").text)
