"""The tracker's tree inside commits: what differs in it, made anew from changed files, and put into a commit."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, InvalidDataError, RefusedError, StorageError
from gittracker.git import indexes
from gittracker.git.run import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.run import Finished

    # A file of the tracker as git holds it: its mode and its blob, or nothing.
    Entry = tuple[str, str] | None
    Entries = dict[str, Entry]

FOLDER = ".openkit"
PLAIN = "100644"
_TREE = "040000"
_NONE = "0"
_SHORT = 10


def tree(top: str, commit: str) -> str:
    """Give the tracker's tree in a commit, that without files where it has none."""
    found = _checked(git(top, "ls-tree", commit, "--", FOLDER)).text
    if not found:
        return _checked(git(top, "hash-object", "-w", "-t", "tree", "--stdin")).text
    mode, kind, oid = found.partition("\t")[0].split(" ")
    if kind != "tree":
        raise InvalidDataError(f"{FOLDER} is no folder in {commit[:_SHORT]} but has mode {mode}", f"git show {commit}",
                               FOLDER, 1)
    return oid


def changes(top: str, old: str, new: str) -> dict[str, tuple[Entry, Entry]]:
    """Give the files that differ between two trees, each as it is in the one and in the other."""
    if old == new:
        return {}
    done = _checked(git(top, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new))
    words = done.out.decode(errors="surrogateescape").split("\0")
    found: dict[str, tuple[Entry, Entry]] = {}
    for meta, path in zip(words[::2], words[1::2], strict=False):
        before, after, old_blob, new_blob, _ = meta.lstrip(":").split(" ")
        found[path] = _entry(before, old_blob), _entry(after, new_blob)
    return found


def paths(top: str, tracker: str) -> list[str]:
    """List the files of a tracker's tree."""
    return _checked(git(top, "ls-tree", "-r", "-z", "--name-only", tracker)).out.decode(
        errors="surrogateescape").split("\0")[:-1]


def write_blobs(top: str, texts: dict[str, bytes], scratch: str) -> dict[str, str]:
    """Write bytes as git has them and give their ids by the same keys; `scratch` is an empty folder."""
    if not texts:
        return {}
    places = []
    for number, data in enumerate(texts.values()):
        places.append(os.path.join(scratch, str(number)))
        with open(places[-1], "wb") as file:
            file.write(data)
    given = "".join(f"{place}\n" for place in places).encode(errors="surrogateescape")
    lines = _checked(git(top, "hash-object", "-w", "--no-filters", "--stdin-paths", given=given)).text.split("\n")
    return dict(zip(texts, lines, strict=True))


def write_tree(top: str, base: str, entries: Entries, scratch: str) -> str:
    """Give the tree that has these files otherwise than `base` has them; raises ConflictError where they can't be."""
    if not entries:
        return base
    index = os.path.join(scratch, "tree")
    _checked(git(top, "read-tree", base, index=index))
    done = git(top, "update-index", "-z", "--index-info", given=_info(entries, base), index=index)
    if done.status:
        raise ConflictError(f"the two trackers can't be put together: {done.err.split(chr(10))[0]}", "git fsck")
    return _checked(git(top, "write-tree", index=index)).text


def _info(entries: Entries, like: str, prefix: str = "") -> bytes:
    """Write entries as update-index reads them, those that go first: a file may stand where a folder was."""
    zero = _NONE * len(like)
    rows = sorted(entries.items(), key=lambda one: one[1] is not None)
    return b"".join(f"{mode} {oid}\t{prefix}{path}\0".encode(errors="surrogateescape")
                    for path, entry in rows for mode, oid in [entry or (_NONE, zero)])


def with_tracker(top: str, commit: str, tracker: str) -> str:
    """Give the whole tree of a commit, with another tracker in it."""
    rows = _checked(git(top, "ls-tree", "-z", commit)).out.split(b"\0")[:-1]
    rows = [row for row in rows if row.partition(b"\t")[2] != FOLDER.encode()]
    rows.append(f"{_TREE} tree {tracker}\t{FOLDER}".encode())
    return _checked(git(top, "mktree", "-z", "--missing", given=b"\0".join(rows) + b"\0")).text


def write_commit(top: str, tree: str, parents: list[str], message: str, author: tuple[str, str],
                 at: int = 0) -> str:
    """Make a commit, signed where the user signs; nothing refers to it yet. Raises RefusedError.

    `at` is the author's date in seconds since 1970, if it is not now.
    """
    signs = git(top, "config", "--type=bool", "--get", "commit.gpgSign").text == "true"
    who = ("-c", f"author.name={author[0]}", "-c", f"author.email={author[1]}")
    up = [word for oid in parents for word in ("-p", oid)]
    done = git(top, *who, "commit-tree", *(["-S"] if signs else []), tree, *up, given=message.encode(errors="replace"),
               more={"GIT_AUTHOR_DATE": f"@{at} +0000"} if at else None)
    if done.status:
        raise RefusedError(f"git did not commit: {done.err.split(chr(10))[0]}",
                           "git config user.signingKey" if signs else "git config user.name")
    return done.text


def put_out(top: str, tree: str, paths: list[str], scratch: str) -> None:
    """Write files of a tree to the disk as git does, through its filters and with their modes."""
    if not paths:
        return
    index = os.path.join(scratch, "out")
    _checked(git(top, "read-tree", f"--prefix={FOLDER}/", tree, index=index))
    given = b"".join(f"{FOLDER}/{path}\0".encode(errors="surrogateescape") for path in paths)
    _checked(git(top, "checkout-index", "--force", "--quiet", "-z", "--stdin", given=given, index=index))


def put_in_index(top: str, entries: Entries, like: str) -> bool:
    """Put files into git's index as they are in a tree; False where another git command has it. Raises StorageError."""
    done = git(top, "update-index", "-z", "--index-info", given=_info(entries, like, f"{FOLDER}/"))
    if done.status and "index.lock" in done.err:
        return False
    _checked(done)
    return True


def refresh_index(top: str) -> None:
    """Let git look at the files again, so that those just written count as unchanged without being read."""
    git(top, "update-index", "-q", "--refresh", locks=True)


def unclean(top: str) -> set[str]:
    """Give the tracker's files that differ from git's index or from HEAD, those new to git too."""
    done = _checked(git(top, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", FOLDER))
    words = done.out.decode(errors="surrogateescape").split("\0")
    return {word[3 + len(FOLDER) + 1:] for word in words if word}


def working_commit(top: str, head: str, index: str, author: tuple[str, str], scratch: str) -> str:
    """Give a commit that has the tracker's files as they are on disk; nothing refers to it, and git's index stays."""
    copy = os.path.join(scratch, "working")
    if os.path.exists(index):
        indexes.copy(index, copy)
    _checked(git(top, "add", "--all", "--sparse", "--", FOLDER, index=copy))
    tracker = _checked(git(top, "write-tree", f"--prefix={FOLDER}/", index=copy)).text
    if tracker == tree(top, head):
        return head
    return write_commit(top, with_tracker(top, head, tracker), [head], "what a sync would commit\n", author)


def move_branch(top: str, ref: str, new: str, old: str) -> bool:
    """Move a branch, if it is still where it was."""
    return git(top, "update-ref", "-m", "gittracker sync", ref, new, old).status == 0


def _entry(mode: str, oid: str) -> Entry:
    return None if set(oid) == {_NONE} else (mode, oid)


def _checked(done: Finished) -> Finished:
    if done.status:
        raise StorageError(f"git could not do its part: {done.err.split(chr(10))[0]}", "git status")
    return done
