"""Claims: who has a ticket, for how long, and what becomes of it when nobody is left."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hands import Hand, pass_time
from tests.sandboxes import sandbox
from tests.support import Repo, make_repo, make_tracker
from tests.test_schemas import fits

HOUR = 3600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with a linked worktree beside it; each test uses tickets of its own."""
    repo = make_tracker(tmp_path_factory.mktemp("claims") / "repo")
    lines = [["new", f"Ticket {n}", "--status", "todo", "--label", f"l{n}"] for n in range(1, 40)]
    repo.ok("batch", given="\n".join(map(json.dumps, lines)))
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(repo.path.parent / "linked"))
    return repo


@pytest.fixture(scope="module")
def a(made: Repo) -> Iterator[Hand]:
    """Give an agent in the main worktree."""
    with Hand(made.path, "bot:a") as hand:
        yield hand


@pytest.fixture(scope="module")
def b(made: Repo) -> Iterator[Hand]:
    """Give an agent in the linked worktree."""
    with Hand(made.path.parent / "linked", "bot:b") as hand:
        yield hand


@pytest.fixture(scope="module")
def c(made: Repo) -> Iterator[Hand]:
    """Give another agent in the main worktree."""
    with Hand(made.path, "bot:c") as hand:
        yield hand


def test_a_claim_moves_assignee_and_status_in_one_entry_and_a_release_moves_them_back(a: Hand) -> None:
    done = fits("output/write", a.json("claim", "OW-1"))
    assert (done["ticket"]["status"], done["ticket"]["assignee"], done["ticket"]["ready"]) == (
        "in-progress", "bot:a", False)
    assert done["receipt"]["lease"] == f"OW-1:{done['lease']['number']}" and done["lease"]["live"]
    entry = a.json("log", "OW-1")["entries"][0]
    assert {c["field"] for c in entry["changes"]} == {"status", "assignee", "started_at"}
    shown = fits("output/ticket", a.json("show", "OW-1"))
    assert shown["lease"]["holder"] == "bot:a" and "claimed by bot:a" in a.ok("show", "OW-1")
    assert "released by bot:a" in a.ok("release", "OW-1")
    shown = a.json("show", "OW-1")
    assert (shown["status"], shown["assignee"], shown["lease"], shown["ready"]) == ("todo", None, None, True)


def test_what_was_changed_after_the_claim_stays_when_it_is_released(a: Hand) -> None:
    a.ok("update", "OW-2", "--assignee", "carol")
    assert "was assigned to carol" in a.run("claim", "OW-2").err
    a.ok("update", "OW-2", "--status", "in-review")
    a.ok("release", "OW-2")
    shown = a.json("show", "OW-2")
    assert (shown["status"], shown["assignee"]) == ("in-review", "carol")


def test_another_worktree_is_refused_with_holder_age_and_the_next_safe_step(a: Hand, b: Hand) -> None:
    number = a.json("claim", "OW-3", "--for", "45m")["lease"]["number"]
    for words in (("claim", "OW-3"), ("take-over", "OW-3")):
        error = fits("output/error", {"error": b.refused(*words)})["error"]
        assert (error["code"], error["status"], error["holder"], error["number"]) == ("LEASE_HELD", 6, "bot:a", number)
        assert str(a.path) in error["message"] and "min more" in error["message"]
        assert "gittracker claim --next" in error["hint"]
    same = a.refused("claim", "OW-3")
    assert same["code"] == "LEASE_HELD" and same["hint"] == "if that is you: gittracker renew OW-3"
    assert b.refused("renew", "OW-3")["code"] == b.refused("release", "OW-3")["code"] == "LEASE_HELD"
    assert "is yours until" in a.ok("renew", "OW-3")
    a.ok("release", "OW-3")


