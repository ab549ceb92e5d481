"""The three-way merge, by property and by example."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gittracker.domain.merge import merge, merge_set, merge_text
from gittracker.domain.ticket import Ticket
from tests.strategies import LINES, PROPERTY, WORDS, tickets


def merged(base: Ticket, ours: Ticket, theirs: Ticket) -> Ticket:
    """Give ours with the merge's changes set."""
    changes: dict[str, Any] = dict(merge(base, ours, theirs).changes)
    extra = dict(ours.extra)
    for key in [k for k in changes if k.startswith("x_")]:
        extra[key] = changes.pop(key)
    return ours.replace(extra={k: v for k, v in extra.items() if v is not None}, **changes)


@PROPERTY
@given(tickets(), tickets(), tickets())
def test_swapping_sides_agrees_on_values_and_disputes(base: Ticket, ours: Ticket, theirs: Ticket) -> None:
    one, other = merge(base, ours, theirs), merge(base, theirs, ours)
    assert one.disputes == {name: (a, b) for name, (b, a) in other.disputes.items()}
    left, right = merged(base, ours, theirs), merged(base, theirs, ours)
    for name in left.FIELDS:
        assert name in one.disputes or left.__dict__[name] == right.__dict__[name]
    assert "body" in one.disputes or left.body == right.body
    for key in {*left.extra, *right.extra}:
        assert key in one.disputes or left.extra.get(key) == right.extra.get(key)


@PROPERTY
@given(tickets(), tickets())
def test_merging_with_the_base_changes_nothing(base: Ticket, ours: Ticket) -> None:
    result = merge(base, ours, base)
    assert (result.changes, result.disputes) == ({}, {})


@PROPERTY
@given(tickets(), tickets())
def test_merging_into_the_base_gives_theirs(base: Ticket, theirs: Ticket) -> None:
    assert merge(base, base, theirs).disputes == {}
    assert merged(base, base, theirs) == theirs


@PROPERTY
@given(tickets(), tickets(), tickets())
def test_merging_twice_equals_once(base: Ticket, ours: Ticket, theirs: Ticket) -> None:
    """Of a text with repeated lines the second merge may not be sure; then it is in dispute, and stays as it is."""
    once = merged(base, ours, theirs)
    assert merged(base, once, theirs) == once
    first, second = (set(merge(base, side, theirs).disputes) for side in (ours, once))
    assert first <= second <= first | {"body"}


@PROPERTY
@given(tickets(), tickets(), tickets())
def test_a_dispute_is_a_field_that_both_changed_and_differently(base: Ticket, ours: Ticket, theirs: Ticket) -> None:
    for name, (mine, other) in merge(base, ours, theirs).disputes.items():
        old = base.extra.get(name) if name.startswith("x_") else base.__dict__[name]
        assert mine != other
        assert old not in (mine, other)


@PROPERTY
@given(WORDS, WORDS, WORDS)
def test_sets_merge_by_item(base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    found = merge_set(base, ours, theirs)
    for item in {*base, *ours, *theirs}:
        both = item in ours and item in theirs
        assert (item in found) == (both or (item not in base and (item in ours or item in theirs)))
    assert list(found) == sorted(set(found))


@PROPERTY
@given(LINES, LINES, LINES)
def test_every_new_line_of_either_side_is_in_merged_text(base: str, ours: str, theirs: str) -> None:
    text = merge_text(base, ours, theirs)
    if text is not None:
        wanted = {*ours.split("\n"), *theirs.split("\n")} - set(base.split("\n"))
        assert wanted <= set(text.split("\n"))


@pytest.mark.parametrize(("ours", "theirs", "text"), [
    ("A\nb\nc\nd\ne", "a\nb\nc\nd\nE", "A\nb\nc\nd\nE"),
    ("a\nb\nc\nd\ne\nnew", "new\na\nb\nc\nd\ne", "new\na\nb\nc\nd\ne\nnew"),
    ("b\nc\nd\ne", "a\nb\nc\nd", "b\nc\nd"),
    ("X\nb\nc\nd\ne", "X\nb\nc\nd\nE", "X\nb\nc\nd\nE"),
    ("X\nb\nc\nd\ne", "Y\nb\nc\nd\ne", None),
    ("A\nb\nc\nd\ne", "a\nB\nc\nd\ne", None),
    ("a\nb\nc\nd\ne\nx", "a\nb\nc\nd\ne\ny", None),
])
def test_text_merges_by_lines_and_touching_edits_do_not(ours: str, theirs: str, text: str | None) -> None:
    assert merge_text("a\nb\nc\nd\ne", ours, theirs) == text


def test_a_field_both_set_alike_is_no_dispute() -> None:
    base, done = Ticket(status="todo"), Ticket(status="done")
    result = merge(base, done, done)
    assert (result.changes, result.disputes) == ({}, {})


def test_a_disputed_field_keeps_ours_and_names_both() -> None:
    result = merge(Ticket(status="todo"), Ticket(status="done"), Ticket(status="in-review", priority="high"))
    assert result.changes == {"priority": "high"}
    assert result.disputes == {"status": ("done", "in-review")}


def test_an_unknown_key_merges_like_a_field() -> None:
    base, ours = Ticket(extra={"x_team": "core", "note": "a"}), Ticket(extra={"x_team": "core", "note": "b"})
    result = merge(base, ours, Ticket(extra={"note": "c"}))
    assert result.changes == {"x_team": None}
    assert result.disputes == {"note": ("b", "c")}


def test_a_disputed_text_has_what_either_side_changed_elsewhere() -> None:
    base, ours, theirs = ("One.\n\nTwo.\n\nThree.", "One!\n\n2.\n\nThree.", "One.\n\nII.\n\nThree!")
    result = merge(Ticket(body=base), Ticket(body=ours), Ticket(body=theirs))
    assert result.disputes == {"body": ("One!\n\n2.\n\nThree!", "One!\n\nII.\n\nThree!")}
