"""Kinds of values: text in, value out, and the same text back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.fields import DATE, FLAG, MOMENT, NAMES, NUMBER, REF, TEXT
from gittracker.domain.ticket import Ticket, priority_rank
from tests.strategies import PROPERTY, WORDS


@PROPERTY
@given(st.integers(0, 10**15 - 1) | st.floats(0, 10**14, allow_nan=False).filter(lambda v: v == 0 or v > 1e-4))
def test_a_number_that_is_written_reads_back(value: float) -> None:
    text = NUMBER.write(value)
    assert isinstance(text, str)
    assert set(text) <= set("0123456789.")
    assert NUMBER.read(text) == value


@pytest.mark.parametrize(("value", "text"),
                         [(3, "3"), (3.0, "3"), (2.5, "2.5"), (1234567.5, "1234567.5"), (1e-7, "0.0000001"),
                                             (0, "0"), (None, None)])
def test_a_number_is_written_in_full(value: float | None, text: str | None) -> None:
    assert NUMBER.write(value) == text


@pytest.mark.parametrize("text",
                         [".", "1.2.3", "-1", "+1", "1e5", "0x1F", "1_000", "٣", "²", "1,5", " 1", "9" * 16, "nan",
                                  "9" * 5000, "9" * 400 + ".5"])
def test_what_is_no_number_says_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="a number such as 3"):
        NUMBER.read(text)


@pytest.mark.parametrize("kind", [TEXT, MOMENT, DATE, NUMBER, FLAG, REF])
def test_a_list_is_no_single_value(kind: object) -> None:
    with pytest.raises(ValueError, match="one value, not a list"):
        kind.read(["a"])  # type: ignore[attr-defined]


@PROPERTY
@given(WORDS)
def test_a_set_survives_its_column(words: tuple[str, ...]) -> None:
    assert NAMES.from_sql(NAMES.to_sql(words)) == words
    assert NAMES.read(NAMES.write(words)) == words


def test_a_set_is_sorted_and_has_each_item_once() -> None:
    assert NAMES.read(["b", "a", "b", ""]) == ("a", "b")
    assert NAMES.read("a") == ("a",)


def test_a_flag_is_read_in_any_case_and_nothing_else() -> None:
    assert (FLAG.read("True"), FLAG.read("false"), FLAG.read(None)) == (True, False, False)
    with pytest.raises(ValueError, match="true or false"):
        FLAG.read("yes")


def test_a_record_is_frozen_and_names_a_field_it_lacks() -> None:
    ticket = Ticket(title="a")
    with pytest.raises(AttributeError, match="frozen"):
        ticket.title = "b"
    with pytest.raises(TypeError, match="no field colour"):
        Ticket(colour="red")
    assert ticket.replace(title="b") == Ticket(title="b")
    assert ticket != Ticket(title="b")


def test_an_unknown_priority_comes_last() -> None:
    ranks = [priority_rank(p) for p in ("urgent", "none", "bogus")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3
