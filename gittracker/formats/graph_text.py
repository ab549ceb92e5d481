"""A graph as an indented tree: below each ticket what it needs and what it is made of."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.domain.graph import Graph

_DEEPEST = 24  # further down a tree goes on at the left margin
ABOVE, CIRCLE, BELOW = "above", "circle", "below"
_WORDS = {"depends_on": "needs", "parent": "part"}


class Line:
    """One line: the strokes before it, what the ticket is to the one above, its place, and whether it stands again."""

    __slots__ = ("strokes", "word", "place", "again")

    def __init__(self, strokes: str, word: str, place: int, again: str) -> None:
        self.strokes = strokes
        self.word = word
        self.place = place
        self.again = again


def lines(graph: Graph) -> list[Line]:
    """Lay the graph out; each ticket stands once with what is below it, and again only as a name."""
    below = _below(graph)
    waiting = list(_roots(graph, below))
    done: set[int] = set()
    found: list[Line] = []
    for start in waiting:
        if start not in done:
            found += _tree(start, below, done, waiting)
    return found


def _below(graph: Graph) -> dict[int, list[tuple[str, int]]]:
    """Give what stands below each ticket: its parts, then what it needs; what is both stands once."""
    below: dict[int, dict[int, list[str]]] = {}
    for field in ("parent", "depends_on"):
        for one, name, other in graph.links:
            if name == field:
                upper, lower = (other, one) if field == "parent" else (one, other)
                below.setdefault(upper, {}).setdefault(lower, []).append(_WORDS[field])
    return {upper: [(", ".join(dict.fromkeys(words)), lower) for lower, words in rows.items()]
            for upper, rows in below.items()}


def _roots(graph: Graph, below: dict[int, list[tuple[str, int]]]) -> Iterator[int]:
    """Give the tickets below none, then the rest, which only circles leave."""
    lower = {place for rows in below.values() for _, place in rows}
    yield from (place for place in range(len(graph.nodes)) if place not in lower)
    yield from range(len(graph.nodes))


def _tree(start: int, below: dict[int, list[tuple[str, int]]], done: set[int], waiting: list[int]) -> Iterator[Line]:
    """Walk depth-first without recursion; `waiting` gets what is too deep."""
    yield Line("", "", start, "")
    done.add(start)
    path = [start]
    stack = [iter(_marked(below.get(start, [])))]
    open_strokes: list[str] = []
    while stack:
        word, place, last = next(stack[-1], ("", -1, True))
        if place < 0:
            stack.pop()
            path.pop()
            del open_strokes[-1:]
            continue
        children = below.get(place, [])
        again = CIRCLE if place in path else ABOVE if place in done and children else ""
        if not again and children and len(path) >= _DEEPEST:
            again = BELOW
            waiting.append(place)
        yield Line("".join(open_strokes) + ("└─ " if last else "├─ "), word, place, again)
        if again:
            continue
        done.add(place)
        path.append(place)
        stack.append(iter(_marked(children)))
        open_strokes.append("   " if last else "│  ")


def _marked(rows: list[tuple[str, int]]) -> list[tuple[str, int, bool]]:
    return [(word, place, number == len(rows)) for number, (word, place) in enumerate(rows, 1)]
