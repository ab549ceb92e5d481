"""A long soak of sync: clones of one remote do as they please, for as long as is wished, and nothing may be lost.

    python -m benchmarks.syncing [--runs 50] [--steps 60] [--seed 1]

Each run has a seed of its own, which is printed; a run that fails prints all that was done and ends the soak.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from tests.fleet import as_nobody
from tests.sync_simulation import Simulation, template

_WEIGHTS = {"edit": 6, "comment": 4, "label": 3, "unlabel": 2, "create": 2, "sync": 5, "code": 2, "branch": 1,
            "push": 2, "pull": 2, "rebase": 1, "commit": 1,
            "epic": 1, "page": 2, "workpad": 2}


def run(source: Path, folder: Path, seed: int, steps: int) -> Simulation:
    """Do one run and check what came of it."""
    chance = random.Random(seed)
    found = Simulation(source, folder)
    for clone in found.clones:
        clone.skew = chance.choice((0, 0, -3600, 60))
    try:
        for _ in range(steps):
            _step(found, chance)
        found.check()
    except BaseException as error:
        error.add_note("\n".join([f"seed {seed}", *found.trace]))
        raise
    return found


def _step(found: Simulation, chance: random.Random) -> None:
    clone, ticket = chance.randrange(100), chance.randrange(100)
    what = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    if what == "edit":
        found.edit(clone, ticket, chance.randrange(100))
    elif what in ("comment", "label", "unlabel", "workpad"):
        getattr(found, what)(clone, ticket)
    elif what in ("pull", "rebase"):
        found.pull(clone, what == "rebase")
    else:
        getattr(found, what)(clone)


def main() -> None:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.process_time()
    syncs = disputes = edits = 0
    with as_nobody(), tempfile.TemporaryDirectory() as folder:
        source = template(Path(folder) / "made").folder
        for seed in range(given.seed, given.seed + given.runs):
            with tempfile.TemporaryDirectory() as place:
                found = run(source, Path(place) / "fleet", seed, given.steps)
            syncs += len(found.reports)
            edits += found.count
            disputes += sum(len(report["disputes"]) for report in found.reports)
            print(f"seed {seed}: {len(found.reports)} syncs, {found.count} edits", flush=True)
    print(f"{given.runs} runs, {syncs} syncs, {edits} edits, {disputes} disputes reported, nothing lost; "
          f"{time.process_time() - began:.0f} s of CPU here")


if __name__ == "__main__":
    main()
