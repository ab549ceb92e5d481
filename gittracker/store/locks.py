"""Locks, one a clone and one a worktree: milliseconds of mutual exclusion round a write, with a named holder."""

from __future__ import annotations

import os
import time

from gittracker.domain.errors import InvalidDataError, LockedError
from gittracker.store import atomic, layout

DEADLINE = 10.0
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
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
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | _NOFOLLOW, 0o666)
        except OSError as error:
            raise atomic.refused(self.path, error) from error

    def _is_there(self) -> bool:
        return True

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class ReadLock(Lock):
    """A lock by one who may read the file alone; raises FileNotFoundError where there is none."""

    def _open(self) -> None:
        try:
            self._fd = os.open(self.path, os.O_RDONLY | _NOFOLLOW)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise atomic.refused(self.path, error) from error


class WorktreeLock(Lock):
    """The lock of one worktree's files, all that a sandboxed command can take; `is_new` says that it made the file.

    The file lies in a checkout: it may come with a clone, be a trap, belong to another user, or be cleaned away.
    """

    def __init__(self, root: str, holder: str) -> None:
        super().__init__(f"{root}/{layout.LOCK}", holder)
        self._root = root
        self.is_new = False

    def _open(self) -> None:
        folder = os.path.dirname(self.path)
        try:
            if os.path.islink(folder):
                raise InvalidDataError("a symbolic link", "put a plain folder in its place", layout.LOCAL)
            if not os.path.isdir(folder):
                _make_like(folder, self._root)
            self._fd = self._made_or_opened()
        except OSError as error:
            raise atomic.refused(self.path, error) from error

    def _made_or_opened(self) -> int:
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o666)
        except FileExistsError:
            pass
        else:
            self.is_new = True
            return fd
        try:
            return os.open(self.path, os.O_RDWR | _NOFOLLOW)
        except PermissionError:
            return os.open(self.path, os.O_RDONLY | _NOFOLLOW)  # another user's; a lock needs no more

    def _is_there(self) -> bool:
        """Tell whether what was locked is still the file at the path; `git clean -x` may have removed it."""
        try:
            if os.path.samestat(os.fstat(self._fd), os.stat(self.path, follow_symlinks=False)):
                return True
        except FileNotFoundError:
            pass
        self._close()
        self._open()
        return False


def _make_like(folder: str, model: str) -> None:
    """Make a folder that whoever may write the one it lies in may write too."""
    os.makedirs(model, exist_ok=True)
    try:
        os.mkdir(folder)
        os.chmod(folder, os.stat(model).st_mode & 0o7777)
    except FileExistsError:
        pass


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
