"""Two people with editors and agents' scripts in four worktrees over a real tracker, for as long as is wished.

    python -m benchmarks.many_hands KIND SOURCE [--rounds 3] [--agents 3] [--seed 1]

KIND and SOURCE are what `gittracker import` takes: `beads issues.jsonl`, `backlog FOLDER`. In each round all work at
once; then everything must be seen from everywhere, merged in a random order, and seen again. Times are of the wall.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from tests import many_hands
from tests.many_hands import AGENTS, Crew
from tests.support import Repo


def board(repo: Repo, *words: str) -> list[tuple[str, ...]]:
    """Give what matters of each ticket, as it is seen from a worktree."""
    names = ("ref", "slug", "title", "status", "priority", "assignee", "due", "comment_count")
    return sorted(tuple(str(one[name]) for name in names) + tuple(sorted(one["labels"]))
                  for one in repo.json("ls", "--all", "--limit", "100000", *words)["tickets"])


def check(crew: Crew, *words: str) -> None:
    """Check from home that all that was done is to be seen."""
    missing = crew.seen.missing(crew.home, *words)
    assert not missing, missing


def run(crew: Crew, agents: int, number: int, chance: random.Random) -> None:
    """Do one round and check what came of it."""
    started = time.monotonic()
    running = crew.start_agents({f"{AGENTS[one % 2]}-{number}{one}": "1 2" for one in range(agents)})
    many_hands.edit(crew, number, 100_000 + 100 * number)
    crew.end_agents(running)
    worked = time.monotonic()
    seen = board(crew.home, "--fresh")
    check(crew)
    assert all(board(repo) == seen for repo in crew.everywhere)
    looked = time.monotonic()
    many_hands.commit(crew)
    order = chance.sample(list(crew.works), len(crew.works))
    for branch in order:
        many_hands.merge(crew.home, branch)
    assert board(crew.home) == board(crew.home, "--here") == seen
    check(crew, "--here")
    for work in crew.works.values():
        work.git("merge", "-q", "--ff-only", "main")
    print(f"round {number}: {len(seen)} tickets, worked {worked - started:.1f} s, looked from everywhere "
          f"{looked - worked:.1f} s, merged {' '.join(order)} {time.monotonic() - looked:.1f} s", flush=True)


def main() -> None:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind")
    parser.add_argument("source", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--agents", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        crew = many_hands.make(args.kind, args.source.resolve(), Path(folder))
        crew.home.ok("ls")  # the first look at five copies takes longer than a lock waits on a busy machine
        for number in range(1, args.rounds + 1):
            run(crew, args.agents, number, chance)


if __name__ == "__main__":
    main()
