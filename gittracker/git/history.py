"""Read history out of git: entries of a journal, commits of a branch, with the paths they change."""

from __future__ import annotations

from gittracker.formats import entry
from gittracker.git.run import git

# NUL is the one character that no name, message or path can hold.
_FORMAT = "%H%x00%an%x00%ae%x00%at%x00%B%x00"
_FIELDS = 5
_LOG = ("log", "--reverse", "--topo-order", "--raw", "-c", "-z", "--no-abbrev", "--no-renames", "--no-show-signature",
        "--encoding=UTF-8")
_ZERO = "0"


class Commit:
    """One commit as history shows it; `changes` holds (path, old blob, new blob), empty where there is none.

    A merge has the old blobs of all its parents, with spaces between.
    """

    __slots__ = ("id", "author", "email", "at", "message", "changes")

    def __init__(self, oid: str, author: str, email: str, at: int, message: entry.Message,
                 changes: list[tuple[str, str, str]]) -> None:
        self.id = oid
        self.author = author
        self.email = email
        self.at = at
        self.message = message
        self.changes = changes


def read(folder: str, new: str, known: str = "", prefix: str = "", limit: int = 0, whole: bool = False) -> list[Commit]:
    """Read the commits of `new` that `known` doesn't have, oldest first; paths below `prefix`, which is cut off.

    A merge lists only what differs from all its parents. At most `limit` commits (0: all), the newest ones. Branches
    that brought nothing to a merge are left out unless the history is wanted `whole`.
    """
    bounds = [*([f"--max-count={limit}"] if limit else []), *(["--full-history"] if whole else [])]
    paths = ["--", prefix] if prefix else ["--"]
    done = git(folder, *_LOG, f"--format={_FORMAT}", *bounds, new, *([f"^{known}"] if known else []), *paths)
    return _commits(done.out.decode(errors="surrogateescape").split("\0"), prefix)


def step(folder: str, old: str, new: str, prefix: str) -> tuple[list[str], list[Commit]] | None:
    """Give what a history that was read `whole` loses and gains where it goes on from another commit.

    That is the ids of the commits of `old` that `new` doesn't have, and those of `new` that `old` doesn't have, oldest
    first; None where git doesn't know `old` any more.
    """
    done = git(folder, *_LOG, f"--format=%m{_FORMAT}", "--full-history", f"{old}...{new}", "--", prefix)
    if done.status:
        return None
    gone, come = [], []
    for one in _commits(done.out.decode(errors="surrogateescape").split("\0"), prefix):
        side, one.id = one.id[0], one.id[1:]
        if side == "<":
            gone.append(one.id)
        else:
            come.append(one)
    return gone, come


def versions(folder: str, head: str, path: str, most: int) -> list[tuple[int, str]]:
    """List the versions of one file that commits left, the newest first, as (author's date, blob or empty)."""
    done = git(folder, "log", f"--max-count={most}", "--raw", "-z", "-m", "--first-parent", "--no-abbrev",
               "--no-renames", "--no-show-signature", "--format=%x01%at%x00", head, "--", path)
    found = []
    at = 0
    for word in done.out.decode(errors="surrogateescape").split("\0"):
        text = word.lstrip("\n")
        if text.startswith("\x01"):
            at = int(text[1:] or 0)
        elif text.startswith(":"):
            found.append((at, _blob(text.split(" ")[3])))
    return found


def contains(folder: str, newer: str, older: str) -> bool:
    """Tell whether `older` is an ancestor of (or the same as) `newer`."""
    return newer == older or git(folder, "merge-base", "--is-ancestor", older, newer).status == 0


def root(folder: str, commit: str) -> str:
    """Give the first commit of a history; of several, one."""
    return git(folder, "rev-list", "--max-parents=0", "--max-count=1", commit).text


def is_shallow(folder: str) -> bool:
    """Tell whether older commits are missing here."""
    return git(folder, "rev-parse", "--is-shallow-repository").text == "true"


def pending_ids(folder: str, oids: list[str]) -> dict[str, str]:
    """Give those commits that waited for the journal, by the id they had meanwhile."""
    return {message.pending: oid for oid, message in messages(folder, oids).items() if message.pending}


def messages(folder: str, oids: list[str]) -> dict[str, entry.Message]:
    """Give what commits say of themselves; one that is not there is left out."""
    done = git(folder, "log", "--no-walk=unsorted", "--stdin", "--ignore-missing", "--no-show-signature",
               "--encoding=UTF-8", "--format=%H%x00%B%x00", given="\n".join(oids).encode() + b"\n")
    words = done.out.decode(errors="replace").split("\0")
    return {oid.strip(): entry.read(text) for oid, text in zip(words[::2], words[1::2], strict=False)}


def resolve(folder: str, revision: str) -> str:
    """Give the commit that a revision names, empty where it names none."""
    done = git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return done.text if done.status == 0 else ""


def _commits(words: list[str], prefix: str) -> list[Commit]:
    """Cut git's answer into commits: five fields each, then pairs of what happened and the path."""
    found = []
    place = 0
    while place + _FIELDS <= len(words):
        oid, author, email, at, message = words[place:place + _FIELDS]
        place += _FIELDS
        changes = []
        while place < len(words) and (not words[place] or words[place].lstrip("\n").startswith(":")):
            if words[place]:
                changes += _change(words[place].strip("\n"), words[place + 1], prefix)
                place += 1
            place += 1
        found.append(Commit(oid, _text(author), _text(email), int(at or 0), entry.read(_text(message)), changes))
    return found


def _change(meta: str, path: str, prefix: str) -> list[tuple[str, str, str]]:
    """Read one line of git's raw format; nothing where the path is none of ours."""
    if not path.startswith(prefix):
        return []
    fields = meta.lstrip(":").split(" ")
    parents = len(meta) - len(meta.lstrip(":"))
    oids = fields[parents + 1:-1]
    before = " ".join(dict.fromkeys(_blob(oid) for oid in oids[:-1]))
    return [(path[len(prefix):], before, _blob(oids[-1]))]


def _text(raw: str) -> str:
    """Replace what is not UTF-8."""
    return raw.encode(errors="surrogateescape").decode(errors="replace")


def _blob(oid: str) -> str:
    return "" if set(oid) == {_ZERO} else oid
