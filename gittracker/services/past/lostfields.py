"""Lost fields: what commands or editors last left of a ticket that neither a branch nor a worktree has now."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.formats.etag import blob_id
from gittracker.git import discover, reach
from gittracker.git.objects import ids_at
from gittracker.index import history as rows
from gittracker.services.clone import clones
from gittracker.services.past import history
from gittracker.services.write import outside
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    States = list[tuple[str, str]]  # (blob, actor), the newest first

_PREFIX = ".openkit/"


def find(tracker: Tracker) -> dict[str, list[str]]:
    """Name the fields that are lost, by ticket folder."""
    outside.catch_up_all(tracker)
    return {layout.folder_of(path): sorted(changes) for path, changes in _changes(tracker, "").items()}


def recover(writing: Writing, folder: str) -> int:
    """Merge a ticket's lost fields in; gives how many files changed."""
    path = layout.ticket_file(folder)
    if not folder.startswith(layout.TICKETS) or writing.read(path) is None or path in writing.after:
        return 0
    changes = _changes(writing.tracker, folder).get(path)
    held = writing.in_folder(folder) if changes else None
    if not held or not changes:
        return 0
    writing.change(held, changes, "ticket.recovered")
    return 1


def _changes(tracker: Tracker, folder: str) -> dict[str, dict[str, Any]]:
    """Give what would have to change in tickets that are here, by path: the lost fields of one or of all."""
    suspects = _unshown(tracker, _streams(tracker, folder))
    if not suspects:
        return {}
    committed = reach.ever(tracker.repository.top, [_PREFIX + path for path, _ in suspects])
    found: dict[str, dict[str, Any]] = {}
    for (path, _), states in suspects.items():
        made = next(blob for blob, actor in states if actor != outside.BY_GIT)
        if (_PREFIX + path, made) in committed:
            continue
        older = [blob for blob, _ in states[[blob for blob, _ in states].index(made) + 1:]]
        base = next((blob for blob in older if (_PREFIX + path, blob) in committed), older[-1] if older else "")
        changes = _merged(tracker, path, base, made)
        if changes:
            found.setdefault(path, {}).update(changes)
    return found


def _streams(tracker: Tracker, folder: str) -> dict[tuple[str, str], States]:
    """Give the states of tickets' files that are here, by path and worktree: this one's, and those of removed ones."""
    alive = _numbers(tracker)
    bounds = (folder + "/", folder + "0") if folder else (layout.TICKETS + "/", layout.TICKETS + "0")
    found: dict[tuple[str, str], States] = {}
    for path, blob, actor, worktree in tracker.index.run(
            "SELECT c.path, c.new, e.actor, e.worktree FROM change c JOIN entry e ON e.seq = c.entry "
            f"WHERE e.{rows.OURS} AND c.path >= ? AND c.path < ? ORDER BY e.seq DESC", *bounds):
        if layout.is_ticket(path) and (worktree == tracker.worktree or worktree not in alive):
            found.setdefault((path, worktree), []).append((blob, actor))
    return found


def _numbers(tracker: Tracker) -> set[str]:
    """Give the numbers of the worktrees that are there."""
    found = set()
    for top in discover.other_worktrees(tracker.repository):
        found.add(clones.number_in(discover.git_dir_of(top)))
    return found | {tracker.worktree}


def _unshown(tracker: Tracker, streams: dict[tuple[str, str], States]) -> dict[tuple[str, str], States]:
    """Keep the streams whose last state is neither in the file here nor at HEAD; of a ticket that went, none."""
    asked = {}
    for (path, worktree), states in streams.items():
        made = next((blob for blob, actor in states if actor != outside.BY_GIT), "")
        data = _read(tracker, path) if made and states[0][0] else None
        if data is not None and blob_id(data, tracker.repository.object_format) != made:
            asked[path, worktree] = made
    heads = ids_at(tracker.repository.top, [f"HEAD:{_PREFIX}{path}" for path, _ in asked])
    return {key: streams[key] for key, made in asked.items() if heads.get(f"HEAD:{_PREFIX}{key[0]}") != made}


def _merged(tracker: Tracker, path: str, base: str, made: str) -> dict[str, Any]:
    data = history.read_all(tracker, [oid for oid in (base, made) if oid])
    try:
        ours = entity_md.read(Ticket, _read(tracker, path) or b"", path)[0]
        theirs = entity_md.read(Ticket, data[made])[0]
        before = entity_md.read(Ticket, data[base])[0] if base in data else ours
    except (InvalidDataError, KeyError):
        return {}
    return merge(before, ours, theirs).changes


def _read(tracker: Tracker, path: str) -> bytes | None:
    try:
        return atomic.read(tracker.path(path))
    except InvalidDataError:
        return None
