"""Which questions are open depends on which comments there are, and on nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.comment import open_questions

_REFS = [f"cmt_{number}" for number in range(6)]
_REMARKS = st.lists(st.tuples(st.sampled_from(_REFS), st.booleans(), st.sampled_from(["", "cmt_gone", *_REFS])),
                    unique_by=lambda one: one[0])


def _open(remarks: list[tuple[str, bool, str]]) -> set[str]:
    return {remarks[place][0] for place in open_questions(remarks)}


@given(_REMARKS, st.randoms())
def test_the_order_in_which_comments_are_read_makes_no_difference(remarks: list[tuple[str, bool, str]],
                                                                  random: object) -> None:
    other = remarks[:]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert _open(remarks) == _open(other)


@given(_REMARKS, _REMARKS)
def test_of_two_branches_together_a_question_is_open_where_neither_answers_it(
        one: list[tuple[str, bool, str]], other: list[tuple[str, bool, str]]) -> None:
    refs = {ref for ref, _, _ in one}
    both = [*one, *(remark for remark in other if remark[0] not in refs)]
    answered = {answers for _, _, answers in both}
    assert _open(both) == {ref for ref, asks, _ in both if asks and ref not in answered}


def test_a_question_without_a_ref_can_be_answered_by_nobody() -> None:
    assert open_questions([("", True, ""), ("cmt_1", False, "")]) == [0]
