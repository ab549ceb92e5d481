"""The clone's daemon as commands see it: start it, ask it to stop, tell what it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from gittracker.domain import times
from gittracker.domain.errors import AccessError, UnavailableError, UsageError
from gittracker.store import daemonfiles, watermark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.git.discover import Repository

_STOPPING, _PAUSE = 15.0, 0.02
_LINES = 50


def running(repository: Repository) -> str:
    """Tell who watches this clone (`pid 4711 since …`), empty where nobody does."""
    return daemonfiles.running(repository.local)


def status(repository: Repository) -> dict[str, Any]:
    """Tell whether a daemon runs, and what it covers by now."""
    who = running(repository)
    told: dict[str, Any] = {"pid": None, "since": None, "polls": None, "worktrees": [], "idle_exit": None}
    if who:
        try:
            with open(daemonfiles.status(repository.local), encoding="utf-8") as file:
                told.update(json.load(file))
        except (OSError, ValueError):
            pass  # it is still looking at everything for the first time
    return {"running": bool(who), "ready": told["pid"] is not None, "holder": who or None, **told,
            "log": daemonfiles.log(repository.local)}


def start(repository: Repository, acting: str, polls: bool, idle: str) -> bool:
    """Start a daemon and wait until it covers every worktree; False where one runs already.

    Raises UnavailableError with what it said where it ended instead, AccessError where its folder can't be written.
    """
    seconds(idle)
    if running(repository):
        return False
    log = daemonfiles.log(repository.local)
    words = [sys.executable, "-P", "-m", "gittracker", "-C", repository.top, *(["--as", acting] if acting else []),
             "daemon", "run", *(["--poll"] if polls else []), *(["--idle-exit", idle] if idle else [])]
    try:
        os.makedirs(watermark.folder(repository.local), exist_ok=True)
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise AccessError(f'can\'t write "{log}": {error.strerror}', "a daemon needs the clone's git folder") from error
    try:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=fd, stderr=fd, start_new_session=True,
                                 cwd=repository.top, env={**os.environ, "GITTRACKER_DAEMON_LOG": log})
    finally:
        os.close(fd)
    while not status(repository)["ready"]:
        if child.poll() is not None:
            said = [line for line in tail(repository) if not line.startswith("hint: ")]
            raise UnavailableError(f"the daemon ended at once: {said[-1] if said else 'it said nothing'}",
                                   "gittracker daemon logs")
        time.sleep(_PAUSE)
    return True


def stop(repository: Repository) -> str:
    """Ask the daemon to end and wait until it has; gives who it was, empty where none ran.

    Raises UnavailableError where it goes on.
    """
    who = running(repository)
    if not who:
        return ""
    daemonfiles.ask_to_stop(repository.local)
    end = time.monotonic() + _STOPPING
    while running(repository) == who:
        if time.monotonic() > end:
            raise UnavailableError(f"the daemon ({who}) did not end within {_STOPPING:g} s", "gittracker daemon logs")
        time.sleep(_PAUSE)
    return who


def tail(repository: Repository, lines: int = _LINES) -> list[str]:
    """Give the last lines of the log."""
    found: list[str] = []
    for path in (f"{daemonfiles.log(repository.local)}.1", daemonfiles.log(repository.local)):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                found += file.read().splitlines()
        except OSError:
            continue
    return found[-lines:]


def seconds(text: str) -> float:
    """Read how long a daemon may be idle, 0 for ever; raises UsageError."""
    if not text:
        return 0
    found = times.seconds(text)
    if not found:
        raise UsageError(f'"{text}" is no time', "--idle-exit 30m")
    return float(found)
