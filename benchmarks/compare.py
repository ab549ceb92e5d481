"""Compare with Backlog.md, another tracker that keeps tickets as files: the same tickets, in one run.

    python benchmarks/compare.py FOLDER [--runs 11] [--backlog PROGRAM] [--real FOLDER] [--write]

Without `--backlog`, it is installed from npm below FOLDER. `--real` is Backlog.md's own tracker, which both are given.
What can't be had is left out with the reason. `--write` puts the tables into results.md, in place of those of the last
comparison.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from corpus import make, tickets
from run import COMPARED, HERE, PYTHON, TOOL, Cost

COUNT = 1_000
WORD, REAL_WORD = "zebrafish", "kanban"  # rare in the one, found in the other
COMMANDS = ("create", "list", "show", "edit", "search")
TK = "- tk (wedow/ticket) was left out: it is one bash script, which neither npm nor PyPI nor Debian has."
_STATUSES = {"backlog": "To Do", "todo": "To Do", "in-progress": "In Progress", "done": "Done"}
_PRIORITIES = {"urgent": "high", "high": "high", "medium": "medium", "low": "low"}
_BACKLOG_MD = """---
id: TASK-{number}
title: {title}
status: {status}
assignee: [{assignee}]
created_date: '2026-10-01 10:00'
labels: [{labels}]
dependencies: [{depends}]
priority: {priority}
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
{body}
<!-- SECTION:DESCRIPTION:END -->
"""


class Peer:
    """One tracker with its repository, and its words for each of the commands; `%` is a new number every run."""

    def __init__(self, name: str, folder: Path, program: str, words: dict[str, tuple[str, ...]]) -> None:
        self.name = name
        self.folder = folder
        self.program = program
        self.words = words

    def run(self, command: str, number: int) -> Cost:
        """Run one command in the repository."""
        os.chdir(self.folder)
        return Cost([self.program, *(word.replace("%", str(number)) for word in self.words[command])])


def ours(folder: Path, name: str, word: str) -> Peer:
    """Give gittracker's words; `name` is the ticket to show and edit, `word` what to search for."""
    return Peer("gittracker", folder, TOOL, {
        "create": ("new", "Ticket %", "--description", "Some words about %", "--priority", "high"),
        "list": ("ls", "--all", "--limit", "100000"), "show": ("show", name),
        "edit": ("update", name, "--title", "Title %"), "search": ("search", word)})


def backlog_md(folder: Path, program: str, name: str, word: str) -> Peer:
    """Give Backlog.md's words."""
    return Peer("Backlog.md", folder, program, {
        "create": ("task", "create", "Ticket %", "-d", "Some words about %", "--priority", "high"),
        "list": ("task", "list", "--plain"), "show": ("task", name, "--plain"),
        "edit": ("task", "edit", name, "-t", "Title %"), "search": ("search", word, "--plain")})


