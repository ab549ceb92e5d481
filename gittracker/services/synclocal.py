"""The local part of a sync: files, git's index and the branch follow what was merged, all under the clone's lock.

The order makes it safe to die anywhere: index, files, branch. Until the branch moves, what is already there counts as
an edit like any other, which the next sync commits and finds equal to the remote's.
"""

from __future__ import annotations

import tempfile

from gittracker.git import trackertrees
from gittracker.git.objects import read_blobs
from gittracker.git.run import git
from gittracker.index import db
from gittracker.services import access, committing, recording
from gittracker.services.locking import Locked
from gittracker.services.writing import Request, Writing
from gittracker.store import bulk, kinds, layout, settings, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.remote import Upstream
    from gittracker.git.trackertrees import Entry
    from gittracker.services.syncplan import Plan
    from gittracker.services.tracker import Tracker

    Changes = dict[str, tuple[Entry, Entry]]


def follow(tracker: Tracker, up: Upstream, plan: Plan) -> bool:
    """Bring this worktree to the plan's local commit; False where somebody has changed something since it was made.

    Raises SandboxedError, StorageError, LockedError, and ConflictError while git has something under way.
    """
    top, branches = tracker.repository.top, plan.branches
    if plan.local == branches.ours:
        return True
    with Locked(tracker, "sync") as keeper:
        if keeper.sandboxed:
            raise access.git_refusal(tracker.repository, "a sync")
        committing.check_idle(tracker)
        if (git(top, "symbolic-ref", "--quiet", "HEAD").text, git(top, "rev-parse", "HEAD").text) != (
                up.ref, branches.ours):
            return False
        changes = trackertrees.changes(top, branches.tree, plan.merge.tree)
        with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
            if not _write(tracker, plan.merge.tree, changes, scratch):
                return False
        if not trackertrees.move_branch(top, up.ref, plan.local, branches.ours):
            return False
        steps.reached("branch moved")
        trackertrees.refresh_index(top)
        try:
            _index(tracker, changes)
        except (db.Error, OSError):
            pass  # the index is rebuilt from the files
    return True


def _write(tracker: Tracker, tree: str, changes: Changes, scratch: str) -> bool:
    """Write files and git's index; False, with nothing done, where somebody has one of the files in hand."""
    top = tracker.repository.top
    if trackertrees.unclean(top) & changes.keys():
        return False
    writing = Writing(tracker, Request("sync"))
    by_git = _gather(tracker, writing, changes)
    if by_git and trackertrees.unclean(top) & changes.keys():
        return False
    if not trackertrees.put_in_index(top, {path: new for path, (_, new) in changes.items()}, tree):
        return False
    steps.reached("index written")
    bulk.replace([(tracker.path(path), data) for path, data in writing.after.items()])
    trackertrees.put_out(top, tree, by_git, scratch)
    steps.reached("files followed")
    return True


def _gather(tracker: Tracker, writing: Writing, changes: Changes) -> list[str]:
    """Gather the files' new bytes; gives those that git must write: attached ones, other modes, what it filters."""
    blobs = read_blobs(tracker.repository.top, [entry[1] for pair in changes.values() for entry in pair if entry])
    by_git = []
    for path, (old, new) in changes.items():
        writing.put(path, blobs[new[1]] if new else None)
        plain = new is None or (new[0] == trackertrees.PLAIN and kinds.noun(path) != "attachment")
        if new and not (plain and writing.before[path] == (blobs[old[1]] if old else None)):
            by_git.append(path)
            del writing.after[path]
    return by_git


def _index(tracker: Tracker, changes: Changes) -> None:
    """Bring the rows up to date, which tells what git brought."""
    if any(settings.is_one(path) for path in changes):
        tracker.renew()
    with tracker.index:
        tracker.scanner.refresh_folders(list(dict.fromkeys(f for f in map(layout.folder_of, changes) if f)))
        roots = {path.partition("/")[0] for path in changes}.intersection(layout.RECORDS)
        if roots:
            recording.refresh(tracker, *roots)
    steps.reached("indexed")
