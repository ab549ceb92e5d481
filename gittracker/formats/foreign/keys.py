"""A record's keys: taken by any of their spellings, and what nobody took kept as custom fields."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from gittracker.domain.foreign import Anomaly
from gittracker.formats.foreign import moments, texts


class Keys:
    """The keys of one record; every value is taken once, the rest is for `x_` fields."""

    def __init__(self, values: dict[str, Any], path: str, lines: dict[str, int], line: int,
                 anomalies: list[Anomaly]) -> None:
        self._values = dict(values)
        self._names = {_plain(key): key for key in reversed(list(values))}
        self._lines = lines
        self.path = path
        self._line = line
        self.anomalies = anomalies

    def line(self, *names: str) -> int:
        """Give the line of the first of these keys that is there."""
        return next((self._lines[k] for k in map(self._key, names) if k in self._lines), self._line)

    def odd(self, kind: str, message: str, line: int = 0) -> None:
        """Note something odd."""
        self.anomalies.append(Anomaly(self.path, line or self._line, kind, message))

    def raw(self, *names: str) -> Any:
        """Take a value as it stands, by the first of its spellings that says something."""
        for name in names:
            key = self._key(name)
            if key in self._values and not texts.is_empty(self._values[key]):
                return self._values.pop(key)
        return None

    def text(self, *names: str) -> str:
        """Take a value as text of any number of lines."""
        return texts.as_text(self.raw(*names))

    def word(self, *names: str) -> str:
        """Take a value as one line of text."""
        value = self.raw(*names)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return texts.one_line(texts.as_text(value))

    def words(self, *names: str) -> tuple[str, ...]:
        """Take a list of one-line texts; a single text, or one with commas, is a list as well."""
        value = self.raw(*names)
        if isinstance(value, str):
            value = value.strip().removeprefix("[").removesuffix("]").split(",")
        elif not isinstance(value, list):
            value = [] if value is None else [value]
        found = (texts.one_line(texts.as_text(item)).strip("\"'") for item in value)
        return tuple(dict.fromkeys(item for item in found if item))

    def moment(self, *names: str) -> str:
        """Take a moment; one that can't be read is told, and kept as it stands in its custom field."""
        return self._time(moments.moment, names)

    def day(self, *names: str) -> str:
        """Take a date, or a moment; one that can't be read is told, and kept as it stands."""
        return self._time(moments.day, names)

    def number(self, *names: str) -> float | None:
        """Take a number that is not negative; one that can't be read is told, and kept as it stands."""
        key = next((k for k in map(self._key, names) if k in self._values), "")
        value = self._values.get(key)
        if value is None or texts.is_empty(value) or isinstance(value, bool | list | dict):
            return None
        try:
            found = float(value)
        except (ValueError, OverflowError):
            found = -1
        if not 0 <= found < 10**15:
            self.odd("value", f'{key} is "{texts.one_line(str(value))[:60]}", which is no number; kept as '
                     f"{texts.x_name(key)}", self.line(key))
            return None
        del self._values[key]
        return int(found) if found == int(found) else found

    def drop(self, *names: str) -> None:
        """Take values that say nothing that isn't said elsewhere."""
        for name in names:
            self._values.pop(self._key(name), None)

    def drop_unset(self, *names: str) -> None:
        """Take values that are false or zero, which is what they are when nobody set them."""
        for name in names:
            if not self._values.get(self._key(name)):
                self.drop(name)

    def rest(self) -> dict[str, Any]:
        """Give what is left as custom fields."""
        extra: dict[str, Any] = {}
        for key, value in self._values.items():
            texts.put_extra(extra, key, value)
        return extra

    def _key(self, name: str) -> str:
        return self._names.get(_plain(name), name)

    def _time(self, read: Any, names: tuple[str, ...]) -> str:
        for name in names:
            key = self._key(name)
            value = self._values.get(key)
            if texts.is_empty(value):
                continue
            found: str | None = read(value)
            if found is None:
                self.odd("date", f'{key} is "{texts.one_line(str(value))[:60]}", which is no date; kept as '
                         f"{texts.x_name(key)}", self.line(key))
                continue
            del self._values[key]
            return found
        return ""


@lru_cache(4096)
def _plain(key: str) -> str:
    """Make spellings of one key alike: parentTaskId, parent_task_id, parent-task-id."""
    return key.replace("_", "").replace("-", "").replace(" ", "").lower()
