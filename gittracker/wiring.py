"""Where time and randomness enter: the console script."""

from __future__ import annotations

import gc
import os
import sys
import time

from gittracker.cli.main import main


def run() -> None:
    """Run the command line and end the process with its exit status."""
    gc.disable()  # a command ends before garbage could matter; collecting costs it 3 % and an index build 10 %
    status = main(sys.argv[1:], time.time_ns, os.urandom)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    os._exit(status)
