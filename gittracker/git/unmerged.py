"""Conflicts as git knows them: files with more than one version in its index, and what the two sides are."""

from __future__ import annotations

import os

from gittracker.git import operations
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.discover import Repository

_SHORT = 10
_HEADS = {"merge": "MERGE_HEAD", "rebase": "REBASE_HEAD", "cherry-pick": "CHERRY_PICK_HEAD", "revert": "REVERT_HEAD"}


class Stages:
    """One unmerged file: its blobs in the common ancestor and on either side, empty where it isn't there."""

    __slots__ = ("path", "base", "ours", "theirs")

    def __init__(self, path: str, base: str, ours: str, theirs: str) -> None:
        self.path = path
        self.base = base
        self.ours = ours
        self.theirs = theirs


class Side:
    """One of the two: what people call it, and its commit (empty where git doesn't say)."""

    __slots__ = ("label", "commit")

    def __init__(self, label: str, commit: str) -> None:
        self.label = label
        self.commit = commit


class Operation:
    """What git is in the middle of, empty for a stash or nothing; git's ours and theirs by their names."""

    __slots__ = ("name", "ours", "theirs")

    def __init__(self, name: str, ours: Side, theirs: Side) -> None:
        self.name = name
        self.ours = ours
        self.theirs = theirs


def listed(top: str, prefix: str) -> list[Stages]:
    """List the unmerged files below `prefix`, which is cut off their paths."""
    found: dict[str, dict[str, str]] = {}
    for row in git(top, "ls-files", "-u", "-z", "--", prefix).out.decode(errors="surrogateescape").split("\0"):
        meta, _, path = row.partition("\t")
        if path:
            _, blob, stage = meta.split(" ")
            found.setdefault(path.removeprefix(prefix), {})[stage] = blob
    return [Stages(path, *(stages.get(stage, "") for stage in "123")) for path, stages in found.items()]


def with_markers(top: str, prefix: str) -> list[str]:
    """List the text files below `prefix`, which is cut off, with a line that begins a conflict."""
    out = git(top, "grep", "-l", "-z", "-I", "--untracked", "-e", "^<<<<<<< ", "--", prefix).out
    return [path.removeprefix(prefix) for path in out.decode(errors="surrogateescape").split("\0") if path]


def operation(repository: Repository) -> Operation:
    """Tell what is under way and what its sides are; in a rebase ours is the branch that the commits go onto."""
    top, name = repository.top, operations.under_way(repository.git_dir)
    head = git(top, "rev-parse", "--verify", "--quiet", "HEAD").text
    other = git(top, "rev-parse", "--verify", "--quiet", f"{_HEADS.get(name, 'refs/stash')}^{{commit}}").text
    ours, theirs = Side(_here(top, head), head), Side(_described(top, other), other)
    if name == "rebase":
        branch = operations.rebased(repository.git_dir).removeprefix("refs/heads/") or "the branch"
        ours.label = _onto(repository, ours.label)
        theirs.label = f"{branch}, its commit {_subject(top, other)}"
    elif name == "cherry-pick":
        theirs.label = f"commit {_subject(top, other)}"
    elif name == "revert":
        theirs = Side(f"what was before {_subject(top, other)}", f"{other}^")
    elif not name:
        theirs.label = "the stash" if other else "the other side"
    return Operation(name, ours, theirs)


def add(top: str, paths: list[str]) -> str:
    """Tell git that these files are settled, and of no others; gives what git says against it, empty if nothing."""
    done = git(top, "--literal-pathspecs", "add", "-A", "--", *paths, locks=True)
    return done.err.partition("\n")[0] if done.status else ""


def _here(top: str, head: str) -> str:
    branch = git(top, "symbolic-ref", "--quiet", "--short", "HEAD")
    return branch.text if branch.status == 0 else _described(top, head)


def _onto(repository: Repository, known: str) -> str:
    """Name what a rebase goes onto."""
    for folder in ("rebase-merge", "rebase-apply"):
        try:
            with open(os.path.join(repository.git_dir, folder, "onto"), encoding="ascii") as file:
                return _described(repository.top, file.read().strip())
        except (OSError, UnicodeDecodeError):
            continue
    return known


def _described(top: str, commit: str) -> str:
    """Give the branch at a commit, else the commit's beginning and subject."""
    if not commit:
        return ""
    branches = git(top, "for-each-ref", f"--points-at={commit}", "--format=%(refname:short)", "refs/heads",
                   "refs/remotes").text.split("\n")
    return branches[0] or f"commit {_subject(top, commit)}"


def _subject(top: str, commit: str) -> str:
    said = git(top, "log", "-1", "--no-show-signature", "--format=%s", commit).text if commit else ""
    return f"{commit[:_SHORT]} ({said})" if said else commit[:_SHORT]
