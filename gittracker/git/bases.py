"""Where the trackers of two commits were last one, which git's own graph alone does not tell.

A sync that may not join two branches (it would publish or bring in code) leaves a trailer instead: the tracker of the
commit that carries it has all that the tracker of the named one had. For the tracker that is as good as a parent.
"""

from __future__ import annotations

from gittracker.domain.errors import UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # Each commit with its parents and the commits that its trailers name, newest first.
    Graph = dict[str, list[str]]

TRAILER = "Gittracker-Synced"
_FOLDER = ".openkit"
_FORMAT = f"%H %P %(trailers:key={TRAILER},valueonly,separator=%x20)"


def tracker_base(folder: str, one: str, *others: str) -> str:
    """Give the commit whose tracker is the base for merging that of one with that of another, or of others merged.

    It is git's merge base, or a later commit that a sync named, or one whose tracker both sides had since; empty where
    they share no history. Where more than one would do, the youngest is given. Raises UnavailableError.
    """
    bases = git(folder, "merge-base", "--all", one, *others).text.split()
    if not bases or one in others:
        return one if one in others else ""
    graph = _graph(folder, (one, *others), bases)
    # The graph has neither what lies below a merge base nor the bases' parents: a base is an ancestor without any.
    mine, theirs = _reached(graph, [one]), _reached(graph, others)
    common = mine & theirs
    older = _reached(graph, [up for oid in common for up in graph.get(oid, ())])
    best = [oid for oid in graph if oid in common - older] or [oid for oid in bases if oid in common - older] or bases
    return _met(folder, graph, (mine, theirs), common) or best[0]


def _graph(folder: str, tips: tuple[str, ...], bases: list[str]) -> Graph:
    """Read what came since the bases: the trailers' commits count as parents where they are here."""
    done = git(folder, "rev-list", "--topo-order", "--no-commit-header", f"--format={_FORMAT}", *tips,
               "--not", *(f"{base}^@" for base in bases))
    if done.status:
        raise UnavailableError(f"git could not read the history: {done.err.split(chr(10))[0]}", "git fsck")
    rows = [line.split(" ") for line in done.text.split("\n") if line]
    known = {row[0] for row in rows}
    return {row[0]: [oid for oid in row[1:] if oid in known and oid != row[0]] for row in rows}


def _reached(graph: Graph, tips: Iterable[str]) -> set[str]:
    """Give these commits and all above them."""
    found: set[str] = set()
    ahead = list(tips)
    while ahead:
        oid = ahead.pop()
        if oid not in found:
            found.add(oid)
            ahead += graph.get(oid, ())
    return found


def _met(folder: str, graph: Graph, sides: tuple[set[str], set[str]], common: set[str]) -> str:
    """Give the youngest commit of the other side whose tracker this side had, byte for byte, since they parted.

    So a sync is known again after a rebase or a squash, which give its commits other names. Empty where there is none.
    """
    apart = [[oid for oid in graph if oid in side - common] for side in sides]
    if not all(apart):
        return ""
    given = "".join(f"{oid}:{_FOLDER}\n" for side in apart for oid in side)
    lines = git(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", given=given.encode()).text.split("\n")
    trees = [line.split(" ")[0] if line.endswith(" tree") else "" for line in lines]
    held = {tree for tree in trees[:len(apart[0])] if tree} - _trees(folder, common & graph.keys())
    theirs = zip(apart[1], trees[len(apart[0]):], strict=False)
    return next((oid for oid, tree in theirs if tree in held), "")


def _trees(folder: str, commits: Iterable[str]) -> set[str]:
    given = "".join(f"{oid}:{_FOLDER}\n" for oid in commits)
    return {line.split(" ")[0] for line in git(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)",
                                               given=given.encode()).text.split("\n") if line.endswith(" tree")}


def has_synced(folder: str, one: str, *others: str) -> bool:
    """Tell whether a sync's trailer is among the commits since one and others parted, if that was at one commit."""
    found = git(folder, "merge-base", "--all", one, *others).text.split()
    if len(found) != 1:
        return False
    done = git(folder, "rev-list", "--max-count=1", f"--grep=^{TRAILER}: ", one, *others, f"^{found[0]}", "--")
    return done.status == 0 and bool(done.out)


def has_brought(folder: str, head: str, tip: str, commit: str) -> bool:
    """Tell whether syncs have brought to `head` what a commit below `tip` did to the tracker, or took from there."""
    graph = _graph(folder, (head, tip), git(folder, "merge-base", "--all", head, tip).text.split())
    there = _reached(graph, [head])
    return commit in there or synced(folder, [commit]).get(commit, "") in there


def synced(folder: str, commits: list[str]) -> dict[str, str]:
    """Give the commits that syncs named, by those that carry the trailer."""
    if not commits:
        return {}
    done = git(folder, "log", "--no-walk=unsorted", "--stdin", "--no-show-signature",
               f"--format=%H %(trailers:key={TRAILER},valueonly,separator=%x20)",
               given="".join(f"{oid}\n" for oid in commits).encode())
    rows = [line.split(" ") for line in done.text.split("\n") if line]
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1]}


def parents(folder: str, commits: list[str]) -> dict[str, list[str]]:
    """Give the parents of commits."""
    if not commits:
        return {}
    done = git(folder, "rev-list", "--no-walk=unsorted", "--parents", "--stdin",
               given="".join(f"{oid}\n" for oid in commits).encode())
    rows = [line.split(" ") for line in done.text.split("\n") if line]
    return {row[0]: row[1:] for row in rows}


def is_on_remote(folder: str, commit: str) -> bool:
    """Tell whether a branch of a remote, as it was last fetched, has a commit."""
    done = git(folder, "for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes")
    return done.status == 0 and bool(done.out)


def is_ours_alone(folder: str, old: str, new: str) -> bool:
    """Tell whether no commit that `new` has and `old` lacks changes anything outside the tracker."""
    done = git(folder, "rev-list", "--full-history", "--max-count=1", new, f"^{old}", "--", ":(top)",
               f":(top,exclude){_FOLDER}")
    return done.status == 0 and not done.out


def is_same_outside(folder: str, one: str, other: str) -> bool:
    """Tell whether two commits have the same files outside the tracker."""
    return git(folder, "diff-tree", "--quiet", "-r", one, other, "--", ":(top)", f":(top,exclude){_FOLDER}").status == 0
