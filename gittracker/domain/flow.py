"""How work flows: what was created, started and completed when, how long it took, and what is open."""

from __future__ import annotations

from itertools import pairwise

from gittracker.domain.status import CLOSED_STAGES

# What a ticket is at a time: the stage of its status, or one of these.
DROPPED = "dropped"  # canceled, or put away or deleted before it was completed
COMPLETED, STARTED = "completed", "started"
_DONE_WITH = (COMPLETED, DROPPED)


class Life:
    """One ticket's life: `steps` holds (seconds since 1970, state), oldest first, each state another than before."""

    __slots__ = ("type", "assignee", "steps")

    def __init__(self, type: str = "", assignee: str = "") -> None:
        self.type = type
        self.assignee = assignee
        self.steps: list[tuple[int, str]] = []

    def step(self, at: int, state: str) -> None:
        """Go on to a state; times never run backwards, and a state that it is in already adds nothing."""
        if self.steps and self.steps[-1][1] == state:
            return
        self.steps.append((max(at, self.steps[-1][0]) if self.steps else at, state))

    @property
    def state(self) -> str:
        """Give its state now."""
        return self.steps[-1][1]

    @property
    def created(self) -> int:
        """Give when it came to be."""
        return self.steps[0][0]

    def first(self, state: str) -> int | None:
        """Give when it first had a state."""
        return next((at for at, one in self.steps if one == state), None)

    def completed(self) -> int | None:
        """Give when it was completed for the last time, None where it is not completed now."""
        return self.steps[-1][0] if self.state == COMPLETED else None


class Period:
    """What happened from `start` to before `end`, and how things stood at its end."""

    __slots__ = ("start", "end", "created", "started", "completed", "dropped", "reopened", "scope", "done")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.created = self.started = self.completed = self.dropped = self.reopened = 0
        self.scope = self.done = 0

    @property
    def open(self) -> int:
        """Count what was still to be done at the end."""
        return self.scope - self.done


class Times:
    """How long something took, in seconds: of `count` tickets; the rest is None where there are none."""

    __slots__ = ("count", "median", "p85", "mean")

    def __init__(self, values: list[int]) -> None:
        values = sorted(values)
        self.count = len(values)
        middle = values[(len(values) - 1) // 2:len(values) // 2 + 1]
        self.median = sum(middle) / len(middle) if middle else None
        # The nearest rank: 85 % of the tickets took no longer than this.
        self.p85 = values[max(0, -(-len(values) * 85 // 100) - 1)] if values else None
        self.mean = sum(values) / len(values) if values else None


def state_of(stage: str, archived: bool) -> str:
    """Give a ticket's state from the stage of its status."""
    if stage == COMPLETED:
        return COMPLETED
    return DROPPED if archived or stage in CLOSED_STAGES else stage


def periods(lives: list[Life], edges: list[int]) -> list[Period]:
    """Count what happened between each two edges, and what the scope and the done were at the end of each."""
    found = [Period(start, end) for start, end in pairwise(edges)]
    for life in lives:
        for number, (at, state) in enumerate(life.steps):
            before = life.steps[number - 1][1] if number else ""
            place = _place(edges, at)
            if place < len(found):
                _count(found, place, at >= edges[0], before, state)
    scope = done = 0
    for one in found:  # so far they hold differences
        scope, done = scope + one.scope, done + one.done
        one.scope, one.done = scope, done
    return found


def _place(edges: list[int], at: int) -> int:
    """Give the period that a moment falls in; what was before the first counts into the first one's stand."""
    from bisect import bisect_right
    return max(0, bisect_right(edges, at) - 1)


def _count(found: list[Period], place: int, within: bool, before: str, state: str) -> None:
    one = found[place]
    one.scope += (state != DROPPED) - (before not in ("", DROPPED))
    one.done += (state == COMPLETED) - (before == COMPLETED)
    if not within:
        return
    one.created += not before
    one.started += state == STARTED
    one.completed += state == COMPLETED
    one.dropped += state == DROPPED
    one.reopened += before in _DONE_WITH and state not in _DONE_WITH


def cycle_times(lives: list[Life], since: int, until: int) -> Times:
    """Measure from the first start to the last completion, of what was completed in a time; unstarted work has none."""
    ended = _ended(lives, since, until)
    return Times([end - start for life, end in ended if (start := life.first(STARTED)) is not None])


def lead_times(lives: list[Life], since: int, until: int) -> Times:
    """Measure from creation to the last completion, of what was completed in a time."""
    return Times([end - life.created for life, end in _ended(lives, since, until)])


def _ended(lives: list[Life], since: int, until: int) -> list[tuple[Life, int]]:
    ends = [(life, life.completed()) for life in lives]
    return [(life, end) for life, end in ends if end is not None and since <= end < until]
