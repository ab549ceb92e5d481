"""Moments as text: UTC in files, durations in queries."""

from __future__ import annotations

_MAX_DIGITS = 6
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = 86_400
_dates: set[str] = set()  # those that were met: thousands of moments are of a few days
_days: dict[int, str] = {}  # the same by their number since 1970


def is_date(text: str) -> bool:
    """Tell whether `text` is a calendar date, YYYY-MM-DD."""
    if text in _dates:
        return True
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    year, month, day = text[:4], text[5:7], text[8:]
    if not (year + month + day).isdecimal() or not text.isascii():
        return False
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= _MONTH_DAYS[int(month) - 1]:
        return False
    leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    if (month, day) == ("02", "29") and not leap:
        return False
    _dates.add(text)
    return True


def is_moment(text: str) -> bool:
    """Tell whether `text` is a UTC moment as files keep it, YYYY-MM-DDTHH:MM:SS[.fff]Z."""
    if len(text) < 20 or not text.isascii() or text[10] != "T" or text[-1] != "Z" or text[13] + text[16] != "::":
        return False
    hour, minute, second = text[11:13], text[14:16], text[17:19]
    fraction = text[19:-1]
    if fraction and not (fraction[0] == "." and fraction[1:].isdecimal()):
        return False
    return ((hour + minute + second).isdecimal() and hour < "24" and minute < "60" and second < "61"
            and is_date(text[:10]))


def seconds(text: str) -> int | None:
    """Read a duration such as 90m, 7d or 2w as seconds; None where `text` is none."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdecimal() or not number.isascii() or len(number) > _MAX_DIGITS:
        return None
    return int(number) * _UNITS[unit]


def compact(moment: str) -> str:
    """Write a moment as file names carry it: 20261122T100000Z."""
    return moment[:19].replace("-", "").replace(":", "") + "Z"


def is_compact(text: str) -> bool:
    """Tell whether `text` is a moment as file names carry it."""
    return len(text) == 16 and text[8] == "T" and text[-1] == "Z" and (text[:8] + text[9:15]).isdecimal()


def since_1970(moment: str) -> int:
    """Give the seconds of a moment or a date as files keep them, 0 where it is neither."""
    if not (is_moment(moment) or is_date(moment)):
        return 0
    year, month, day = int(moment[:4]), int(moment[5:7]), int(moment[8:10])
    year -= month <= 2
    era, of_era = divmod(year, 400)  # the year begins in March here, so that the leap day is its last
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    clock = [int(part) for part in moment[11:19].split(":")] if len(moment) > 10 else [0, 0, 0]
    return (days - 719_468) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]


def utc(seconds: int) -> str:
    """Write seconds since 1970 as files keep moments."""
    day, rest = divmod(seconds, _DAY)
    if day not in _days:
        from time import gmtime, strftime
        _days[day] = strftime("%Y-%m-%d", gmtime(day * _DAY))
    return f"{_days[day]}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"
