"""Records that are no tickets live by the same promises: found, journalled, undone, recovered, never hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo


def epic_file(repo: Repo, slug: str) -> Path:
    """Find an epic's file."""
    return next(repo.tracker.glob(f"epics/{slug}-*/epic.md"))


@pytest.fixture
def epic(repo: Repo) -> Repo:
    """Give a tracker with one epic that has a ticket, an entry and a comment."""
    repo.ok("batch", given='["epic","create","Uploads never fail"]\n["new","Retry","--epic","OW-E1"]\n'
            '["epic","progress","OW-E1","--body","begun"]\n["comment","add","OW-E1","--body","good"]\n')
    return repo


def test_a_batch_names_what_it_has_just_made(epic: Repo) -> None:
    shown = epic.json("epic", "show", "OW-E1")
    assert [t["slug"] for t in shown["tickets"]] == ["OW-1"]
    assert [p["body"] for p in shown["progress"]] == ["begun"]
    assert epic.json("comment", "list", "OW-E1")["comments"][0]["body"] == "good"
    assert epic.json("log")["entries"][0]["subject"].startswith("OW-E1 created: Uploads never fail; OW-1 created")


def test_an_epic_is_found_by_every_name(epic: Repo) -> None:
    ref = epic.json("epic", "show", "ow-e1")["ref"]
    digits = ref.partition("_")[2]
    dashed = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    for name in (ref, ref[:12], dashed, dashed.upper(), epic_file(epic, "OW-E1").parent.name):
        assert epic.json("epic", "show", name)["slug"] == "OW-E1"


def test_an_edit_by_hand_is_seen_and_journalled_before_the_next_change(epic: Repo) -> None:
    path = epic_file(epic, "OW-E1")
    path.write_text(path.read_text().replace("owner:", "owner: bob"))
    assert epic.json("epic", "show", "OW-E1")["owner"] == "bob"
    epic.ok("epic", "update", "OW-E1", "--status", "active")
    by_tool, by_hand, *_ = epic.json("log", "OW-E1")["entries"]
    assert (by_hand["actor"], by_hand["changes"][0]["new"]) == ("editor", "bob")
    assert {c["field"] for c in by_tool["changes"]} == {"status", "started_at"}


def test_a_broken_file_keeps_its_last_good_row_and_is_a_problem(epic: Repo) -> None:
    path = epic_file(epic, "OW-E1")
    good = path.read_text()
    path.write_text(good.replace("title: ", "title: [").replace("slug: OW-E1", "slug: {"))
    assert epic.json("epic", "show", "OW-E1")["title"] == "Uploads never fail"
    found = epic.run("doctor", "--json").json()["problems"]
    assert [p for p in found if p["path"].endswith("epic.md")]
    path.write_text(good)
    epic.ok("epic", "list")
    assert not [p for p in epic.run("doctor", "--json").json()["problems"] if p["path"].endswith("epic.md")]


def test_an_epic_that_git_took_away_comes_back_with_its_entries(epic: Repo) -> None:
    epic.git("clean", "-fdq", ".openkit/epics")
    assert not list(epic.tracker.glob("epics/*/*"))
    assert epic.run("epic", "show", "OW-E1").status == 3
    lost = epic.json("recover")["lost"]
    assert sorted(one["what"] for one in lost) == ["comment", "epic", "progress"]
    epic.ok("recover", "OW-E1")
    assert epic.json("epic", "show", "OW-E1")["progress"][0]["body"] == "begun"
    assert epic.json("recover")["lost"] == []


def test_undo_takes_back_a_field_and_the_whole_epic(epic: Repo) -> None:
    epic.ok("epic", "update", "OW-E1", "--due", "2027-01-31")
    epic.ok("epic", "update", "OW-E1", "--owner", "bob")
    first = epic.json("log", "OW-E1")["entries"][1]["entry"]
    epic.ok("undo", first)
    shown = epic.json("epic", "show", "OW-E1")
    assert (shown["due"], shown["owner"]) == (None, "bob")
    epic.ok("epic", "create", "Another")
    epic.ok("undo")
    assert [e["slug"] for e in epic.json("epic", "list")["epics"]] == ["OW-E1"]


