"""The last number given out for each project, so that a number is never used twice in a clone."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.store import atomic, layout


def load(state: str) -> dict[str, int]:
    """Read the counters."""
    data = atomic.read(os.path.join(state, "counters")) or b""
    pairs = (line.split(" ") for line in data.decode("ascii", "replace").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def save(state: str, counters: dict[str, int]) -> None:
    """Write the counters."""
    text = "".join(f"{key} {number}\n" for key, number in sorted(counters.items()))
    atomic.write(os.path.join(state, "counters"), text.encode())


def highest_on_disk(root: str, key: str, known: int) -> int:
    """Give the highest number among the ticket folders, given that `known` is one of them or lower."""
    highest = known
    try:
        shards = [s for s in os.listdir(f"{root}/{layout.TICKETS}") if s.isdecimal() and int(s) >= known // 100]
    except OSError:
        return highest
    for shard in sorted(shards, key=int, reverse=True):
        for name in os.listdir(f"{root}/{layout.TICKETS}/{shard}"):
            parsed = ids.parse_slug(ids.slug_of_folder(name))
            if parsed and parsed[0] == key:
                highest = max(highest, parsed[1])
    return highest
