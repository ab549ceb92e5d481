"""The clone's lock: milliseconds of mutual exclusion round a write, with a named holder."""

from __future__ import annotations

import os
import time

from gittracker.domain.errors import LockedError
from gittracker.store import atomic

DEADLINE = 10.0
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.02


class Lock:
    """A held lock; leaving the `with` block frees it, and so does the process's end."""

    def __init__(self, path: str, holder: str, deadline: float = DEADLINE) -> None:
        self.path = path
        self.holder = holder
        self.deadline = deadline
        self._fd = -1

    def __enter__(self) -> Lock:
        """Wait for the lock; raises LockedError with the holder's name after the deadline."""
        self._open()
        end = time.monotonic() + self.deadline
        pause = _FIRST_PAUSE
        while not (_try(self._fd) and self._is_there()):
            if time.monotonic() >= end:
                holder = os.read(self._fd, 200).decode(errors="replace").strip()
                self._close()
                raise LockedError(holder or "another process", self.deadline)
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        try:
            os.truncate(self._fd, 0)
            os.write(self._fd, self.holder.encode()[:200])
        except OSError:
            pass  # the name is a courtesy; a full disk must not cost the lock
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _open(self) -> None:
        try:
            if not os.path.isdir(os.path.dirname(self.path)):
                os.makedirs(os.path.dirname(self.path), exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | NOFOLLOW, 0o666)
        except OSError as error:
            raise atomic.refused(self.path, error) from error

    def _is_there(self) -> bool:
        return True

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _try(fd: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
