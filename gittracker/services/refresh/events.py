"""Events for whoever asks: from the last known one on, and as they come."""

from __future__ import annotations

import time

from gittracker.domain import event as events
from gittracker.domain.errors import UsageError
from gittracker.domain.event import RESET, Event
from gittracker.index import eventlog
from gittracker.services.refresh import recording, rulechanges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gittracker.services.tracker import Tracker

PAGE = 50
_PAUSE, _LOOK_EVERY = 0.05, 2.0


def refresh(tracker: Tracker) -> None:
    """Look at all files, so that what changed around the tool becomes events."""
    tracker.refresh(deep=True)
    recording.refresh(tracker)
    rulechanges.look(tracker)


def newest(tracker: Tracker) -> str:
    """Give the id of the last event, whether it is kept or not."""
    return f"{eventlog.epoch(tracker.index)}.{eventlog.bounds(tracker.index)[1]}"


def latest(tracker: Tracker, most: int) -> list[Event]:
    """List the last events, oldest first."""
    return eventlog.after(tracker.index, max(0, eventlog.bounds(tracker.index)[1] - most), most)


def since(tracker: Tracker, oid: str, most: int) -> list[Event]:
    """List the events behind one; where its place is not known, a reset alone. Raises UsageError for what is no id."""
    parsed = events.number(oid)
    if parsed is None:
        raise UsageError(f'"{oid}" is no event\'s id', "gittracker events shows ids")
    first, last = eventlog.bounds(tracker.index)
    if parsed[0] != eventlog.epoch(tracker.index) or not first <= parsed[1] <= last:
        return [Event(newest(tracker), RESET, at=tracker.now())]
    return eventlog.after(tracker.index, parsed[1], most)


def follow(reopened: Callable[[], Tracker], oid: str, most: int, is_watched: Callable[[Tracker], bool],
           ended: Callable[[], bool]) -> Iterator[list[Event]]:
    """Give events behind one as they come; `reopened` opens the tracker anew where its index was replaced.

    Where nobody watches the files, they are looked at every two seconds.
    """
    tracker = reopened()
    looked = 0.0
    seen = None
    while not ended():
        if not tracker.index.is_newest():
            tracker.close()
            tracker, seen = reopened(), None
        if time.monotonic() - looked > _LOOK_EVERY:
            if not is_watched(tracker):
                refresh(tracker)
            looked = time.monotonic()
        now = tracker.index.one("PRAGMA data_version")[0], eventlog.bounds(tracker.index)[1]
        if now != seen:
            seen = now
            while found := since(tracker, oid, most):
                oid = found[-1].id
                yield found
        time.sleep(_PAUSE)
