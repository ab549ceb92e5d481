"""What was changed between two lists of lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.lines import edits
from tests.strategies import PROPERTY

FEW = st.lists(st.sampled_from(["", "", "a", "b", "c"]), max_size=12)


def shown(old: str, new: str) -> list[tuple[str, str]]:
    """Give the edits between two words, a letter a line, as (letters gone, letters come)."""
    return [(old[one.start:one.end], new[one.new_start:one.new_end]) for one in edits(old, new)]


@PROPERTY
@given(FEW, FEW)
def test_the_edits_lead_from_the_old_lines_to_the_new_ones(old: list[str], new: list[str]) -> None:
    made: list[str] = []
    at = 0
    for one in edits(old, new):
        assert one.start > at or at == 0
        made += old[at:one.start] + new[one.new_start:one.new_end]
        at = one.end
    assert made + old[at:] == new


@PROPERTY
@given(FEW)
def test_what_is_the_same_has_no_edits(lines: list[str]) -> None:
    assert edits(lines, list(lines)) == []


@pytest.mark.parametrize(("old", "new", "told"), [
    ("", "ab", [("", "ab")]), ("ab", "", [("ab", "")]), ("abc", "axc", [("b", "x")]), ("abc", "xyz", [("abc", "xyz")]),
    ("a.b.c", "a.b.x.c", [("", "x.")]),  # of the places where it fits, the lowest
    ("..x..", "..y..x..", [("", "y..")]),  # what stands once tells more than what stands often
])
def test_of_several_readings_it_takes_gits(old: str, new: str, told: list[tuple[str, str]]) -> None:
    assert shown(old, new) == told


def test_lines_that_stand_too_often_tell_nothing() -> None:
    assert shown("x" * 70, "x" * 71) == [("x" * 70, "x" * 71)]
    assert shown("x" * 30, "x" * 31) == [("", "x")]


@pytest.mark.parametrize("line", ["line {}", "line {}\n\n", "word"])
def test_a_long_text_is_compared_in_few_steps(line: str) -> None:
    old = "\n".join(line.format(number) for number in range(10_000)).split("\n")
    new = [*old[:100], "new", *old[200:]]
    assert [(one.start, one.end) for one in edits(old, new)][-1][0] <= 200
