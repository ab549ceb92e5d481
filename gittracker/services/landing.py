"""Landing: a branch's `.openkit` alone is merged onto another branch, by record, in a commit of its own."""

from __future__ import annotations

import os
from shlex import quote

from gittracker.domain.changes import Comparison
from gittracker.domain.errors import ConflictError, UsageError
from gittracker.formats.entry import Message
from gittracker.git import history, objects, operations, plumbing, reach
from gittracker.services import access, filemerging, recordchanges, unlanded
from gittracker.services.clones import LOCAL, Clone
from gittracker.services.recordchanges import Changed
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.plumbing import Row
    from gittracker.services.filemerging import Dispute
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
_TRIES = 3
_MOST_NAMED = 20
_LINK, _SUBMODULE = "120000", "160000"
_TRAILER = "Landed"


class Landing:
    """What a landing does: files by path as (mode, blob), the same by record, and what both sides changed."""

    __slots__ = ("branch", "onto", "source", "target", "files", "told", "disputes", "uncommitted", "commit")

    def __init__(self, branch: str, onto: str, source: str, target: str) -> None:
        self.branch = branch
        self.onto = onto
        self.source = source
        self.target = target
        self.files: dict[str, tuple[str, str]] = {}
        self.told = Comparison(onto, branch, target, source, [], [], {})
        self.disputes: list[Dispute] = []
        self.uncommitted: list[str] = []
        self.commit = ""


def land(tracker: Tracker, branch: str = "", onto: str = "", choice: str = "", rehearse: bool = False) -> Landing:
    """Merge what a branch's commits changed below `.openkit` onto another branch; nothing else is touched.

    `choice`, ours or theirs, decides what both changed differently. Raises ConflictError where that is not given, and
    where the other branch's worktree has uncommitted edits in the way; then nothing has changed.
    """
    for _ in range(_TRIES):
        clone = Clone(tracker.repository)
        found = _plan(tracker, clone, *_branches(clone, branch, onto), choice)
        if found.disputes and not choice:
            raise _disputed(found)
        if rehearse or not found.files or _move(tracker, clone, found):
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


def _plan(tracker: Tracker, clone: Clone, source: str, target: str, choice: str) -> Landing:
    top = clone.repository.top
    head, onto = clone.branch(source).head, clone.branch(target).head
    found = Landing(source.removeprefix(LOCAL), target.removeprefix(LOCAL), head, onto)
    fork, base = reach.fork(top, head, [onto])
    if not fork:
        raise ConflictError(f'"{found.branch}" and "{found.onto}" have no commit in common',
                            "git fetch --unshallow" if _is_shallow(clone) else "git log --oneline --graph --all")
    base = _landed_before(top, fork, onto, head) or base
    theirs = plumbing.rows(top, base, head, _PREFIX)
    ours = plumbing.rows(top, base, onto, _PREFIX)
    _check_whole(top, base, theirs, found)
    past = reach.past(top, fork, [onto], _PREFIX) if theirs and fork != onto else set()
    _merge(top, found, theirs, ours, past, choice)
    _tell(tracker, top, found, ours, theirs)
    there = clone.on(source)
    found.uncommitted = unlanded.uncommitted(there) if there else []
    return found


def _is_shallow(clone: Clone) -> bool:
    return os.path.exists(os.path.join(clone.repository.common_dir, "shallow"))


def _landed_before(top: str, fork: str, onto: str, head: str) -> str:
    """Give the commit of the branch that landed last, for what it held is no news; empty where none has."""
    for landed in reach.trailers(top, _TRAILER, fork, onto):
        if history.contains(top, head, landed) and not history.contains(top, fork, landed):
            return landed
    return ""


def _check_whole(top: str, base: str, theirs: dict[str, Row], found: Landing) -> None:
    """Refuse a branch that has lost most of the tracker: what is absent is not deleted."""
    gone = sum(not row.new and kinds.is_own(path.removeprefix(_PREFIX)) for path, row in theirs.items())
    if gone > 2 and gone * 2 > reach.count_files(top, base, _PREFIX, kinds.is_own):
        raise ConflictError(f'"{found.branch}" lacks {gone} of the tracker\'s records, more than half',
                            f"gittracker diff {found.onto}...{found.branch}")


def _merge(top: str, found: Landing, theirs: dict[str, Row], ours: dict[str, Row], past: set[tuple[str, str]],
           choice: str) -> None:
    """Merge file by file: what one side alone changed is taken as it is."""
    both = []
    for path, row in theirs.items():
        mine = ours.get(path)
        if mine is None:
            found.files[path] = row.mode, row.new
        elif (mine.new, mine.mode) != (row.new, row.mode) and (path.removeprefix(_PREFIX), row.new) not in past:
            both.append(row)
    blobs = objects.read_blobs(top, [oid for row in both for oid in (row.old, row.new, ours[row.path].new) if oid])
    for row in both:
        mine = ours[row.path]
        path = row.path.removeprefix(_PREFIX)
        if {row.mode, mine.mode} & {_LINK, _SUBMODULE}:
            data, disputes = None, [filemerging.Dispute(path, "", "changed", "changed")]
            chosen = row if choice == filemerging.THEIRS else mine
            mode, blob = chosen.mode, chosen.new
        else:
            data, disputes = filemerging.merge_file(path, blobs.get(row.old), blobs.get(mine.new), blobs.get(row.new),
                                                    choice)
            mode = row.mode if mine.mode in (row.old_mode, plumbing.GONE) else mine.mode
            blob = plumbing.write_blob(top, data) if data is not None else ""
        found.disputes += disputes
        if blob != mine.new:
            found.files[row.path] = (mode, blob) if blob else (plumbing.GONE, "")


