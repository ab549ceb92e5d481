"""The published rules of a SKILL.md."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import skill

GOOD: dict[str, Any] = {"name": "review-code", "description": "Use when a change is to be reviewed."}


def keys(front: dict[str, Any], body: str = "Read.", folder: str = "review-code") -> list[tuple[str, bool]]:
    """Give the keys that are at fault, and whether it is advice."""
    return [(one.key, one.is_advice) for one in skill.faults(folder, front, body)]


def test_a_skill_by_the_rules_has_no_fault() -> None:
    assert keys(GOOD) == []
    assert keys({**GOOD, "license": "MIT", "compatibility": "needs git", "metadata": {"author": "a"},
                 "allowed-tools": "Bash(git:*) Read"}) == []


@pytest.mark.parametrize("name", ["", "A", "a_b", "a.b", "-a", "a-", "a--b", "ä", "a b", "a" * 65])
def test_a_name_outside_the_rules_is_a_fault(name: str) -> None:
    assert skill.name_fault(name)
    assert keys({**GOOD, "name": name}, folder=name) == [("name", False)]


@pytest.mark.parametrize("name", ["a", "a1", "1a", "review-code", "a" * 64])
def test_a_name_by_the_rules_is_none(name: str) -> None:
    assert not skill.name_fault(name)


@pytest.mark.parametrize(("change", "fault"), [
    ({"name": "other"}, ("name", False)), ({"name": ["a"]}, ("name", False)),
    ({"description": None}, ("description", False)),
    ({"description": "x" * 1025}, ("description", False)), ({"description": ["x"]}, ("description", False)),
    ({"license": None}, ("license", False)), ({"compatibility": "x" * 501}, ("compatibility", False)),
    ({"metadata": "x"}, ("metadata", False)), ({"metadata": {"a": [1]}}, ("metadata", False)),
    ({"allowed-tools": ["Read"]}, ("allowed-tools", True)), ({"model": "x"}, ("model", True))])
def test_each_fault_is_told_by_its_key(change: dict[str, Any], fault: tuple[str, bool]) -> None:
    assert keys({**GOOD, **change}) == [fault]


def test_the_text_is_looked_at_too() -> None:
    assert keys(GOOD, body=" \n") == [("", False)]
    assert keys(GOOD, body="line\n" * 501) == [("", True)]


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(["name", "metadata", "license"]),
                       st.none() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.integers())),
       st.text(), st.text())
def test_any_front_matter_is_judged(front: dict[str, Any], body: str, folder: str) -> None:
    assert all(one.message for one in skill.faults(folder, front, body))
