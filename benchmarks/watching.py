"""Measure the watcher: save → event, a large checkout, an idle daemon, readers beside it, and kills under load.

    python benchmarks/watching.py FOLDER [--tickets 10000] [--worktrees 10] [--only latency,checkout,…] [--write]

FOLDER is any folder outside a repository; the clone with its worktrees is made there and kept for the next run. A third
of the tickets have comments: a daemon needs a watch for each folder, and ten times 20,000 would be more than many
systems allow. `--write` puts the figures into results.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from corpus import make
from run import HERE, PYTHON, TOOL, Cost

HEAD = "## Watching\n"
_SAVES, _RUNS, _ROUNDS, _IDLE = 200, 15, 50, 20.0
_CHANGED = 20  # tickets that differ in each worktree
_READS = (("ls",), ("log",), ("show", "OW-7"), ("ls", "--sort", "updated"), ("log", "OW-7"))  # history is read, too
_COMMIT_EACH = 7  # rounds
_PATIENCE = 120.0
_TICK = os.sysconf("SC_CLK_TCK")


class Clone:
    """A clone with linked worktrees."""

    def __init__(self, root: Path, tickets: int, worktrees: int) -> None:
        self.top = root / f"watched-{tickets}"
        self.tops = [self.top, *(root / f"watched-{tickets}-{number}" for number in range(1, worktrees))]
        if not self.top.exists():
            make(self.top, tickets)
            for number, folder in enumerate(sorted(self.top.glob(".openkit/tickets/*/*/comments"))):
                if number % 3:
                    shutil.rmtree(folder)
            self.git("add", "-A")
            self.git("commit", "-qm", "corpus")
        for number, top in enumerate(self.tops[1:], 1):
            if not top.exists():
                self.git("worktree", "add", "-q", "-b", f"side-{number}", str(top))
                for file in self.files(top)[number * _CHANGED:(number + 1) * _CHANGED]:
                    file.write_text(file.read_text() + f"\nSeen from worktree {number}.\n")

    def git(self, *words: str, top: Path | None = None) -> None:
        """Run git in a worktree."""
        subprocess.run(["git", "-C", str(top or self.top), "-c", "user.name=a", "-c", "user.email=a@example.com",
                        *words], check=True, stdout=subprocess.DEVNULL)

    def files(self, top: Path) -> list[Path]:
        """List the tickets' files of a worktree."""
        return sorted(top.glob(".openkit/tickets/*/*/ticket.md"))

    def ask(self, sql: str) -> list[Any]:
        """Ask the newest index."""
        found = max((self.top / ".git/gittracker/cache").glob("index-*.db"), key=os.path.getmtime)
        with closing(sqlite3.connect(found, timeout=_PATIENCE)) as index:
            return index.execute(sql).fetchall()

    def newest(self) -> int:
        """Give the number of the newest event."""
        return int(self.ask("SELECT coalesce(max(seq), 0) FROM event")[0][0])

    @contextmanager
    def daemon(self) -> Iterator[int]:
        """Run the daemon; gives its pid."""
        subprocess.run([TOOL, "-C", str(self.top), "daemon", "start"], check=True, stdout=subprocess.DEVNULL)
        told = json.loads(subprocess.run([TOOL, "-C", str(self.top), "daemon", "status", "--json"], check=True,
                                         capture_output=True).stdout)
        try:
            assert not told["polls"], "the system allows too few watches"
            yield told["pid"]
        finally:
            subprocess.run([TOOL, "-C", str(self.top), "daemon", "stop"], check=True, stdout=subprocess.DEVNULL)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it never came")
        time.sleep(0.01)


def latency(clone: Clone) -> list[str]:
    """Save a ticket as an editor does and wait until its event is in the index; all worktrees in turn."""
    with clone.daemon():
        taken = list(_saves(clone))
    taken.sort()
    at = taken[int(len(taken) * 0.99)] * 1000
    return [f"| save in an editor → event in the index, {len(taken)} saves: p50, p99 | "
            f"{statistics.median(taken) * 1000:.0f} ms, {at:.0f} ms | ≤ 30 ms, ≤ 150 ms |"]