def _tell(tracker: Tracker, top: str, found: Landing, ours: dict[str, Row], theirs: dict[str, Row]) -> None:
    """Say by record what the other branch gains."""
    changed = []
    for full, (_, blob) in sorted(found.files.items()):
        path = full.removeprefix(_PREFIX)
        old = ours[full].new if full in ours else theirs[full].old
        changed.append(Changed(path, kinds.part(path), old, blob))
    text = [one for one in changed if one.place.part != kinds.FILE]
    names = {f"{found.target}:{_PREFIX}{one.place.own}": one.place.own for one in changed}
    blobs = objects.read_blobs(top, [*(oid for one in text for oid in (one.old, one.new) if oid),
                                     *(name for name in names if "\n" not in name)])
    for one in text:
        one.before, one.after = blobs.get(one.old), blobs.get(one.new)
    there = {one.path for one in changed}
    own = {path: blobs[name] for name, path in names.items() if name in blobs and path not in there}
    found.told = Comparison(found.onto, found.branch, found.target, found.source,
                            *recordchanges.gather(changed, own, tracker.settings, tracker.settings), {})


def _move(tracker: Tracker, clone: Clone, found: Landing) -> bool:
    """Make the commit and move the branch, with its worktree's files where it is checked out; False: it has moved."""
    target = LOCAL + found.onto
    there = clone.on(target)
    for one in clone.worktrees:
        busy = operations.under_way(one.git_dir) if one.git_dir else ""
        if busy and (one is there or operations.rebased(one.git_dir) == target):
            raise ConflictError(f'"{one.top}" has a {busy} under way',
                                f"finish it first: git -C {quote(one.top)} status")
    in_the_way = [path for path in unlanded.uncommitted(there) if _PREFIX + path in found.files] if there else []
    if there and in_the_way:
        raise ConflictError(f'"{there.top}" has uncommitted edits in {len(in_the_way)} of the files: '
                            f"{', '.join(in_the_way[:3])}", f"gittracker -C {quote(there.top)} commit",
                            uncommitted=[_PREFIX + path for path in in_the_way])
    repository = tracker.repository
    if tracker.sandboxed or not os.access(repository.common_dir, os.W_OK):
        raise access.git_refusal(repository, "landing")
    os.makedirs(tracker.state, exist_ok=True)
    tree = plumbing.write_tree(repository.top, found.target, [(path, *row) for path, row in found.files.items()],
                               os.path.join(tracker.state, f"land.{os.getpid()}"))
    made = plumbing.write_commit(repository.top, tree, found.target, _message(tracker, found),
                                 (tracker.principal.git_name, tracker.principal.email))
    if there:
        done = plumbing.forward(there.top, made)
        moved = done.status == 0
        if not moved and Clone(repository).branch(target).head == found.target:
            raise ConflictError(f'git did not change the files in "{there.top}": {done.err.split(chr(10))[0]}',
                                f"git -C {quote(there.top)} status")
    else:
        moved = plumbing.move(repository.top, target, made, found.target, f"gittracker: land {found.branch}")
    found.commit = made if moved else ""
    return moved


def _message(tracker: Tracker, found: Landing) -> str:
    slugs = [record.name for record in found.told.records if record.noun == "ticket"]
    shown = ", ".join(slugs[:_MOST_NAMED]) or f"{len(found.files)} tracker file(s)"
    shown += f" and {len(slugs) - _MOST_NAMED} more" if len(slugs) > _MOST_NAMED else ""
    message = Message(f"{found.branch} landed: {shown}", slugs[:_MOST_NAMED], tracker.principal.name)
    return f"{message.render()}{_TRAILER}: {found.source}\n"


def _disputed(found: Landing) -> ConflictError:
    shown = [f"{_name(found, one)}{f' {one.field}' if one.field else ''}" for one in found.disputes]
    return ConflictError(f'"{found.branch}" and "{found.onto}" changed differently: {", ".join(shown[:5])}'
                         + (f" and {len(shown) - 5} more" if len(shown) > 5 else ""),
                         f"gittracker land {found.branch} --theirs takes what {found.branch} has, --ours keeps what "
                         f"{found.onto} has", disputes=shown)


def _name(found: Landing, one: Dispute) -> str:
    own = kinds.part(one.path).own
    return next((record.name for record in found.told.records if record.path == own), kinds.part(one.path).name)
