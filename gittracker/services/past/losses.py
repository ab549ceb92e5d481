"""Losses: what a journal holds and no worktree and no local branch shows; cheap to ask, for every `show` does."""

from __future__ import annotations

import os

from gittracker.git import discover, reach
from gittracker.git.objects import ids_at
from gittracker.git.run import git
from gittracker.index import history as rows
from gittracker.services.write import outside
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"


class Lost:
    """One file that is gone: its bytes are in the journal under `blob`."""

    __slots__ = ("path", "blob", "folder")

    def __init__(self, path: str, blob: str) -> None:
        self.path = path
        self.blob = blob
        self.folder = kinds.place(path)

    @property
    def what(self) -> str:
        """Say what kind of thing it is."""
        return kinds.noun(self.path)


def lost(tracker: Tracker, folder: str = "", is_wide: bool = False) -> list[Lost]:
    """List what is lost, of one record by its place or everywhere; in the journals of removed worktrees too.

    What somebody's commit deleted is not; `is_wide` counts that, too.
    """
    outside.catch_up_all(tracker)
    last = _last(tracker, folder)
    gone = _not_in_files(tracker, {path: blob for path, (_, blob) in last.items() if blob})
    if not gone:
        return []
    own = {kinds.own_file(kinds.place(path)) for path in gone}
    heads = _heads(tracker)
    shown = _in_commits(tracker, heads, sorted({*gone, *own}))
    left = {path for path in gone if path not in shown}
    if left and not is_wide:
        left -= _deleted(tracker, heads, {path: last[path][0] for path in left})
    there = shown | (own - _not_in_files(tracker, dict.fromkeys(own, "")).keys()) | left
    return [Lost(path, gone[path]) for path in sorted(left) if kinds.own_file(kinds.place(path)) in there]


def count_lost_comments(tracker: Tracker, folder: str) -> int:
    """Count a ticket's lost comments; cheap where nothing is gone."""
    return sum(one.what == "comment" for one in lost(tracker, folder))


def latest(tracker: Tracker, folder: str, worktree: str = "") -> dict[str, str]:
    """Give the blob that a journal last left of each path, of all journals or one worktree's; empty if gone."""
    return {path: blob for path, (_, blob) in _last(tracker, folder, worktree).items()}


def _last(tracker: Tracker, folder: str, worktree: str = "") -> dict[str, tuple[int, str]]:
    """Give when a journal left what of each path, the latest.

    Of the same second, that it went says more than that another journal still had it.
    """
    bounds = (folder, folder + "\U0010ffff") if folder else ("", "\U0010ffff")
    found = tracker.index.all(
        f"SELECT c.path, c.new, e.at, e.worktree FROM change c JOIN entry e ON e.seq = c.entry WHERE e.{rows.OURS} "
        "AND c.path >= ? AND c.path < ? AND ? IN ('', e.worktree) ORDER BY e.seq", *bounds, worktree)
    last: dict[tuple[str, str], tuple[int, bool, str]] = {}
    for path, blob, at, source in found:
        last[rows.give(path), source] = at, not blob, blob
    latest: dict[str, tuple[int, bool, str]] = {}
    for (path, _), one in last.items():
        latest[path] = max(one, latest.get(path, one))
    return {path: (at, blob) for path, (at, _, blob) in latest.items()
            if (where := kinds.place(path)) and where == (folder or where)}


def _not_in_files(tracker: Tracker, paths: dict[str, str]) -> dict[str, str]:
    """Keep those paths that no worktree has a file at."""
    gone = {path: blob for path, blob in paths.items() if not os.path.exists(tracker.path(path))}
    for top in discover.other_worktrees(tracker.repository) if gone else ():
        gone = {path: blob for path, blob in gone.items() if not os.path.exists(f"{top}/{_PREFIX}{path}")}
    return gone


def _heads(tracker: Tracker) -> list[str]:
    """Give the commits of local branches, and those that worktrees are on."""
    top = tracker.repository.top
    heads = git(top, "for-each-ref", "--format=%(objectname)", "refs/heads").text.split()
    listed = git(top, "worktree", "list", "--porcelain").text.split("\n")
    heads += [line.removeprefix("HEAD ") for line in listed if line.startswith("HEAD ") and line.strip("HEAD 0")]
    return list(dict.fromkeys(heads))


def _in_commits(tracker: Tracker, heads: list[str], paths: list[str]) -> set[str]:
    """Give those paths that a commit has: they are elsewhere, not lost."""
    names = [f"{head}:{_PREFIX}{path}" for head in heads for path in paths]
    return {name.partition(f":{_PREFIX}")[2] for name in ids_at(tracker.repository.top, names)}


def _deleted(tracker: Tracker, heads: list[str], since: dict[str, int]) -> set[str]:
    """Give those paths that a commit has deleted since the journal last had them; they are in no commit now."""
    found = reach.deleted(tracker.repository.top, [_PREFIX + path for path in since], heads, min(since.values()))
    return {path for path, at in since.items() if found.get(_PREFIX + path, -1) >= at}