def _saves(clone: Clone) -> Iterator[float]:
    random.seed(1)
    path = max((clone.top / ".git/gittracker/cache").glob("index-*.db"), key=os.path.getmtime)
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as index:
        for number in range(_SAVES):
            top = clone.tops[number % len(clone.tops)]
            file = random.choice(clone.files(top))
            before = index.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
            text = file.read_text()
            new = file.with_name(".ticket.md.swp")
            new.write_text(text.replace("\ntitle: ", f"\ntitle: {number} "))
            start = time.perf_counter()
            os.replace(new, file)
            while index.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0] == before:
                time.sleep(0.001)
            yield time.perf_counter() - start
            time.sleep(random.uniform(0.05, 0.3))
            file.write_text(text)
            time.sleep(0.1)


def checkout(clone: Clone) -> list[str]:
    """Let git change every ticket of a worktree, home's and another, there and back; each must have its event."""
    return _checkout(clone, clone.tops[0], "home") + (_checkout(clone, clone.tops[-1], "another worktree")
                                                      if len(clone.tops) > 1 else [])


def _checkout(clone: Clone, top: Path, what: str) -> list[str]:
    branch = subprocess.run(["git", "-C", str(top), "branch", "--show-current"], check=True, text=True,
                            capture_output=True).stdout.strip()
    if top != clone.top:
        clone.git("stash", "-q", top=top)
    clone.git("checkout", "-q", "--detach", top=top)
    files = clone.files(top)
    for file in files:
        file.write_text(file.read_text().replace("\npriority: ", "\nx_wave: 2\n\npriority: "))
    clone.git("commit", "-qam", "all of them", top=top)
    ahead = subprocess.run(["git", "-C", str(top), "rev-parse", "HEAD"], check=True, text=True,
                           capture_output=True).stdout.strip()
    with clone.daemon() as pid:
        lines = [_settle(clone, pid, top, rev, len(files), f"{what}, {way}")
                 for rev, way in (("HEAD^", "back to what the others have"), (ahead, "away from it"))]
    clone.git("checkout", "-q", branch, top=top)
    if top != clone.top:
        clone.git("stash", "pop", "-q", top=top)
    return lines


def _settle(clone: Clone, pid: int, top: Path, rev: str, count: int, what: str) -> str:
    """Check out a commit and wait until the daemon has told of every ticket."""
    time.sleep(3)  # what it journals after the last change is no part of this
    before, busy = clone.newest(), _ticks(pid)
    start = time.perf_counter()
    clone.git("checkout", "-q", rev, top=top)
    ended = time.perf_counter()
    wait_for(lambda: clone.newest() - before >= count)
    settled, busy = time.perf_counter(), _ticks(pid) - busy
    time.sleep(1)
    events = clone.ask(f"SELECT source, count(DISTINCT ref) FROM event WHERE seq > {before} GROUP BY source")
    assert events == [("git", count)], events
    return (f"| `git checkout` in {what}, that changes {count:,} tickets: settled after git's end (git took "
            f"{ended - start:.1f} s, the daemon {busy / _TICK:.1f} s of CPU), missed | {settled - ended:.1f} s, 0 | "
            "≤ 5 s, 0 |")


