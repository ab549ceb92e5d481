"""Numbers for new tickets that this worktree's files and the clone's counter don't know of."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.git import discover
from gittracker.store import counters, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository


def elsewhere(repository: Repository, key: str, known: int, everywhere: bool = False) -> int:
    """Give the highest number of a project in other worktrees where entries wait for the journal, or in all of them.

    The counter has not heard of those yet; epics have one of their own, `OW-E`. Two that begin at the same moment can
    still take one number; then the folder's suffix tells their tickets apart.
    """
    for top in discover.other_worktrees(repository):
        root = os.path.join(top, ".openkit")
        if everywhere or os.path.exists(f"{root}/{layout.PENDING}"):
            known = _epics(root, key, known) if key.endswith("-E") else counters.highest_on_disk(root, key, known)
    return known


def _epics(root: str, key: str, known: int) -> int:
    try:
        names = os.listdir(f"{root}/{layout.EPICS}")
    except OSError:
        return known
    parsed = (ids.parse_epic(ids.epic_of_folder(name)) for name in names)
    return max([known, *(one[1] for one in parsed if one and f"{one[0]}-E" == key)])
