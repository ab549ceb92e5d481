"""The base that git's merges should have: it knows where the code parted, not where a sync made trackers one since.

Git tells a merge driver three versions of a file, and no commits; but what it is at work on can be seen.
"""

from __future__ import annotations

import os

from gittracker.domain.errors import UnavailableError
from gittracker.git import bases, history, operations
from gittracker.git.discover import discover
from gittracker.git.objects import read_blobs


def better(path: str, theirs: bytes) -> bytes | None:
    """Give the file as both sides last had it, if a sync was in between; None where git's own base is right.

    Of a commit that is replayed in a rebase and whose tracker a sync has brought already, its own version is the base,
    so that it changes nothing. Called at the top of a worktree, with git's environment.
    """
    try:
        repository = discover(os.curdir)
    except UnavailableError:
        return None
    top, git_dir = repository.top, repository.git_dir
    merged, replayed = operations.merged(), operations.replayed(git_dir)
    head = history.resolve(top, "HEAD") if merged or replayed else ""
    if not head or not bases.has_synced(top, head, merged or operations.rebased_tip(git_dir)):
        return None
    if not merged:
        return theirs if bases.has_brought(top, head, operations.rebased_tip(git_dir), replayed) else None
    name = f"{bases.tracker_base(top, head, merged)}:{path}"
    return read_blobs(top, [name]).get(name)
