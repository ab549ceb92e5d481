"""Stamps of another worktree's ticket files: which folders look changed since they were compared."""

from __future__ import annotations

import os
import time

from gittracker.index import shards
from gittracker.store import layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


def stale(index: Index, number: str, root: str, deep: bool, hot: set[str] | None = None) -> list[str]:
    """Name the ticket folders below `root` that look changed, are new, or are gone.

    `deep` looks at folders and comments too. With `hot`, only those folders and the shards' listings are looked at.
    """
    base = f"{root}/{layout.TICKETS}"
    known = shards.stamps(index, number)
    warm = {folder.split("/")[1] for folder in hot if folder.startswith(layout.TICKETS)} if hot is not None else None
    found = []
    for shard in {*known, *stamps.subfolders(base)}:
        is_listed = _mtime(f"{base}/{shard}") == known.get(shard, stamps.NEVER)
        if is_listed and warm is not None and shard not in warm:
            continue  # its entries need not even be unpacked
        entries = shards.entries(index, number, shard)
        if not is_listed:
            before = {entry[0] for entry in entries}
            found += [f"{layout.TICKETS}/{shard}/{name}"
                      for name in before.symmetric_difference(stamps.subfolders(f"{base}/{shard}"))]
        if hot is not None:
            entries = [entry for entry in entries if f"{layout.TICKETS}/{shard}/{entry[0]}" in hot]
        found += [f"{layout.TICKETS}/{shard}/{n}" for n in stamps.changed(f"{base}/{shard}/", entries, deep)]
    return list(dict.fromkeys(found))


def differ(index: Index, number: str, root: str, folders: list[str]) -> list[str]:
    """Name those of some ticket folders that look changed."""
    found = []
    for folder in folders:
        _, shard, name = folder.split("/")
        entry = next((e for e in shards.entries(index, number, shard) if e[0] == name), None)
        there = os.path.isdir(f"{root}/{folder}")
        if there != (entry is not None) or (entry and stamps.of_ticket(f"{root}/{folder}", name) != entry):
            found.append(folder)
    return found


def restamp(index: Index, number: str, root: str, folders: list[str] | None = None) -> int:
    """Note the stamps of some ticket folders, or of all; gives how many tickets there are where all are asked for."""
    base = f"{root}/{layout.TICKETS}"
    now = time.time_ns()
    by_shard: dict[str, set[str] | None] = {}
    if folders is None:
        by_shard = dict.fromkeys({*shards.every(index, number), *stamps.subfolders(base)})
    else:
        for folder in folders:
            _, shard, name = folder.split("/")
            names = by_shard.setdefault(shard, set())
            assert names is not None
            names.add(name)
    return sum(_restamp(index, number, base, shard, names, now) for shard, names in by_shard.items())


def _restamp(index: Index, number: str, base: str, shard: str, names: set[str] | None, now: int) -> int:
    stamp = stamps.settled(_mtime(f"{base}/{shard}"), now)
    before = {} if names is None else {entry[0]: entry for entry in shards.entries(index, number, shard)}
    listed = stamps.subfolders(f"{base}/{shard}")
    entries = [before[name] if name in before and name not in (names or ()) else
               stamps.of_ticket(f"{base}/{shard}/{name}", name, now) for name in listed]
    if names is not None and ({*listed} ^ before.keys()) - names:
        stamp = stamps.NEVER  # others have come or gone too, and nobody has compared them
        entries = [entry for entry in entries if entry[0] in names or entry[0] in before]
        entries += [entry for name, entry in before.items() if name not in listed and name not in names]
    shards.put(index, number, shard, stamp, entries)
    return len(entries)


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
