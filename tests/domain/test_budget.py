"""Budgets: an estimate that adds up, cuts that fit, and a choice that never costs more than was allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import budget
from gittracker.domain.errors import UsageError

_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("abc 12-漢é🔥\n"), max_size=60)


@given(_TEXT, _TEXT)
def test_weights_add_up(one: str, other: str) -> None:
    assert budget.weight(one + other) == budget.weight(one) + budget.weight(other)
    assert len(one) <= budget.weight(one) <= 8 * len(one)
    assert budget.tokens(one) * 4 >= budget.weight(one) > budget.tokens(one) * 4 - 4 or not one


def test_a_weight_is_a_quarter_a_half_one_or_two_tokens_a_character() -> None:
    assert [budget.weight(c) for c in "a \n1-é漢🔥"] == [1, 1, 1, 2, 2, 4, 4, 8]
    assert budget.tokens("Upload fails on a slow line") == 7


@given(_TEXT, st.integers(0, 80))
def test_a_cut_text_fits_begins_the_same_and_says_what_it_lacks(text: str, most: int) -> None:
    found = budget.cut(text, most, lambda left: f"<{left}>")
    assert budget.weight(found) <= most
    if budget.weight(text) <= most:
        assert found == text
    elif found:
        kept, _, left = found.removesuffix(">").rpartition("<")
        assert text.startswith(kept)
        assert len(kept) + int(left) == len(text)


def test_a_cut_stands_between_words_where_one_is_near() -> None:
    assert budget.cut("one two three four", 12, lambda left: "…") == "one two…"
    assert budget.cut("x" * 100, 12, lambda left: "…") == "x" * 8 + "…"


@given(st.lists(st.text("ab漢 ", max_size=30), max_size=30), st.integers(1, 120))
def test_what_is_chosen_never_costs_more_than_the_budget(records: list[str], tokens: int) -> None:
    def frame(count: int) -> str:
        return f"{len(records) - count} more\n" if count < len(records) else "the end\n"
    levels = [[r + "!" for r in records], [r[:4] + "!" for r in records], ["!" for r in records]]
    try:
        found = budget.choose(levels, len(records), tokens, frame)
    except UsageError as error:
        needed = int(error.hint.split()[1].rstrip(","))
        assert needed > tokens
        assert budget.choose(levels, len(records), needed, frame) or not records
        return
    assert budget.tokens("".join(found) + frame(len(found))) <= tokens
    assert found in [level[:len(found)] for level in levels]
    if len(found) < len(records):  # one more would have cost more, even as brief as can be
        more = "!" * (len(found) + 1) + frame(len(found) + 1)
        assert budget.tokens(more) > tokens or len(found) >= budget.ENOUGH


def test_records_are_written_briefly_so_that_ten_fit_but_not_so_that_more_do() -> None:
    whole, brief = ["whole " * 4] * 40, ["brief"] * 40
    assert budget.choose([whole, brief], 40, 30, lambda _: "") == ["brief"] * 24
    assert budget.choose([whole, brief], 40, 60, lambda _: "") == ["whole " * 4] * 10
    assert budget.choose([whole[:3], brief[:3]], 3, 18, lambda _: "") == ["whole " * 4] * 3
    assert budget.choose([whole, whole], 40, 12, lambda _: "") == ["whole " * 4] * 2


@pytest.mark.parametrize("text", ["0", "-5", "x", "", "1.5", "٣", "10000001"])
def test_a_budget_is_a_number_of_tokens(text: str) -> None:
    with pytest.raises(UsageError, match="no number of tokens"):
        budget.read(text)
