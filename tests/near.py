"""The command line without a process for each command: for stories of many commands, where processes are no matter."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from gittracker.cli.main import main
from tests.support import Done, Repo, environment


class Near(Repo):
    """A repository whose commands run in this process, with the streams and the environment that they would have."""

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker here; any exit status is fine."""
        out, err = _Stream(), _Stream()
        with surroundings(given, environment(**(env or {}))), redirect_stdout(out), redirect_stderr(err):
            try:
                status = main(["-C", str(self.path), *args], self.clock, os.urandom)
            except SystemExit as end:  # as argparse ends
                status = int(end.code or 0)
        return Done(status, out.taken(), err.taken())

    def clock(self) -> int:
        """Give the moment in nanoseconds since 1970."""
        return time.time_ns()


class Ticking(Near):
    """One whose commands are each a second apart, beginning a minute ago: entries keep no smaller moments."""

    ticks = 0

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker here, a second later than the command before."""
        Ticking.ticks += 1
        return super().run(*args, given=given, env=env)

    def clock(self) -> int:
        """Give the moment of this command."""
        return super().clock() + (Ticking.ticks - 60) * 1_000_000_000


class _Stream(io.TextIOWrapper):
    """A stream whose text can be taken, as bytes were written to it or text."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)

    def taken(self) -> str:
        """Give what was written."""
        self.flush()
        self.seek(0)
        return self.read()


@contextmanager
def surroundings(given: str, variables: dict[str, str]) -> Iterator[None]:
    """Give this process another environment and standard input, for a while."""
    before, stdin = dict(os.environ), sys.stdin
    try:
        os.environ.clear()
        os.environ.update(variables)
        sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.stdin = stdin
