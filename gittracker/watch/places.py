"""Which folders a clone's watcher looks at."""

from __future__ import annotations

import os

from gittracker.domain.errors import UnavailableError
from gittracker.git import discover
from gittracker.store import layout, stamps, watermark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository

# Of `.openkit`: this worktree's own state, and whole checkouts.
_LEFT_OUT = (layout.LOCAL, "worktrees")


def worktrees(repository: Repository) -> list[Repository]:
    """List the clone's worktrees that have a tracker, the given one first."""
    found = []
    for top in (repository.top, *discover.other_worktrees(repository)):
        try:
            one = discover.discover(top)
        except UnavailableError:
            continue
        if one.top == os.path.realpath(top) and os.path.isdir(one.tracker) and not os.path.islink(one.tracker):
            found.append(one)
    return found


def deep(found: list[Repository]) -> list[str]:
    """List the folders to watch with all that is below them: records, refs, and the cookies beside them."""
    common = found[0].common_dir
    return [*(folder for one in found for folder in record_folders(one.tracker)),
            *(path for name in ("refs", "reftable") if os.path.isdir(path := os.path.join(common, name))),
            watermark.folder(found[0].local)]


def flat(found: list[Repository], repository: Repository) -> list[str]:
    """List the folders of which only the own entries matter: where trackers, settings and git's state lie.

    Worktrees without a tracker are among them, for one may come there.
    """
    tops = [repository.top, *discover.other_worktrees(repository)]
    common = repository.common_dir
    linked = os.path.join(common, "worktrees")
    folders = [common, linked, *_subfolders(linked), *tops, *(one.tracker for one in found)]
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def record_folders(tracker: str) -> list[str]:
    """List the folders of a tracker that hold records."""
    return [path for path in _subfolders(tracker) if os.path.basename(path) not in _LEFT_OUT]


def _subfolders(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in stamps.subfolders(folder)]
