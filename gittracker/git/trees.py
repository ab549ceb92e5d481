"""What differs between two commits, or a commit and the working tree."""

from __future__ import annotations

from gittracker.domain.errors import UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gittracker.git.run import Finished

_RAW = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames")
_ZERO = "0"


def between(folder: str, base: str, head: str, prefix: str) -> list[tuple[str, str, str]]:
    """List (path, old blob, new blob) of what differs below `prefix`, which is cut off; empty where there is none."""
    done = _checked(git(folder, "diff-tree", *_RAW, base, head, "--", prefix))
    return [(path[len(prefix):], old, new) for path, old, new in _raw(done)]


def in_worktree(folder: str, base: str, prefix: str) -> list[tuple[str, str]]:
    """List (path, old blob) of the files below `prefix` that may differ from `base`, those new to git too.

    Files that a sparse checkout leaves out are not listed. The new bytes are on the disk, for the caller to compare.
    """
    changed = _raw(_checked(git(folder, "diff-index", *_RAW, base, "--", prefix)))
    found = {path: old for path, old, _ in changed}
    others = _checked(git(folder, "ls-files", "-z", "--others", "--exclude-standard", "--", prefix))
    for path in others.out.decode(errors="surrogateescape").split("\0"):
        if path:
            found.setdefault(path, "")
    return [(path[len(prefix):], old) for path, old in sorted(found.items())]


class Working:
    """How the working tree differs from a tree: (path, old blob) of what may differ, and what git holds unmerged."""

    __slots__ = ("changed", "gone", "unmerged")

    def __init__(self) -> None:
        self.changed: dict[str, str] = {}  # by path: the tree's blob, empty where the tree has none
        self.gone: dict[str, str] = {}  # of these, the ones that git would call deleted
        self.unmerged: set[str] = set()


def working(folder: str, base: str, prefix: str, places: list[str]) -> Working:
    """Compare the working tree with a tree, below `prefix` at some places; ignored files count, too.

    Sparse paths never differ. Many that are said to may have the same bytes: git's own stamps tell, not the bytes.
    """
    asked = [prefix + place for place in places]
    found = Working()
    for path, old, _, kind in _words(_checked(git(folder, "diff-index", *_RAW, base, "--", *asked))):
        name = path[len(prefix):]
        if kind == "U":
            found.unmerged.add(name)
        elif kind == "D":
            found.gone[name] = old
        else:
            found.changed[name] = old
    others = _checked(git(folder, "ls-files", "-z", "--others", "--", *asked))
    for path in others.out.decode(errors="surrogateescape").split("\0"):
        if path and not path.endswith("/"):
            found.gone.pop(path[len(prefix):], None)
            found.changed.setdefault(path[len(prefix):], "")
    found.unmerged |= {path[len(prefix):] for path in unmerged(folder, asked)}
    for name in found.unmerged:
        found.changed.pop(name, None)
        found.gone.pop(name, None)
    return found


def unmerged(folder: str, paths: list[str]) -> set[str]:
    """Name the files at some paths that a merge under way has left open."""
    out = _checked(git(folder, "ls-files", "-z", "--unmerged", "--", *paths)).out.decode(errors="surrogateescape")
    return {line.partition("\t")[2] for line in out.split("\0") if line}


def listed(folder: str, tree: str, prefix: str, below: Iterable[str] = ("",)) -> dict[str, str]:
    """Give the blobs of a tree by path below `prefix`, which is cut off; all of them, or those in some folders."""
    asked = [prefix + (f"{one}/" if one else "") for one in below]
    out = git(folder, "ls-tree", "-r", "-z", tree, "--", *asked).out.decode(errors="surrogateescape")
    rows = (line.partition("\t") for line in out.split("\0") if line)
    return {path[len(prefix):]: meta.split(" ")[2] for meta, _, path in rows}


def past(folder: str, base: str, heads: list[str], prefix: str) -> set[tuple[str, str]]:
    """Give every (path, blob) that commits reachable from `heads`, not from `base`, left below `prefix`."""
    done = _checked(git(folder, "log", "-m", "--format=", *_RAW, *heads, f"^{base}", "--", prefix))
    return {(path[len(prefix):], new) for path, _, new, _ in _words(done)}


def touched_since(folder: str, base: str, head: str, prefix: str, since: int) -> bool:
    """Tell whether a commit since a moment, reachable from `head`, not from `base`, touched what is below `prefix`."""
    done = git(folder, "log", "-1", "--format=%ct", head, f"^{base}", "--", prefix)
    return done.status == 0 and done.text.isdecimal() and int(done.text) >= since


def last_change(folder: str, head: str, path: str) -> str:
    """Give the last commit up to `head` that changed a file, empty where none did."""
    done = git(folder, "log", "-1", "--format=%H", head, "--", path)
    return done.text if done.status == 0 else ""


def fork(folder: str, head: str, others: list[str]) -> tuple[str, str]:
    """Give where a commit parted from all others as (commit, tree to compare with); both empty where it never met them.

    Where there is more than one such commit (a criss-cross) the tree is that of their merge, as git takes it.
    """
    done = git(folder, "merge-base", "--all", head, *others)
    bases = done.text.split("\n") if done.status == 0 and done.text else []
    if len(bases) < 2:
        return (bases[0], bases[0]) if bases else ("", "")
    merged = git(folder, "merge-tree", "--write-tree", "--allow-unrelated-histories", bases[0], bases[1])
    tree = merged.text.split("\n")[0]
    return bases[0], tree if merged.status in (0, 1) else bases[0]


def merge_base(folder: str, one: str, other: str) -> str:
    """Give the best common ancestor of two commits, empty where there is none."""
    done = git(folder, "merge-base", one, other)
    return done.text.split("\n")[0] if done.status == 0 else ""


def empty_tree(folder: str) -> str:
    """Give the id of the tree without files, in the repository's object format."""
    return _checked(git(folder, "hash-object", "-t", "tree", "--stdin")).text


def _checked(done: Finished) -> Finished:
    if done.status:
        raise UnavailableError(f"git could not compare: {done.err.split(chr(10))[0]}", "git fsck")
    return done


def _raw(done: Finished) -> list[tuple[str, str, str]]:
    """Read git's raw format with NULs: (path, old blob, new blob)."""
    return [(path, old, new) for path, old, new, _ in _words(done)]


def _words(done: Finished) -> list[tuple[str, str, str, str]]:
    """Read git's raw format with NULs, what happened and then the path, as (path, old, new, kind)."""
    words = [word for word in done.out.decode(errors="surrogateescape").split("\0") if word.strip("\n")]
    found = []
    for meta, path in zip(words[::2], words[1::2], strict=False):
        _, _, old, new, kind = meta.strip("\n").lstrip(":").split(" ")
        found.append((path, _blob(old), _blob(new), kind))
    return found


def _blob(oid: str) -> str:
    return "" if set(oid) == {_ZERO} else oid
