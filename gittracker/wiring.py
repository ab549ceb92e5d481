"""Where time, randomness and the standard streams enter: the console script."""

from __future__ import annotations

import gc
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def run() -> None:
    """Run the command line and end the process with its exit status."""
    gc.disable()  # a command ends before garbage could matter; collecting costs it 3 % and an index build 10 %
    from gittracker.cli.main import main
    _prepare_streams()
    status = main(sys.argv[1:], time.time_ns, os.urandom, _watch)
    try:
        sys.stdout.flush()
    except OSError:
        pass  # main has told it, or nobody reads on
    os._exit(status)


def _watch(*args: Any, **more: Any) -> None:
    """Watch as the command line asks; a daemon lives long, so its garbage is collected."""
    from gittracker.watch.daemon import run as watch
    gc.enable()
    watch(*args, **more)


def _prepare_streams() -> None:
    """Let a closed stream swallow what is written, and a narrow encoding replace what it doesn't have."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif stream.encoding != "utf-8":
            stream.reconfigure(errors="replace")
