"""Statistics of the flow of work, out of history."""

from __future__ import annotations

from gittracker.domain import flow, times
from gittracker.domain.errors import UsageError
from gittracker.index import search, tickets
from gittracker.services import listing
from gittracker.services.past import history, moments, timelines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.flow import Life, Period, Times
    from gittracker.services.tracker import Tracker

BY = ("week", "day", "month")
MOST_PERIODS = 1_000
_USUAL = {"day": 14, "week": 12, "month": 12}
_LENGTH = {"day": 86_400, "week": 7 * 86_400, "month": 31 * 86_400}


class Group:
    """What one assignee did, or what became of one type: `name` is empty for those without."""

    __slots__ = ("name", "completed", "open", "started", "cycle")

    def __init__(self, name: str, completed: int, open_: int, started: int, cycle: Times) -> None:
        self.name = name
        self.completed = completed
        self.open = open_
        self.started = started
        self.cycle = cycle


class Stats:
    """Everything that `stats` tells; `progress` holds (status, stage, how many open tickets), in the board's order."""

    __slots__ = ("by", "since", "until", "periods", "cycle", "lead", "progress", "assignees", "types", "limits")

    def __init__(self, by: str, since: int, until: int, periods: list[Period], lives: list[Life],
                 progress: list[tuple[str, str, int]], limits: list[str]) -> None:
        self.by = by
        self.since = since
        self.until = until
        self.periods = periods
        self.cycle = flow.cycle_times(lives, since, until)
        self.lead = flow.lead_times(lives, since, until)
        self.progress = progress
        self.assignees = self._groups(lives, "assignee")
        self.types = self._groups(lives, "type")
        self.limits = limits

    def _groups(self, lives: list[Life], by: str) -> list[Group]:
        """Group the lives, the busiest first."""
        groups: dict[str, list[Life]] = {}
        for life in lives:
            groups.setdefault(getattr(life, by), []).append(life)
        found = []
        for name, rows in groups.items():
            completed = flow.lead_times(rows, self.since, self.until).count
            states = [life.state for life in rows]
            still_open = sum(state not in (flow.COMPLETED, flow.DROPPED) for state in states)
            if completed or still_open:
                found.append(Group(name, completed, still_open, states.count(flow.STARTED),
                                   flow.cycle_times(rows, self.since, self.until)))
        return sorted(found, key=lambda g: (-g.completed, -g.open, g.name))


def gather(tracker: Tracker, text: str, by: str, since: str, until: str) -> Stats:
    """Work the statistics out, of all tickets or those that a query finds (closed and archived ones too)."""
    by = by or BY[0]
    if by not in BY:
        raise UsageError(f'can\'t count by "{by}"', f"--by {', '.join(BY[:-1])} or {BY[-1]}")
    now = tracker.clock() // 1_000_000_000
    last = moments.read(until, now, end=True) if until else now + 1
    first = moments.read(since, now) if since else last - _USUAL[by] * _LENGTH[by] + _LENGTH[by]
    if first >= last:
        raise UsageError(f'--since "{since}" is not before --until', "--since 2026-11-01 --until 2026-11-30")
    edges = moments.starts(first, last, by, MOST_PERIODS)
    chosen = _chosen(tracker, text)
    found, unknown = timelines.lives(tracker, chosen)
    said = history.limits(tracker)
    if unknown:
        said.append(f"no statuses.yaml names {', '.join(sorted(unknown)[:5])}: the tickets' own times tell their stage")
    lives = list(found.values())
    periods = flow.periods(lives, [max(edges[0], first) if since else edges[0], *edges[1:-1], min(edges[-1], last)])
    if not since:  # a young project has no empty weeks before it began
        while len(periods) > 1 and not periods[0].scope and not periods[0].created:
            del periods[0]
    return Stats(by, periods[0].start, last, periods, lives, _progress(tracker, chosen), said)


def _chosen(tracker: Tracker, text: str) -> set[int] | None:
    """Give the rows that a query finds; None for all tickets."""
    tracker.refresh(deep=True)
    if not text.strip():
        return None
    return set(search.ids(tracker.index, listing.read(text, everything=True), tracker.context()))


def _progress(tracker: Tracker, chosen: set[int] | None) -> list[tuple[str, str, int]]:
    """Count the open tickets by status."""
    counts: dict[tuple[str, str], int] = {}
    for row_id, _, stage, _, status, *_, archived, _ in tickets.standing(tracker.index, tracker.view):
        is_open = flow.state_of(stage, bool(archived)) not in (flow.COMPLETED, flow.DROPPED)
        if is_open and (chosen is None or row_id in chosen):
            known = tracker.settings.status_of(status)
            key = known.slug if known else status, stage
            counts[key] = counts.get(key, 0) + 1
    order = {status.slug: number for number, status in enumerate(tracker.settings.statuses)}
    rows = sorted(counts.items(), key=lambda row: (order.get(row[0][0], len(order)), row[0]))
    return [(status, stage, count) for (status, stage), count in rows]


def to_json(stats: Stats) -> dict[str, Any]:
    """Give the statistics as they are printed; times are UTC, durations seconds."""
    return {"by": stats.by, "since": times.utc(stats.since), "until": times.utc(stats.until),
            "periods": [_period(one) for one in stats.periods],
            "cycle_time": _times(stats.cycle), "lead_time": _times(stats.lead),
            "in_progress": [{"status": status or None, "stage": stage, "count": count}
                            for status, stage, count in stats.progress],
            "by_assignee": [_group(one) for one in stats.assignees], "by_type": [_group(one) for one in stats.types],
            "limits": stats.limits}


def _period(one: Period) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("created", "started", "completed", "dropped", "reopened", "scope",
                                                    "done", "open")}
    return {"start": times.utc(one.start), "end": times.utc(one.end), **counts}


def _times(one: Times) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in ("median", "p85", "mean")}
    return {"count": one.count, **{name: None if value is None else round(value) for name, value in shown.items()}}


def _group(one: Group) -> dict[str, Any]:
    return {"name": one.name or None, "completed": one.completed, "open": one.open, "started": one.started,
            "cycle_time": _times(one.cycle)}
