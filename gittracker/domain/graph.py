"""Circles in a graph of links."""

from __future__ import annotations


def loops(ahead: dict[str, list[str]]) -> list[list[str]]:
    """Give each circle once, by walking depth-first without recursion."""
    done: set[str] = set()
    found = []
    for start in sorted(ahead):
        path: list[str] = []
        stack = [(start, iter(ahead.get(start, ())))] if start not in done else []
        path = [start] if stack else []
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                done.add(node)
                stack.pop()
                path.pop()
            elif target in path:
                found.append(path[path.index(target):])
            elif target not in done:
                stack.append((target, iter(ahead.get(target, ()))))
                path.append(target)
    return found
