"""Circles in a graph: enough of them that every link which is part of one stands in one that is listed."""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Ahead = Mapping[str, Sequence[str]]

MOST = 100


def find(ahead: Ahead, most: int = MOST) -> list[list[str]]:
    """List circles, at most so many, the shortest for each link that no earlier one has."""
    found: list[list[str]] = []
    knots = _knots(ahead)
    covered: set[tuple[str, str]] = set()
    for start, ends in ahead.items():
        for end in ends:
            if (start, end) in covered or knots[start] != knots[end] or len(found) == most:
                continue
            circle = [start, *_way(ahead, knots, end, start)]
            covered.update(pairwise(circle))
            found.append(circle[:-1])
    return found


def _way(ahead: Ahead, knots: dict[str, int], start: str, goal: str) -> list[str]:
    """Give the shortest way between two nodes of a knot, both ends included."""
    came_from = {start: ""}
    queue = [start]
    for node in queue:
        if node == goal:
            break
        for other in ahead.get(node, ()):
            if other not in came_from and knots[other] == knots[start]:
                came_from[other] = node
                queue.append(other)
    way = [goal]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _knots(ahead: Ahead) -> dict[str, int]:
    """Number the sets of nodes that can all reach each other (Kosaraju's two walks, without recursion)."""
    back: dict[str, list[str]] = {}
    for start, ends in ahead.items():
        back.setdefault(start, [])
        for end in ends:
            back.setdefault(end, []).append(start)
    order = _left(ahead, back)
    knots: dict[str, int] = {}
    for root in reversed(order):
        if root in knots:
            continue
        knots[root] = len(knots)
        stack = [root]
        while stack:
            for other in back[stack.pop()]:
                if other not in knots:
                    knots[other] = knots[root]
                    stack.append(other)
    return knots


def _left(ahead: Ahead, nodes: Iterable[str]) -> list[str]:
    """List the nodes in the order in which a walk depth-first is done with them."""
    seen: set[str] = set()
    order: list[str] = []
    for root in nodes:
        stack = [(root, iter(ahead.get(root, ())))] if root not in seen else []
        seen.add(root)
        while stack:
            end = next((one for one in stack[-1][1] if one not in seen), None)
            if end is None:
                order.append(stack.pop()[0])
            else:
                seen.add(end)
                stack.append((end, iter(ahead.get(end, ()))))
    return order
