"""The daemon's files: the lock that says that one runs, what it says of itself, its log, and the request to stop."""

from __future__ import annotations

import os

from gittracker.store import atomic, watermark

_HOLDER = 200


def lock(local: str) -> str:
    """Give the lock that a running daemon holds."""
    return os.path.join(local, "state", "daemon.lock")


def status(local: str) -> str:
    """Give the file in which a running daemon says what it does, once it covers everything."""
    return os.path.join(watermark.folder(local), "status.json")


def log(local: str) -> str:
    """Give the daemon's log."""
    return os.path.join(local, "cache", "daemon.log")


def running(local: str) -> str:
    """Tell who runs (`pid 4711 since …`), empty where nobody does."""
    path = lock(local)
    if not watermark.is_held(path):
        return ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_HOLDER).strip() or "a daemon that just began"
    except OSError:
        return ""


def ask_to_stop(local: str) -> None:
    """Ask the daemon to end; raises StorageError."""
    atomic.write(_stop(local), b"")


def is_stop_asked(local: str) -> bool:
    """Tell whether somebody asked the daemon to end."""
    return os.path.exists(_stop(local))


def forget_stop(local: str) -> None:
    """Forget a request to stop, which was for the one before."""
    _unlink(_stop(local))


def remove_status(local: str) -> None:
    """Remove what the daemon said of itself."""
    _unlink(status(local))


def _stop(local: str) -> str:
    return os.path.join(watermark.folder(local), "stop")


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
