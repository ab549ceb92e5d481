"""The local part of a sync: files, git's index and the branch follow what was merged, all under the clone's lock.

The order makes it safe to die anywhere: index, files, branch. A note says what is being done, so that the next sync
finishes it; where somebody went on meanwhile, what is already there counts as edits like any other, which the next sync
commits and finds equal to the remote's.
"""

from __future__ import annotations

import os
import tempfile

from gittracker.git import history, trackertrees
from gittracker.git.objects import read_blobs
from gittracker.git.run import git
from gittracker.index import db
from gittracker.services import committing
from gittracker.services.refresh import recording
from gittracker.services.write import access
from gittracker.services.write.locking import Locked
from gittracker.services.write.writing import Request, Writing
from gittracker.store import atomic, bulk, kinds, layout, settings, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.remote import Upstream
    from gittracker.git.trackertrees import Entry
    from gittracker.services.sync.plan import Plan
    from gittracker.services.tracker import Tracker

    Changes = dict[str, tuple[Entry, Entry]]

_WORDS = 4  # of the note of what is being done: ref, old commit, new commit, the end


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
        changes = trackertrees.changes(top, branches.tree, plan.merge.tree)
        if not _is_at(top, up.ref, branches.ours) or trackertrees.unclean(top) & changes.keys():
            return False
        return _move(tracker, up.ref, branches.ours, plan.local, changes)


def resume(tracker: Tracker) -> None:
    """Finish what a sync that died had begun here, if nobody has changed any of it since; else it counts as edits."""
    path = _note(tracker)
    words = (atomic.read(path) or b"").decode(errors="replace").split("\n")
    if len(words) != _WORDS:
        return
    ref, old, new, _ = words
    top = tracker.repository.top
    with Locked(tracker, "sync") as keeper:
        if not keeper.sandboxed and _is_at(top, ref, old) and history.resolve(top, new):
            changes = trackertrees.changes(top, trackertrees.tree(top, old), trackertrees.tree(top, new))
            if _is_half_done(tracker, changes):
                _move(tracker, ref, old, new, changes)
        atomic.remove(path)


def _note(tracker: Tracker) -> str:
    return os.path.join(tracker.repository.git_dir, "gittracker", "sync")


def _is_at(top: str, ref: str, commit: str) -> bool:
    return (git(top, "symbolic-ref", "--quiet", "HEAD").text, git(top, "rev-parse", "HEAD").text) == (ref, commit)


def _is_half_done(tracker: Tracker, changes: Changes) -> bool:
    """Tell whether every file is as it was before, or as it is to be."""
    blobs = read_blobs(tracker.repository.top, [entry[1] for pair in changes.values() for entry in pair if entry])
    return all(atomic.read(tracker.path(path)) in [blobs[entry[1]] if entry else None for entry in pair]
               for path, pair in changes.items())


def _move(tracker: Tracker, ref: str, old: str, new: str, changes: Changes) -> bool:
    """Write files and git's index, then move the branch; False, with nothing moved, where somebody is in the way."""
    top = tracker.repository.top
    atomic.write(_note(tracker), f"{ref}\n{old}\n{new}\n".encode())
    with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
        moved = _write(tracker, trackertrees.tree(top, new), changes, scratch) and trackertrees.move_branch(
            top, ref, new, old)
    steps.reached("branch moved")
    atomic.remove(_note(tracker))
    if not moved:
        return False
    trackertrees.refresh_index(top)
    try:
        _index(tracker, changes)
    except (db.Error, OSError):
        pass  # the index is rebuilt from the files
    return True


def _write(tracker: Tracker, tree: str, changes: Changes, scratch: str) -> bool:
    """Write files and git's index; False, with nothing done, where somebody has one of the files in hand."""
    top = tracker.repository.top
    writing = Writing(tracker, Request("sync"))
    by_git, odd = _gather(tracker, writing, changes)
    if odd and trackertrees.unclean(top) & odd:
        return False
    if not trackertrees.put_in_index(top, {path: new for path, (_, new) in changes.items()}, tree):
        return False
    steps.reached("index written")
    bulk.replace([(tracker.path(path), data) for path, data in writing.after.items()])
    trackertrees.put_out(top, tree, by_git, scratch)
    steps.reached("files followed")
    return True


def _gather(tracker: Tracker, writing: Writing, changes: Changes) -> tuple[list[str], set[str]]:
    """Gather the files' new bytes; gives those that git must write: attached ones, other modes, what it filters.

    The second value has the ones that are not as git has them: it filters them, or somebody has just changed them.
    """
    blobs = read_blobs(tracker.repository.top, [entry[1] for pair in changes.values() for entry in pair if entry])
    by_git, odd = [], set()
    for path, (old, new) in changes.items():
        data = blobs[new[1]] if new else None
        writing.put(path, data)
        there = writing.before[path]
        if there not in (data, blobs[old[1]] if old else None):
            odd.add(path)
        if new and (path in odd or new[0] != trackertrees.PLAIN or kinds.noun(path) == "attachment"):
            by_git.append(path)
            del writing.after[path]
        elif there == data:
            del writing.after[path]
    return by_git, odd


def _index(tracker: Tracker, changes: Changes) -> None:
    """Bring the rows up to date, which tells what git brought."""
    if any(settings.is_one(path) for path in changes):
        tracker.renew()
    with tracker.index:
        if tracker.repository.is_side:
            tracker.index.drop(f"refs:{tracker.view}")  # no stamp need tell that the branch took in what it follows
        tracker.scanner.refresh_folders(list(dict.fromkeys(f for f in map(layout.folder_of, changes) if f)))
        roots = {path.partition("/")[0] for path in changes}.intersection(layout.RECORDS)
        if roots:
            recording.refresh(tracker, *roots)
    steps.reached("indexed")
