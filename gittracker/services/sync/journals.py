"""Sync journals: push what this clone's commands did, fetch what those of other clones did, each kept apart."""

from __future__ import annotations

from gittracker.git import discover, journalsync
from gittracker.services.write.locking import Locked
from gittracker.store import clone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker


class Carried:
    """How many journals went to the remote and came from it; what was there already is not counted."""

    __slots__ = ("pushed", "fetched")

    def __init__(self, pushed: int, fetched: int) -> None:
        self.pushed = pushed
        self.fetched = fetched

    def to_json(self) -> dict[str, int]:
        """Give the numbers."""
        return {"pushed": self.pushed, "fetched": self.fetched}


def sync(tracker: Tracker, remote: str) -> Carried:
    """Push and fetch; raises UnavailableError and RefusedError. The lock is not held while the network is used."""
    with Locked(tracker, "sync --journals"):
        name = clone.settle(tracker.repository.local, tracker.entropy)
        ours = journalsync.own(tracker.journal, name)
    top, journal = discover.outward(tracker.repository), tracker.journal
    there = journalsync.published(top, remote)
    to_push = {one: oid for one, oid in ours.items() if there.get(one) != oid}
    if to_push:
        journalsync.push(top, journal, remote, to_push)
    known = journalsync.foreign(journal)
    to_fetch = {one: oid for one, oid in there.items()
                if known.get(one) != oid and not one.startswith(f"{name}/")}
    if to_fetch:
        journalsync.fetch(top, tracker.repository.common_dir, journal, remote, to_fetch)
        with Locked(tracker, "sync --journals"):
            kept = journalsync.keep(journal, to_fetch)
    return Carried(len(to_push), len(kept) if to_fetch else 0)