def test_a_claim_holds_though_somebody_gave_the_tickets_folder_another_name(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-32")
    folder = next(a.path.glob(".openkit/tickets/0/OW-32-*"))
    folder.rename(folder.with_name("OW-32-moved"))
    with Hand(a.path, "carol") as carol:
        assert carol.refused("done", "OW-32")["code"] == "LEASE_HELD"
        a.ok("comment", "add", "OW-32", "--body", "still mine")
        carol.ok("done", "OW-32", "--force")
    assert a.refused("comment", "add", "OW-32", "--body", "late")["code"] == "LEASE_LOST"
    a.ok("release", "OW-32")


def test_the_same_name_in_another_worktree_is_another_holder(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-4")
    assert b.refused("claim", "OW-4", "--as", "bot:a")["code"] == "LEASE_HELD"
    a.ok("release", "OW-4")


def test_others_may_remark_and_describe_but_not_take_the_ticket_away(a: Hand, b: Hand) -> None:
    with Hand(a.path, "carol") as carol:
        a.ok("claim", "OW-5")
        carol.ok("comment", "add", "OW-5", "--body", "look at this")
        carol.ok("update", "OW-5", "--priority", "high", "--label-add", "later")
        for words in (("update", "OW-5", "--assignee", "carol"), ("done", "OW-5"), ("ticket", "archive", "OW-5"),
                      ("ticket", "delete", "OW-5", "--purge"), ("update", "OW-5", "--status", "todo")):
            error = carol.refused(*words)
            assert (error["code"], error["holder"]) == ("LEASE_HELD", "bot:a"), words
        assert a.json("show", "OW-5")["status"] == "in-progress"
        carol.ok("done", "OW-5", "--force")
        assert a.json("show", "OW-5")["lease"] is None
        late = a.refused("comment", "add", "OW-5", "--body", "still at it")
        assert (late["code"], late["holder"], late["status"]) == ("LEASE_LOST", "carol", 6)
        a.ok("release", "OW-5")


def test_an_undo_of_the_claim_by_its_holder_gives_the_ticket_back(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-31")
    a.ok("undo")
    shown = a.json("show", "OW-31")
    assert (shown["status"], shown["lease"], shown["ready"]) == ("todo", None, True)
    b.ok("claim", "OW-31")
    b.ok("release")


def test_a_ticket_that_only_another_worktree_has_is_claimed_and_done_from_here(a: Hand, b: Hand) -> None:
    slug = b.json("new", "Born there", "--status", "todo")["ticket"]["slug"]
    assert a.json("claim", slug)["lease"]["worktree"] == str(a.path)
    assert b.refused("claim", slug)["holder"] == "bot:a"
    a.ok("comment", "add", slug, "--body", "from afar")
    assert b.json("show", slug)["lease"]["holder"] == "bot:a"
    a.ok("done", slug)
    shown = b.json("show", slug)
    assert (shown["status"], shown["lease"], shown["comment_count"]) == ("done", None, 1)


def test_who_closes_a_ticket_under_its_lease_gives_the_lease_back(a: Hand) -> None:
    a.ok("claim", "OW-6")
    a.ok("done", "OW-6")
    assert a.json("show", "OW-6")["lease"] is None
    a.ok("comment", "add", "OW-6", "--body", "tests pass")
    assert a.refused("claim", "OW-6")["code"] == "conflict"
    a.ok("ticket", "reopen", "OW-6")
    a.ok("claim", "OW-6")
    a.ok("ticket", "archive", "OW-6")
    assert not [one for one in a.json("leases")["leases"] if one["slug"] == "OW-6"]


def test_a_holder_that_died_loses_the_ticket_after_its_term_and_its_late_write_is_refused(
        made: Repo, a: Hand, b: Hand) -> None:
    (made.path / "half.py").write_text("half = 1\n")
    lost = a.json("claim", "OW-7")["lease"]
    a.ok("workpad", "set", "OW-7", "--body", "## Plan\nhalf done")
    a.ok("comment", "add", "OW-7", "--body", "the cause is in half.py")
    assert not a.json("ready", "label:l7")["tickets"]
    assert b.refused("take-over", "OW-7")["code"] == "LEASE_HELD"
    pass_time(made.path, HOUR)
    ready = a.json("ready", "label:l7")["tickets"]
    assert [(one["slug"], one["ready"], one["status"]) for one in ready] == [("OW-7", True, "in-progress")]
    assert "which is over" in a.ok("show", "OW-7")
    taken = b.run("take-over", "OW-7")
    assert "taken over from bot:a by bot:b" in taken.out and "gittracker handoff show OW-7" in taken.out
    late = a.refused("comment", "add", "OW-7", "--body", "done!")
    assert (late["code"], late["status"], late["holder"], late["number"]) == ("LEASE_LOST", 6, "bot:b", lost["number"])
    assert a.refused("renew", "OW-7")["code"] == "LEASE_LOST"
    packet = fits("output/handoff", b.json("handoff", "show", "OW-7"))
    assert packet["lease"]["holder"] == "bot:a" and packet["reason"] == "expired" and packet["to"] == "bot:b"
    assert "half done" in packet["workpad"] and packet["comments"][-1]["body"] == "the cause is in half.py"
    assert "half.py" in packet["changes"]["untracked"] and packet["changes"]["branch"] == "main"
    assert "the cause is in half.py" in b.ok("handoff", "show", "OW-7")
    fits("output/handoffs", b.json("handoff", "list"))
    assert "no longer yours" in a.ok("release", "OW-7")
    a.ok("comment", "add", "OW-7", "--body", "a remark by somebody without a lease")
    b.ok("done", "OW-7")
    assert b.refused("handoff", "show", "OW-7")["code"] == "not_found"
    (made.path / "half.py").unlink()


def test_an_expired_lease_that_nobody_took_is_still_its_holders_to_renew(made: Repo, a: Hand) -> None:
    number = a.json("claim", "OW-8")["lease"]["number"]
    pass_time(made.path, HOUR)
    a.ok("comment", "add", "OW-8", "--body", "a long test run")
    assert a.json("show", "OW-8")["lease"]["live"]
    pass_time(made.path, HOUR)
    assert a.json("renew", "OW-8")["lease"]["number"] == number
    a.ok("release", "OW-8")


def test_any_write_by_the_holder_renews_the_lease_and_one_by_others_does_not(made: Repo, a: Hand, b: Hand) -> None:
    first = a.json("claim", "OW-9")["lease"]
    a.ok("comment", "add", "OW-9", "--body", "at once")
    assert a.json("show", "OW-9")["lease"]["heartbeat"] == first["heartbeat"]
    pass_time(made.path, 600)
    b.ok("comment", "add", "OW-9", "--body", "by another")
    before = a.json("show", "OW-9")["lease"]["heartbeat"]
    a.ok("workpad", "append", "OW-9", "--body", "later")
    assert a.json("show", "OW-9")["lease"]["heartbeat"] > before
    a.ok("release", "OW-9")


def test_a_term_of_a_second_ends_by_itself(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-10", "--for", "1s")
    end = time.monotonic() + 30
    while (done := b.run("claim", "OW-10")).status:
        assert time.monotonic() < end, done.err
        assert done.status == 6
    assert "taken over from bot:a" in done.out
    b.ok("release", "OW-10")


def test_clocks_an_hour_apart_change_nothing(made: Repo, a: Hand) -> None:
    with Hand(made.path.parent / "linked", "bot:ahead", ahead=HOUR) as ahead, Hand(
            made.path.parent / "linked", "bot:behind", ahead=-HOUR) as behind:
        a.ok("claim", "OW-11")
        behind.ok("claim", "OW-12")
        ahead.ok("claim", "OW-13")
        for hand, slug in ((ahead, "OW-11"), (behind, "OW-11"), (a, "OW-12"), (ahead, "OW-12"), (a, "OW-13"),
                           (behind, "OW-13")):
            for verb in ("claim", "take-over"):
                assert hand.refused(verb, slug)["code"] == "LEASE_HELD", (hand.name, slug)
        pass_time(made.path, HOUR)
        assert "taken over" in behind.ok("take-over", "OW-11")
        assert a.refused("comment", "add", "OW-11", "--body", "late")["code"] == "LEASE_LOST"
        for hand, slug in ((behind, "OW-11"), (behind, "OW-12"), (ahead, "OW-13"), (a, "OW-11")):
            hand.ok("release", slug)


def test_the_lease_that_the_environment_names_beats_what_the_worktree_holds(made: Repo, a: Hand, b: Hand) -> None:
    old = a.json("claim", "OW-14")["receipt"]["lease"]
    pass_time(made.path, HOUR)
    with Hand(made.path, "bot:a", GITTRACKER_LEASE=old) as earlier:
        new = a.json("claim", "OW-14")["receipt"]["lease"]
        assert new != old
        late = earlier.refused("comment", "add", "OW-14", "--body", "of the earlier session")
        assert late["code"] == "LEASE_LOST" and "unset GITTRACKER_LEASE" in late["hint"]
        a.ok("comment", "add", "OW-14", "--body", "of this one")
    with Hand(b.path, "bot:a", GITTRACKER_LEASE=new) as elsewhere:
        elsewhere.ok("update", "OW-14", "--status", "in-review")
        assert "is yours" in elsewhere.ok("renew")
        elsewhere.ok("release")
    with Hand(made.path, "bot:a", GITTRACKER_LEASE="OW-14") as wrong:
        a.ok("claim", "OW-14")
        assert wrong.refused("comment", "add", "OW-14", "--body", "x")["code"] == "usage"
        a.ok("release", "OW-14")


def test_next_takes_the_best_ready_ticket_that_is_nobody_elses(a: Hand, c: Hand) -> None:
    a.ok("update", "OW-15", "--priority", "urgent", "--label-add", "next", "--assignee", "carol")
    a.ok("update", "OW-16", "--priority", "high", "--label-add", "next")
    a.ok("update", "OW-17", "--priority", "urgent", "--label-add", "next", "--depends-on-add", "OW-16")
    a.ok("update", "OW-18", "--priority", "low", "--label-add", "next", "--assignee", "bot:a")
    taken = [a.json("claim", "--next", "--query", "label:next")["ticket"]["slug"] for _ in range(2)]
    assert taken == ["OW-16", "OW-18"]
    error = c.refused("claim", "--next", "-q", "label:next")
    assert (error["code"], error["status"]) == ("nothing_ready", 3) and error["hint"]
    assert c.json("claim", "--next", "--query", "label:next assignee:carol")["ticket"]["slug"] == "OW-15"
    for hand, slug in ((a, "OW-16"), (a, "OW-18"), (c, "OW-15")):
        hand.ok("release", slug)
    assert "OW-16" in a.refused("claim", "OW-17")["message"]
    a.ok("claim", "OW-17", "--force")
    a.ok("release", "OW-17")


def test_without_a_ticket_renew_and_release_are_about_what_the_worktree_holds(a: Hand) -> None:
    assert a.refused("renew")["code"] == a.refused("release")["code"] == "not_found"
    a.ok("claim", "OW-19")
    a.ok("claim", "OW-20")
    both = a.refused("release")
    assert both["code"] == "usage" and "OW-19, OW-20" in both["message"]
    assert len(a.json("renew", "--for", "2h")["results"]) == 2
    assert {one["term_seconds"] for one in a.json("leases")["leases"] if one["holder"] == "bot:a"} == {2 * HOUR}
    a.ok("release", "OW-19")
    a.ok("release")


def test_a_claimed_ticket_whose_files_are_gone_keeps_nobody_from_renewing_the_others(made: Repo, a: Hand) -> None:
    a.ok("claim", "OW-38")
    a.ok("claim", "OW-39")
    folder = made.folder("OW-38")
    aside = folder.rename(made.path / "aside")
    told = a.json("renew", "--for", "2h")
    assert (told["ticket"]["slug"], told["lease"]["term_seconds"]) == ("OW-39", 2 * HOUR)
    a.ok("release")
    aside.rename(folder)
    a.ok("release", "OW-38")


def test_somebody_elses_lease_is_ended_by_force_alone_and_leaves_a_packet(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-21")
    assert "--force" in b.refused("release", "OW-21")["hint"]
    b.ok("release", "OW-21", "--force")
    assert b.json("handoff", "show", "OW-21")["reason"] == "forced"
    assert a.refused("done", "OW-21")["code"] == "LEASE_LOST"
    a.ok("release", "OW-21")


def test_a_packet_that_was_spoiled_is_none(made: Repo, a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-37")
    b.ok("release", "OW-37", "--force")
    a.ok("release", "OW-37")
    (made.path / f".git/gittracker/state/handoffs/{a.json('show', 'OW-37')['ref']}.json").write_text("{")
    assert a.refused("handoff", "show", "OW-37")["code"] == "not_found"
    assert "OW-37" not in a.ok("handoff", "list")


def test_leases_are_listed_in_every_form(a: Hand, b: Hand) -> None:
    a.ok("claim", "OW-22")
    b.ok("claim", "OW-23")
    found = fits("output/leases", a.json("leases"))["leases"]
    assert [(one["slug"], one["holder"], one["branch"]) for one in found] == [
        ("OW-22", "bot:a", "main"), ("OW-23", "bot:b", "feature")]
    assert a.ok("leases", "--format", "csv", "--columns", "slug,holder").split() == [
        "slug,holder", "OW-22,bot:a", "OW-23,bot:b"]
    lines = a.ok("leases").splitlines()
    assert len(lines) == 2 and lines[1].startswith("OW-23:") and str(b.path) in lines[1]
    a.ok("release")
    b.ok("release")


def test_what_can_not_be_asked_for_is_refused_with_the_next_step(a: Hand) -> None:
    for words, code in ((("claim",), "usage"), (("claim", "OW-24", "--next"), "usage"),
                        (("claim", "OW-999"), "not_found"), (("claim", "OW-24", "--query", "x"), "usage"),
                        *((("claim", "OW-24", "--for", term), "usage") for term in ("soon", "0s", "99w", "")),
                        (("claim", "OW-24", "--remote", ""), "not_found"),
                        (("release", "OW-24"), "not_found"), (("take-over", "OW-24"), "not_found"),
                        (("renew", "OW-24"), "not_found"), (("handoff", "show", "OW-24"), "not_found")):
        error = a.refused(*words)
        assert error["code"] == code and error["hint"], words
    assert a.json("show", "OW-24")["lease"] is None


def test_a_batch_claims_with_everything_else_it_does_or_not_at_all(made: Repo, a: Hand, b: Hand) -> None:
    a.ok("update", "OW-26", "--depends-on-add", "OW-25")
    lines = [["done", "OW-25"], ["claim", "OW-26"], ["comment", "add", "OW-26", "--body", "on it"]]
    broken = [*lines, ["update", "OW-999", "--status", "todo"]]
    assert made.run("batch", "--as", "bot:a", given="\n".join(map(json.dumps, broken))).status == 3
    assert a.json("show", "OW-26")["lease"] is None and a.json("show", "OW-25")["status"] == "todo"
    made.ok("batch", "--as", "bot:a", given="\n".join(map(json.dumps, lines)))
    assert a.json("show", "OW-26")["lease"]["holder"] == "bot:a"
    assert a.json("log", "OW-26")["entries"][0] == {**a.json("log", "OW-25")["entries"][0], "changes":
                                                    a.json("log", "OW-26")["entries"][0]["changes"]}
    a.ok("release")


def test_a_retried_claim_under_a_key_takes_one_ticket(a: Hand) -> None:
    words = ("claim", "--next", "--query", "label:l27,l28", "--idempotency-key", "run-9")
    first, second = a.json(*words), a.json(*words)
    assert first["receipt"] == second["receipt"] and second["lease"]["holder"] == "bot:a"
    assert len([one for one in a.json("leases")["leases"] if one["slug"] in ("OW-27", "OW-28")]) == 1
    a.ok("release")


def test_the_term_can_be_configured_and_nonsense_is_a_problem(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    repo.ok("new", "Upload fails", "--status", "todo")
    config = repo.tracker / "config.json"
    values = json.loads(config.read_text())
    values["tracker"]["lease"] = "2h"
    config.write_text(json.dumps(values))
    assert repo.json("claim", "OW-1")["lease"]["term_seconds"] == 2 * HOUR
    values["tracker"]["lease"] = "forever"
    config.write_text(json.dumps(values))
    found = repo.json_whatever("doctor")["problems"]
    assert any("tracker.lease is 'forever'" in one["message"] for one in found)


def test_a_sandboxed_claim_says_what_to_allow(made: Repo, tmp_path: Path) -> None:
    box = sandbox(made, tmp_path / "tmp")
    for words in (("claim", "OW-29"), ("claim", "--next"), ("renew", "OW-29"), ("release", "OW-29"),
                  ("take-over", "OW-29")):
        done = box.run(*words, "--json")
        error = done.error()
        assert (done.status, error["code"]) == (6, "sandboxed") and "writable roots" in error["hint"], words
        assert str(made.path / ".git" / "gittracker") in error["writable_roots"]
    assert made.json("show", "OW-29")["lease"] is None


def test_a_sandboxed_write_is_fenced_too(made: Repo, a: Hand, b: Hand, tmp_path: Path) -> None:
    a.ok("claim", "OW-30")
    pass_time(made.path, HOUR)
    b.ok("claim", "OW-30")
    box = sandbox(made, tmp_path / "tmp")
    late = box.run("comment", "add", "OW-30", "--body", "late", "--as", "bot:a", "--json")
    assert (late.status, late.error()["code"]) == (6, "LEASE_LOST")
    a.ok("release", "OW-30")
    b.ok("release", "OW-30")


def test_claims_of_a_repository_of_sha256_and_of_a_bare_one_with_worktrees(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", "--object-format=sha256")
    repo.ok("init", "--prefix", "OW")
    repo.ok("new", "Upload fails", "--status", "todo")
    repo.commit()
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    bare = Repo(tmp_path / "bare.git")
    bare.git("worktree", "add", "-q", str(tmp_path / "one"), "main")
    bare.git("worktree", "add", "-q", "-b", "two", str(tmp_path / "two"), "main")
    one, two = Repo(tmp_path / "one"), Repo(tmp_path / "two")
    assert one.json("claim", "--next")["lease"]["branch"] == "main"
    assert two.run("claim", "OW-1").status == 6
    assert two.run("claim", "--next").status == 3
    repo.ok("claim", "OW-1")
