"""JSON out: whatever we write, the json module reads back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import json_text
from tests.strategies import ANY_TEXT, PROPERTY

TEXTS = st.text(max_size=10) | ANY_TEXT
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12)


@PROPERTY
@given(VALUES, st.sampled_from([0, 1, 2]))
def test_what_is_written_is_read_back_by_the_json_module(value: object, indent: int) -> None:
    found = json.loads(json_text.dumps(value, indent))
    assert found == value
    assert repr(found) == repr(value)


@PROPERTY
@given(VALUES)
def test_without_indent_it_is_what_the_json_module_writes_in_one_line(value: object) -> None:
    assert json_text.dumps(value) == json.dumps(value, ensure_ascii=False)


def test_with_indent_members_get_lines_and_plain_lists_stay_on_one() -> None:
    value = {"a": [1, 2], "b": [{"c": None}], "d": {}, "e": [], "f": {"g": True}}
    assert json_text.dumps(value,
                           2) == ('{\n  "a": [1, 2],\n  "b": [\n    {\n      "c": null\n    }\n  ],\n  "d": {},\n'
                                         '  "e": [],\n  "f": {\n    "g": true\n  }\n}')


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_lacks_is_null(value: float) -> None:
    assert json_text.dumps([value]) == "[null]"


def test_a_tuple_is_a_list() -> None:
    assert json_text.dumps(("a", (1,)), 0) == '["a", [1]]'
