"""A graph of links: its values, its circles, what is near."""

from __future__ import annotations


def loops(ahead: dict[str, list[str]]) -> list[list[str]]:
    """Give each circle once, by walking depth-first without recursion."""
    done: set[str] = set()
    found = []
    for start in sorted(ahead):
        stack = [(start, iter(ahead.get(start, ())))] if start not in done else []
        path = [start] if stack else []
        on_path = set(path)
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                done.add(node)
                stack.pop()
                on_path.discard(path.pop())
            elif target in on_path:
                found.append(path[path.index(target):])
            elif target not in done:
                stack.append((target, iter(ahead.get(target, ()))))
                path.append(target)
                on_path.add(target)
    return found


class Node:
    """One ticket of a graph; `name` is its alone."""

    __slots__ = ("name", "ref", "title", "status", "stage", "type", "priority", "assignee")

    def __init__(self, name: str, ref: str, title: str, status: str, stage: str, type: str, priority: str,
                 assignee: str) -> None:
        self.name = name
        self.ref = ref
        self.title = title
        self.status = status
        self.stage = stage
        self.type = type
        self.priority = priority
        self.assignee = assignee


class Graph:
    """Tickets in order, and links as (place, field, place): the first needs, or is part of, the second.

    `named` are the places that were asked for by name; `total` is how many tickets there would be without a bound.
    """

    __slots__ = ("nodes", "links", "named", "total", "unlinked")

    def __init__(self, nodes: list[Node], links: list[tuple[int, str, int]], named: list[int], total: int,
                 unlinked: int) -> None:
        self.nodes = nodes
        self.links = links
        self.named = named
        self.total = total
        self.unlinked = unlinked

    def circles(self) -> list[tuple[str, list[int]]]:
        """List the circles as (field, places)."""
        found = []
        for field in dict.fromkeys(field for _, field, _ in self.links):
            ahead: dict[str, list[str]] = {}
            for start, name, end in self.links:
                if name == field:
                    ahead.setdefault(str(start), []).append(str(end))
            found += [(field, [int(place) for place in circle]) for circle in loops(ahead)]
        return found


def nearest(ahead: dict[int, list[int]], start: list[int], depth: int) -> list[int]:
    """Walk breadth-first from `start`, at most `depth` steps (below 0: as far as it goes)."""
    seen = dict.fromkeys(start)
    ring = list(seen)
    while ring and depth:
        depth -= 1
        found = dict.fromkeys(other for place in ring for other in ahead.get(place, ()) if other not in seen)
        seen.update(found)
        ring = list(found)
    return list(seen)
