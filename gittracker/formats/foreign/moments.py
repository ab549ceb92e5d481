"""Moments and dates as other trackers write them, as our files keep them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from gittracker.domain import times

_FULL = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"
                   r"(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?"
                   r"\s*(?:(UTC|GMT|[Zz])|([+-])(\d{2}):?(\d{2})?)?")
_SHORT = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{2}|\d{4})")  # day first, as Backlog.md once wrote
_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?")
_ZERO_YEAR = "0001-01-01T00:00:00"  # what Go writes for a moment that was never set


def moment(value: Any) -> str | None:
    """Read a moment: UTC as our files keep it, empty where it is unset, None where it can't be read.

    A moment without a zone is taken as UTC; fractions of a second stay.
    """
    text = str(value).strip().strip("'\"") if value is not None and not isinstance(value, bool) else ""
    if not text or text.startswith(_ZERO_YEAR):
        return ""
    try:
        if _EPOCH.fullmatch(text):
            return _epoch(float(text))
        short = _SHORT.fullmatch(text)
        if short:
            day, _, month, year = short.groups()
            text = f"{year if len(year) == 4 else '20' + year}-{month}-{day}"
        found = _FULL.fullmatch(text)
        return _utc(found) if found else None
    except (ValueError, OverflowError, OSError):
        return None


def day(value: Any) -> str | None:
    """Read a date; where the source gives a time of day too, the moment."""
    text = str(value).strip().strip("'\"") if value is not None else ""
    if times.is_date(text):
        return text
    found = moment(text)
    return found[:10] if found and ":" not in text else found


def _epoch(number: float) -> str:
    seconds = number / 1000 if number > 100_000_000_000 else number
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(found: re.Match[str]) -> str:
    year, month, date, hour, minute, second, fraction, _, sign, hours, minutes = found.groups()
    at = datetime(int(year), int(month), int(date), int(hour or 0), int(minute or 0), min(int(second or 0), 59))
    if sign:
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        at = at - ahead if sign == "+" else at + ahead
    rest = "." + fraction.rstrip("0") if fraction and fraction.strip("0") else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{rest}Z".rjust(len("2026-01-01T00:00:00Z") + len(rest), "0")
