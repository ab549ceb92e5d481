"""Boards merge by status and field, and always have one default."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import board
from gittracker.domain.status import Status, slugify
from gittracker.domain.statussets import SETS
from tests.strategies import PROPERTY

BASE = SETS["openkit"]


def rows(statuses: list[Status]) -> list[tuple[object, ...]]:
    """Give statuses as values."""
    return [one.row() for one in statuses]


def changed(slug: str, **changes: object) -> list[Status]:
    """Give the base with one status changed."""
    return [one.replace(**changes) if one.slug == slug else one for one in BASE]


def _board(words: list[tuple[str, str, str]]) -> list[Status]:
    made = {slugify(name): Status(slugify(name), name, stage, color) for name, stage, color in words}
    return [one.replace(is_default=n == 0) for n, one in enumerate(made.values())]


BOARDS = st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["backlog", "started"]),
                            st.sampled_from(["", "red"])), min_size=1, max_size=5).map(_board)


@PROPERTY
@given(BOARDS, BOARDS)
def test_what_one_side_changed_wins(base: list[Status], other: list[Status]) -> None:
    for ours, theirs in ((base, other), (other, base), (other, other)):
        merged = board.merge(base, ours, theirs)
        assert sorted(rows(merged.statuses)) == sorted(rows(other))
        assert not merged.disputes


@PROPERTY
@given(BOARDS, BOARDS, BOARDS)
def test_a_merge_has_one_default_and_nothing_that_no_side_has(base: list[Status], ours: list[Status],
                                                              theirs: list[Status]) -> None:
    merged = board.merge(base, ours, theirs)
    slugs = [one.slug for one in merged.statuses]
    assert len(set(slugs)) == len(slugs)
    assert sum(one.is_default for one in merged.statuses) == 1
    assert set(slugs) <= {one.slug for one in [*ours, *theirs]}
    if not merged.disputes:
        assert {one.slug for one in ours} & {one.slug for one in theirs} <= set(slugs)


def test_edits_of_different_statuses_and_fields_join() -> None:
    merged = board.merge(BASE, changed("todo", color="red"), changed("todo", stage="backlog"))
    assert rows(merged.statuses) == rows(changed("todo", color="red", stage="backlog"))
    added = [*BASE[:1], Status("qa", "QA", "started"), *BASE[1:]]
    merged = board.merge(BASE, [*BASE, Status("late", "Late", "canceled")], added)
    assert [one.slug for one in merged.statuses] == ["todo", "qa", "in-progress", "done", "late"]
    assert not merged.disputes


def test_a_move_is_kept_beside_an_edit() -> None:
    merged = board.merge(BASE, changed("done", color="red"), [BASE[2], *BASE[:2]])
    assert [one.slug for one in merged.statuses] == ["done", "todo", "in-progress"]
    assert merged.statuses[0].color == "red" and not merged.disputes


def test_what_both_changed_is_disputed_by_name() -> None:
    assert board.merge(BASE, changed("todo", name="A"), changed("todo", name="B")).disputes == ["name of todo"]
    assert board.merge(BASE, changed("done", color="red"), BASE[:2]).disputes == ["status done"]
    assert board.merge(BASE, BASE[:2], changed("done", color="red")).disputes == ["status done"]
    assert board.merge(BASE, BASE[::-1], [BASE[1], BASE[0], BASE[2]]).disputes == ["the order"]
    two = [one.replace(is_default=one.slug == "in-progress") for one in BASE]
    three = [*[one.replace(is_default=False) for one in BASE], Status("next", "Next", "unstarted", is_default=True)]
    merged = board.merge(BASE, two, three)
    assert merged.disputes == ["the default"] and merged.statuses[-1].is_default
    qa, other = Status("qa", "QA", "started"), Status("test", "qa", "started")
    merged = board.merge(BASE, [*BASE, qa], [*BASE, other])
    assert merged.disputes == ["the name QA"] and merged.statuses[-1] is other
    assert "every status" in board.merge(BASE, BASE[:1], BASE[1:]).disputes
