"""Measure the command line against its budget: CPU of whole processes, in Y, medians of paired runs.

    python benchmarks/run.py FOLDER [--sizes 1000,10000] [--runs 21] [--write]

Y is the CPU time of `python -I -S -c pass` with this interpreter, measured in turn with each command. Corpora are
made below FOLDER; the large one is kept for the next run. `--write` puts the table into results.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

from corpus import make

HERE = Path(__file__).parent
PYTHON = [sys.executable, "-I", "-S", "-c", "pass"]
TOOL = str(Path(sys.executable).parent / "gittracker")
# command, budget in Y by number of tickets; % is a new number every run, & alternates between two words
COMMANDS: tuple[tuple[str, tuple[str, ...], dict[int, float]], ...] = (
    ("show", ("show", "OW-77"), {1000: 3.5, 10_000: 3.5, 100_000: 3.5}),
    ("show --json", ("show", "OW-77", "--json"), {1000: 4, 10_000: 4, 100_000: 4}),
    ("ls", ("ls",), {1000: 4.5, 10_000: 9}),
    ("ls --json", ("ls", "--json"), {}),
    ("ready", ("ready",), {1000: 4.5, 10_000: 9}),
    ("search, a rare word", ("search", "zebrafish"), {1000: 6, 10_000: 14}),
    ("new", ("new", "Ticket %"), {1000: 5, 10_000: 5, 100_000: 5.5}),
    ("update --status", ("update", "OW-78", "--status", "&"), {1000: 5, 10_000: 5, 100_000: 5.5}),
    ("update --status, first touch", ("update", "OW-%", "--status", "in-review"), {1000: 5, 10_000: 5, 100_000: 5.5}),
    ("comment add", ("comment", "add", "OW-79", "--body", "Remark %"), {1000: 5, 10_000: 5, 100_000: 5.5}),
)
MOST_MB = 40
INDEX_Y, INDEX_MB = 250, 250
GROWTH_KIB, REPACKED_KIB = 8, 2
COMPARED = "## Beside other trackers\n"  # the section of results.md that compare.py writes
REMADE = 10_000  # a larger corpus is kept from run to run; its tickets are then touched already


class Cost:
    """CPU seconds, seconds and peak memory of one finished process, with those that it started and waited for."""

    def __init__(self, command: list[str]) -> None:
        null = os.open(os.devnull, os.O_RDWR)
        start = time.perf_counter()
        child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
        _, status, usage = os.wait4(child, 0)
        self.seconds = time.perf_counter() - start
        os.close(null)
        if status:
            raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024


class Counter:
    """Gives every run its own words, so that no write repeats another."""

    def __init__(self) -> None:
        self.number = 100

    def fill(self, words: tuple[str, ...]) -> list[str]:
        """Replace the place-holders."""
        self.number += 1
        other = ("todo", "in-review")[self.number % 2]
        return [w.replace("%", str(self.number)).replace("&", other) for w in words]


def measure(folder: Path, words: tuple[str, ...], runs: int, counter: Counter) -> tuple[float, float, float]:
    """Give (median in Y, Y in ms, peak MB) of a command; the first run is not counted."""
    costs, yards, most = [], [], 0.0
    for run in range(runs + 1):
        yard, cost = Cost(PYTHON), Cost([TOOL, "-C", str(folder), *counter.fill(words)])
        if run:
            yards.append(yard.cpu)
            costs.append(cost.cpu)
            most = max(most, cost.megabytes)
    yard_median = statistics.median(yards)
    return statistics.median(costs) / yard_median, yard_median * 1000, most


def size_of(folder: Path) -> int:
    """Sum the bytes of all files."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def growth(folder: Path, counter: Counter) -> tuple[float, float]:
    """Give the journal's growth in KiB a command: as written, and after the repack that the tool itself starts."""
    journal = folder / ".git" / "gittracker" / "journal.git"
    subprocess.run(["git", "-C", str(journal), "repack", "-a", "-d", "-q"], check=True)
    start, commands = size_of(journal), 40
    for _ in range(commands):
        Cost([TOOL, "-C", str(folder), *counter.fill(("update", "OW-%", "--status", "&"))])
    loose = size_of(journal) - start
    subprocess.run(["git", "-C", str(journal), "repack", "-d", "-q", "--geometric=2"], check=True)
    return loose / commands / 1024, (size_of(journal) - start) / commands / 1024


def report(root: Path, sizes: list[int], runs: int) -> list[str]:
    """Run everything and give the table's lines."""
    lines = ["| command | tickets | Y | asked | peak MB |", "|---|---|---|---|---|"]
    for size in sizes:
        folder = root / f"tickets-{size}"
        if folder.exists() and size <= REMADE:
            shutil.rmtree(folder)
        if not folder.exists():
            make(folder, size)
        Cost([TOOL, "-C", str(folder), "ls"])
        counter = Counter()
        for name, words, budget in COMMANDS:
            ratio, yard, most = measure(folder, words, runs, counter)
            asked = f"≤ {budget[size]:g}" if size in budget else "–"
            lines.append(f"| {name} | {size:,} | {ratio:.2f} | {asked} | {most:.0f} (≤ {MOST_MB}) |")
            print(lines[-1], f"(Y {yard:.1f} ms)", flush=True)
        if size == 10_000:
            ratio, _, most = measure(folder, ("reindex",), 5, counter)
            lines.append(f"| full index, three comments a ticket | {size:,} | {ratio:.0f} | ≤ {INDEX_Y} | {most:.0f} "
                         f"(≤ {INDEX_MB}) |")
            print(lines[-1], flush=True)
            loose, packed = growth(folder, counter)
            lines.append(f"| history a command, KiB | {size:,} | {loose:.1f} before, {packed:.1f} after the repack "
                         f"| ≤ {GROWTH_KIB}, ≤ {REPACKED_KIB} | |")
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Parse the arguments, measure, and write the results where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the corpora are made; not in a repository")
    parser.add_argument("--sizes", default="1000,10000", help="numbers of tickets")
    parser.add_argument("--runs", type=int, default=21, help="counted runs of each command")
    parser.add_argument("--write", action="store_true", help="write results.md")
    args = parser.parse_args()
    lines = report(args.folder, [int(s) for s in args.sizes.split(",")], args.runs)
    if args.write:
        git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
        head = ["# Results", "",
                "Medians of paired runs on a shared two-core machine; see README.md for what is measured.",
                f"Python {platform.python_version()}, git {git}, SQLite {sqlite3.sqlite_version}, "
                f"{platform.system()} {platform.machine()}; {args.runs} runs each.", ""]
        results = HERE / "results.md"
        _, mark, compared = results.read_text(encoding="utf-8").partition(COMPARED)
        kept = f"\n{mark}{compared}" if mark else ""
        results.write_text("\n".join([*head, *lines]) + "\n" + kept, encoding="utf-8")


if __name__ == "__main__":
    main()
