"""A claim that is killed at any step is made whole by the next command, or has not happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hands import Hand, pass_time
from tests.store.test_crash import check_journal, crashes
from tests.support import Repo, make_tracker


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with a ready ticket, and one whose holder died."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "made")
    repo.ok("batch", given="\n".join(json.dumps(["new", title, "--status", "todo"]) for title in ("One", "Two")))
    repo.ok("claim", "OW-2", "--as", "bot:dead")
    pass_time(repo.path, 3600)
    return repo


def standing(hand: Hand, slug: str) -> tuple[Any, ...]:
    """Give who has a ticket, by its file and by the book of leases, and the number of its lease."""
    shown = hand.json("show", slug)
    lease = shown["lease"] or {"holder": None, "number": 0, "handoff": False}
    return shown["status"], shown["assignee"], lease["holder"], lease["number"], lease["handoff"]


def test_a_killed_claim_and_a_take_over_with_it_are_whole_or_nothing(template: Repo, tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, (["claim", "OW-1"], ["take-over", "OW-2"])))
    for found in crashes(template, tmp_path, "batch", "--as", "bot:a", given=lines):
        with Hand(found.repo.path) as hand:
            hand.ok("new", "next")
            free, taken = standing(hand, "OW-1"), standing(hand, "OW-2")
            check_journal(found.repo)
            if found.promised:
                assert free == ("in-progress", "bot:a", "bot:a", 2, False), found.steps
                assert taken == ("in-progress", "bot:a", "bot:a", 3, True), found.steps
                assert hand.json("handoff", "show", "OW-2")["lease"]["holder"] == "bot:dead"
                late = hand.refused("comment", "add", "OW-2", "--body", "late", "--as", "bot:dead")
                assert late["code"] == "LEASE_LOST"
                hand.ok("release", "OW-1", "--as", "bot:a")
                assert standing(hand, "OW-1") == ("todo", None, None, 0, False)
            else:
                assert free == ("todo", None, None, 0, False), found.steps
                assert taken == ("in-progress", "bot:dead", "bot:dead", 1, False), found.steps
                hand.ok("comment", "add", "OW-2", "--body", "not so late", "--as", "bot:dead")
                assert hand.json("claim", "OW-1", "--as", "bot:b")["lease"]["number"] == 2
