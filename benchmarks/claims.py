"""A long soak of claims: agents claim, work, die, oversleep and write late, for as long as is wished.

    python -m benchmarks.claims [--seconds 60] [--agents 6] [--tickets 8] [--seed 1]

Each comment names the number of the lease under which it was written. Whatever happens, these numbers never go back in
a ticket's history: a write under a lease that has passed to somebody else would stand behind one under the next.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from tests.hands import Hand
from tests.support import Repo, make_tracker


class Agent(threading.Thread):
    """One agent: it works on whatever it gets, and is sometimes killed, sometimes too slow."""

    def __init__(self, repo: Repo, number: int, seed: int, end: float) -> None:
        super().__init__()
        self.repo = repo
        self.number = number
        self.chance = random.Random(f"{seed} {number}")
        self.end_at = end
        self.told: Counter[str] = Counter()
        self.proofs: list[str] = []

    def run(self) -> None:
        """Work until the time is over; a killed process is followed by another."""
        while time.monotonic() < self.end_at:
            with Hand(self.repo.path, f"bot:{self.number}") as hand:
                while time.monotonic() < self.end_at and self._work(hand):
                    pass

    def _work(self, hand: Hand) -> bool:
        """Take a ticket and do something with it; False where the process was killed."""
        done = hand.run("claim", "--next", "--for", self.chance.choice(("1s", "2s", "60s")), "--json")
        if done.status:
            self.told[done.error()["code"]] += 1
            return True
        proof = done.json()["receipt"]["lease"]
        self.proofs.append(proof)
        self.told["claimed"] += 1
        slug, _, number = proof.partition(":")
        for _ in range(self.chance.randrange(1, 5)):
            if self.chance.random() < 0.3:
                time.sleep(self.chance.random() * 3)  # it thinks for too long, perhaps
            words = ("comment", "add", slug, "--body", f"n={number}", "--json")
            if self.chance.random() < 0.1:
                hand.begin(*words)
                time.sleep(self.chance.random() * 0.02)
                os.kill(hand.pid, signal.SIGKILL)
                self.told["killed"] += 1
                return False
            late = hand.run(*words)
            self.told["written" if not late.status else late.error()["code"]] += 1
            if late.status:
                hand.run("release", slug)
                return True
        self._leave(hand, slug)
        return True

    def _leave(self, hand: Hand, slug: str) -> None:
        """Give the ticket back, or finish it and open it again, or forget it."""
        what = self.chance.choice(("release", "done", "forget"))
        if what == "forget":
            self.told["forgotten"] += 1
        elif hand.run(what, slug).status == 0 and what == "done":
            hand.run("ticket", "reopen", slug)


def check(repo: Repo, agents: list[Agent]) -> tuple[int, int]:
    """Check what came of it; gives how many comments and leases there were."""
    proofs = [proof for agent in agents for proof in agent.proofs]
    numbers = [int(proof.rpartition(":")[2]) for proof in proofs]
    assert len(set(numbers)) == len(numbers), "a number was given twice"
    written = 0
    for ticket in repo.json("ls", "--all", "--limit", "1000")["tickets"]:
        entries = repo.json("log", ticket["slug"], "--limit", "100000")["entries"]
        order = [int(change["new"][2:]) for entry in reversed(entries) for change in entry["changes"]
                 if str(change["new"]).startswith("n=")]
        assert order == sorted(order), f"{ticket['slug']}: a late write got through: {order}"
        assert {f"{ticket['slug']}:{number}" for number in order} <= set(proofs)
        written += len(order)
    assert not repo.json_whatever("doctor")["problems"]
    return written, len(numbers)


def main() -> None:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("seconds", 60), ("agents", 6), ("tickets", 8), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        repo = make_tracker(Path(folder) / "repo")
        repo.ok("batch", given="\n".join(json.dumps(["new", f"Ticket {n}", "--status", "todo"])
                                         for n in range(given.tickets)))
        end = time.monotonic() + given.seconds
        agents = [Agent(repo, number, given.seed, end) for number in range(given.agents)]
        for agent in agents:
            agent.start()
        for agent in agents:
            agent.join()
        written, leases = check(repo, agents)
    told = sum((agent.told for agent in agents), Counter())
    print(f"{leases} leases, {written} comments under them in order; {dict(sorted(told.items()))}")


if __name__ == "__main__":
    main()
