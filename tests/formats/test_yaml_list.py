"""A YAML list is changed by lines: what it says is what was asked for, and the rest stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import yaml_doc, yaml_list
from tests.strategies import PROPERTY, TEXT

FILE = b"""\
# The board.

- slug: todo      # first
  name: Todo
  stage: unstarted
  x_owner: [a, b]

# Waits for a reader.
- slug: in-review
  name: 'In Review'
  stage: started
  default: true

-   slug: done
    # inside
    name: Done
    stage: completed

# The end.
"""
BARE = b"- name: A\n- name: B"
CRLF = FILE.replace(b"\n", b"\r\n")
FLOW = b"# kept\n[{slug: todo, name: Todo}, {slug: done, name: Done}]\n"
MIXED = (b"# head\n- {slug: todo, name: Todo} # flow\n- slug: done\n  name: >-\n    Done and\n    dusted\n- just text\n"
         b"- slug: x\n  name: X\n")
TABLES = [FILE, CRLF, BARE, b"\xef\xbb\xbf" + FILE, b"  - slug: a\n    name: A\n  -\n    slug: b\n    name: B\n",
          b"---\n- slug: a\n  name: A\n- slug: b\n  name: |\n    B\n    b\n...\n", FLOW, MIXED]


def rows(data: bytes) -> Any:
    """Give what a file says."""
    return yaml_doc.load(data, "statuses.yaml")


def test_a_key_is_set_in_its_own_line() -> None:
    assert yaml_list.change(FILE, 0, {"name": "To do"}) == FILE.replace(b"name: Todo", b"name: To do")
    assert yaml_list.change(FILE, 0, {"slug": "now"}) == FILE.replace(b"slug: todo ", b"slug: now ")
    assert yaml_list.change(CRLF, 1, {"name": "QA"}) == CRLF.replace(b"'In Review'", b"QA")
    assert yaml_list.change(BARE, 1, {"name": "C"}) == b"- name: A\n- name: C"


def test_a_key_that_is_new_comes_behind_the_others_and_one_that_is_unset_goes() -> None:
    assert yaml_list.change(FILE, 2, {"icon": "check", "default": True}) == FILE.replace(
        b"stage: completed\n", b"stage: completed\n    icon: check\n    default: true\n")
    assert yaml_list.change(FILE, 1, {"default": None, "icon": None}) == FILE.replace(b"  default: true\n", b"")
    assert yaml_list.change(BARE, 1, {"stage": "started"}) == b"- name: A\n- name: B\n  stage: started\n"


def test_what_is_so_already_changes_no_byte() -> None:
    assert yaml_list.change(MIXED, 1, {"name": "Done and dusted"}) == MIXED
    assert yaml_list.move(FILE, 1, 1) == FILE


def test_an_item_is_added_where_it_was_asked_for_with_the_space_that_the_others_have() -> None:
    new = {"slug": "qa", "name": "QA", "stage": "started"}
    block = b"- slug: qa\n  name: QA\n  stage: started\n"
    assert yaml_list.insert(FILE, 0, new) == FILE.replace(b"- slug: todo", block + b"\n- slug: todo")
    assert yaml_list.insert(FILE, 2, new) == FILE.replace(b"default: true\n", b"default: true\n\n" + block)
    assert yaml_list.insert(FILE, 3, new) == FILE.replace(b"stage: completed\n", b"stage: completed\n\n" + block)
    assert yaml_list.insert(BARE, 2, {"name": "C"}) == b"- name: A\n- name: B\n- name: C\n"


def test_an_item_goes_with_the_comment_above_it_and_the_head_of_the_file_stays() -> None:
    gone = FILE[:FILE.index(b"# Waits")] + FILE[FILE.index(b"-   slug"):]
    assert yaml_list.remove(FILE, 1) == gone
    assert yaml_list.remove(FILE, 0).startswith(b"# The board.\n\n# Waits for a reader.\n- slug: in-review")
    assert yaml_list.remove(BARE, 1) == b"- name: A\n"


def test_an_item_is_moved_with_the_comment_above_it() -> None:
    moved = yaml_list.move(FILE, 1, 2)
    assert b"# Waits for a reader.\n- slug: in-review" in moved and moved.endswith(b"# The end.\n")
    assert yaml_list.move(moved, 2, 1) == FILE
    assert [one["slug"] for one in rows(yaml_list.move(FILE, 2, 0))] == ["done", "todo", "in-review"]


def test_a_list_in_flow_style_is_written_anew_and_its_head_stays() -> None:
    assert yaml_list.change(FLOW, 1, {"name": "Over"}) == (
        b"# kept\n- slug: todo\n  name: Todo\n- slug: done\n  name: Over\n")
    changed = yaml_list.change(MIXED, 0, {"name": "Now"})
    assert changed.startswith(b"# head\n- slug: todo\n  name: Now\n- slug: done\n  name: >-\n")


def test_a_first_key_that_goes_takes_no_other_item_along() -> None:
    data = b"# head\n- default: true\n  # why\n  name: A\n- name: B # b\n"
    assert yaml_list.change(data, 0, {"default": None}) == b"# head\n- name: A\n- name: B # b\n"


VALUES = TEXT | st.booleans() | st.integers(0, 99)


@PROPERTY
@given(st.sampled_from(TABLES), st.integers(0, 9), st.dictionaries(st.sampled_from(["slug", "name", "x", "icon"]),
                                                                  VALUES | st.none(), min_size=1))
def test_a_change_says_what_was_asked_for(data: bytes, number: int, changes: dict[str, Any]) -> None:
    before = rows(data)
    number %= len(before)
    if not isinstance(before[number], dict):
        return
    after = rows(yaml_list.change(data, number, changes))
    asked = {k: v for k, v in {**before[number], **changes}.items() if v is not None}
    assert after == [*before[:number], asked or after[number], *before[number + 1:]]


@PROPERTY
@given(st.sampled_from(TABLES), st.integers(0, 9), st.integers(0, 9), TEXT)
def test_items_come_go_and_move_and_coming_back_is_as_before(data: bytes, one: int, other: int, name: str) -> None:
    before = rows(data)
    one, other = one % (len(before) + 1), other % len(before)
    added = yaml_list.insert(data, one, {"name": name, "n": 1})
    assert rows(added) == [*before[:one], {"name": name, "n": 1}, *before[one:]]
    assert rows(yaml_list.remove(added, one)) == before
    if len(before) > 1:
        assert rows(yaml_list.remove(data, other)) == before[:other] + before[other + 1:]
        moved = yaml_list.move(data, other, one % len(before))
        wanted = before[:other] + before[other + 1:]
        wanted.insert(one % len(before), before[other])
        assert rows(moved) == wanted


@pytest.mark.parametrize("data", [FILE, CRLF, BARE + b"\n", b"- a: 1\n\n- a: 2\n\n# end\n"])
@pytest.mark.parametrize("number", [0, 1])
def test_what_is_added_and_taken_out_again_leaves_every_byte(data: bytes, number: int) -> None:
    assert yaml_list.remove(yaml_list.insert(data, number, {"name": "N"}), number) == data
