"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time

_WIDTH = 30
_PAUSE = 0.05


class Progress:
    """Draws one line over and over; silent where nobody watches."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._watched = sys.stderr.isatty()
        self._last = 0.0
        self._drawn = False

    def __call__(self, step: str, done: int, many: int) -> None:
        """Show how far a step is."""
        now = time.monotonic()
        if not self._watched or (done < many and now - self._last < _PAUSE):
            return
        self._last, self._drawn = now, True
        filled = _WIDTH * done // max(many, 1)
        sys.stderr.write(f"\r{self._what}: {step} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{many} \x1b[K")
        sys.stderr.flush()

    def count(self, done: int) -> None:
        """Show how many there are so far, where the end is not known."""
        now = time.monotonic()
        if self._watched and now - self._last >= _PAUSE:
            self._last, self._drawn = now, True
            sys.stderr.write(f"\r{self._what}: {done} \x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the bar away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
