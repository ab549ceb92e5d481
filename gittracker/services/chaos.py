"""Many writers who are killed, whose clocks are wrong and whose disk is full: is anything confirmed ever lost?"""

from __future__ import annotations

import os
import random
import time

from gittracker.git.run import detach, git
from gittracker.runtime.hands import Hand, can_limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_HOUR = 3_600_000_000_000
_TICKETS = 6
_SMALL = 4_096  # bytes that a file may have for one whose disk is full
_PAUSE = 0.002
_GC_EVERY = 40  # commands


class Report:
    """What was done and what became of it; `lost` says in words what was confirmed and is not there."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("commands", "confirmed", "killed", "refused", "full_disk"), 0)
        self.lost: list[str] = []
        self.doubled: list[str] = []
        self.wrong: list[str] = []  # what else is not as it should be

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return not (self.lost or self.doubled or self.wrong)

    def to_json(self) -> dict[str, Any]:
        """Give it as it is printed."""
        return {**self.counts, "lost": self.lost, "doubled": self.doubled, "wrong": self.wrong}


class Chaos:
    """One run in a folder of its own; with `rough`, writers are killed, moved in time and short of disk."""

    def __init__(self, folder: str, writers: int, seed: int, rough: bool, done: Callable[[int], None]) -> None:
        self.writers = writers
        self.rough = rough
        self.random = random.Random(seed)
        self.report = Report()
        self._done = done  # told after each command how many there were
        self._home = os.path.join(folder, "home")
        self._tops = [self._home, *(os.path.join(folder, f"worktree-{n}") for n in (1, 2))]
        self._said: list[tuple[str, str]] = []  # confirmed comments as (ticket, text)
        self._made: list[tuple[str, str]] = []  # confirmed tickets as (slug, title)
        self._entries: list[str] = []
        self._leases: list[tuple[str, int]] = []
        self._number = 0

    def run(self, seconds: float) -> Report:
        """Write for so many seconds, then look at what is there."""
        self._set_up()
        end = time.monotonic() + seconds
        running: list[tuple[Hand, float]] = []
        while time.monotonic() < end or running:
            while len(running) < self.writers and time.monotonic() < end:
                running.append(self._start())
            now = time.monotonic()
            for hand, deadline in running:
                if now >= deadline:
                    hand.kill()
            for pair in [pair for pair in running if pair[0].is_done()]:
                running.remove(pair)
                self._note(pair[0])
            time.sleep(_PAUSE)
        self._verify()
        return self.report

    def _set_up(self) -> None:
        os.makedirs(self._home)
        git(self._home, "init", "--quiet", "-b", "main")
        for name, value in (("user.name", "Selftest"), ("user.email", "selftest@localhost")):
            git(self._home, "config", name, value)
        self._now("init", "--prefix", "ST")
        for number in range(1, _TICKETS + 1):
            self._now("new", f"Ticket {number}", "--status", "todo")
        git(self._home, "add", "-A")
        git(self._home, "commit", "--quiet", "-m", "begin")
        for number, top in enumerate(self._tops[1:], 1):
            git(self._home, "worktree", "add", "--quiet", "-b", f"topic-{number}", top)

    def _now(self, *words: str) -> Any:
        """Run one command in peace and give its answer."""
        status, answer, error = Hand(self._home, list(words), None).finish()
        if status:
            self.report.wrong.append(f"{' '.join(words)} ended with {status}: {error.strip()}")
        return answer

    def _start(self) -> tuple[Hand, float]:
        self._number += 1
        ticket = f"ST-{self.random.randint(1, _TICKETS)}"
        kind, words = self.random.choice((
            ("comment", ["comment", "add", ticket, "--body", f"remark {self._number}"]),
            ("comment", ["comment", "add", ticket, "--body", f"remark {self._number}"]),
            ("new", ["new", f"Found {self._number}"]),
            ("update", ["update", ticket, "--priority", self.random.choice(("low", "medium", "high", "urgent"))]),
            ("claim", ["claim", ticket]), ("release", ["release", ticket])))
        moved = size = 0
        patience = 3_600.0
        if self.rough:
            moved = self.random.choice((0, 0, _HOUR, -_HOUR))
            size = _SMALL if can_limit() and self.random.random() < 0.08 else 0
            patience = self.random.uniform(0, 0.4) if self.random.random() < 0.3 else patience
            if self._number % _GC_EVERY == 0:
                detach(self._home, "gc", "--quiet", "--prune=now")
        worker = f"bot:worker-{self.random.randint(1, self.writers)}"
        hand = Hand(self.random.choice(self._tops), [*words, "--as", worker], (kind, ticket, words, bool(size)), moved,
                    size)
        return hand, time.monotonic() + patience

    def _note(self, hand: Hand) -> None:
        """Keep what a command confirmed; what was killed or refused has confirmed nothing."""
        status, answer, _ = hand.finish()
        kind, ticket, words, is_full = hand.planned
        counts = self.report.counts
        counts["commands"] += 1
        self._done(counts["commands"])
        if hand.killed and (status or answer is None):
            counts["killed"] += 1
        elif status or answer is None:
            counts["full_disk" if is_full else "refused"] += 1
        else:
            counts["confirmed"] += 1
            self._keep(kind, ticket, words, answer)

    def _keep(self, kind: str, ticket: str, words: list[str], answer: Any) -> None:
        receipt = answer.get("receipt") or {}
        if receipt.get("entry"):
            self._entries.append(receipt["entry"])
        if kind == "comment":
            self._said.append((ticket, words[-1]))
        elif kind == "new":
            self._made.append((receipt["slug"], words[-1]))
        elif kind == "claim":
            self._leases.append((ticket, int(answer["lease"]["number"])))

    def _verify(self) -> None:
        """Read everything anew and hold it against what was confirmed."""
        report = self.report
        self._now("ls", "--fresh")
        before = self._now("ls", "--all", "--limit", "100000")
        there = {one["slug"]: one["title"] for one in before["tickets"]}
        report.lost += [f"ticket {slug} ({title})" for slug, title in self._made if there.get(slug) != title]
        report.doubled += _twice([slug for slug, _ in self._made], "number")
        report.doubled += _twice([str(number) for _, number in self._leases], "fencing number")
        for ticket in sorted({ticket for ticket, _ in self._said}):
            found = {one["body"] for one in self._now("comment", "list", ticket)["comments"]}
            report.lost += [f"comment on {ticket}: {text}" for name, text in self._said
                            if name == ticket and text not in found]
        self._verify_journal()
        self._now("reindex")
        after = self._now("ls", "--all", "--limit", "100000")
        if _settled(before) != _settled(after):
            report.wrong.append("the index differs from one that is built anew")

    def _verify_journal(self) -> None:
        journal = os.path.join(self._home, ".git/gittracker/journal.git")
        given = "\n".join(self._entries).encode() + b"\n"
        lines = git(journal, "cat-file", "--batch-check", given=given).text.split("\n") if self._entries else []
        self.report.lost += [f"entry {line.split(' ')[0]}" for line in lines if " commit " not in line]
        checked = git(journal, "fsck", "--connectivity-only")
        if checked.status:
            self.report.wrong.append(f"the journal is damaged: {checked.err.splitlines()[0] if checked.err else ''}")


def _settled(answer: Any) -> list[tuple[str, ...]]:
    return sorted((one["slug"], one["title"], one["status"], one["priority"], one["etag"]) for one in answer["tickets"])


def _twice(names: list[str], what: str) -> list[str]:
    return [f"{what} {name}" for name in sorted(set(names)) if names.count(name) > 1]
