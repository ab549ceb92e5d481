"""Commits on the tracker's branch: one for each entry of the journal, where `tracker.history` is `branch`.

The journal comes first. Which of its entries the branch has is noted; what it lacks, after a crash or while git had a
merge under way, is committed by the next command. Only what the files still say is committed: a branch that got ahead
otherwise, or a file that was changed back, needs nothing.
"""

from __future__ import annotations

import os

from gittracker.domain.errors import TrackerError
from gittracker.formats.etag import blob_id
from gittracker.git import branchcommits, journal
from gittracker.git import history as git_history
from gittracker.git.journal import Commit
from gittracker.git.objects import ids_at, read_blobs
from gittracker.git.operations import under_way
from gittracker.services.attached import largefiles
from gittracker.services.write import outside
from gittracker.store import atomic, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
_MOST = 1_000  # entries that are gone through where it isn't known which of them the branch has
_RECENT = 50  # entries that are looked at again after somebody else's commit
_GIT = f"Actor: {outside.BY_GIT}\n"


def catch_up(tracker: Tracker) -> list[str]:
    """Commit what the branch lacks of the journal; says why where that could not be done."""
    tip = journal.tip(tracker.journal, tracker.worktree)
    known = _noted(tracker)
    if not tip or tip == known:
        return []
    if known and not git_history.contains(tracker.journal, tip, known):
        known = ""  # the journal was rewritten by a purge
    commits, paths = _missing(tracker, git_history.read(tracker.journal, tip, known, limit=0 if known else _MOST))
    return _carry_out(tracker, commits, paths, tip)


def follow(tracker: Tracker, parent: str, tip: str, commits: list[Commit]) -> list[str]:
    """Commit the entries that were just made behind `parent`; says why where that could not be done."""
    if _noted(tracker) != parent:
        return catch_up(tracker)
    ours = [one for one in commits if one.changes and _GIT not in one.message]
    paths = [path for one in commits for path, _ in one.changes]
    again, taken = _taken_back(tracker, parent)
    return _carry_out(tracker, [*again, *ours], list(dict.fromkeys([*taken, *paths])), tip)


def _taken_back(tracker: Tracker, tip: str) -> tuple[list[Commit], list[str]]:
    """Find what somebody's own commit took back, looking only where git's index is not as our last commit left it.

    `git commit` reads the index before it locks it (tried with 2.39): what comes in between is gone from the index,
    and whoever commits next removes it from the branch without knowing, though the file is there.
    """
    if not tip or tracker.index.get(_key(tracker)) == tracker.git_stamp():
        return [], []
    return _missing(tracker, git_history.read(tracker.journal, tip, limit=_RECENT))


def _key(tracker: Tracker) -> str:
    return f"branched:{tracker.worktree}"


def _carry_out(tracker: Tracker, commits: list[Commit], paths: list[str], tip: str) -> list[str]:
    top, git_dir = tracker.repository.top, tracker.repository.git_dir
    busy = under_way(git_dir)
    if busy:
        return [f"git has a {busy} under way, so nothing is committed until it is finished"]
    ref = branchcommits.branch(top, git_dir)
    if not ref:
        return ["HEAD is on no branch, so nothing is committed"]
    try:
        if paths:
            _commit(tracker, ref, commits, paths)
        atomic.write(_note(tracker), tip.encode() + b"\n")
        tracker.index.note(_key(tracker), tracker.git_stamp())
    except (TrackerError, OSError) as error:
        return [f"not committed yet: {error}"]
    return []


def _commit(tracker: Tracker, ref: str, commits: list[Commit], paths: list[str]) -> None:
    """Git's index first: whoever commits in between takes our change along, and never an older one back."""
    top = tracker.repository.top
    is_known = tracker.git_stamp() == tracker.index.get(tracker.git_key)
    branchcommits.follow_index(top, paths)
    steps.reached("index followed")
    if commits and tracker.settings.hooks:
        last = commits[-1]
        every = [(path, None) for path in dict.fromkeys(path for one in commits for path, _ in one.changes)]
        branchcommits.add_with_hooks(top, Commit(last.author, last.email, last.at, last.message, list(every)),
                                     tracker.committer)
    elif commits:
        branchcommits.add(top, ref, commits, tracker.committer)
        branchcommits.tidy(tracker.repository.common_dir)
    if is_known:  # what we changed of git's index ourselves is no reason to look at every file
        tracker.index.note(tracker.git_key, tracker.git_stamp())
    steps.reached("committed")


def _missing(tracker: Tracker, entries: list[git_history.Commit]) -> tuple[list[Commit], list[str]]:
    """Make commits of entries that the branch may lack; gives the paths, too, that git's index may."""
    last = {path: new for one in entries for path, _, new in one.changes}
    there = {path for path, blob in last.items() if _on_disk(tracker, path) == blob}
    names = {f"HEAD:{_PREFIX}{path}": path for path in there if "\n" not in path}
    heads = {names[name]: blob for name, blob in ids_at(tracker.repository.top, list(names)).items()}
    wanted = {path for path in there if heads.get(path, "") != last[path]}
    blobs = read_blobs(tracker.journal, [new for one in entries for path, _, new in one.changes
                                         if new and path in wanted])
    found = []
    for one in entries:
        changes = [(path, blobs.get(new)) for path, _, new in one.changes if path in wanted]
        if changes and one.message.actor != outside.BY_GIT:
            found.append(Commit(one.author, one.email, one.at, one.message.render(), changes))
    return found, sorted(wanted)


def _on_disk(tracker: Tracker, path: str) -> str | None:
    """Give the blob that git would have of a file as it is, empty where there is none, None where it can't be read."""
    try:
        data = largefiles.for_history(tracker, path, atomic.read(tracker.path(path)))
    except TrackerError:
        return None
    return "" if data is None else blob_id(data, tracker.repository.object_format)


def _note(tracker: Tracker) -> str:
    return os.path.join(tracker.repository.git_dir, "gittracker", "branched")


def _noted(tracker: Tracker) -> str:
    return (atomic.read(_note(tracker)) or b"").decode(errors="replace").strip()
