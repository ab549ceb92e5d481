"""A tree opens each node once, ends in circles, and says why nothing stands below a line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import tree
from tests.strategies import PROPERTY

NODES = "abcdefg"
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), unique=True, max_size=4))


def drawn(ahead: dict[str, list[str]], root: str, most: int = -1) -> list[str]:
    """Draw a tree as text."""
    lines = tree.draw(ahead, root, most)
    return [f"{stroke}{line.node}{' ' + line.mark if line.mark else ''}"
            for stroke, line in zip(tree.strokes(lines), lines, strict=True)]


def test_a_tree_is_drawn_with_its_strokes() -> None:
    assert drawn({"a": ["b", "c"], "b": ["d"], "c": ["d", "a"], "d": ["e"]}, "a") == [
        "a", "├─ b", "│  └─ d", "│     └─ e", "└─ c", "   ├─ d again", "   └─ a circle"]
    assert drawn({"a": ["b", "c"], "b": ["c"], "c": ["d"]}, "a", 1) == ["a", "├─ b cut", "└─ c cut"]
    assert drawn({"a": ["a"]}, "a") == ["a", "└─ a circle"]
    assert drawn({}, "a") == ["a"] and drawn({"a": ["b"]}, "a", 0) == ["a cut"]


def test_a_node_that_was_cut_is_opened_where_it_stands_higher() -> None:
    assert drawn({"a": ["b", "c"], "b": ["c"], "c": ["d"]}, "a", 2) == [
        "a", "├─ b", "│  └─ c cut", "└─ c", "   └─ d"]


@PROPERTY
@given(GRAPHS, st.sampled_from(NODES))
def test_all_that_can_be_reached_is_drawn_and_opened_once(ahead: dict[str, list[str]], root: str) -> None:
    lines = tree.draw(ahead, root)
    reached, queue = {root}, [root]
    for node in queue:
        for other in ahead.get(node, ()):
            if other not in reached:
                reached.add(other)
                queue.append(other)
    assert {line.node for line in lines} == reached
    opened = [line.node for line in lines if not line.mark]
    assert sorted(opened) == sorted(reached)
    for number, line in enumerate(lines):
        below = [other.node for other in lines if other.parent == number]
        assert below == ([] if line.mark else list(ahead.get(line.node, ())))


@PROPERTY
@given(GRAPHS, st.sampled_from(NODES), st.integers(0, 4))
def test_no_line_is_deeper_than_was_asked_for_and_none_is_missing(ahead: dict[str, list[str]], root: str,
                                                                  most: int) -> None:
    lines = tree.draw(ahead, root, most)
    assert all(line.depth <= most for line in lines)
    whole = tree.draw(ahead, root)
    if all(line.depth <= most for line in whole):
        assert [line.node for line in lines] == [line.node for line in whole]


def test_a_chain_of_any_length_is_drawn() -> None:
    ahead = {str(n): [str(n + 1)] for n in range(20_000)}
    assert len(tree.draw(ahead, "0")) == 20_001
