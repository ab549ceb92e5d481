"""Long-lived processes that run gittracker commands as the console script does, each with a clock of its own.

Starting Python costs a command ten times its own work, so a race of hundreds of rounds is run by hands.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gittracker.store import leases
from tests.support import Done, environment

_CLAIM = "!claim"


class Hand:
    """One process in one worktree; `ahead` is how many seconds its clock is ahead of the others'."""

    def __init__(self, path: Path, name: str = "", ahead: int = 0, **env: str) -> None:
        self.path = path
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hands", str(path), str(ahead)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment(**({"GITTRACKER_AS": name} if name else {}), **env))

    @property
    def pid(self) -> int:
        """Give the process's id."""
        return self._process.pid

    def begin(self, *words: str) -> None:
        """Let it start a command, and don't wait."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def begin_claim(self, slug: str) -> None:
        """Let it claim a ticket by the service, and don't wait; the output is the number, the error a code."""
        self.begin(_CLAIM, slug)

    def end(self) -> Done:
        """Wait for the command that was begun."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the process has died"
        return Done(*json.loads(line))

    def run(self, *words: str) -> Done:
        """Run a command; any exit status is fine."""
        self.begin(*words)
        return self.end()

    def ok(self, *words: str) -> str:
        """Run a command; it must succeed. Gives its output."""
        done = self.run(*words)
        assert done.status == 0, f"gittracker {words} ended with {done.status}: {done.err}"
        return done.out

    def json(self, *words: str) -> Any:
        """Run a command with --json; it must succeed."""
        return json.loads(self.ok(*words, "--json"))

    def refused(self, *words: str) -> dict[str, Any]:
        """Run a command that must fail; gives its error."""
        done = self.run(*words, "--json")
        assert done.status != 0, done.out
        return {**done.error(), "status": done.status}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


class Claimer:
    """A tracker that is opened once, so that a round of a race costs little more than its claim."""

    def __init__(self, folder: str) -> None:
        from gittracker.services.tracker import open_tracker
        self.tracker = open_tracker(folder, os.environ["GITTRACKER_AS"], time.time_ns, os.urandom)

    def claim(self, slug: str) -> tuple[int, str, str]:
        """Claim a ticket by the service; gives a status, the number, and the code of what refused it."""
        from gittracker.domain.errors import TrackerError
        from gittracker.services.claim import claims
        from gittracker.services.write.apply import perform
        from gittracker.services.write.writing import Request
        try:
            done = perform(self.tracker, Request("claim"), lambda writing: [claims.claim(writing, slug)])
        except TrackerError as error:
            return error.exit_status, "", error.code
        return 0, done.receipts[0]["lease"].rpartition(":")[2], ""


def _serve(folder: str, ahead: int) -> None:
    from gittracker.cli.main import main
    claimer = None

    def clock() -> int:
        return time.time_ns() + ahead * 1_000_000_000
    for line in sys.stdin:
        words = json.loads(line)
        if words[0] == _CLAIM:
            claimer = claimer or Claimer(folder)
            print(json.dumps(claimer.claim(words[1])), flush=True)
            continue
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(["-C", folder, *words], clock, os.urandom)
            except SystemExit as error:
                status = int(str(error.code))
        print(json.dumps((status, out.getvalue(), err.getvalue())), flush=True)


def pass_time(repo_path: Path, seconds: int) -> None:
    """Let time pass for the leases of a clone: all that is noted in its state happened so much earlier."""
    path = str(repo_path / ".git/gittracker/state/leases")
    book = leases.load(path)
    book.leases.update((ref, one.replace(taken_at=one.taken_at - seconds, beat_at=one.beat_at - seconds))
                       for ref, one in book.leases.items())
    leases.save(path, book)
    path = str(repo_path / ".git/gittracker/state/sights")
    seen = leases.sights(path)
    for one in seen:
        one.seen_at -= seconds
    leases.save_sights(path, seen)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
