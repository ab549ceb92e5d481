"""Commands over several tickets from several worktrees, with commits and merges between; the board must always follow.

    python -m benchmarks.hands [--runs 10] [--steps 40] [--seed 1]

After each command every worktree must show what was written, and after each merge what the board showed before.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path

from tests.near import Near
from tests.support import Repo, make_tracker

_VALUES = {"status": ("todo", "backlog", "in-progress"), "priority": ("high", "low", "urgent"), "title": ()}


class Run:
    """One tracker with three worktrees; each has all but the newest tickets, which live in one alone."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.home = Near(make_tracker(folder / "home").path)
        self.home.ok("batch", given="".join(f'["new", "T{n}", "--label", "l{n}"]\n' for n in range(4)))
        self.home.commit()
        self.worktrees: dict[str, Repo] = {"main": self.home}
        for name in "ab":
            self.home.git("worktree", "add", "-q", "-b", name, str(folder / name))
            self.worktrees[name] = Near(folder / name)
        self.slugs = [f"OW-{n}" for n in range(1, 5)]
        self.slugs += [self.worktrees[name].json("new", f"Born on {name}")["ticket"]["slug"] for name in "ab"]

    def step(self, number: int) -> None:
        """Do something at random."""
        where = self.chance.choice(list(self.worktrees.values()))
        names = self.chance.sample(self.slugs, self.chance.randint(1, 4))
        what = self.chance.choice(("update", "update", "update", "batch", "label", "commit", "merge"))
        getattr(self, what)(where, names, f"{what}-{number}")

    def update(self, where: Repo, names: list[str], text: str) -> None:
        """Set one field of some tickets."""
        field, values = self.chance.choice(list(_VALUES.items()))
        value = self.chance.choice(values) if values else text
        where.ok("update", *names, f"--{field}", value)
        self.expect(names, field, value)

    def batch(self, where: Repo, names: list[str], text: str) -> None:
        """Set titles and remark, all in one command."""
        lines = [line for name in names for line in (["update", name, "--title", text],
                                                     ["comment", "add", name, "--body", text])]
        where.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))
        self.expect(names, "title", text)
        for one in self.worktrees.values():
            for name in names:
                remarks = one.json("comment", "list", name)["comments"]
                assert text in [remark["body"] for remark in remarks], (text, name)

    def label(self, where: Repo, names: list[str], text: str) -> None:
        """Add a label."""
        where.ok("ticket", "update", *names, "--label-add", text)
        for one in self.worktrees.values():
            assert all(text in one.json("show", name)["labels"] for name in names), (text, names)

    def commit(self, where: Repo, _: list[str], text: str) -> None:
        """Commit a worktree."""
        where.git("add", "-A")
        where.git("commit", "-q", "--allow-empty", "-m", text)

    def merge(self, where: Repo, _: list[str], text: str) -> None:
        """Merge a branch into another as git does it; conflicts are settled as the board has it."""
        for one in self.worktrees.values():
            self.commit(one, [], text)
        before = self.shown()
        where.git("merge", "-q", "-m", text, self.chance.choice(list(self.worktrees)), check=False)
        if where.git("ls-files", "--unmerged"):
            where.run("resolve", "--board")
            where.git(*(("merge", "--abort") if where.git("ls-files", "--unmerged") else ("commit", "-qam", text)))
        assert self.shown() == before, text

    def shown(self) -> dict[str, tuple[str, ...]]:
        """Give what the board says of each ticket."""
        return {name: tuple(str(self.home.json("show", name)[field]) for field in _VALUES) for name in self.slugs}

    def expect(self, names: list[str], field: str, value: str) -> None:
        """Every worktree must show a value."""
        for where, one in self.worktrees.items():
            for name in names:
                assert one.json("show", name)[field] == value, (where, name, field, value)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    for name, usual in (("runs", 10), ("steps", 40), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    args = parser.parse_args()
    for seed in range(args.seed, args.seed + args.runs):
        with tempfile.TemporaryDirectory() as folder:
            run = Run(Path(folder), seed)
            for number in range(args.steps):
                run.step(number)
            run.home.ok("audit", "verify")
        print(f"seed {seed}: {args.steps} steps, the board followed")


if __name__ == "__main__":
    main()
