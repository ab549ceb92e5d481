"""Landing: a branch's `.openkit` alone is merged onto another branch, by record, in a commit of its own."""

from __future__ import annotations

import os
import tempfile
from shlex import quote

from gittracker.domain.changes import Comparison
from gittracker.domain.errors import ConflictError, UnavailableError, UsageError
from gittracker.formats.entry import Message
from gittracker.git import bases, branchmoves, objects, operations, trackertrees
from gittracker.git import trees as git_trees
from gittracker.services.clone import unlanded
from gittracker.services.clone.clones import LOCAL, Clone
from gittracker.services.merge.lateness import Lateness, Side
from gittracker.services.merge.treemerging import merge_trees
from gittracker.services.refresh import recordchanges
from gittracker.services.refresh.recordchanges import Changed
from gittracker.services.write import access
from gittracker.services.write.locking import Locked
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.worktrees import Worktree
    from gittracker.services.merge.combining import Dispute, IsLater
    from gittracker.services.tracker import Tracker

    Disputes = list[tuple[str, Dispute]]

BOARD, OURS, THEIRS = "board", "ours", "theirs"
_PREFIX = ".openkit/"
_TRIES = 3
_MOST_NAMED = 20


class Landing:
    """What a landing does: the tracker's new tree, the same by record, and what both sides changed differently.

    `disputes` are by path and say which value stays; `kept` are files that one side had removed and that stay.
    """

    __slots__ = ("branch", "onto", "source", "target", "tree", "told", "paths", "disputes", "kept", "uncommitted",
                 "commit")

    def __init__(self, branch: str, onto: str, source: str, target: str) -> None:
        self.branch = branch
        self.onto = onto
        self.source = source
        self.target = target
        self.tree = ""
        self.told = Comparison(onto, branch, target, source, [], [], {})
        self.paths: list[str] = []
        self.disputes: Disputes = []
        self.kept: list[str] = []
        self.uncommitted: list[str] = []
        self.commit = ""


class _Chosen(Lateness):
    """Gives one side the last word, whatever is later."""

    def __init__(self, usual: Lateness, theirs: bool) -> None:
        super().__init__(usual.tracker, usual.base, usual.ours, usual.theirs)
        self._takes_theirs = theirs

    def judge(self, path: str) -> IsLater:
        """Say the same of every field."""
        return lambda field: self._takes_theirs


def land(tracker: Tracker, branch: str = "", onto: str = "", choice: str = "", rehearse: bool = False) -> Landing:
    """Merge what a branch's commits changed below `.openkit` onto another branch; nothing else is touched.

    `choice`, BOARD (the later value), OURS or THEIRS, decides what both changed differently. Raises ConflictError where
    that is not given, and where the other branch's worktree has uncommitted edits in the way, UnavailableError where
    the tracker has a branch of its own; then nothing has changed.
    """
    if tracker.repository.is_side:
        raise UnavailableError("the tracker has a branch of its own, so no branch of code has anything of it to land",
                               "gittracker sync")
    for _ in range(_TRIES):
        clone = Clone(tracker.repository)
        with tempfile.TemporaryDirectory(prefix="gittracker-") as scratch:
            found = _plan(tracker, clone, *_branches(clone, branch, onto), choice, scratch)
            if found.disputes and not choice:
                raise _disputed(found)
            if rehearse or not found.paths or _move(tracker, found):
                return found
    raise ConflictError(f'"{found.onto}" moved while this was under way', f"gittracker land {found.branch}")


def _branches(clone: Clone, branch: str, onto: str) -> tuple[str, str]:
    """Give the full names of both: this worktree's branch and home where they are not named."""
    here = clone.here()
    source = clone.branch(branch).name if branch else here.branch if here else ""
    if not source:
        raise UsageError("this worktree is on no branch, and none was named", "gittracker land BRANCH")
    target = clone.branch(onto).name if onto else clone.home
    if not target or target == source:
        raise UsageError(f'"{source.removeprefix(LOCAL)}" is the branch to land on',
                         "gittracker land BRANCH --onto OTHER")
    return source, clone.branch(target).name


def _plan(tracker: Tracker, clone: Clone, source: str, target: str, choice: str, scratch: str) -> Landing:
    top = clone.repository.top
    head, onto = clone.branch(source).head, clone.branch(target).head
    found = Landing(source.removeprefix(LOCAL), target.removeprefix(LOCAL), head, onto)
    if tracker.sandboxed or not os.access(clone.repository.common_dir, os.W_OK):
        raise access.git_refusal(clone.repository, "landing")
    base = bases.tracker_base(top, onto, head)
    if not base:
        raise ConflictError(f'"{found.branch}" and "{found.onto}" have no commit in common',
                            "git fetch --unshallow" if _is_shallow(clone) else "git log --oneline --graph --all")
    before, ours, theirs = (trackertrees.tree(top, commit) for commit in (base, onto, head))
    theirs = _without_past(top, (before, ours, theirs), (onto, head), scratch)
    lateness = Lateness(tracker, base, Side(found.onto, onto, True), Side(found.branch, head, False))
    judge = lateness if choice == BOARD else _Chosen(lateness, choice == THEIRS)
    merged = merge_trees(tracker, (before, ours, theirs), judge, scratch)
    found.tree, found.disputes, found.kept = merged.tree, merged.disputes, sorted(merged.kept)
    _tell(tracker, top, found, ours)
    there = clone.on(source)
    found.uncommitted = unlanded.uncommitted(there) if there else []
    return found


