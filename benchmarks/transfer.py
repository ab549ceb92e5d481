"""What import and export cost: `python benchmarks/transfer.py FOLDER beads issues.jsonl` or any other source.

FOLDER is a folder outside a repository. CPU and time from start to end of whole processes, the most memory, and whether
an export taken into an empty repository gives the same export.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path


def run(folder: Path, *words: str) -> tuple[float, float, str]:
    """Run a command there; gives CPU seconds, seconds from start to end, and its output."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([sys.executable, "-m", "gittracker", "-C", str(folder), *words], capture_output=True,
                          text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start, done.stdout


def fresh(folder: Path) -> Path:
    """Make a repository with an empty tracker."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    run(folder, "init", "--prefix", "OW")
    return folder


def main(folder: Path, source: str, path: str) -> None:
    """Import, import again, export, import the export, undo; a line each."""
    first, second = fresh(folder / "first"), fresh(folder / "second")
    one, two = folder / "one.jsonl", folder / "two.jsonl"
    steps = [("import", first, ("import", source, path, "--json")),
             ("import again", first, ("import", source, path, "--json")),
             ("export", first, ("export", "jsonl", "--force", "-o", str(one))),
             ("import the export", second, ("import", "jsonl", str(one), "--json")),
             ("export that", second, ("export", "jsonl", "--force", "-o", str(two))),
             ("undo", first, ("undo",))]
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, where, words in steps:
        cpu, wall, out = run(where, *words)
        count = json.loads(out).get("seen", "") if words[-1] == "--json" else ""
        print(f"{name:<18} {cpu:6.1f} s CPU {wall:6.1f} s  {count}")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    alike = "the same" if one.read_bytes() == two.read_bytes() else "NOT ALIKE"
    print(f"most memory {memory:.0f} MB; the exports are {alike}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
