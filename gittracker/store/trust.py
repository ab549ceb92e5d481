"""What this clone's user has trusted: path, digest and bytes, in the clone's state, for its owner alone."""

from __future__ import annotations

import os
from _stat import S_ISDIR, S_ISREG, S_IWGRP, S_IWOTH

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.etag import blob_id
from gittracker.store import atomic
from gittracker.store.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIST = "list.json"
_PRIVATE_FOLDER = 0o700
_MOST_BYTES = 1_000_000
_OTHERS = S_IWGRP | S_IWOTH


class Entry:
    """One content that was trusted at one path; `clone` is the clone in which it was."""

    __slots__ = ("path", "digest", "clone", "at", "by")

    def __init__(self, path: str, digest: str, clone: str, at: str, by: str) -> None:
        self.path = path
        self.digest = digest
        self.clone = clone
        self.at = at
        self.by = by


def digest(data: bytes) -> str:
    """Give the id of a content: git's, by SHA-256 in every repository, for SHA-1 can be made to collide."""
    return blob_id(data, "sha256")


def folder(state: str) -> str:
    """Give the folder for what the current user trusts; where a clone is shared, each user has one."""
    return os.path.join(state, f"trust-{os.getuid() if hasattr(os, 'getuid') else 'user'}")


def lock(state: str, holder: str) -> Lock:
    """Give the lock to hold while the list changes."""
    _make(folder(state))
    return Lock(os.path.join(folder(state), "lock"), holder)


def load(state: str) -> list[Entry]:
    """Read the list, the newest last; raises InvalidDataError where others could have written it."""
    place = folder(state)
    if not os.path.lexists(place):
        return []
    check_private(place)
    path = os.path.join(place, _LIST)
    data = atomic.read(path)
    if data is None:
        return []
    check_private(path)
    import json
    try:
        rows: list[dict[str, Any]] = json.loads(data)["entries"]
        return [Entry(*(str(row[name]) for name in Entry.__slots__)) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidDataError("not the list of what is trusted", "gittracker trust revoke --all", path, 1) from error


def save(state: str, entries: list[Entry], contents: dict[str, bytes]) -> None:
    """Write the list, and the bytes of `contents` by digest; bytes that no entry needs go away."""
    place = folder(state)
    _make(place)
    for name, data in contents.items():
        atomic.write(os.path.join(place, name), data, private=True)
    from gittracker.formats import json_text
    rows = [{name: getattr(one, name) for name in Entry.__slots__} for one in entries]
    atomic.write(os.path.join(place, _LIST), (json_text.dumps({"entries": rows}, 1) + "\n").encode(), private=True)
    needed = {one.digest for one in entries} | {_LIST, "lock"}
    for name in os.listdir(place):
        if name not in needed:
            os.unlink(os.path.join(place, name))


def content(state: str, entry: Entry) -> bytes | None:
    """Give the bytes that were trusted, to compare with; None where they are gone or no longer those."""
    data = atomic.read(os.path.join(folder(state), entry.digest))
    return data if data is not None and digest(data) == entry.digest else None


def check_private(path: str) -> None:
    """Raise InvalidDataError unless a file or folder is the current user's and nobody else can write it."""
    one = os.lstat(path)
    mine = not hasattr(os, "getuid") or (one.st_uid == os.getuid() and not one.st_mode & _OTHERS)
    if not mine or not (S_ISREG(one.st_mode) or S_ISDIR(one.st_mode)):
        raise InvalidDataError("others could have written this, so nothing counts as trusted",
                               "make it yours alone, or remove it and trust again what you have read", path)


def _make(place: str) -> None:
    try:
        os.makedirs(place, _PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise atomic.refused(place, error) from error
    check_private(place)


def read(root: str, relative: str) -> bytes | None:
    """Read a file below `root`, None where it is absent.

    Raises InvalidDataError where a part of its path is a link, or it is no plain file, or too large to be read by
    people.
    """
    try:
        fd = _open(root, relative.split("/"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if os.path.lexists(f"{root}/{relative}"):
            raise _not_plain(relative) from error
        return None
    except OSError as error:
        raise _not_plain(relative) from error
    try:
        size = os.fstat(fd).st_size
        if not S_ISREG(os.fstat(fd).st_mode):
            raise _not_plain(relative)
        data = b"" if size > _MOST_BYTES else atomic.drain(fd, size)
        if size > _MOST_BYTES or len(data) > _MOST_BYTES:
            raise InvalidDataError(f"larger than {_MOST_BYTES} bytes", "nobody reads that much; make it smaller",
                                   relative)
        return data
    finally:
        os.close(fd)


def _open(root: str, parts: list[str]) -> int:
    """Open a file folder by folder, so that no part of the way can be a link, not even for a moment."""
    if os.open not in os.supports_dir_fd:
        for length in range(1, len(parts) + 1):
            if os.path.islink(os.path.join(root, *parts[:length])):
                raise OSError("a link")
        return os.open(os.path.join(root, *parts), os.O_RDONLY | getattr(os, "O_BINARY", 0))
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)


def _not_plain(path: str) -> InvalidDataError:
    return InvalidDataError("not a plain file in a plain folder", "put a plain file in its place", path)
