"""The journal: a repository of its own in which every command is at once one commit."""

from __future__ import annotations

import os

from gittracker.domain.errors import AccessError, StorageError
from gittracker.git.run import detach, git

_REPACK_AT = 50
_TRIES = 3


class Commit:
    """One entry to write: who, when (seconds since 1970), the message and the new bytes by path (None removes)."""

    __slots__ = ("author", "email", "at", "message", "changes")

    def __init__(self, author: str, email: str, at: int, message: str,
                 changes: list[tuple[str, bytes | None]]) -> None:
        self.author = author
        self.email = email
        self.at = at
        self.message = message
        self.changes = changes


def ref(worktree: str) -> str:
    """Name the ref that holds a worktree's entries."""
    return f"refs/journal/{worktree}"


def tip(journal: str, worktree: str) -> str:
    """Give a journal's newest entry, empty where there is none.

    The repository is ours alone and made with loose refs, so the file is read first; git answers where it is absent.
    """
    try:
        with open(os.path.join(journal, ref(worktree)), "rb") as file:
            return file.read().decode().strip()
    except OSError:
        if not os.path.isdir(journal):
            return ""
    found = git(journal, "rev-parse", "--verify", "--quiet", ref(worktree))
    return found.text if found.status == 0 else ""


def tips(journal: str) -> dict[str, str]:
    """Give the newest entry of every stream by its worktree's number, of removed worktrees too."""
    folder = os.path.join(journal, "refs", "journal")
    if os.path.exists(os.path.join(journal, "packed-refs")):
        rows = git(journal, "for-each-ref", "--format=%(refname) %(objectname)", "refs/journal").text.split("\n")
        pairs = (row.removeprefix("refs/journal/").split(" ") for row in rows if row)
        return {pair[0]: pair[1] for pair in pairs}
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return {}
    found = {name: tip(journal, name) for name in names if not name.endswith(".lock")}
    return {name: oid for name, oid in found.items() if oid}


def create(journal: str, object_format: str) -> None:
    """Make the journal's repository if it isn't there."""
    if os.path.isfile(os.path.join(journal, "config")):
        return
    if os.path.isdir(f"{journal}.old"):  # a purge died between its two renames
        os.rename(f"{journal}.old", journal)
        return
    temporary = f"{journal}.{os.getpid()}"
    try:
        _make(temporary, object_format)
        os.rename(temporary, journal)
    except OSError as error:
        raise _refused(journal, error) from error
    finally:
        if os.path.isdir(temporary):
            import shutil
            shutil.rmtree(temporary, ignore_errors=True)


def check_access(journal: str) -> None:
    """Raise AccessError where the journal may not be written."""
    if not os.access(os.path.join(journal, "objects"), os.W_OK):
        raise AccessError(f'can\'t write "{journal}"', "gittracker doctor", path=journal)


def _refused(journal: str, error: OSError) -> StorageError:
    from errno import EROFS
    cls = AccessError if isinstance(error, PermissionError) or error.errno == EROFS else StorageError
    return cls(f'can\'t make "{journal}": {error.strerror or error}', "gittracker doctor", path=journal)


def _make(folder: str, object_format: str) -> None:
    parent = os.path.dirname(folder)
    os.makedirs(folder)  # ourselves, for git would not say why it can't
    settings = ("gc.auto=0", "core.fsync=all", "core.logAllRefUpdates=false", "maintenance.auto=false")
    done = git(parent, "init", "--bare", "--quiet", "--template=", f"--object-format={object_format}", folder)
    if done.status:
        raise StorageError(f"git could not make the journal: {done.err}", "gittracker doctor")
    with open(os.path.join(folder, "config"), "a", encoding="utf-8") as file:
        for setting in settings:
            name, value = setting.split("=")
            section, _, key = name.partition(".")
            file.write(f"[{section}]\n\t{key} = {value}\n")


def stream(worktree: str, parent: str, commits: list[Commit], committer: tuple[str, str]) -> list[bytes]:
    """Write entries as input for git fast-import, which then prints the id of each."""
    return stream_on(ref(worktree), parent, commits, committer)


def stream_on(name: str, parent: str, commits: list[Commit], committer: tuple[str, str]) -> list[bytes]:
    """Write commits on any ref as input for git fast-import, which then prints the id of each.

    The input comes in pieces, and a file's bytes are a piece of their own, so that nobody copies a large one.
    """
    out: list[bytes] = [b"feature done\n"]
    for number, commit in enumerate(commits, 1):
        author = person(commit.author, commit.email)
        out.append(_header(name, number, author, person(*committer), commit.at, commit.message,
                          parent if number == 1 else ""))
        for path, data in commit.changes:
            if data is None:
                out.append(b"D " + quote(path) + b"\n")
            else:
                out += [b"M 100644 inline " + quote(path) + b"\ndata %d\n" % len(data), data, b"\n"]
    out += [f"get-mark :{number}\n".encode() for number in range(1, len(commits) + 1)]
    out.append(b"done\n")
    return out


def append(journal: str, given: list[bytes]) -> list[str]:
    """Feed a stream to git and give the ids of its commits; raises StorageError when git refuses."""
    finished = None
    for _ in range(_TRIES):
        finished = git(journal, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--date-format=raw",
                       given=given)
        if finished.status == 0:
            return finished.text.split("\n")
        _remove_crash_files(journal)
    reason = finished.err.split("\n")[0] if finished else ""
    raise StorageError(f"the journal could not be written: {reason}", "gittracker doctor")


def tidy(journal: str) -> None:
    """Start a repack beside us once enough packs have gathered."""
    try:
        packs = sum(name.endswith(".pack") for name in os.listdir(os.path.join(journal, "objects", "pack")))
    except OSError:
        return
    if packs >= _REPACK_AT and packs % 10 == 0:
        detach(journal, "repack", "-d", "-q", "--geometric=2")


def header(worktree: str, mark: int, author: str, committer: str, at: int, message: str, parent: str) -> bytes:
    """Write the head of one entry; without a parent it follows the one before it in the stream."""
    return _header(ref(worktree), mark, author, committer, at, message, parent)


def _header(name: str, mark: int, author: str, committer: str, at: int, message: str, parent: str) -> bytes:
    text = message.encode(errors="replace")
    head = (f"commit {name}\nmark :{mark}\nauthor {author} {at} +0000\ncommitter {committer} {at} +0000\n"
            f"data {len(text)}\n").encode(errors="replace")
    return head + text + (f"from {parent}\n".encode() if parent else b"")


def person(name: str, email: str) -> str:
    """Write an identity without the characters that git gives a meaning."""
    clean = "".join(c for c in name if c not in "<>\n\r\0").strip()
    address = "".join(c for c in email if c not in "<>\n\r\0 ")
    return f"{clean} <{address}>" if clean else f"<{address}>"


def quote(path: str) -> bytes:
    """Write a path as fast-import reads it, its bytes as they are on disk."""
    raw = path.encode(errors="surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _remove_crash_files(journal: str) -> None:
    for name in os.listdir(journal):
        if name.startswith("fast_import_crash_"):
            try:
                os.unlink(os.path.join(journal, name))
            except OSError:
                pass
