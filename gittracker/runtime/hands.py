"""Commands of ours as processes that can be killed, run with a clock that is wrong, or find the disk full."""

from __future__ import annotations

import json
import os
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The command line with the clock moved by so many nanoseconds, and files that can grow to so many bytes (0: any size).
_PROGRAM = """
import os, sys, time
moved, size = int(sys.argv[1]), int(sys.argv[2])
if size:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from gittracker.cli.main import main
sys.exit(main(sys.argv[3:], lambda: time.time_ns() + moved, os.urandom))
"""
_UNWANTED = ("GITTRACKER_LEASE", "GITTRACKER_AS", "GITTRACKER_TRACEBACK", "PYTHONDONTWRITEBYTECODE")


def can_limit() -> bool:
    """Tell whether this system can keep files of one process small, which looks to it like a full disk."""
    try:
        import resource  # noqa: F401
    except ImportError:
        return False
    return True


class Hand:
    """One running command; `planned` is what its starter wants to remember of it."""

    def __init__(self, folder: str, words: list[str], planned: Any, moved: int = 0, size: int = 0) -> None:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("GIT_") and name not in _UNWANTED}
        self.planned = planned
        self.killed = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(moved), str(size), "-C", folder, *words, "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    def kill(self) -> None:
        """End it at once, wherever it is."""
        if self._process.poll() is None:
            self._process.kill()
            self.killed = True

    def is_done(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    def finish(self) -> tuple[int, Any, str]:
        """Wait for its end and give (exit status, what it printed as JSON or None, its error)."""
        out, err = self._process.communicate()
        try:
            answer = json.loads(out) if out else None
        except ValueError:
            answer = None  # it was killed half-way through the answer, so it has confirmed nothing
        return self._process.returncode, answer, err.decode(errors="replace")
