"""The daemon's log: lines with their time, in a file that is put aside once it is long."""

from __future__ import annotations

import os
import sys
import time

_MOST_BYTES = 1 << 20


class Log:
    """Writes lines to standard error; where that is the log's file, the file stays short."""

    def __init__(self, path: str = "", quiet: bool = False) -> None:
        self._path = path
        self._quiet = quiet

    def line(self, text: str) -> None:
        """Write what goes as it should, where anybody wants to know."""
        if not self._quiet:
            self.problem(text)

    def problem(self, text: str) -> None:
        """Write a line, and begin a new file where the old one is long."""
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
        sys.stderr.flush()
        if self._path:
            self._turn()

    def _turn(self) -> None:
        try:
            if os.path.getsize(self._path) < _MOST_BYTES:
                return
            os.replace(self._path, f"{self._path}.1")
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for stream in (1, 2):
                os.dup2(fd, stream)
            os.close(fd)
        except OSError:
            pass  # a log that can't be turned is no reason to stop
