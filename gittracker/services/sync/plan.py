"""What a sync is to do with two branches: the commits that it makes of them, none of which anything refers to yet."""

from __future__ import annotations

import tempfile

from gittracker.domain.errors import ConflictError
from gittracker.git import bases, history, trackertrees, trees, versions
from gittracker.services.merge import treemerging
from gittracker.services.merge.lateness import Lateness, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.remote import Upstream
    from gittracker.services.merge.treemerging import Merge
    from gittracker.services.tracker import Tracker

SAME, FORWARD, MERGED, TWIN = "up-to-date", "fast-forward", "merge", "twin"
CREATED = "created"  # of a branch on the remote


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
    if ours == theirs:
        return Plan(branches, treemerging.Merge(branches.tree), branches.tree)
    base = bases.tracker_base(top, ours, theirs)
    if not base and tracker.repository.is_side and not history.is_shallow(top):
        raise ConflictError(f"the trackers on {up.branch} and {up.name} began apart",
                            "docs/side-branch.md tells how they become one")
    if not base:
        raise ConflictError(f"{up.branch} and {up.name} have no common history here",
                            f"git fetch --unshallow {up.remote}" if history.is_shallow(top) else f"git log {up.name}")
    with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
        three = trackertrees.tree(top, base), branches.tree, trackertrees.tree(top, theirs)
        lateness = Lateness(tracker, base, Side(up.branch, ours, True), Side(up.name, theirs, False))
        plan = Plan(branches, treemerging.merge_trees(tracker, three, lateness, scratch), three[2])
    _Shaping(top, up, plan, (tracker.principal.git_name, tracker.principal.email)).shape()
    return plan


class _Shaping:
    """Makes the commits of a plan."""

    def __init__(self, top: str, up: Upstream, plan: Plan, author: tuple[str, str]) -> None:
        self.top = top
        self.up = up
        self.plan = plan
        self.author = author
        self.ours = plan.branches.ours
        self.theirs = plan.branches.theirs
        self.to_push = plan.merge.tree != plan.their_tree
        self.to_keep = plan.merge.tree != plan.branches.tree

    def shape(self) -> None:
        """Choose them: one history for both where that neither publishes code nor brings any in, else twins."""
        plan = self.plan
        may_publish, may_take = bases.is_ours_alone(self.top, self.theirs, self.ours), self._may_take()
        if may_publish and may_take:
            self._join()
            return
        if self.to_push:
            # What is pushed is as old as the edits in it, so that later ones elsewhere are known to be later.
            at = versions.authored_at(self.top, self.theirs, self.ours, trackertrees.FOLDER)
            plan.push = self._commit(self.theirs, [self.theirs], self.ours, at)
        if may_take:
            if not history.contains(self.top, self.ours, plan.push):
                plan.local = self._commit(self.ours, [self.ours, plan.push])
        elif self.to_keep:
            plan.local = self._commit(self.ours, [self.ours], plan.push)
        plan.how = SAME if (plan.push, plan.local) == (self.theirs, self.ours) else MERGED if may_take else TWIN

    def _may_take(self) -> bool:
        """Tell whether merging the remote's branch changes no file outside the tracker here."""
        base = trees.merge_base(self.top, self.ours, self.theirs)
        return bool(base) and bases.is_same_outside(self.top, base, self.theirs)

    def _join(self) -> None:
        """Give both sides one history."""
        plan, ours, theirs = self.plan, self.ours, self.theirs
        if not self.to_push and history.contains(self.top, theirs, ours):
            one = theirs
        elif not self.to_keep and history.contains(self.top, ours, theirs):
            one = ours
        else:
            one = self._commit(ours, [ours, theirs])
        plan.push = plan.local = one
        plan.how = SAME if ours == theirs else MERGED if one not in (ours, theirs) else FORWARD

    def _commit(self, like: str, parents: list[str], synced: str = "", at: int = 0) -> str:
        """Make a commit that has the merged tracker and else the files of another one."""
        tree = trackertrees.with_tracker(self.top, like, self.plan.merge.tree)
        return trackertrees.write_commit(self.top, tree, parents, self._message(synced), self.author, at)

    def _message(self, synced: str) -> str:
        """Say what was disputed, so that a report that nobody read is still there."""
        lines = [f"openkit: sync with {self.up.name}", ""]
        lines += [f"Disputed: {path} {one.field or 'as a whole'}" for path, one in self.plan.merge.disputes]
        lines += [f"Kept: {path}" for path in self.plan.merge.kept]
        lines.append("Ticket: none")
        lines += [f"{bases.TRAILER}: {synced}"] if synced else []
        return "\n".join(lines) + "\n"
