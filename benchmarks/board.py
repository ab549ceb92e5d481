"""Measure what reading costs over many worktrees, against one: CPU of whole processes, medians of paired runs.

    python benchmarks/board.py FOLDER [--tickets 10000] [--worktrees 10] [--changed 20] [--runs 11] [--write]

Two copies of one corpus: one alone, one with worktrees, each on a branch of its own with tickets changed by hand, half
of them committed. `ls` and `show` are run in turn in both, from home and from a worktree. `--write` puts the table into
results.md.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
from pathlib import Path

from corpus import make
from run import TOOL, Cost

HERE = Path(__file__).parent
SECTION = "## Over many worktrees\n"
COMMANDS = (("ls", ("ls",)), ("ready", ("ready",)), ("show", ("show", "OW-77")), ("search", ("search", "zebrafish")))


def git(folder: Path, *args: str) -> None:
    """Run git."""
    subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True)


def change(worktree: Path, number: int, changed: int) -> None:
    """Change tickets of a worktree by hand, each worktree its own; commit half of them."""
    paths = sorted(worktree.glob(".openkit/tickets/*/*/ticket.md"))[number * changed:(number + 1) * changed]
    for place, path in enumerate(paths):
        if place == changed // 2:
            git(worktree, "add", "-A")
            git(worktree, "commit", "-q", "-m", f"worktree {number}")
        text = path.read_text()
        path.write_text(text.replace("\ntitle: ", "\ntitle: Changed ", 1))


def prepare(folder: Path, tickets: int, worktrees: int, changed: int) -> tuple[Path, Path]:
    """Make both clones."""
    alone, many = folder / "alone", folder / "many"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    make(alone, tickets)
    git(alone, "config", "gc.auto", "0")  # nothing beside us while we copy and measure
    git(alone, "add", "-A")
    git(alone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "corpus")
    shutil.copytree(alone, many, symlinks=True)
    for name, value in (("user.name", "a"), ("user.email", "a@b")):
        git(many, "config", name, value)
    for number in range(worktrees):
        git(many, "worktree", "add", "-q", "-b", f"topic-{number}", str(folder / f"w{number}"))
        change(folder / f"w{number}", number, changed)
    return alone, many


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name, usual in (("tickets", 10_000), ("worktrees", 10), ("changed", 20), ("runs", 11)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    alone, many = prepare(args.folder, args.tickets, args.worktrees, args.changed)
    for folder in (alone, many, args.folder / "w0"):
        first = Cost([TOOL, "-C", str(folder), "ls"])
        print(f"first ls in {folder.name}: {first.cpu:.2f} s CPU, {first.seconds:.2f} s, {first.megabytes:.0f} MB")
    rows = []
    for name, words in COMMANDS:
        costs: dict[str, list[float]] = {"alone": [], "home": [], "worktree": []}
        for _ in range(args.runs):
            for where, folder in (("alone", alone), ("home", many), ("worktree", args.folder / "w0")):
                costs[where].append(Cost([TOOL, "-C", str(folder), *words]).cpu)
        one = statistics.median(costs["alone"])
        rows.append((name, one * 1000, *(statistics.median(costs[w]) / one for w in ("home", "worktree"))))
    lines = [f"{args.tickets} tickets, {args.worktrees} worktrees with {args.changed} changed tickets each, "
             f"{args.runs} paired runs, no daemon. Asked: ls at most 1.5 times one.", "",
             "| command | one worktree, ms CPU | from home, times | from a worktree, times |", "|---|---|---|---|",
             *(f"| {name} | {one:.0f} | {home:.2f} | {other:.2f} |" for name, one, home, other in rows), ""]
    print("\n".join(lines))
    if args.write:
        path = HERE / "results.md"
        before, _, after = path.read_text().partition(SECTION)
        rest = after[after.index("\n## ") + 1:] if "\n## " in after else ""
        table = "\n".join(lines)
        path.write_text(f"{before.rstrip()}\n\n{SECTION}\n{table}" + (f"\n{rest}" if rest else ""))


if __name__ == "__main__":
    main()
