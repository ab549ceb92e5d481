"""Claims over clones: what is claimed on a remote has one holder, whatever the clocks of the clones say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hands import Hand, pass_time
from tests.support import Repo, make_tracker
from tests.test_schemas import fits

HOUR = 3600
_REF = "refs/gittracker/leases/"


class Clones:
    """One bare remote and three clones of it, an agent in each; their clocks are an hour apart."""

    def __init__(self, folder: Path) -> None:
        made = make_tracker(folder / "made")
        lines = [["new", f"Ticket {n}", "--status", "todo", "--label", f"l{n}"] for n in range(1, 25)]
        made.ok("batch", given="\n".join(map(json.dumps, lines)))
        made.commit()
        made.git("clone", "-q", "--bare", str(made.path), str(folder / "origin.git"))
        self.origin = Repo(folder / "origin.git")
        self.paths = [folder / name for name in ("one", "two", "three")]
        for path in self.paths:
            made.git("clone", "-q", str(self.origin.path), str(path))
        self.hands = [Hand(path, f"bot:{path.name}", ahead=(number - 1) * HOUR)
                      for number, path in enumerate(self.paths)]

    def standing(self) -> int:
        """Count the leases on the remote."""
        return len(self.origin.git("for-each-ref", _REF).splitlines())


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clones]:
    """Give three clones; each test uses tickets of its own, and leaves no lease on the remote."""
    made = Clones(tmp_path_factory.mktemp("clones"))
    yield made
    for hand in made.hands:
        hand.__exit__(None, None, None)


def test_a_ticket_claimed_on_the_remote_is_nobody_elses_in_any_clone(clones: Clones) -> None:
    one, two, _ = clones.hands
    told = fits("output/write", one.json("claim", "OW-1", "--remote", "origin"))
    assert told["lease"]["remote"] == "origin" and clones.standing() == 1
    error = two.refused("claim", "OW-1", "--remote", "origin")
    assert (error["code"], error["status"], error["holder"]) == ("LEASE_HELD", 6, "bot:one")
    assert 'on "origin"' in error["message"]
    assert two.refused("take-over", "OW-1", "--remote", "origin")["code"] == "LEASE_HELD"
    shown = two.json("show", "OW-1")
    assert (shown["status"], shown["assignee"], shown["lease"]) == ("todo", None, None)
    assert [e["subject"] for e in two.json("log", "OW-1")["entries"] if e["source"] == "journal"] == []
    found = fits("output/leases", two.json("leases", "--remote", "origin"))["leases"]
    assert [(one["slug"], one["holder"], one["live"], one["worktree"]) for one in found] == [
        ("OW-1", "bot:one", True, None)]
    assert "bot:one" in two.ok("leases", "--remote", "origin")
    one.ok("release", "OW-1")
    assert clones.standing() == 0
    two.ok("claim", "OW-1", "--remote", "origin")
    two.ok("done", "OW-1")
    assert clones.standing() == 0


def test_three_clones_that_claim_at_once_have_one_winner(clones: Clones) -> None:
    for slug in ("OW-2", "OW-3", "OW-4", "OW-5"):
        for hand in clones.hands:
            hand.begin("claim", slug, "--remote", "origin", "--json")
        done = [(hand, hand.end()) for hand in clones.hands]
        winner, = [hand for hand, one in done if one.status == 0]
        assert [one.error()["holder"] for _, one in done if one.status] == [winner.name] * 2
        for hand in clones.hands:
            shown = hand.json("show", slug)
            mine = hand is winner
            assert (shown["assignee"], bool(shown["lease"])) == (winner.name if mine else None, mine)
        winner.ok("release", slug)


def test_three_clones_that_ask_for_the_next_ticket_get_three(clones: Clones) -> None:
    for hand in clones.hands:
        hand.begin("claim", "--next", "--query", "label:l6,l7,l8", "--remote", "origin", "--json")
    taken = {hand: json.loads(hand.end().out)["ticket"]["slug"] for hand in clones.hands}
    assert sorted(taken.values()) == ["OW-6", "OW-7", "OW-8"]
    error = clones.hands[0].refused("claim", "--next", "-q", "label:l6,l7,l8", "--remote", "origin")
    assert error["code"] == "nothing_ready"
    for hand, slug in taken.items():
        hand.ok("release", slug)


def test_a_lease_is_taken_over_only_after_its_whole_term_on_the_takers_own_clock(clones: Clones) -> None:
    one, two, three = clones.hands
    number = one.json("claim", "OW-9", "--remote", "origin", "--for", "1h")["lease"]["number"]
    assert three.refused("take-over", "OW-9", "--remote", "origin")["code"] == "LEASE_HELD"
    pass_time(clones.paths[2], 2 * HOUR)  # three has seen it for long, two sees it now for the first time
    assert two.refused("take-over", "OW-9", "--remote", "origin")["code"] == "LEASE_HELD"
    one.ok("renew", "OW-9")
    assert three.refused("take-over", "OW-9", "--remote", "origin")["code"] == "LEASE_HELD"
    pass_time(clones.paths[2], 2 * HOUR)
    taken = three.json("claim", "OW-9", "--remote", "origin")
    assert taken["lease"]["number"] > number
    late = one.refused("renew", "OW-9")
    assert (late["code"], late["holder"]) == ("LEASE_LOST", "bot:three")
    assert one.refused("comment", "add", "OW-9", "--body", "late")["code"] == "LEASE_LOST"
    assert "no longer yours" in one.ok("release", "OW-9")
    three.ok("release", "OW-9")
    assert clones.standing() == 0


def test_a_write_whose_remote_lease_may_have_passed_to_somebody_else_is_refused(clones: Clones) -> None:
    one = clones.hands[0]
    one.ok("claim", "OW-10", "--remote", "origin")
    one.ok("comment", "add", "OW-10", "--body", "in time")
    pass_time(clones.paths[0], HOUR)
    late = one.refused("comment", "add", "OW-10", "--body", "late")
    assert (late["code"], late["hint"]) == ("LEASE_LOST", "gittracker renew OW-10")
    one.ok("renew")
    one.ok("comment", "add", "OW-10", "--body", "in time again")
    one.ok("release")
    assert clones.standing() == 0


def test_where_the_remote_is_silent_nothing_is_half_claimed(clones: Clones) -> None:
    two, path = clones.hands[1], clones.paths[1]
    hidden = clones.origin.path.with_name("hidden.git")
    clones.origin.path.rename(hidden)
    error = two.refused("claim", "OW-11", "--remote", "origin")
    assert (error["code"], error["status"]) == ("unavailable", 4) and "can't be reached" in error["message"]
    shown = two.json("show", "OW-11")
    assert (shown["status"], shown["lease"]) == ("todo", None)
    hidden.rename(clones.origin.path)
    hook = clones.origin.path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no such refs here' >&2\nexit 1\n")
    hook.chmod(0o755)
    error = two.refused("claim", "OW-11", "--remote", "origin")
    assert (error["code"], error["status"]) == ("refused", 6) and "without --remote" in error["hint"]
    hook.unlink()
    own = path / ".git/hooks/pre-push"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\nexit 1\n")
    own.chmod(0o755)
    assert "pre-push hook of this clone refused" in two.refused("claim", "OW-11", "--remote", "origin")["message"]
    own.unlink()
    shown = two.json("show", "OW-11")
    assert (shown["status"], shown["assignee"], shown["lease"], clones.standing()) == ("todo", None, None, 0)
    two.ok("claim", "OW-11", "--remote", "origin")
    clones.origin.path.rename(hidden)
    error = two.refused("renew", "OW-11")
    assert error["code"] == "unavailable" and two.json("show", "OW-11")["lease"]["live"]
    left = two.run("done", "OW-11")
    assert left.status == 0 and "gittracker release OW-11 --remote origin" in left.err
    hidden.rename(clones.origin.path)
    assert clones.standing() == 1
    assert clones.hands[0].refused("release", "OW-11", "--remote", "origin")["code"] == "not_found"
    assert "is free on origin" in two.ok("release", "OW-11", "--remote", "origin")
    assert clones.standing() == 0 and not Repo(path).git("for-each-ref", _REF)


def test_a_claim_whose_answer_was_lost_is_taken_again_by_its_own_clone(clones: Clones) -> None:
    one, path = clones.hands[0], clones.paths[0]
    one.ok("claim", "OW-12", "--remote", "origin")
    book = path / ".git/gittracker/state/leases"
    book.write_text("".join(line for line in book.read_text().splitlines(keepends=True) if "OW-12" not in line))
    one.ok("update", "OW-12", "--status", "todo", "--assignee", "none")
    assert clones.hands[2].refused("claim", "OW-12", "--remote", "origin")["code"] == "LEASE_HELD"
    one.ok("claim", "OW-12", "--remote", "origin")
    one.ok("release", "OW-12")
    assert clones.standing() == 0


def test_what_others_wrote_there_is_believed_only_as_far_as_it_makes_sense(clones: Clones) -> None:
    one, path = clones.hands[0], clones.paths[0]
    ref = one.json("show", "OW-13")["ref"].removeprefix("tik_")
    name = _REF + "-".join((ref[:8], ref[8:12], ref[12:16], ref[16:20], ref[20:]))
    origin = clones.origin
    tree = origin.git("hash-object", "-w", "-t", "tree", "/dev/null")
    for text in ("no JSON", "[]", '{"term_seconds": 1e99, "number": "x", "holder": ["a"]}',
                 '{"term_seconds": 99999999999, "number": -4, "holder": "\\u001b[31mx\\ny"}'):
        origin.git("update-ref", name, origin.git("commit-tree", tree, "-m", text))
        assert one.refused("claim", "OW-13", "--remote", "origin")["code"] == "LEASE_HELD", text
        assert "\x1b" not in one.ok("leases", "--remote", "origin")
    origin.git("update-ref", f"{_REF}nonsense", origin.git("commit-tree", tree, "-m", "x"))
    pass_time(path, 29 * 24 * HOUR)
    one.ok("claim", "OW-13", "--remote", "origin")
    one.ok("release", "OW-13")
    origin.git("update-ref", "-d", f"{_REF}nonsense")


def test_what_can_not_be_asked_of_a_remote_is_refused(clones: Clones) -> None:
    one = clones.hands[0]
    assert one.refused("claim", "OW-14", "--remote", "upstream")["code"] == "not_found"
    assert one.refused("leases", "--remote", "upstream")["code"] == "not_found"
    assert one.refused("take-over", "OW-14", "--remote", "origin")["code"] == "not_found"
    assert one.refused("claim", "OW-14", "--remote", "origin", "--idempotency-key", "x")["code"] == "usage"
    batch = Repo(clones.paths[0]).run("batch", "--json", given='["claim", "OW-14", "--remote", "origin"]')
    assert batch.error()["code"] == "usage"
    assert one.json("show", "OW-14")["lease"] is None and clones.standing() == 0
