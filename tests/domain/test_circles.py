"""Every link that is part of a circle stands in one of those that are found, and nothing else is called a circle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import circles
from tests.domain.test_tree import GRAPHS
from tests.strategies import PROPERTY


def _reaches(ahead: dict[str, list[str]], start: str, goal: str) -> bool:
    seen, queue = {start}, [start]
    for node in queue:
        if node == goal:
            return True
        for other in ahead.get(node, ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return False


@PROPERTY
@given(GRAPHS)
def test_every_link_of_a_circle_is_in_one_and_each_is_a_circle(ahead: dict[str, list[str]]) -> None:
    found = circles.find(ahead)
    links = [list(zip(circle, [*circle[1:], circle[0]], strict=True)) for circle in found]
    for circle, around in zip(found, links, strict=True):
        assert len(set(circle)) == len(circle)
        assert all(end in ahead[start] for start, end in around)
    wanted = {(start, end) for start, ends in ahead.items() for end in ends if _reaches(ahead, end, start)}
    assert {link for around in links for link in around} == wanted
    assert len({tuple(sorted(around)) for around in links}) == len(found)


@given(st.integers(1, 5))
@PROPERTY
def test_there_are_at_most_as_many_as_were_asked_for(most: int) -> None:
    ahead = {str(n): [str(m) for m in range(10) if m != n] for n in range(10)}
    assert len(circles.find(ahead, most)) == most


def test_a_chain_and_a_ring_of_any_length_are_walked() -> None:
    chain = {str(n): [str(n + 1)] for n in range(20_000)}
    assert circles.find(chain) == []
    assert [len(one) for one in circles.find({**chain, "20000": ["0"]})] == [20_001]