def write_backlog(folder: Path) -> None:
    """Write the corpus as Backlog.md keeps it; it need not look at other branches, which it does by default."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    tasks = folder / "backlog" / "tasks"
    for name in ("tasks", "archive", "completed", "drafts", "docs"):
        (folder / "backlog" / name).mkdir(parents=True)
    (folder / "backlog" / "config.yml").write_text(
        'project_name: "Bench"\ndefault_status: "To Do"\nstatuses: ["To Do", "In Progress", "Done"]\nlabels: []\n'
        "auto_commit: false\nremote_operations: false\ncheck_active_branches: false\n")
    numbers: dict[str, int] = {}
    for number, ticket in enumerate(tickets(COUNT), 1):
        numbers[ticket.ref] = number
        (tasks / f"task-{number} - {ticket.title.replace(' ', '-')}.md").write_text(_BACKLOG_MD.format(
            number=number, title=ticket.title, status=_STATUSES[ticket.status], body=ticket.body,
            priority=_PRIORITIES[ticket.priority], assignee=f"'@{ticket.assignee}'" if ticket.assignee else "",
            labels=", ".join(ticket.labels), depends=", ".join(f"TASK-{numbers[ref]}" for ref in ticket.depends_on)))


def install(folder: Path) -> tuple[str, str]:
    """Install Backlog.md from npm; gives its native program, or none and the reason."""
    npm = shutil.which("npm")
    if not npm:
        return "", "npm is not installed here"
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([npm, "install", "--silent", "--no-audit", "--prefix", str(folder), "backlog.md"],
                          check=False, capture_output=True, text=True, cwd=folder)
    found = sorted(folder.glob("node_modules/backlog.md-*/backlog*"))
    found = [path for path in found if path.name in ("backlog", "backlog.exe")]
    return (str(found[0]), "") if found else ("", f"npm gave no program: {done.stderr.strip()[:200]}")


def measure(peers: list[Peer], runs: int) -> list[str]:
    """Run every command of every peer in turn; gives the table's lines."""
    first, *others = peers
    head = ["command", *(f"{p.name}: Y, MB" for p in peers),
            *(f"{p.name} ÷ {first.name}: CPU, time" for p in others)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    number = 5_000
    for command in COMMANDS:
        costs: dict[str, list[Cost]] = {peer.name: [] for peer in peers}
        yards = []
        for run in range(runs + 1):
            yard = Cost(PYTHON)
            number += 1
            made = {peer.name: peer.run(command, number) for peer in peers}
            if run:
                yards.append(yard.cpu)
                for name, cost in made.items():
                    costs[name].append(cost)
        yard_median = statistics.median(yards)
        cpu = {name: statistics.median(c.cpu for c in got) for name, got in costs.items()}
        seconds = {name: statistics.median(c.seconds for c in got) for name, got in costs.items()}
        most = {name: max(c.megabytes for c in got) for name, got in costs.items()}
        cells = [f"{cpu[p.name] / yard_median:.1f}, {most[p.name]:.0f}" for p in peers]
        cells += [f"{cpu[p.name] / cpu[first.name]:.1f}, {seconds[p.name] / seconds[first.name]:.1f}" for p in others]
        lines.append(f"| {command} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return lines


def real(root: Path, tracker: Path, program: str) -> tuple[list[Peer], str]:
    """Give Backlog.md's own tracker to both: as it is, and imported; or none and the reason."""
    theirs, mine = root / "real-backlog", root / "real-gittracker"
    for folder in (theirs, mine):
        folder.mkdir()
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    shutil.copytree(tracker, theirs / "backlog")
    config = theirs / "backlog" / "config.yml"
    config.write_text(config.read_text().replace("check_active_branches: true", "check_active_branches: false")
                      .replace("remote_operations: true", "remote_operations: false"))
    subprocess.run([TOOL, "-C", str(mine), "init", "--prefix", "OW"], check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([TOOL, "-C", str(mine), "import", "backlog", str(tracker)], check=False, capture_output=True,
                          text=True)
    if done.returncode:
        return [], f"gittracker could not import it: {done.stderr.strip().splitlines()[0]}"
    name = min((path.name.partition(" ")[0] for path in (tracker / "tasks").glob("*.md")), key=lambda n: (len(n), n))
    return [ours(mine, name, REAL_WORD), backlog_md(theirs, program, name.rpartition("-")[2], REAL_WORD)], ""


def report(root: Path, args: argparse.Namespace) -> list[str]:
    """Make the corpora, measure, and give the section's lines."""
    program, reason = (args.backlog, "") if args.backlog else install(args.folder.resolve() / "npm")
    if not program:
        return [f"- Backlog.md was left out: {reason}.", TK]
    make(root / "gittracker", COUNT, comments=0)
    write_backlog(root / "backlog-md")
    peers = [ours(root / "gittracker", "OW-77", WORD), backlog_md(root / "backlog-md", program, "77", WORD)]
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    lines = [f"Backlog.md {version}. {COUNT:,} synthetic tickets without comments:", "", *measure(peers, args.runs), ""]
    if not args.real:
        return [*lines, "- Backlog.md's own tracker was left out: no copy of it was given.", TK]
    both, reason = real(root, args.real.resolve(), program)
    if reason:
        return [*lines, f"- Backlog.md's own tracker was left out: {reason}.", TK]
    count = sum(1 for _ in args.real.rglob("*.md"))
    return [*lines, f"Backlog.md's own tracker, {count} files:", "", *measure(both, args.runs), "", TK]


def main() -> None:
    """Parse the arguments, compare, and write the results where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the corpora are made; not in a repository")
    parser.add_argument("--runs", type=int, default=11, help="counted runs of each command")
    parser.add_argument("--backlog", default="", help="Backlog.md's program")
    parser.add_argument("--real", type=Path, help="a copy of Backlog.md's own tracker")
    parser.add_argument("--write", action="store_true", help="put the tables into results.md")
    args = parser.parse_args()
    root = args.folder.resolve() / "compared"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    made = report(root, args)
    load = f"load {os.getloadavg()[2]:.0f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "load unknown"
    lines = [COMPARED, f"Medians of {args.runs} runs in turn, {load}; Python {platform.python_version()}, "
             f"{platform.system()} {platform.machine()}; see README.md for what is compared.", "", *made]
    print("\n".join(lines))
    if args.write:
        results = HERE / "results.md"
        kept = results.read_text(encoding="utf-8").partition(COMPARED)[0].rstrip("\n")
        results.write_text(kept + "\n\n" + "\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
