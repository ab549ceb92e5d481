"""What differs between two commits, or a commit and the working tree."""

from __future__ import annotations

from gittracker.domain.errors import UnavailableError
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    """Read git's raw format with NULs: what happened, then the path."""
    words = done.out.decode(errors="surrogateescape").split("\0")
    found = []
    for meta, path in zip(words[::2], words[1::2], strict=False):
        _, _, old, new, _ = meta.lstrip(":").split(" ")
        found.append((path, _blob(old), _blob(new)))
    return found


def _blob(oid: str) -> str:
    return "" if set(oid) == {_ZERO} else oid
