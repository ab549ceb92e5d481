"""Keep what the base branch has closed, where policy.yaml says `landed: true`: what is closed elsewhere still blocks.

A ticket is landed when its file in the base branch's last commit has a status that closes it: the commit that closed it
is then reachable from there, and so is the code that was committed with it.
"""

from __future__ import annotations

import time

from gittracker.domain.errors import InvalidDataError, UnavailableError
from gittracker.domain.status import CLOSED_STAGES
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.git import basebranch, discover, objects, trees
from gittracker.index import boards, edges, landed
from gittracker.index.landed import Base
from gittracker.store import layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"


def look(tracker: Tracker) -> None:
    """Follow the base branch, or forget it; where no ref has moved since the last look, that costs a few stats."""
    index, view, now = tracker.index, tracker.view, time.time_ns()
    # The tracker's own branch, where every command is a commit, says nothing of code.
    if tracker.repository.is_side or not tracker.settings.landed:
        if edges.has_base(index, view):
            landed.forget(index, view)
        return
    signs = discover.board_stamps(tracker.repository)
    rules = boards.pack((tracker.settings.base_branch,
                         [(one.slug, one.name, one.stage) for one in tracker.settings.statuses]))
    known = landed.base(index, view)
    if known and (known.signs, known.rules) == (boards.pack(signs), rules):
        return
    # Where a ref could move again within the same stamp, none fits the next time.
    is_settled = stamps.settled(max(signs), now) != stamps.NEVER
    found = Base(basebranch.tip(tracker.repository, tracker.settings.base_branch),
                 boards.pack(signs if is_settled else []), rules)
    if known and known.rules != rules:
        known = None
    with index:
        landed.put(index, view, found)
        if not known or known.head != found.head:
            _follow(tracker, known.head if known else "", found.head)


def _follow(tracker: Tracker, old: str, new: str) -> None:
    """Note what differs between two commits, or all of the new one where the old one is not known any more."""
    changed = _changed(tracker, old, new) if old and new else None
    if changed is None:
        landed.clear(tracker.index, tracker.view)
        listed = trees.listed(tracker.ground.top, new, _PREFIX, (layout.TICKETS,)) if new else {}
        changed = _tickets(list(listed.items()))
    landed.change(tracker.index, tracker.view, _closed(tracker, changed))


def _changed(tracker: Tracker, old: str, new: str) -> dict[str, str] | None:
    try:
        found = trees.between(tracker.ground.top, old, new, _PREFIX)
    except UnavailableError:
        return None  # git has thrown the old commit away
    return _tickets([(path, blob) for path, _, blob in found])


def _tickets(files: list[tuple[str, str]]) -> dict[str, str]:
    """Give the blobs of tickets' own files, empty for one that is gone, by folder."""
    return {folder: blob for path, blob in files
            if (folder := layout.folder_of(path)) and path == layout.ticket_file(folder)}


def _closed(tracker: Tracker, blobs: dict[str, str]) -> dict[str, bool]:
    """Tell which tickets a commit has closed, by what their statuses mean now; what can't be read is not closed."""
    texts = objects.read_blobs(tracker.ground.top, [blob for blob in blobs.values() if blob])
    return {folder: blob in texts and _is_closed(tracker, texts[blob]) for folder, blob in blobs.items()}


def _is_closed(tracker: Tracker, data: bytes) -> bool:
    try:
        return tracker.settings.stage(entity_md.read(Ticket, data)[0].status) in CLOSED_STAGES
    except InvalidDataError:
        return False