def _without_past(top: str, trees: tuple[str, str, str], heads: tuple[str, str], scratch: str) -> str:
    """Give theirs without those bytes that ours has had already and left behind, after a squash merge, say."""
    before, ours, theirs = trees
    mine, other = (trackertrees.changes(top, before, tree) for tree in (ours, theirs))
    both = {path for path in mine.keys() & other.keys() if mine[path][1] != other[path][1]}
    fork, _ = git_trees.fork(top, heads[1], [heads[0]])
    past = git_trees.past(top, fork, [heads[0]], _PREFIX) if both and fork else set()
    old = {path: mine[path][1] for path in both if (entry := other[path][1]) and (path, entry[1]) in past}
    return trackertrees.write_tree(top, theirs, old, scratch)


def _is_shallow(clone: Clone) -> bool:
    return os.path.exists(os.path.join(clone.repository.common_dir, "shallow"))


def _tell(tracker: Tracker, top: str, found: Landing, ours: str) -> None:
    """Say by record what the other branch gains."""
    changed = [Changed(path, kinds.part(path), old[1] if old else "", new[1] if new else "")
               for path, (old, new) in sorted(trackertrees.changes(top, ours, found.tree).items())]
    found.paths = [one.path for one in changed]
    text = [one for one in changed if one.place.part != kinds.FILE]
    names = {f"{found.target}:{_PREFIX}{one.place.own}": one.place.own for one in changed}
    blobs = objects.read_blobs(top, [*(oid for one in text for oid in (one.old, one.new) if oid),
                                     *(name for name in names if "\n" not in name)])
    for one in text:
        one.before, one.after = blobs.get(one.old), blobs.get(one.new)
    own = {path: blobs[name] for name, path in names.items() if name in blobs and path not in found.paths}
    found.told = Comparison(found.onto, found.branch, found.target, found.source,
                            *recordchanges.gather(changed, own, tracker.settings, tracker.settings), {})


def _move(tracker: Tracker, found: Landing) -> bool:
    """Make the commit and move the branch, with its worktree's files where it is checked out; False: it has moved.

    Under the clone's lock, so that no command writes a file that it read before.
    """
    made = _commit(tracker, found)  # before the lock: whoever signs may be asked for a passphrase
    with Locked(tracker, "land") as keeper:
        if keeper.sandboxed:
            raise access.git_refusal(tracker.repository, "landing")
        clone = Clone(tracker.repository)
        there = clone.on(LOCAL + found.onto)
        _check_way(clone, there, found)
        moved = _move_branch(clone, there, found, made)
    found.commit = made if moved else ""
    if moved and there:
        branchmoves.tell_merged(there.top)
    return moved


def _commit(tracker: Tracker, found: Landing) -> str:
    top = tracker.repository.top
    tree = trackertrees.with_tracker(top, found.target, found.tree)
    return trackertrees.write_commit(top, tree, [found.target], _message(tracker, found),
                                     (tracker.principal.git_name, tracker.principal.email))


def _check_way(clone: Clone, there: Worktree | None, found: Landing) -> None:
    """Raise ConflictError where something is under way on the branch, or uncommitted edits are in the way."""
    target = LOCAL + found.onto
    for one in clone.worktrees:
        busy = operations.under_way(one.git_dir) if one.git_dir else ""
        if busy and (one is there or operations.rebased(one.git_dir) == target):
            raise ConflictError(f'"{one.top}" has a {busy} under way',
                                f"finish it first: git -C {quote(one.top)} status")
    in_the_way = sorted(set(unlanded.uncommitted(there)).intersection(found.paths)) if there else []
    if there and in_the_way:
        raise ConflictError(f'"{there.top}" has uncommitted edits in {len(in_the_way)} of the files: '
                            f"{', '.join(in_the_way[:3])}", f"gittracker -C {quote(there.top)} commit",
                            uncommitted=[_PREFIX + path for path in in_the_way])


def _move_branch(clone: Clone, there: Worktree | None, found: Landing, made: str) -> bool:
    target, why = LOCAL + found.onto, f"gittracker: land {found.branch}"
    if there is None:
        return branchmoves.alone(clone.repository.top, target, made, found.target, why)
    done = branchmoves.with_files(there.top, target, made, found.target, why)
    if done.status and Clone(clone.repository).branch(target).head == found.target:
        raise ConflictError(f'git did not change the files in "{there.top}": {done.err.split(chr(10))[0]}',
                            f"git -C {quote(there.top)} status")
    return done.status == 0


def _message(tracker: Tracker, found: Landing) -> str:
    slugs = [record.name for record in found.told.records if record.noun == "ticket"]
    shown = ", ".join(slugs[:_MOST_NAMED]) or f"{len(found.paths)} tracker file(s)"
    shown += f" and {len(slugs) - _MOST_NAMED} more" if len(slugs) > _MOST_NAMED else ""
    message = Message(f"{found.branch} landed: {shown}", slugs[:_MOST_NAMED], tracker.principal.name)
    return f"{message.render()}{bases.TRAILER}: {found.source}\n"


def _disputed(found: Landing) -> ConflictError:
    shown = [f"{kinds.part(path).name} {one.field or path}" for path, one in found.disputes]
    return ConflictError(f'"{found.branch}" and "{found.onto}" changed differently: {", ".join(shown[:5])}'
                         + (f" and {len(shown) - 5} more" if len(shown) > 5 else ""),
                         f"gittracker land {found.branch} --board takes the later values; --ours keeps what "
                         f"{found.onto} has, --theirs takes what {found.branch} has", disputes=shown)
