"""How two lists of lines differ, as git sees it when it merges: runs of lines between the rarest common ones."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Match = tuple[int, int, int]  # where it begins in the old lines, in the new ones, and how many lines it has

# Lines that stand more often in a stretch than this tell nothing about what belongs together; git has the same bound.
_MOST = 64
# Steps a comparison may take for each line. Where repeated lines take more, the stretch counts as changed as a whole.
_PATIENCE = 200


class Edit:
    """The old lines from `start` to `end` become the new lines from `new_start` to `new_end`; either may be none."""

    __slots__ = ("start", "end", "new_start", "new_end")

    def __init__(self, start: int, end: int, new_start: int, new_end: int) -> None:
        self.start = start
        self.end = end
        self.new_start = new_start
        self.new_end = new_end


def edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """List what was changed, in order; between any two edits at least one line is the same.

    The choices among repeated lines are those of `git merge` (the histogram method, then sliding), so that a merge
    by these edits gives the lines that git's gives.
    """
    numbers: dict[str, int] = {}
    before = [numbers.setdefault(line, len(numbers)) for line in old]
    after = [numbers.setdefault(line, len(numbers)) for line in new]
    gone, come = bytearray(len(old) + 1), bytearray(len(new) + 1)  # 1 for a changed line; the last stays 0
    _Pairing(before, after).mark(gone, come)
    _slide(before, gone, come)
    _slide(after, come, gone)
    return _gathered(gone, come)


def split(text: str) -> list[str]:
    """Part a text into lines, each with its line end, which the last may lack."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


class _Pairing:
    """Finds which lines stayed: the longest stretch with the rarest line first, then what is before and behind it."""

    def __init__(self, old: list[int], new: list[int]) -> None:
        self.old = old
        self.new = new
        self.left = _PATIENCE * (len(old) + len(new))

    def mark(self, gone: bytearray, come: bytearray) -> None:
        """Mark the lines that did not stay."""
        todo = [(0, len(self.old), 0, len(self.new))]
        while todo:
            start, end, new_start, new_end = todo.pop()
            found = self._best(start, end, new_start, new_end) if start < end and new_start < new_end else None
            if found is None:
                gone[start:end] = b"\1" * (end - start)
                come[new_start:new_end] = b"\1" * (new_end - new_start)
                continue
            at, new_at, length = found
            todo += [(start, at, new_start, new_at), (at + length, end, new_at + length, new_end)]

    def _best(self, start: int, end: int, new_start: int, new_end: int) -> Match | None:
        """Give the match with the rarest line, of several the longest, of these the first; None where none tells."""
        old, new = self.old, self.new
        places: dict[int, list[int]] = {}
        for place in range(start, end):
            places.setdefault(old[place], []).append(place)
        best: Match | None = None
        longest, rarest = 1, _MOST + 1
        at = new_start
        while at < new_end:
            following = at + 1
            candidates = places.get(new[at], [])
            behind = -1  # a place within the match before it would only give a part of that
            for place in candidates if len(candidates) <= rarest else ():
                if place < behind:
                    continue
                first, new_first, behind = place, at, place + 1
                while first > start and new_first > new_start and old[first - 1] == new[new_first - 1]:
                    first, new_first = first - 1, new_first - 1
                while behind < end and at + behind - place < new_end and old[behind] == new[at + behind - place]:
                    behind += 1
                rare = min(len(places[line]) for line in old[first:behind])
                following = max(following, at + behind - place)
                self.left -= behind - first
                if self.left < 0:
                    return None
                if behind - first > longest or rare < rarest:
                    best, longest, rarest = (first, new_first, behind - first), behind - first, rare
            at = following
        return best if rarest <= _MOST else None


def _gathered(gone: bytearray, come: bytearray) -> list[Edit]:
    """Gather the marked lines into edits."""
    found = []
    at = new_at = 0
    while at < len(gone):
        start, new_start = at, new_at
        at, new_at = gone.index(0, at), come.index(0, new_at)
        if at > start or new_at > new_start:
            found.append(Edit(start, at, new_start, new_at))
        at, new_at = at + 1, new_at + 1
    return found


class _Run:
    """The changed lines, perhaps none, between two that stayed; it can be moved where the lines repeat."""

    def __init__(self, lines: list[int], marks: bytearray) -> None:
        self.lines = lines
        self.marks = marks
        self.start = 0
        self.end = marks.index(0)

    def forward(self) -> bool:
        """Go to the next run; False at the last."""
        if self.end == len(self.lines):
            return False
        self.start = self.end + 1
        self.end = self.marks.index(0, self.start)
        return True

    def back(self) -> None:
        """Go to the run before."""
        self.end = self.start - 1
        self.start = self.marks.rfind(0, 0, self.end) + 1

    def up(self) -> bool:
        """Move it one line up, joining a run that it then touches; False where the lines don't repeat."""
        if not self.start or self.lines[self.start - 1] != self.lines[self.end - 1]:
            return False
        self.start, self.end = self.start - 1, self.end - 1
        self.marks[self.start], self.marks[self.end] = 1, 0
        self.start = self.marks.rfind(0, 0, self.start) + 1
        return True

    def down(self) -> bool:
        """Move it one line down, joining a run that it then touches; False where the lines don't repeat."""
        if self.end == len(self.lines) or self.lines[self.start] != self.lines[self.end]:
            return False
        self.marks[self.start], self.marks[self.end] = 0, 1
        self.start, self.end = self.start + 1, self.marks.index(0, self.end + 1)
        return True


def _slide(lines: list[int], marks: bytearray, other_marks: bytearray) -> None:
    """Move each run as far down as it goes, or to the lowest place where the other side has changed lines too."""
    run, other = _Run(lines, marks), _Run([0] * (len(other_marks) - 1), other_marks)
    while True:
        if run.end > run.start:
            _settle(run, other)
        if not run.forward():
            return
        other.forward()


def _settle(run: _Run, other: _Run) -> None:
    """Move one run to its place; `other` is the other side's run at the same place."""
    size = beside = -1
    while size != run.end - run.start:  # it grows by those it meets, and can then go further
        size, beside = run.end - run.start, -1
        while run.up():
            other.back()
        if other.end > other.start:
            beside = run.end
        while run.down():
            other.forward()
            if other.end > other.start:
                beside = run.end
    while beside >= 0 and other.end == other.start:
        run.up()
        other.back()
