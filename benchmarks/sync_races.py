"""Real processes of many clones that comment and sync at once, some of them killed in the middle; nothing may be lost.

    python -m benchmarks.sync_races [--rounds 10] [--clones 6] [--kills 0.2] [--seed 1]

In each round every clone comments and syncs, all at the same time; a share of the syncs is ended by SIGKILL after a
random while. At the end all sync in turn and must have the same, with every comment that a command said was made.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.fleet import Clone, Fleet, as_nobody, comments, make_fleet

_LONGEST = 0.6  # seconds until a sync that is to be killed is


def identity(name: str) -> dict[str, str]:
    """Name the git user of a process."""
    return {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", f"{name}@example.com"))}


def race(clones: list[Clone], chance: random.Random, kills: float) -> int:
    """Let all sync at once; gives how many were killed."""
    running = [one.start("sync", env=identity(one.path.name)) for one in clones]
    ends = sorted((chance.random() * _LONGEST, number) for number in range(len(running)) if chance.random() < kills)
    began = time.monotonic()
    for after, number in ends:
        time.sleep(max(0.0, began + after - time.monotonic()))
        running[number].send_signal(signal.SIGKILL)
    killed = 0
    for one in running:
        _, err = one.communicate()
        killed += one.returncode == -signal.SIGKILL
        assert one.returncode in (0, -signal.SIGKILL), err
    return killed


def clear_locks(clones: list[Clone]) -> None:
    """Remove what a git that lost its parent may have left, as people do when git says so; wait for it to end first."""
    for clone in clones:
        for lock in (clone.path / ".git").glob("**/*.lock"):
            if subprocess.run(["fuser", "-s", str(lock)], check=False, capture_output=True).returncode:
                lock.unlink(missing_ok=True)


def check(clones: list[Clone], remarks: set[str]) -> None:
    """Sync in turn; all must have the same, and everything."""
    for clone in [*clones, *clones]:
        clone.sync()
    assert len({one.tracker_tree() for one in clones}) == 1, "the clones differ"
    assert set(comments(clones[0], "OW-1")) == remarks, remarks ^ set(comments(clones[0], "OW-1"))
    assert all(one.is_clean() for one in clones)


def main() -> None:
    """Run the races."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clones", type=int, default=6)
    parser.add_argument("--kills", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    remarks: set[str] = set()
    killed = 0
    with as_nobody(), tempfile.TemporaryDirectory() as folder:
        fleet: Fleet = make_fleet(Path(folder) / "fleet")
        clones = [fleet.clone(f"clone{number}") for number in range(given.clones)]
        for clone in clones[::3]:
            clone.code(f"{clone.path.name}.py")
        for number in range(given.rounds):
            for clone in clones:
                text = f"{clone.path.name} in round {number}"
                clone.ok("comment", "add", "OW-1", "--body", text)
                remarks.add(text)
            killed += race(clones, chance, given.kills)
            clear_locks(clones)
            print(f"round {number}: {killed} killed so far", flush=True)
        check(clones, remarks)
    print(f"{given.rounds} rounds of {given.clones} clones, {killed} killed, {len(remarks)} comments, nothing lost; "
          f"{os.times().children_user + os.times().children_system:.0f} s of CPU")


if __name__ == "__main__":
    main()
