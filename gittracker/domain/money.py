"""Money: whole billionths of a dollar, so that sums are exact; decimal text outside."""

from __future__ import annotations

PLACES = 9
_WHOLE_DIGITS = 6
_ONE = 1_000_000_000
PATTERN = rf"^\d{{1,{_WHOLE_DIGITS}}}(\.\d{{1,{PLACES}}})?$"


def read(text: str) -> int:
    """Read a decimal of dollars such as 1.25; ValueError says what was expected."""
    whole, point, rest = text.partition(".")
    if (not (whole + rest).isdecimal() or not text.isascii() or not whole or bool(point) != bool(rest)
            or len(whole) > _WHOLE_DIGITS or len(rest) > PLACES):
        raise ValueError(f"dollars such as 1.25, less than a million, at most {PLACES} decimal places")
    return int(whole) * _ONE + int(rest.ljust(PLACES, "0"))


def write(amount: int) -> str:
    """Write an amount as the shortest decimal: 1.25, 0.0003, 2."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    whole, rest = divmod(amount, _ONE)
    return f"{sign}{whole}" + (f".{rest:0{PLACES}d}".rstrip("0") if rest else "")


def shown(amount: int) -> str:
    """Write an amount for people, cents at least: $1.25, $0.0003, $2.00."""
    whole, _, rest = write(abs(amount)).partition(".")
    return f"{'-' if amount < 0 else ''}${int(whole):,}.{rest.ljust(2, '0')}"
