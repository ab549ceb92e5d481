"""Times as people type them: a date or a time of the local zone, UTC with a Z, or an age such as 7d."""

from __future__ import annotations

from datetime import datetime, timedelta

from gittracker.domain import times
from gittracker.domain.errors import UsageError

_EXAMPLE = "2026-11-01, 2026-11-01T10:00 or 7d"


def read(text: str, now: int, end: bool = False) -> int:
    """Give seconds since 1970; a date is its first moment, with `end` the one behind its last. Raises UsageError."""
    age = times.seconds(text)
    if age is not None:
        return now - age
    try:
        moment = datetime.fromisoformat(text)
        if len(text) == 10 and end:
            moment += timedelta(days=1)
        return int(moment.timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(f'"{text}" is no time', _EXAMPLE) from error


def starts(since: int, until: int, by: str, most: int) -> list[int]:
    """Give where each day, week (from Monday) or month of the local zone begins, from the one that `since` is in.

    The last is the end of the one that holds the second before `until`. Raises UsageError where there are too many.
    """
    day = datetime.fromtimestamp(since).replace(hour=0, minute=0, second=0, microsecond=0)
    if by == "week":
        day -= timedelta(days=day.weekday())
    elif by == "month":
        day = day.replace(day=1)
    found = [int(day.timestamp())]
    while found[-1] < until:
        day = _next(day, by)
        found.append(int(day.timestamp()))
        if len(found) > most + 1:
            raise UsageError(f"more than {most} {by}s", "--by month, or a later --since")
    return found


def _next(day: datetime, by: str) -> datetime:
    if by == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if by == "week" else 1)


def day(at: int) -> str:
    """Give the local date of a moment."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d")
