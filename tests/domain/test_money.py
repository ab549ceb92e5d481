"""Money is exact: what is read is what is written, and sums are sums of decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import money
from tests.strategies import PROPERTY

AMOUNTS = st.integers(0, 10 ** 15 - 1)


@PROPERTY
@given(AMOUNTS)
def test_an_amount_is_read_as_it_was_written(amount: int) -> None:
    text = money.write(amount)
    assert money.read(text) == amount
    assert Decimal(text) == Decimal(amount).scaleb(-money.PLACES)
    assert "e" not in text.lower() and not text.endswith(".")


@PROPERTY
@given(st.lists(AMOUNTS))
def test_sums_are_those_of_decimals(amounts: list[int]) -> None:
    total = sum((Decimal(money.write(one)) for one in amounts), Decimal(0))
    assert Decimal(money.write(sum(amounts))) == total


@pytest.mark.parametrize(("text", "amount"), [("0", 0), ("1.25", 1_250_000_000), ("0.000000001", 1), ("007.10",
                                              7_100_000_000), ("999999.999999999", 10 ** 15 - 1)])
def test_decimals_are_read(text: str, amount: int) -> None:
    assert money.read(text) == amount


@pytest.mark.parametrize("text", ["", ".", "1.", ".5", "-1", "+1", "1,25", "1e3", "$1", "1.0000000001", "1000000", "½",
                                  "٣", "1 ", "nan", "0x1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="dollars"):
        money.read(text)


def test_people_see_cents_and_whatever_is_finer() -> None:
    assert [money.shown(n) for n in (0, 2_000_000_000, 300_000, 1_234_500_000_000, -10_000_000)] == [
        "$0.00", "$2.00", "$0.0003", "$1,234.50", "-$0.01"]
