"""Waits for file changes: by the system's notices, or by the clock where they are not to be had."""

from __future__ import annotations

import time

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gittracker.watch.hints import Change

# In ms. A batch ends once a step brings nothing new, so that a lone save is told after two steps at most. Each step is
# a wake-up of some 40 µs, so that they are longer once nothing has happened for a while.
_STEP, _IDLE_STEP, _LONGEST = 3, 10, 100
_FLAT_STEP = 1
# In seconds: since the last change, and between two looks at what is watched flat while others change.
_IDLE, _FLAT_EVERY = 10.0, 0.1
_LIMIT = ("watch limit", "No space left", "Too many open files", "os error 28", "os error 24")


class Limited(Exception):
    """The system allows no more watches, or not these."""


class Notifier:
    """Watches some folders with all that is below them, and others alone."""

    def __init__(self, deep: list[str], flat: list[str]) -> None:
        self._deep = _watch(deep, True)
        self._flat = _watch(flat, False)
        self._probe = flat[0]
        self._changed = self._looked = time.monotonic()

    def wait(self, seconds: float) -> Iterable[Change]:
        """Give what changed, nothing after some time or when a signal came."""
        step = _STEP if time.monotonic() - self._changed < _IDLE else _IDLE_STEP
        found = self._deep.watch(_LONGEST, step, max(1, int(seconds * 1000)), None)
        changes = list(found) if isinstance(found, set) else []
        now = time.monotonic()
        if not changes or now - self._looked > _FLAT_EVERY:
            more = self._flat.watch(_FLAT_STEP, _FLAT_STEP, _FLAT_STEP, None)
            changes += more if isinstance(more, set) else []
            self._looked = now
        if changes:
            self._changed = now
        return changes

    def is_full(self) -> bool:
        """Tell whether no folder more can be watched: then those that came since are not."""
        try:
            _watch([self._probe], False).close()
        except Limited:
            return True
        return False

    def close(self) -> None:
        """Stop watching."""
        self._deep.close()
        self._flat.close()


class Clock:
    """Stands in for a notifier where there is none: nothing is told, time passes."""

    def __init__(self, ending: Callable[[], bool]) -> None:
        self._ending = ending

    def wait(self, seconds: float) -> Iterable[Change]:
        """Wait."""
        end = time.monotonic() + seconds
        while not self._ending() and time.monotonic() < end:
            time.sleep(min(0.05, seconds))
        return []

    def is_full(self) -> bool:
        """Tell that nothing runs full here."""
        return False

    def close(self) -> None:
        """There is nothing to close."""


def _watch(folders: list[str], recursive: bool) -> RustNotify:
    """Begin to watch folders; raises Limited where the system has no room for more."""
    try:
        # With the last flag, which asks to ignore folders that may not be read, it would hide a reached limit as well.
        return RustNotify(folders, False, False, 0, recursive, False)
    except PermissionError as error:
        raise Limited(str(error)) from error
    except (OSError, WatchfilesRustInternalError) as error:
        if any(word in str(error) for word in _LIMIT):
            raise Limited(str(error)) from error
        raise
