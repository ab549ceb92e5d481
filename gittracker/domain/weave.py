"""The three-way merge of lines: what each side changed woven into one, clashes where both changed the same lines."""

from __future__ import annotations

from gittracker.domain.lines import edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.lines import Edit


class Clash:
    """Lines that both sides changed, and differently."""

    __slots__ = ("ours", "theirs")

    def __init__(self, ours: list[str], theirs: list[str]) -> None:
        self.ours = ours
        self.theirs = theirs


def weave(base: list[str], ours: list[str], theirs: list[str]) -> list[list[str] | Clash]:
    """Merge lines: pieces that are agreed, and clashes without the lines that both ends of them share."""
    pieces: list[list[str] | Clash] = []
    sides = (edits(base, ours), edits(base, theirs))
    done = 0
    for start, end, mine, other in _stretches(*sides):
        pieces.append(base[done:start])
        left, right = _applied(base, ours, mine, start, end), _applied(base, theirs, other, start, end)
        if not other or left == right:
            pieces.append(left)
        elif not mine:
            pieces.append(right)
        else:
            pieces += clash(left, right)
        done = end
    return [*pieces, base[done:]]


def clash(ours: list[str], theirs: list[str]) -> list[list[str] | Clash]:
    """Give two differing stretches as a clash between the lines that they begin and end with alike."""
    most = min(len(ours), len(theirs))
    first = next((i for i in range(most) if ours[i] != theirs[i]), most)
    last = next((i for i in range(most - first) if ours[-1 - i] != theirs[-1 - i]), most - first)
    return [ours[:first], Clash(ours[first:len(ours) - last], theirs[first:len(theirs) - last]),
            ours[len(ours) - last:]]


def joined(pieces: list[list[str] | Clash]) -> list[str] | None:
    """Give the merged lines, None where there is a clash."""
    lines: list[str] = []
    for piece in pieces:
        if isinstance(piece, Clash):
            return None
        lines += piece
    return lines


def _stretches(mine: list[Edit], other: list[Edit]) -> list[tuple[int, int, list[Edit], list[Edit]]]:
    """Put edits that overlap or touch together, as (start, end, ours, theirs)."""
    found: list[tuple[int, int, list[Edit], list[Edit]]] = []
    for one, side in sorted([(one, 2) for one in mine] + [(one, 3) for one in other], key=lambda o: o[0].start):
        start, end = one.start, one.end
        stretch: tuple[int, int, list[Edit], list[Edit]] = (start, end, [], [])
        if found and start <= found[-1][1]:
            stretch = found.pop()
            stretch = (stretch[0], max(stretch[1], end), stretch[2], stretch[3])
        (stretch[2] if side == 2 else stretch[3]).append(one)
        found.append(stretch)
    return found


def _applied(base: list[str], new: list[str], changes: list[Edit], start: int, end: int) -> list[str]:
    """Give a stretch of the base as one side left it."""
    lines: list[str] = []
    for one in changes:
        lines += base[start:one.start]
        lines += new[one.new_start:one.new_end]
        start = one.end
    return lines + base[start:end]
