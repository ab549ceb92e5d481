"""A tree drawn out of a graph: each node opened once, so that circles end and nothing is told twice."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AGAIN, CIRCLE, CUT = "again", "circle", "cut"


class Line:
    """One line of a tree: a node, how deep it stands, under which line (-1: none), whether it is its last there.

    `mark` says why what is below it is not shown: it is above already, it closes a circle, or it is too deep.
    """

    __slots__ = ("node", "depth", "parent", "is_last", "mark")

    def __init__(self, node: str, depth: int, parent: int, is_last: bool, mark: str) -> None:
        self.node = node
        self.depth = depth
        self.parent = parent
        self.is_last = is_last
        self.mark = mark


def draw(ahead: Mapping[str, Sequence[str]], root: str, most: int = -1) -> list[Line]:
    """Draw what can be reached from `root`, at most so many steps deep (below 0: all of it), without recursion."""
    lines: list[Line] = []
    opened: set[str] = set()
    stack = [(root, 0, -1, True)]
    path: list[str] = []
    on_path: set[str] = set()
    while stack:
        node, depth, parent, is_last = stack.pop()
        on_path.difference_update(path[depth:])
        del path[depth:]
        below = ahead.get(node, ())
        mark = CIRCLE if node in on_path else AGAIN if node in opened else CUT if depth == most and below else ""
        lines.append(Line(node, depth, parent, is_last, mark))
        if mark:
            continue
        opened.add(node)
        path.append(node)
        on_path.add(node)
        here = len(lines) - 1
        stack += [(other, depth + 1, here, number == len(below) - 1) for number, other in enumerate(below)][::-1]
    return lines


def strokes(lines: list[Line]) -> list[str]:
    """Give what stands before each line's text: `├─ `, `└─ `, and the strokes of the lines above."""
    rails: list[str] = []  # by line: what those below it begin with
    found = []
    for line in lines:
        before = rails[line.parent] if line.parent >= 0 else ""
        found.append(before + (("└─ " if line.is_last else "├─ ") if line.depth else ""))
        rails.append(before + (("   " if line.is_last else "│  ") if line.depth else ""))
    return found
