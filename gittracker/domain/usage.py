"""Usage: what a piece of work took, in tokens, money and time; one report, and sums of many."""

from __future__ import annotations

from gittracker.domain import money
from gittracker.domain.fields import MOMENT, REF, TEXT, Kind, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Raw

_MOST_DIGITS = 12  # few enough that no sum of reports overflows what SQLite counts with


class Count(Kind):
    """A whole number that is not negative; unset is 0."""

    name = "count"
    sql = "INTEGER"
    number = True
    empty = 0

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        if text and not (text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS):
            raise ValueError(f"a whole number that is not negative, of at most {_MOST_DIGITS} digits")
        return int(text or "0")

    def write(self, value: Any) -> Raw:
        return str(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0}


class Money(Kind):
    """Dollars as decimal text, kept as billionths; unset is None, which is not 0."""

    name = "money"
    sql = "INTEGER"
    number = True
    empty = None

    def read(self, raw: Raw) -> Any:
        text = super().read(raw)
        return money.read(text) if text else None

    def write(self, value: Any) -> Raw:
        return None if value is None else money.write(value)

    def to_json(self, value: Any) -> Any:
        return self.write(value)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "pattern": money.PATTERN}


COUNT, MONEY = Count(), Money()


class Usage(Record):
    """One report of what work on a ticket took."""

    NOUN = "usage"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    by: str = field(TEXT, "who reported it", always=True, settable=False)
    at: str = field(MOMENT, "when it was reported", always=True, settable=False)
    input_tokens: int = field(COUNT, "tokens that the model read", always=True)
    output_tokens: int = field(COUNT, "tokens that the model wrote", always=True)
    cached_input_tokens: int = field(COUNT, "tokens that the model read from a cache")
    cache_creation_tokens: int = field(COUNT, "tokens that were written to a cache")
    reasoning_tokens: int = field(COUNT, "tokens that the model wrote to itself")
    cost_usd: int | None = field(MONEY, "what it cost, in US dollars, as decimal text")
    seconds: int = field(COUNT, "how long it took, in seconds")
    model: str = field(TEXT, "the model that was used")
    provider: str = field(TEXT, "whose model it was")
    run: str = field(TEXT, "the run that it belongs to")
    note: str = field(TEXT, "one line of remark")


COUNTS = tuple(name for name, one in Usage.FIELDS.items() if one.kind is COUNT)
SUMMED = (*COUNTS, "cost_usd")
# How people call the tokens, in the order in which they are told.
WORDS = {"input_tokens": "in", "output_tokens": "out", "cached_input_tokens": "cached",
         "cache_creation_tokens": "cache writes", "reasoning_tokens": "reasoning"}


def says_something(usage: Usage) -> bool:
    """Tell whether a report has anything to count; a cost of 0 is something."""
    return usage.cost_usd is not None or any(usage.__dict__[name] for name in COUNTS)


class Totals:
    """Sums of reports; `cost_usd` is None where none of them names a cost."""

    __slots__ = ("reports", *SUMMED)
    reports: int
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cache_creation_tokens: int
    reasoning_tokens: int
    cost_usd: int | None
    seconds: int

    def __init__(self, reports: int = 0, **sums: int | None) -> None:
        self.reports = reports
        for name in SUMMED:
            setattr(self, name, sums.get(name, None if name == "cost_usd" else 0))

    def add(self, reports: int, sums: tuple[int | None, ...]) -> None:
        """Add reports whose sums stand in the order of `SUMMED`."""
        self.reports += reports
        for name, value in zip(SUMMED, sums, strict=True):
            if value is not None:
                setattr(self, name, (getattr(self, name) or 0) + value)

    def to_json(self) -> dict[str, Any]:
        """Give the sums by name; money is decimal text."""
        return {"reports": self.reports,
                **{name: Usage.FIELDS[name].kind.to_json(getattr(self, name)) for name in SUMMED}}


class Budget:
    """What a ticket may cost and what it has cost, in billionths of a dollar."""

    __slots__ = ("allowed", "spent")

    def __init__(self, allowed: int, spent: int) -> None:
        self.allowed = allowed
        self.spent = spent

    @property
    def is_exceeded(self) -> bool:
        """Tell whether the budget is used up; without one it never is."""
        return 0 < self.allowed <= self.spent

    def to_json(self) -> dict[str, Any]:
        """Give the budget as it is printed."""
        return {"budget_usd": money.write(self.allowed), "spent_usd": money.write(self.spent),
                "left_usd": money.write(self.allowed - self.spent), "exceeded": self.is_exceeded}


def describe(totals: Any) -> str:
    """Say in a few words what a report or sums of reports hold: 1,200 in, 300 out, $0.50, 12m 5s."""
    parts = [f"{getattr(totals, name):,} {word}" for name, word in WORDS.items() if getattr(totals, name)]
    if totals.cost_usd is not None:
        parts.append(money.shown(totals.cost_usd))
    if totals.seconds:
        parts.append(duration(totals.seconds))
    return ", ".join(parts) or "nothing"


def duration(seconds: int) -> str:
    """Write seconds as people read them: 45s, 12m 5s, 3h 0m."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}h {minutes}m" if hours else f"{minutes}m {rest}s" if minutes else f"{rest}s"
