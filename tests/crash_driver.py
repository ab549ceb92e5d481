"""Runs one gittracker command and kills this process at the n-th step of its write path.

Arguments: the number of the step (0 for none), the file that names each step as it is reached, the command.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from gittracker.cli.main import main
from gittracker.store import steps


def run(deadly: int, log: str, argv: list[str]) -> int:
    """Run the command; it ends by SIGKILL if it gets to the deadly step."""
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    count = 0

    def reached(name: str) -> None:
        nonlocal count
        count += 1
        os.write(fd, name.encode() + b"\n")
        if count == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    steps.reached = reached
    return main(argv, time.time_ns, os.urandom)


def start() -> None:
    """Run as the main program of a process."""
    status = run(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    start()
