"""Read history out of git: entries of a journal, commits of a branch, with the paths they change."""

from __future__ import annotations

from gittracker.formats import entry
from gittracker.git.run import git

_FORMAT = "%x01%H%x02%an%x02%ae%x02%at%x02%G?%x02%B%x03"
_PLAIN = _FORMAT.replace("%G?", "N")
_ZERO = "0"


class Commit:
    """One commit as history shows it; `changes` holds (path, old blob, new blob), empty where there is none.

    A merge has the old blobs of all its parents, with spaces between.
    """

    __slots__ = ("id", "author", "email", "at", "signature", "message", "changes")

    def __init__(self, oid: str, author: str, email: str, at: int, signature: str, message: entry.Message,
                 changes: list[tuple[str, str, str]]) -> None:
        self.id = oid
        self.author = author
        self.email = email
        self.at = at
        self.signature = signature
        self.message = message
        self.changes = changes


def read(folder: str, new: str, known: str = "", prefix: str = "", limit: int = 0) -> list[Commit]:
    """Read the commits of `new` that `known` doesn't have, oldest first; paths below `prefix`, which is cut off.

    A merge lists only what differs from all its parents. At most `limit` commits (0: all), the newest ones.
    """
    bounds = [f"--max-count={limit}"] if limit else []
    paths = ["--", prefix] if prefix else ["--"]
    done = git(folder, "log", "--reverse", "--topo-order", "--raw", "-c", "-z", "--no-abbrev", "--no-renames",
               f"--format={_PLAIN}", *bounds, new, *([f"^{known}"] if known else []), *paths)
    return [_commit(part, prefix) for part in done.out.split(b"\x01")[1:]]


def contains(folder: str, newer: str, older: str) -> bool:
    """Tell whether `older` is an ancestor of (or the same as) `newer`."""
    return newer == older or git(folder, "merge-base", "--is-ancestor", older, newer).status == 0


def resolve(folder: str, revision: str) -> str:
    """Give the commit that a revision names, empty where it names none."""
    done = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return done.text if done.status == 0 else ""


def _commit(part: bytes, prefix: str) -> Commit:
    head, _, tail = part.partition(b"\x03")
    oid, author, email, at, signature, message = head.decode(errors="replace").split("\x02", 5)
    changes = []
    words = tail.strip(b"\n\0").split(b"\0")
    for meta, name in zip(words[::2], words[1::2], strict=False):
        path = name.decode(errors="surrogateescape")
        if not path.startswith(prefix):
            continue
        fields = meta.decode().strip().lstrip(":").split(" ")
        parents = len(meta.strip()) - len(meta.strip().lstrip(b":"))
        oids = fields[parents + 1:-1]
        before = " ".join(dict.fromkeys(_blob(oid) for oid in oids[:-1]))
        changes.append((path[len(prefix):], before, _blob(oids[-1])))
    return Commit(oid, author, email, int(at), signature, entry.read(message), changes)


def _blob(oid: str) -> str:
    return "" if set(oid) == {_ZERO} else oid
