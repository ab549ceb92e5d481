"""A graph is laid out so that every ticket stands once, whatever circles there are."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.graph import Graph, Node
from gittracker.formats import graph_text, mermaid
from tests.strategies import ANY_TEXT, PROPERTY


def graph(count: int, links: list[tuple[int, str, int]], titles: list[str] | None = None) -> Graph:
    """Make a graph of tickets OW-0, OW-1, …"""
    nodes = [Node(f"OW-{n}", "", titles[n] if titles else "", "todo", "unstarted", "", "", "") for n in range(count)]
    return Graph(nodes, links, [], count, 0)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw small graphs with links any way round."""
    count = draw(st.integers(1, 8))
    place = st.integers(0, count - 1)
    return graph(count, draw(st.lists(st.tuples(place, st.sampled_from(["depends_on", "parent"]), place), max_size=20)))


def shown(one: Graph) -> list[str]:
    """Give the lines as text."""
    return [f"{line.strokes}{line.word}{' ' * bool(line.word)}{one.nodes[line.place].name}"
            f"{f' ({line.again})' if line.again else ''}" for line in graph_text.lines(one)]


@PROPERTY
@given(graphs())
def test_every_ticket_and_every_link_stands_there(one: Graph) -> None:
    lines = graph_text.lines(one)
    assert {line.place for line in lines} == set(range(len(one.nodes)))
    whole = [line.place for line in lines if not line.again]
    leaves = set(range(len(one.nodes))) - {other if field == "parent" else place for place, field, other in one.links}
    assert all(whole.count(place) == 1 for place in set(range(len(one.nodes))) - leaves)
    upper = {(other, place) if field == "parent" else (place, other) for place, field, other in one.links}
    assert sum(bool(line.word) for line in lines) == len(upper)


@PROPERTY
@given(graphs())
def test_circles_are_found_where_they_are(one: Graph) -> None:
    for field, places in one.circles():
        steps = zip(places, [*places[1:], places[0]], strict=True)
        assert all((place, field, other) in one.links for place, other in steps)


def test_parts_come_before_needs_and_a_subtree_is_drawn_once() -> None:
    links = [(1, "parent", 0), (2, "parent", 0), (0, "depends_on", 3), (1, "depends_on", 3), (3, "depends_on", 4),
             (0, "depends_on", 2)]
    assert shown(graph(5, links)) == ["OW-0", "├─ part OW-1", "│  └─ needs OW-3", "│     └─ needs OW-4",
                                      "├─ part, needs OW-2", "└─ needs OW-3 (above)"]


def test_a_circle_ends_where_it_began() -> None:
    assert shown(graph(2, [(0, "depends_on", 1), (1, "depends_on", 0)])) == [
        "OW-0", "└─ needs OW-1", "   └─ needs OW-0 (circle)"]


def test_a_long_chain_goes_on_at_the_left() -> None:
    lines = shown(graph(5_000, [(n, "depends_on", n + 1) for n in range(4_999)]))
    assert max(map(len, lines)) < 120
    assert lines[24].endswith("OW-24 (below)")
    assert lines[25] == "OW-24"
    assert len(lines) == 5_000 + (5_000 - 1) // 24


@PROPERTY
@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_mermaid_sees_only_text_in_titles(titles: list[str]) -> None:
    for line in mermaid.render(graph(len(titles), [], titles), []).split("\n")[2:]:
        if line.startswith("  t_"):
            found = re.fullmatch(r'  t_OW_\d+\["(.*)"\]', line)
            assert found
            inner = re.sub(r"#\d+;", "", found[1])
            assert not re.search(r"[\"#;<>&`%{}|\[\]\\@$!~^\x00-\x1f\x7f]", inner)


def test_mermaid_marks_stages_and_circles() -> None:
    text = mermaid.render(graph(3, [(1, "parent", 2), (0, "depends_on", 1), (1, "depends_on", 0)]), ["a %%{note}%%"])
    assert text.startswith("graph TD\n")
    assert "  t_OW_2 -.-> t_OW_1\n  t_OW_1 --> t_OW_0\n  t_OW_0 --> t_OW_1\n" in text
    assert "linkStyle 1,2 stroke" in text
    assert "class t_OW_0,t_OW_1,t_OW_2 unstarted" in text
    assert "{" not in text


def test_names_that_look_alike_have_ids_of_their_own() -> None:
    nodes = [Node(name, "", "", "", "backlog", "", "", "") for name in ("a-b", "a_b", "a b", "end")]
    text = mermaid.render(Graph(nodes, [], [], 4, 0), [])
    assert [line.partition("[")[0].strip() for line in text.split("\n") if "[" in line] == [
        "t_a_b", "t_a_b_", "t_a_b__", "t_end"]
