"""What a ticket waits for, or what waits for it, as a tree; and the circles in which tickets wait for themselves."""

from __future__ import annotations

from gittracker.domain import circles as rings
from gittracker.domain import tree
from gittracker.domain.graph import Node
from gittracker.index import edges, tickets
from gittracker.services.naming import graphing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.tree import Line
    from gittracker.services.tracker import Tracker

_MISSING = "not here"


class Tree:
    """A tree of tickets: its lines, the ticket of each by the line's node, and which are closed and not landed."""

    __slots__ = ("lines", "nodes", "up", "late")

    def __init__(self, lines: list[Line], nodes: dict[str, Node], up: bool, late: set[str]) -> None:
        self.lines = lines
        self.nodes = nodes
        self.up = up
        self.late = late


def draw(tracker: Tracker, name: str, up: bool, depth: int = -1) -> Tree:
    """Draw what a ticket waits for, or (`up`) what waits for it; raises NotFoundError, AmbiguousError."""
    row = tracker.get(name)
    tracker.refresh()
    ahead: dict[str, list[str]] = {}
    missing: dict[str, Node] = {}
    for start, end, target in edges.dependencies(tracker.index, tracker.view):
        if end is None:
            missing[target] = Node(target, "", _MISSING, "", "", "", "", "")
        one, other = str(start), target if end is None else str(end)
        places = ahead.setdefault(other if up else one, [])
        if (one if up else other) not in places:
            places.append(one if up else other)
    lines = tree.draw(ahead, str(row.id), depth)
    shown = list(dict.fromkeys(line.node for line in lines if line.node not in missing))
    clashes = {slug.lower() for slug in tracker.clashes()}
    heads = tickets.heads(tracker.index, [int(node) for node in shown])
    nodes = {node: graphing.node(values, clashes) for node, values in zip(shown, heads, strict=True)}
    late = edges.unlanded(tracker.index, tracker.view)
    return Tree(lines, {**missing, **nodes}, up, {str(row) for row in late})


def circles(tracker: Tracker) -> list[list[Node]]:
    """List circles of tickets that wait for each other, so that each link of one is in one; the lowest number first."""
    tracker.refresh()
    ahead: dict[str, list[str]] = {}
    for start, end, _ in edges.dependencies(tracker.index, tracker.view):
        if end is not None:
            ahead.setdefault(str(start), []).append(str(end))
    clashes = {slug.lower() for slug in tracker.clashes()}
    found = []
    for circle in rings.find(ahead):
        heads = tickets.heads(tracker.index, [int(node) for node in circle])
        nodes = [graphing.node(values, clashes) for values in heads]
        first = min(range(len(nodes)), key=lambda number: (len(nodes[number].name), nodes[number].name))
        found.append(nodes[first:] + nodes[:first])
    return sorted(found, key=lambda nodes: [(len(node.name), node.name) for node in nodes])


def to_json(found: Tree) -> dict[str, Any]:
    """Give a tree as it is printed: its lines from the top, each under the line before it that is one less deep."""
    lines = []
    for line in found.lines:
        node = found.nodes[line.node]
        lines.append({**head(node), "depth": line.depth, "mark": line.mark or None,
                      "unlanded": line.node in found.late,
                      "under": found.nodes[found.lines[line.parent].node].name if line.parent >= 0 else None})
    return {"ticket": lines[0]["name"], "direction": "up" if found.up else "down", "lines": lines,
            "total": len({line.node for line in found.lines})}


def head(node: Node) -> dict[str, Any]:
    """Give what tells a ticket; one that is not here has a name alone."""
    return {"name": node.name, "ref": node.ref or None, "title": node.title if node.stage else None,
            "status": node.status or None, "stage": node.stage or None}