def idle(clone: Clone) -> list[str]:
    """Watch the daemon do nothing."""
    with clone.daemon() as pid:
        time.sleep(3)
        start, before = time.perf_counter(), _ticks(pid)
        time.sleep(_IDLE)
        share = (_ticks(pid) - before) / _TICK / (time.perf_counter() - start)
        status = Path(f"/proc/{pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
    return [f"| idle daemon, CPU and resident memory | {share * 100:.2f} %, {resident:.0f} MB | < 1 %, ≤ 120 MB |"]


def _ticks(pid: int) -> int:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def readers(clone: Clone) -> list[str]:
    """Measure reading commands beside the daemon, and without one, in Y."""
    lines = []
    for words in (("ls",), ("ready",), ("show", "OW-77"), ("search", "zebrafish")):
        alone = _median(clone, words)
        with clone.daemon():
            beside = _median(clone, words)
        lines.append(f"| `{' '.join(words)}` with the daemon, without | {beside:.2f} Y, {alone:.2f} Y | ≤ 3.5 Y |")
    return lines


def _median(clone: Clone, words: tuple[str, ...]) -> float:
    costs, yards = [], []
    for run in range(_RUNS + 1):
        yard, cost = Cost(PYTHON), Cost([TOOL, "-C", str(clone.top), *words])
        if run:
            yards.append(yard.cpu)
            costs.append(cost.cpu)
    return statistics.median(costs) / statistics.median(yards)


def kills(clone: Clone) -> list[str]:
    """Kill the daemon at random under load, read and commit in between, then compare the index with a new one."""
    random.seed(2)
    files = clone.files(clone.top)
    remarks = 0
    for number in range(_ROUNDS):
        running = subprocess.Popen([TOOL, "-C", str(clone.top), "daemon", "run"], stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.2, 1.5))
        writers = [subprocess.Popen([TOOL, "-C", str(clone.top), "comment", "add", f"OW-{random.randint(1, 50)}",
                                     "--body", f"{number} {one}"], stdout=subprocess.DEVNULL) for one in range(3)]
        for file in random.sample(files, 20):
            file.write_text(file.read_text().replace("\ntitle: ", f"\ntitle: {number} "))
        time.sleep(random.uniform(0, 0.3))
        reading = subprocess.run([TOOL, "-C", str(clone.top), *random.choice(_READS)], stdout=subprocess.DEVNULL)
        assert reading.returncode == 0
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert [one.wait() for one in writers] == [0, 0, 0]
        remarks += 3
        if number % _COMMIT_EACH == _COMMIT_EACH - 1:
            clone.git("add", "-A")
            clone.git("commit", "-qm", f"round {number}")
    told = [subprocess.run([TOOL, "-C", str(clone.top), "ls", "--all", "--limit", "100000", "--json"], check=True,
                           capture_output=True).stdout]
    there = clone.ask("SELECT count(*) FROM event WHERE type = 'comment.created' AND source = 'cli'")[0][0]
    subprocess.run([TOOL, "-C", str(clone.top), "reindex"], check=True, stdout=subprocess.DEVNULL)
    told.append(subprocess.run([TOOL, "-C", str(clone.top), "ls", "--all", "--limit", "100000", "--json"], check=True,
                               capture_output=True).stdout)
    assert told[0] == told[1], "the index is not as a new one"
    return [f"| killed {_ROUNDS} times under load: index as a new one, comments written, told | "
            f"yes, {remarks}, {there} | yes, all |"]


PARTS: dict[str, Callable[[Clone], list[str]]] = {
    "latency": latency, "checkout": checkout, "idle": idle, "readers": readers, "kills": kills}


def main() -> None:
    """Run what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--worktrees", type=int, default=10)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    clone = Clone(args.folder.resolve(), args.tickets, args.worktrees)
    subprocess.run([TOOL, "-C", str(clone.top), "ls", "--limit", "1"], check=True, stdout=subprocess.DEVNULL)
    lines = [f"{args.tickets:,} tickets in each of {args.worktrees} worktrees; load {os.getloadavg()[0]:.0f} on "
             f"{os.cpu_count()} cores at the start.", "", "| what | measured | asked |", "|---|---|---|"]
    for name in args.only.split(","):
        lines += PARTS[name](clone)
    print("\n".join(lines))
    if args.write:
        path = HERE / "results.md"
        before, _, rest = path.read_text(encoding="utf-8").partition(HEAD)
        after = rest[rest.find("\n## "):] if "\n## " in rest else ""
        path.write_text(f"{before.rstrip()}\n\n{HEAD}\n" + "\n".join(lines) + "\n" + after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
