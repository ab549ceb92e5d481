"""Moments, dates and durations as text."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import times
from tests.strategies import PROPERTY


@PROPERTY
@given(st.dates())
def test_every_calendar_date_is_a_date(day: datetime.date) -> None:
    assert times.is_date(day.isoformat())


@PROPERTY
@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_a_date_is_one_exactly_when_the_calendar_has_it(year: int, month: int, day: int) -> None:
    try:
        known = bool(datetime.date(year, month, day))
    except ValueError:
        known = False
    assert times.is_date(f"{year:04}-{month:02}-{day:02}") is known


@PROPERTY
@given(st.datetimes(), st.integers(0, 9))
def test_every_utc_moment_is_a_moment(moment: datetime.datetime, digits: int) -> None:
    fraction = f".{moment.microsecond:09}"[:digits + 1] if digits else ""
    text = moment.replace(microsecond=0).isoformat() + fraction + "Z"
    assert times.is_moment(text)
    compact = times.compact(text)
    assert datetime.datetime.strptime(compact, "%Y%m%dT%H%M%SZ") == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "2026", "2026-1-1", "2026/11/22", "2026-11-2²", "٢٠٢٦-11-22", "2026-11-22 ",
                                  "1900-02-29", "2026-02-29", "2026-00-10", "2026-11-31"])
def test_what_is_no_date_is_refused(text: str) -> None:
    assert not times.is_date(text)


@pytest.mark.parametrize("text", [
    "", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "2026-11-22T10:00:00+01:00", "2026-11-22T10:00Z",
    "2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z", "2026-11-22T10:00:61Z", "2026-11-22T10:00:00.Z",
    "2026-11-22T10:00:00,5Z", "2026-11-22t10:00:00z", "2026-02-30T10:00:00Z", "2026-11-22T1٠:00:00Z",
    "2026-11-22T10:00:00.٣Z", "2026-11-22T-1:00:00Z",
])
def test_what_is_no_utc_moment_is_refused(text: str) -> None:
    assert not times.is_moment(text)


@pytest.mark.parametrize(("text", "seconds"),
                         [("90s", 90), ("90m", 5400), ("2h", 7200), ("7d", 604800), ("2w", 1209600),
                                               ("0d", 0)])
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert times.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "7", "7y", "-7d", "1.5d", "7 d", "²d", "٣d", "7D", "9" * 30 + "d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert times.seconds(text) is None
