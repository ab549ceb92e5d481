"""Journal what changed around the tool, without a command of one's own."""

from __future__ import annotations

from gittracker.index import notes
from gittracker.services.write import outside
from gittracker.services.write.locking import Locked
from gittracker.services.write.writing import Request, Writing
from gittracker.store import intents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_REQUEST = Request("watch")


def settle(tracker: Tracker) -> None:
    """Give the worktree its number, before anybody's rows are kept under its place.

    Raises what a first write raises; where only reading is allowed, the number waits for it.
    """
    if tracker.worktree.startswith("?"):
        with Locked(tracker, _REQUEST.name):
            pass


def is_due(tracker: Tracker) -> bool:
    """Tell whether reads noted changes that the journal lacks, or a command died half-way."""
    if notes.listed(tracker.index, tracker.worktree, 1):
        return True
    return bool(intents.load(intents.path_in(tracker.state)))


def journal_outside(tracker: Tracker) -> int:
    """Journal what reads noted, and finish what a dead command left; gives how many files were journalled.

    Raises LockedError, StorageError, AccessError, and what a newer format or a broken setting raises.
    """
    done = 0
    with Locked(tracker, _REQUEST.name) as keeper:
        if keeper.sandboxed:
            return 0
        while noted := notes.listed(tracker.index, tracker.worktree, 1):
            keeper.begin()
            commits = outside.commits(tracker, [])
            if commits:
                keeper.promise(Writing(tracker, _REQUEST), [], commits, [], [])
                keeper.record()
                with tracker.index as index:
                    keeper.put_rows()
                    paths = [path for commit in commits for path, _ in commit.changes]
                    notes.drop(index, tracker.worktree, paths)
                keeper.end(_REQUEST, [])
                done += len(paths)
            elif notes.listed(tracker.index, tracker.worktree, 1) == noted:
                break
    return done
