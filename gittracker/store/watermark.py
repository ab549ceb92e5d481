"""The watermark: proof that a daemon has seen every change of a worktree's files that was finished before now.

The daemon holds a lock for each worktree that it covers. Whoever wants to know makes a file, the *cookie*, in a folder
that the daemon watches with the same queue of events as the records: when it removes the cookie, it has worked through
all that came before. A daemon that died holds no lock; one that hangs costs a bounded wait.
"""

from __future__ import annotations

import os
import time

LOCK_END, COOKIE_END = ".lock", ".cookie"
_PATIENCE, _PAUSE = 0.3, 0.002


def folder(local: str) -> str:
    """Give the folder of cookies and locks in the clone's folder for machine-local state."""
    return f"{local}/cache/watch"


def key(index: str, root: str) -> str:
    """Name one worktree's rows in one index file; a folder or an index made anew has another name. Raises OSError."""
    return f"{os.path.basename(index).removesuffix('.db')}-{os.stat(root).st_ino}"


def is_current(local: str, index: str, root: str) -> bool:
    """Tell whether the index has every change of a tracker's files that was finished before this call."""
    if os.path.dirname(index) != f"{local}/cache":
        return False
    try:
        where = f"{folder(local)}/{key(index, root)}"
        if not is_held(where + LOCK_END):
            return False
        cookie = f"{where}.{os.getpid()}.{time.monotonic_ns()}{COOKIE_END}"
        os.close(os.open(cookie, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return False
    end = time.monotonic() + _PATIENCE
    while os.path.exists(cookie):
        if time.monotonic() > end:
            _remove(cookie)
            return False
        time.sleep(_PAUSE)
    return True


def key_of(cookie: str) -> str:
    """Give the key that a cookie's file asks about."""
    name = os.path.basename(cookie).removesuffix(COOKIE_END)
    return name.rpartition(".")[0].rpartition(".")[0]


def is_held(path: str) -> bool:
    """Tell whether a process holds the lock of a file; without such locks on this system, none does."""
    try:
        import fcntl
        fd = os.open(path, os.O_RDWR)
    except (ImportError, OSError):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


class Cover:
    """The locks of the worktrees that a daemon covers; closing it, or dying, lets them go."""

    def __init__(self, local: str) -> None:
        self._folder = folder(local)
        self._held: dict[str, int] = {}

    def hold(self, keys: set[str]) -> None:
        """Cover these and no others; what cannot be locked is left uncovered."""
        for gone in self._held.keys() - keys:
            os.close(self._held.pop(gone))
        for name in keys - self._held.keys():
            fd = _locked(f"{self._folder}/{name}{LOCK_END}")
            if fd >= 0:
                self._held[name] = fd

    def answer(self, cookie: str) -> bool:
        """Remove a cookie that asks about what is covered."""
        return key_of(cookie) in self._held and _remove(cookie)

    def clear(self) -> None:
        """Remove the locks and cookies that nobody holds or waits for any more."""
        for name in os.listdir(self._folder):
            path = f"{self._folder}/{name}"
            if (name.endswith(LOCK_END) and not is_held(path)) or name.endswith(COOKIE_END):
                _remove(path)


def _locked(path: str, tries: int = 50) -> int:
    """Open a file and lock it; -1 where that can't be. A command that looks holds it for microseconds."""
    import fcntl
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    for _ in range(tries):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_PAUSE)
        else:
            return fd
    os.close(fd)
    return -1


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
