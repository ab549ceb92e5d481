"""What a sync is to do with two branches: the commits that it makes of them, none of which anything refers to yet."""

from __future__ import annotations

import tempfile

from gittracker.domain.errors import ConflictError
from gittracker.git import bases, history, trackertrees, trees
from gittracker.services import treemerging
from gittracker.services.lateness import Lateness, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.remote import Upstream
    from gittracker.services.tracker import Tracker
    from gittracker.services.treemerging import Merge

SAME, FORWARD, MERGED, TWIN = "up-to-date", "fast-forward", "merge", "twin"


class Branches:
    """Both branches as they are: the local tip, the remote's, and the tracker's tree on this side."""

    __slots__ = ("ours", "theirs", "tree")

    def __init__(self, ours: str, theirs: str, tree: str) -> None:
        self.ours = ours
        self.theirs = theirs
        self.tree = tree


class Plan:
    """What to make of them: `push` is the remote's next commit, `local` this branch's; each may be what it is."""

    __slots__ = ("branches", "merge", "push", "local", "how", "their_tree")

    def __init__(self, branches: Branches, merge: Merge, their_tree: str) -> None:
        self.branches = branches
        self.merge = merge
        self.their_tree = their_tree
        self.push = branches.theirs
        self.local = branches.ours
        self.how = SAME


def make(tracker: Tracker, up: Upstream, branches: Branches) -> Plan:
    """Merge the trackers and make the commits; raises ConflictError where the branches have no common history."""
    top = tracker.repository.top
    ours, theirs = branches.ours, branches.theirs
    base = bases.tracker_base(top, ours, theirs)
    if not base:
        raise ConflictError(f"{up.branch} and {up.name} have no common history here",
                            f"git fetch --unshallow {up.remote}" if history.is_shallow(top) else f"git log {up.name}")
    with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
        three = trackertrees.tree(top, base), branches.tree, trackertrees.tree(top, theirs)
        lateness = Lateness(tracker, base, Side(up.branch, ours, True), Side(up.name, theirs, False))
        plan = Plan(branches, treemerging.merge_trees(tracker, three, lateness, scratch), three[2])
    _shape(top, up, plan)
    return plan


def _shape(top: str, up: Upstream, plan: Plan) -> None:
    """Choose the commits: one history for both where that neither publishes code nor brings any in, else twins."""
    ours, theirs = plan.branches.ours, plan.branches.theirs
    may_publish, may_take = bases.is_ours_alone(top, theirs, ours), _may_take(top, ours, theirs)
    to_push, to_keep = plan.merge.tree != plan.their_tree, plan.merge.tree != plan.branches.tree
    if may_publish and may_take:
        _join(top, up, plan, to_push, to_keep)
        return
    if to_push:
        plan.push = _commit(top, theirs, plan.merge.tree, [theirs], _message(up.name, plan, ours))
    if may_take:
        if not history.contains(top, ours, plan.push):
            plan.local = _commit(top, ours, plan.merge.tree, [ours, plan.push], _message(up.name, plan))
    elif to_keep:
        plan.local = _commit(top, ours, plan.merge.tree, [ours], _message(up.name, plan, plan.push))
    plan.how = SAME if (plan.push, plan.local) == (theirs, ours) else MERGED if may_take else TWIN


def _may_take(top: str, ours: str, theirs: str) -> bool:
    """Tell whether merging the remote's branch changes no file outside the tracker here."""
    base = trees.merge_base(top, ours, theirs)
    return bool(base) and bases.is_same_outside(top, base, theirs)


def _join(top: str, up: Upstream, plan: Plan, to_push: bool, to_keep: bool) -> None:
    """Give both sides one history."""
    ours, theirs = plan.branches.ours, plan.branches.theirs
    if not to_push and history.contains(top, theirs, ours):
        one = theirs
    elif not to_keep and history.contains(top, ours, theirs):
        one = ours
    else:
        one = _commit(top, ours, plan.merge.tree, [ours, theirs], _message(up.name, plan))
    plan.push = plan.local = one
    plan.how = SAME if ours == theirs else MERGED if one not in (ours, theirs) else FORWARD


def _commit(top: str, like: str, tracker: str, parents: list[str], message: str) -> str:
    return trackertrees.write_commit(top, trackertrees.with_tracker(top, like, tracker), parents, message)


def _message(name: str, plan: Plan, synced: str = "") -> str:
    """Say what was disputed, so that a report that nobody read is still there."""
    lines = [f"openkit: sync with {name}", ""]
    lines += [f"Disputed: {path} {one.field or 'as a whole'}" for path, one in plan.merge.disputes]
    lines += [f"Kept: {path}" for path in plan.merge.kept]
    lines.append("Ticket: none")
    lines += [f"{bases.TRAILER}: {synced}"] if synced else []
    return "\n".join(lines) + "\n"
