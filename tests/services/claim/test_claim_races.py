"""Many claim at once: each ticket has one holder, whoever they are and wherever they stand."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gittracker.store.locks import Lock
from tests.hands import Hand, pass_time
from tests.services.write.test_races import check_index, lock_path, racing
from tests.support import Repo

_HANDS = 8
_ROUNDS = 200


def filled(repo: Repo, count: int) -> Repo:
    """Fill a tracker with tickets that are ready."""
    repo.ok("batch", given="\n".join(json.dumps(["new", f"Ticket {n}", "--status", "todo"]) for n in range(count)))
    return repo


def linked(repo: Repo) -> Path:
    """Add a worktree with the same tickets."""
    repo.commit()
    path = repo.path.parent / "linked"
    repo.git("worktree", "add", "-q", "-b", "feature", str(path))
    return path


def at_once(repo: Repo, hands: list[Hand], *words: str) -> list[tuple[Hand, dict[str, Any]]]:
    """Let all hands run a command at the same moment; gives those that succeeded with what they were told."""
    with Lock(str(lock_path(repo)), "the starter"):
        for hand in hands:
            hand.begin(*words, "--json")
    done = [(hand, hand.end()) for hand in hands]
    assert all(one.status == 0 or one.error()["code"] in ("LEASE_HELD", "nothing_ready") for _, one in done), [
        one.err for _, one in done]
    return [(hand, one.json()) for hand, one in done if one.status == 0]


def test_of_eight_processes_that_claim_at_once_one_wins_two_hundred_times(repo: Repo) -> None:
    filled(repo, _ROUNDS)
    with ExitStack() as stack:
        # Some of them share a name: even then only one has the ticket.
        names = ["bot:same"] * 4 + [f"bot:{n}" for n in range(_HANDS - 4)]
        hands = [stack.enter_context(Hand(repo.path, name)) for name in names]
        numbers = []
        for number in range(1, _ROUNDS + 1):
            with Lock(str(lock_path(repo)), "the starter"):
                for hand in hands:
                    hand.begin_claim(f"OW-{number}")
            done = [(hand.end(), hand) for hand in hands]
            (won, winner), = [one for one in done if one[0].status == 0]
            assert [one.err for one, _ in done if one.status] == ["LEASE_HELD"] * (_HANDS - 1)
            numbers.append((f"OW-{number}", int(won.out), winner.name, str(winner.path)))
    assert [number for _, number, _, _ in numbers] == list(range(1, _ROUNDS + 1))
    assert numbers == [(one["slug"], one["number"], one["holder"], one["worktree"])
                       for one in repo.json("leases")["leases"]]


def test_eight_processes_that_ask_for_the_next_ticket_get_eight_different_ones(repo: Repo) -> None:
    folders = [filled(repo, 20).path, linked(repo)]
    with ExitStack() as stack:
        hands = [stack.enter_context(Hand(folders[n % 2], f"bot:{n}")) for n in range(_HANDS)]
        taken: list[str] = []
        for left in (20, 12, 4):
            won = [told["ticket"]["slug"] for _, told in at_once(repo, hands, "claim", "--next")]
            assert len(won) == min(_HANDS, left)
            taken += won
        assert sorted(taken) == sorted(f"OW-{n}" for n in range(1, 21))
        assert taken[:8] != taken[8:16] and set(taken[:8]) == {f"OW-{n}" for n in range(1, 9)}


def test_of_those_in_two_worktrees_who_claim_at_once_one_wins(repo: Repo) -> None:
    folders = [filled(repo, 10).path, linked(repo)]
    with ExitStack() as stack:
        hands = [stack.enter_context(Hand(folders[n % 2], "bot:same")) for n in range(4)]
        for number in range(1, 11):
            (hand, told), = at_once(repo, hands, "claim", f"OW-{number}")
            assert (told["lease"]["worktree"], told["lease"]["number"]) == (str(hand.path), number)


def test_real_commands_that_claim_at_once_have_one_winner(repo: Repo) -> None:
    filled(repo, 1)
    done = racing(repo, [["claim", "OW-1", "--as", f"bot:{n}"] for n in range(_HANDS)])
    assert sorted(status for status, _, _ in done) == [0] + [6] * (_HANDS - 1)
    winner = next(out for status, out, _ in done if status == 0)
    shown = repo.json("show", "OW-1")
    assert f"claimed by {shown['assignee']}" in winner and shown["lease"]["holder"] == shown["assignee"]
    assert all(f'is claimed by "{shown["assignee"]}"' in err for status, _, err in done if status)
    assert len(repo.json("log", "OW-1")["entries"]) == 2
    check_index(repo)


def test_of_those_who_take_over_at_once_and_the_old_holder_who_renews_one_has_it(repo: Repo) -> None:
    filled(repo, 4)
    with ExitStack() as stack:
        old, *others = [stack.enter_context(Hand(repo.path, f"bot:{n}")) for n in range(4)]
        for number in range(1, 5):
            slug = f"OW-{number}"
            mine = old.json("claim", slug)["lease"]["number"]
            pass_time(repo.path, 3600)
            with Lock(str(lock_path(repo)), "the starter"):
                old.begin("comment", "add", slug, "--body", "late", "--json")
                for one in others:
                    one.begin("take-over", slug, "--json")
            late = old.end()
            won = [told for one in others if not (told := one.end()).status]
            lease = repo.json("show", slug)["lease"]
            if late.status:
                assert late.error()["code"] == "LEASE_LOST" and len(won) == 1 and lease["number"] > mine
            else:  # it came first: that was a sign of life, or the lease was taken right behind it
                assert len(won) == (lease["number"] != mine)
            for one in (old, *others):
                one.run("release", slug, "--force")
