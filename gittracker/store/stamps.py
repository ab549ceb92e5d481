"""Stamps: what tells a changed file from an unchanged one without reading it."""

from __future__ import annotations

import os

from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # name, ticket.md's (mtime, ctime, size), the folder's ctime, its comments' ctime
    TicketStamp = list[Any]

# A file this young may change again within its time stamp's grain; coarse file systems have whole seconds.
_RACY_NS, _RACY_COARSE_NS = 30_000_000, 2_100_000_000
NEVER, ABSENT = 0, -1


def subfolders(folder: str) -> list[str]:
    """List the folders in a folder, sorted; none where it is absent."""
    try:
        with os.scandir(folder) as found:
            return sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []


def settled(stamp: int, now: int) -> int:
    """Give a stamp, or one that never fits where the file may change again within the same stamp (git's racy rule).

    `now` is taken before the file is read; 0 takes every stamp as it is.
    """
    grain = _RACY_NS if stamp % 1_000_000_000 else _RACY_COARSE_NS
    return NEVER if now and stamp > now - grain else stamp


def of_file(path: str, now: int = 0) -> tuple[int, int, int] | None:
    """Give a file's (mtime, ctime, size), None where it is absent."""
    try:
        one = os.stat(path)
    except OSError:
        return None
    return _of(one, now)


def _of(one: os.stat_result, now: int) -> tuple[int, int, int]:
    mtime, ctime = one.st_mtime_ns, one.st_ctime_ns
    if not now or now - _RACY_COARSE_NS > (mtime if mtime > ctime else ctime):  # as thousands of files are
        return mtime, ctime, one.st_size
    return settled(mtime, now), settled(ctime, now), one.st_size


def read(path: str, now: int) -> tuple[tuple[int, int, int], bytes] | None:
    """Read a file with the stamp that it had when it was opened; None where it is absent; raises InvalidDataError."""
    found = atomic.open_plain(path)
    if found is None:
        return None
    fd, one = found
    try:
        return _of(one, now), atomic.drain(fd, one.st_size)
    finally:
        os.close(fd)


def of_ticket(folder: str, name: str, now: int = 0) -> TicketStamp:
    """Give the stamps of a ticket's folder."""
    return [name, *of_ticket_file(folder, now), *of_listings(folder, now)]


def of_ticket_file(folder: str, now: int = 0) -> tuple[int, int, int]:
    """Give the stamp of the file of the ticket in a folder."""
    return of_file(f"{folder}/{layout.TICKET_FILE}", now) or (ABSENT, ABSENT, 0)


def of_listings(folder: str, now: int) -> tuple[int, int]:
    """Give the stamps of what a ticket's folder and its comments' folder list."""
    own, comments = of_file(folder, now), of_file(f"{folder}/{layout.COMMENTS}", now)
    return own[1] if own else NEVER, comments[1] if comments else ABSENT


def newest(path: str) -> int:
    """Give when anything of a file or folder was last changed, 0 where it is absent."""
    try:
        return os.stat(path).st_ctime_ns
    except OSError:
        return 0


def newest_below(folder: str) -> int:
    """Give when anything of the files in a folder was last changed, 0 where there are none."""
    try:
        return max((newest(f"{folder}/{name}") for name in os.listdir(folder)), default=0)
    except OSError:
        return 0


def changed(folder: str, entries: list[TicketStamp], deep: bool) -> list[str]:
    """Name the tickets of a shard (a path that ends in /) whose stamps differ; `deep` looks at folder and comments.

    This loop is the price of every list: one or three stats a ticket, 2.6 µs each.
    """
    stat = os.stat
    found = []
    for name, mtime, ctime, size, own, comments in entries:
        try:
            one = stat(f"{folder}{name}/ticket.md")
            same = one.st_ctime_ns == ctime and one.st_mtime_ns == mtime and one.st_size == size
            if same and deep:
                same = stat(folder + name).st_ctime_ns == own and not (
                    comments != ABSENT and stat(f"{folder}{name}/comments").st_ctime_ns != comments)
            if not same:
                found.append(name)
        except OSError:
            if mtime != ABSENT:
                found.append(name)
    return found
