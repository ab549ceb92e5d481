"""In which worktree each record of a command is written: the one it was made from, or where the record lives."""

from __future__ import annotations

import os

from gittracker.services.write.requests import Elsewhere
from gittracker.store import atomic, kinds, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.requests import Request


class Beside:
    """What a command makes of a file in a worktree beside the one that it writes it in."""

    __slots__ = ("tracker", "before", "after")

    def __init__(self, tracker: Tracker, before: bytes | None, after: bytes | None) -> None:
        self.tracker = tracker
        self.before = before
        self.after = after


class Homes:
    """The worktrees of one command, by place; `enter` opens one more, and with none all is written in the first."""

    def __init__(self, tracker: Tracker, enter: Callable[[str], Tracker] | None = None) -> None:
        self.tracker = tracker
        self._enter = enter
        self._places: dict[str, Tracker] = {}
        self.entries: dict[str, str] = {}  # that were made, by worktree as a path from the caller's
        self.moved: set[str] = set()  # paths that have others in their place
        self.beside: dict[str, dict[str, Beside]] = {}  # by path and worktree's top
        self._opened = {tracker.repository.top: tracker}

    def at(self, path: str) -> Tracker:
        """Give the tracker that a file is written in."""
        return self._places.get(kinds.place(path), self.tracker) if self._places else self.tracker

    def file(self, path: str) -> str:
        """Give the absolute path that a file is read from before it is written; what is home's alone lies at home."""
        return f"{self.tracker.rules}/{path}" if settings.is_one(path) else self.at(path).path(path)

    def branch(self) -> str:
        """Name home's branch where no worktree is on it, so that its configuration is written by a commit."""
        from gittracker.services.board import homebranch
        return homebranch.find(self.tracker)[0]

    def check(self, path: str) -> None:
        """Raise Elsewhere where a file is home's alone and home is another worktree."""
        if settings.is_one(path) and self.tracker.rules != self.tracker.root and not self.branch():
            raise Elsewhere(self.tracker.ground.top, path)

    def move(self, place: str, top: str) -> bool:
        """Let a record be written in another worktree; tells whether that can be, and was not so decided before."""
        there = self.open(top) if place not in self._places else None
        if there is not None:
            self._places[place] = there
        return there is not None

    def open(self, top: str) -> Tracker | None:
        """Open another worktree, None where the command may write in just the one."""
        if self._enter is None or top.startswith("refs/"):
            return None
        if top not in self._opened:
            self._opened[top] = self._enter(top)
        return self._opened[top]

    def follow(self, path: str, old: str) -> None:
        """Let a file that is moved stay in the worktree where it was; the old one is to go wherever it is."""
        self.moved.add(old)
        if self._places:
            self._places[kinds.place(path)] = self.at(old)

    def also(self, top: str, path: str, make: Callable[[bytes | None], bytes | None]) -> bool:
        """Let a file be written in another worktree, too; tells whether that can be, and changes it once more."""
        other = self.open(top)
        if other is None or other is self.at(path):
            return False
        known = self.beside.get(path, {}).get(top)
        before = known.before if known else atomic.read(other.path(path))
        now = known.after if known else before
        after = make(now)
        if after != now:
            self.beside.setdefault(path, {})[top] = Beside(other, before, after)
        return after != now

    def below(self, folder: str) -> list[str]:
        """List the files below a folder, each in the worktree that it is written in."""
        found = _below(self.tracker, folder)
        for other in dict.fromkeys(self._places.values()):
            found = [path for path in found if self.at(path) is not other]
            found += [path for path in _below(other, folder) if self.at(path) is other]
        return found


def _below(tracker: Tracker, folder: str) -> list[str]:
    return [os.path.relpath(os.path.join(base, name), tracker.root).replace(os.sep, "/")
            for base, _, names in os.walk(tracker.path(folder)) for name in names]


class Route:
    """What the attempts of one command have shown: the worktree it is done in, and the records that live elsewhere."""

    def __init__(self, tracker: Tracker, request: Request) -> None:
        self.tracker = tracker
        self._request = request
        self._wholly = [tracker.repository.top]
        self._places: dict[str, str] = {}
        self._tried: set[tuple[str, str]] = set()

    def homes(self, enter: Callable[[str], Tracker] | None) -> Homes:
        """Begin an attempt; `enter` opens another worktree."""
        found = Homes(self.tracker, enter)
        for place, top in self._places.items():
            found.move(place, top)
        return found

    def turn(self, error: Elsewhere) -> None:
        """Choose the way of the next attempt; raises ConflictError where there is none."""
        place = "" if settings.is_one(error.path) else kinds.place(error.path)
        step = place, error.source
        if not place or error.whole or self._request.stays or step in self._tried or error.source.startswith("refs/"):
            from gittracker.services.write import placing
            tried = self._wholly if error.whole or not place else [error.source]
            self.tracker = placing.beside(self.tracker, error, tried, self._request.stays)
            return
        self._tried.add(step)
        self._places[place] = error.source