def test_epics_made_at_once_have_numbers_of_their_own(repo: Repo) -> None:
    running = [repo.start("epic", "create", f"Goal {n}") for n in range(6)]
    assert [process.wait() for process in running] == [0] * 6
    for process in running:
        process.communicate()
    made = [e["slug"] for e in repo.json("epic", "list")["epics"]]
    assert made == [f"OW-E{n}" for n in range(1, 7)]


def test_branches_that_change_an_epic_merge_with_plain_git(epic: Repo) -> None:
    epic.commit("plan")
    epic.git("switch", "-q", "-c", "other")
    epic.ok("epic", "update", "OW-E1", "--owner", "bob")
    epic.ok("epic", "progress", "OW-E1", "--body", "there")
    epic.commit("there")
    epic.git("switch", "-q", "main")
    epic.ok("epic", "update", "OW-E1", "--status", "active", "--due", "2027-01-31")
    epic.ok("epic", "progress", "OW-E1", "--body", "here")
    epic.commit("here")
    epic.git("merge", "-q", "--no-edit", "other")
    shown = epic.json("epic", "show", "OW-E1")
    assert (shown["owner"], shown["status"], shown["due"]) == ("bob", "active", "2027-01-31")
    assert sorted(p["body"] for p in shown["progress"]) == ["begun", "here", "there"]


def test_a_deleted_epic_can_be_purged_from_the_journal_with_all_that_belonged_to_it(epic: Repo) -> None:
    done = epic.run("purge", "--history", "OW-E1", "--json")
    assert (done.status, done.error()["hint"]) == (5, "gittracker epic delete OW-E1")
    epic.ok("epic", "delete", "OW-E1", "--force")
    assert epic.json("purge", "--history", "OW-E1")["entries"]
    journal = epic.git("rev-parse", "--path-format=absolute", "--git-common-dir") + "/gittracker/journal.git"
    names = epic.git(f"--git-dir={journal}", "log", "--all", "--name-only", "--format=")
    assert "epics/" not in names
    assert "tickets/" in names


def test_one_file_can_be_purged_by_its_path(epic: Repo) -> None:
    path = next(epic.tracker.glob("epics/*/comments/*.md"))
    name = f".openkit/{path.relative_to(epic.tracker)}"
    assert epic.run("purge", "--history", name).status == 5
    epic.ok("comment", "delete", "OW-E1", "1")
    assert epic.json("purge", "--history", name)["entries"]
    assert epic.json("epic", "show", "OW-E1")["progress"]


def test_the_doctor_finds_what_hands_left_behind_and_mends_what_has_one_answer(epic: Repo) -> None:
    path = epic_file(epic, "OW-E1")
    ref = next(line for line in path.read_text().split("\n") if line.startswith("ref: "))
    path.write_text(path.read_text().replace(ref, "ref:").replace("status: planned", "status: soon"))
    (epic.tracker / "epics" / "OW-E9-0000").mkdir()
    (epic.tracker / "pages" / "OW" / "gone.comments").mkdir(parents=True)
    ticket = epic.file("OW-1")
    ticket.write_text(ticket.read_text().replace(ref.replace("ref: ", "epic: "), "epic: ow-e1"))
    epic.ok("new", "Other")
    other = epic.file("OW-2")
    other.write_text(other.read_text().replace("\nepic:\n", "\nepic: OW-E7\n"))
    found = {one["message"] for one in epic.run("doctor", "--json").json()["problems"]}
    assert {"an epic without a ref", 'status "soon" is none of planned, active, done, canceled',
            "the folder has no epic.md", "it belongs to pages/OW/gone.md, which is not here",
            'epic names "OW-E7", which is not here'} <= found
    epic.ok("doctor", "--fix")
    epic.ok("doctor", "--fix")
    shown = epic.json("epic", "show", "OW-E1")
    assert shown["ref"]
    assert epic.json("show", "OW-1")["epic"] == shown["ref"]
