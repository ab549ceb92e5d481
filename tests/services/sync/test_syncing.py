"""Sync: clones of one remote come to have one tracker, whatever code lies between them, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, Fleet, as_nobody, comments, make_fleet, show
from tests.support import make_repo
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet to copy: clones ann and bob."""
    with as_nobody():
        folder = tmp_path_factory.mktemp("fleet") / "made"
        make_fleet(folder).clone("bob")
        yield folder


@pytest.fixture
def bob(fleet: Fleet) -> Clone:
    """Give the other clone."""
    return fleet.clone("bob")


def check_same(*clones: Clone) -> None:
    """Check that clones have one tracker, committed, and that the remote has it too."""
    assert len({one.tracker_tree() for one in clones} | {clones[0].tracker_tree("origin/main")}) == 1
    assert all(one.is_clean() for one in clones)


def test_edits_travel_from_clone_to_clone(ann: Clone, bob: Clone) -> None:
    ann.ok("update", "OW-1", "--status", "todo")
    sent = fits("output/sync", ann.sync())
    assert (sent["how"], sent["sent"], sent["received"]) == ("fast-forward", "1 ticket changed", None)
    bob.ok("comment", "add", "OW-1", "--body", "seen")
    both = fits("output/sync", bob.sync())
    assert both["how"] == "merge"
    assert (both["sent"], both["received"]) == ("1 ticket changed, 1 comment added", "1 ticket changed")
    ann.sync()
    check_same(ann, bob)
    assert comments(ann, "OW-1") == ["seen"]
    assert show(bob, "OW-1")["status"] == "todo"
    assert ann.head() == bob.head() == ann.git("rev-parse", "origin/main")


def test_where_nothing_changed_nothing_is_done(ann: Clone) -> None:
    before = ann.head()
    assert ann.sync()["how"] == "up-to-date"
    assert ann.head() == before
    assert ann.ok("sync") == "main and origin/main have the same tracker\n"


def test_different_fields_of_one_ticket_both_stay(ann: Clone, bob: Clone) -> None:
    ann.ok("update", "OW-1", "--status", "todo", "--label-add", "ann")
    bob.ok("update", "OW-1", "--priority", "high", "--label-add", "bob", "--label-remove", "backend")
    ann.sync()
    assert bob.sync()["disputes"] == []
    ann.sync()
    check_same(ann, bob)
    ticket = show(ann, "OW-1")
    assert (ticket["status"], ticket["priority"], ticket["labels"]) == ("todo", "high", ["ann", "bob"])


def test_of_a_disputed_field_the_later_value_stays_and_the_other_is_told(ann: Clone, bob: Clone) -> None:
    bob.skew = -3600
    bob.ok("update", "OW-1", "--title", "First")
    bob.ok("update", "OW-1", "--priority", "high")
    ann.ok("update", "OW-1", "--title", "Second", "--priority", "low")
    ann.sync()
    report = fits("output/sync", bob.sync())
    assert [(one["record"], one["field"], one["kept"], one["dropped"], one["kept_from"], one["dropped_from"])
            for one in report["disputes"]] == [("OW-1", "title", "Second", "First", "origin/main", "main"),
                                               ("OW-1", "priority", "low", "high", "origin/main", "main")]
    ann.sync()
    check_same(ann, bob)
    assert show(bob, "OW-1")["title"] == "Second"
    assert "Disputed: tickets/0/" in bob.git("log", "-1", "--format=%B")
    assert any(change["old"] == "Upload fails" and change["new"] == "First"
               for entry in bob.json("log", "OW-1")["entries"] for change in entry["changes"])


def test_a_field_is_as_old_as_its_value_not_as_its_file(ann: Clone, bob: Clone) -> None:
    bob.skew = -3600
    bob.ok("update", "OW-1", "--title", "Early")
    bob.skew = 3600
    bob.ok("update", "OW-1", "--priority", "high")
    ann.ok("update", "OW-1", "--title", "Between", "--priority", "low")
    ann.sync()
    assert [(one["field"], one["kept"]) for one in bob.sync()["disputes"]] == [("title", "Between"),
                                                                              ("priority", "high")]


@pytest.mark.parametrize("code", [False, True])
def test_an_edit_that_was_synced_is_as_old_as_it_was_when_it_was_made(ann: Clone, bob: Clone, code: bool) -> None:
    if code:
        bob.code("bob.py")
    bob.skew = -7200
    bob.ok("update", "OW-1", "--title", "Earlier, but synced first")
    bob.sync()
    ann.skew = -3600
    ann.ok("update", "OW-1", "--title", "Later")
    assert [one["kept"] for one in ann.sync()["disputes"]] == ["Later"]


def test_code_on_the_remote_stays_there_and_the_tracker_comes(ann: Clone, bob: Clone) -> None:
    ann.code("more.py")
    ann.git("push", "-q")
    ann.ok("update", "OW-1", "--status", "todo")
    ann.sync()
    bob.ok("update", "OW-1", "--priority", "high")
    report = bob.sync()
    assert report["how"] == "twin"
    assert not (bob.path / "more.py").exists()
    assert show(bob, "OW-1")["status"] == "todo"
    check_same(bob)
    assert bob.git("show", "origin/main:more.py") == "code"
    ann.sync()
    assert show(ann, "OW-1")["priority"] == "high"
    assert bob.sync()["how"] == "up-to-date"


def test_code_that_was_not_pushed_is_not_published(ann: Clone, bob: Clone) -> None:
    bob.code("secret.py")
    bob.ok("update", "OW-1", "--priority", "high")
    report = bob.sync()
    assert report["sent"] == "1 ticket changed"
    assert "secret.py" not in bob.git("ls-tree", "-r", "--name-only", "origin/main")
    assert "secret.py" not in bob.git("log", "--name-only", "--format=", "origin/main")
    ann.sync()
    assert show(ann, "OW-1")["priority"] == "high"
    bob.git("push", "-q")  # the sync has left the branch so that it can be pushed


def test_with_code_on_both_sides_an_ordinary_merge_is_clean_afterwards(ann: Clone, bob: Clone) -> None:
    ann.code("ann.py")
    ann.ok("update", "OW-1", "--status", "todo")
    ann.ok("commit")
    ann.git("push", "-q")
    bob.code("bob.py")
    for title in ("One", "Two"):
        bob.ok("update", "OW-1", "--title", title)
        assert bob.sync()["how"] == "twin"
    ann.sync()
    ann.ok("update", "OW-1", "--title", "Three")
    ann.sync()
    report = bob.sync()
    assert (report["disputes"], report["how"]) == ([], "twin")  # the last sync is the base, not where they parted
    check_same(bob)
    bob.git("pull", "-q", "--no-rebase")
    assert (bob.path / "ann.py").exists() and show(bob, "OW-1")["title"] == "Three"
    check_same(bob)


def test_what_was_taken_away_after_a_twin_does_not_come_back(ann: Clone, bob: Clone) -> None:
    ann.code("ann.py")
    ann.git("push", "-q")
    bob.code("bob.py")
    bob.ok("update", "OW-1", "--label-add", "x")
    bob.sync()
    ann.sync()
    ann.ok("update", "OW-1", "--label-add", "y")
    bob.ok("update", "OW-1", "--label-remove", "x")
    bob.sync()
    ann.sync()
    bob.sync()
    assert show(ann, "OW-1")["labels"] == show(bob, "OW-1")["labels"] == ["backend", "y"]


def test_staged_and_changed_code_stays_as_it_is(ann: Clone, bob: Clone) -> None:
    ann.ok("update", "OW-1", "--status", "todo")
    ann.sync()
    (bob.path / "staged.py").write_text("staged")
    bob.git("add", "staged.py")
    (bob.path / "code.py").write_text("changed")
    (bob.path / "new.py").write_text("new")
    before = bob.git("status", "--porcelain")
    bob.ok("update", "OW-1", "--priority", "high")
    bob.sync()
    assert bob.git("status", "--porcelain") == before
    assert show(bob, "OW-1")["status"] == "todo"


def test_a_changed_ticket_outlives_its_removal(ann: Clone, bob: Clone) -> None:
    ann.ok("new", "Second")
    ann.sync()
    bob.sync()
    ann.ok("ticket", "delete", "OW-2", "--purge", "--force")
    bob.ok("comment", "add", "OW-2", "--body", "but I work on it")
    bob.ok("update", "OW-1", "--title", "Renamed")
    ann.sync()
    report = fits("output/sync", bob.sync())
    assert [(one["record"], one["removed_by"]) for one in report["kept"]] == [("OW-2", "origin/main")]
    ann.sync()
    check_same(ann, bob)
    assert comments(ann, "OW-2") == ["but I work on it"]


def test_a_dry_run_changes_nothing_and_says_what_would_be(ann: Clone, bob: Clone) -> None:
    ann.ok("update", "OW-1", "--status", "todo")
    ann.sync()
    bob.ok("update", "OW-1", "--priority", "high")
    bob.ok("new", "Another")
    before = bob.head(), bob.git("status", "--porcelain"), bob.git("ls-remote", "origin")
    report = fits("output/sync", bob.sync("--dry-run"))
    assert (report["received"], report["sent"]) == ("1 ticket changed", "1 ticket created, 1 changed")
    assert len(report["committed"]) == 2
    assert before == (bob.head(), bob.git("status", "--porcelain"), bob.git("ls-remote", "origin"))


def test_an_attachment_and_a_script_arrive_as_they_are(ann: Clone, bob: Clone) -> None:
    (ann.path.parent / "shot.png").write_bytes(b"\0\1\2")
    ann.ok("attachment", "add", "OW-1", str(ann.path.parent / "shot.png"))
    script = ann.tracker / "skills/deploy/run.sh"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    ann.sync()
    bob.sync()
    assert next(bob.tracker.glob("tickets/0/*/attachments/shot.png")).read_bytes() == b"\0\1\2"
    assert os.access(bob.tracker / "skills/deploy/run.sh", os.X_OK)
    check_same(ann, bob)


def test_a_sync_from_a_linked_worktree_is_about_its_branch(fleet: Fleet, ann: Clone, bob: Clone) -> None:
    bob.git("worktree", "add", "-q", "-b", "feature", "../linked", "origin/main")
    linked = Clone(fleet.folder / "linked")
    linked.ok("update", "OW-1", "--priority", "high")
    assert linked.sync()["upstream"] == "origin/main"
    ann.sync()
    assert show(ann, "OW-1")["priority"] == "high"
    assert bob.git("rev-parse", "main") == bob.git("rev-parse", "feature~1")


def test_repositories_with_longer_ids_and_branches_without_upstream_sync(tmp_path: Path) -> None:
    with as_nobody():
        fleet = Fleet(tmp_path)
        make_repo(tmp_path / "r.git", "--bare", "--object-format=sha256")
        ann = Clone(make_repo(tmp_path / "ann", "--object-format=sha256").path)
        fleet.clone("ann")
        ann.ok("init", "--prefix", "OW")
        ann.git("remote", "add", "origin", "../r.git")
        ann.commit("tracker")
        ann.git("push", "-q", "origin", "main")
        bob = fleet.clone("bob")
        ann.ok("new", "One")
        ann.sync()
        bob.ok("new", "Two")
        bob.sync()
        assert ann.sync()["how"] == "fast-forward"
        assert sorted(one["title"] for one in ann.json("ls")["tickets"]) == ["One", "Two"]


def test_two_tickets_that_got_one_number_apart_end_with_two(ann: Clone, bob: Clone) -> None:
    ann.ok("new", "Ann's")
    bob.ok("new", "Bob's")
    ann.sync()
    report = fits("output/sync", bob.sync())
    assert [one["new"] for one in report["renumbered"]] == ["OW-3"]
    ann.sync()
    check_same(ann, bob)
    assert [show(ann, slug)["title"] for slug in ("OW-2", "OW-3")] == ["Ann's", "Bob's"]
    assert show(ann, report["renumbered"][0]["old"])["title"] == "Bob's"


def test_clones_that_repair_one_clash_each_in_its_way_agree_in_the_end(ann: Clone, bob: Clone) -> None:
    ann.ok("new", "Ann's")
    bob.ok("new", "Bob's")
    ann.sync()
    bob.ok("commit")
    bob.git("pull", "-q", "--no-rebase")
    bob.git("push", "-q")
    ann.git("pull", "-q", "--no-rebase")  # now both see the clash
    ann.ok("doctor", "--fix")
    bob.ok("new", "Bob's next")
    bob.sync()
    ann.sync()
    bob.sync()
    ann.sync()
    check_same(ann, bob)
    slugs = [one["slug"] for one in ann.json("ls")["tickets"]]
    assert len(slugs) == len(set(slugs)) == 4
    assert show(ann, "OW-2")["title"] == "Ann's"


def test_what_a_sync_brings_becomes_events_once(ann: Clone, bob: Clone) -> None:
    bob.ok("ls")
    ann.ok("update", "OW-1", "--status", "todo")
    ann.ok("comment", "add", "OW-1", "--body", "hi")
    ann.ok("epic", "create", "Speed")
    ann.sync()
    before = len(bob.json("events")["events"])
    bob.sync()
    bob.ok("ls")
    told = bob.json("events")["events"][before:]
    assert sorted(one["type"] for one in told) == ["comment.created", "epic.created", "ticket.updated"]
    assert {one["source"] for one in told} == {"git"}


def test_a_sparse_checkout_loses_nothing(ann: Clone, bob: Clone) -> None:
    ann.ok("page", "write", "OW/guide", "--body", "One.")
    ann.sync()
    bob.sync()
    bob.git("sparse-checkout", "set", "--no-cone", "/*", "!/.openkit/pages/")
    assert not (bob.tracker / "pages").exists()
    ann.ok("page", "write", "OW/guide", "--body", "Two.", "--force")
    ann.sync()
    bob.ok("update", "OW-1", "--status", "todo")
    bob.sync("--dry-run")
    bob.sync()
    bob.ok("update", "OW-1", "--priority", "high")
    bob.sync()
    ann.sync()
    check_same(ann, bob)
    assert "Two." in ann.git("show", "HEAD:.openkit/pages/OW/guide.md")


def test_a_shallow_clone_syncs(fleet: Fleet, ann: Clone) -> None:
    ann.ok("update", "OW-1", "--status", "todo")
    ann.sync()
    fleet.remote.git("clone", "-q", "--depth=1", f"file://{fleet.remote.path}", str(fleet.folder / "cleo"))
    cleo = fleet.clone("cleo")
    cleo.ok("update", "OW-1", "--priority", "high")
    ann.ok("update", "OW-1", "--title", "Meanwhile")
    ann.sync()
    assert cleo.sync()["disputes"] == []
    ann.sync()
    check_same(ann, cleo)


def test_two_epics_that_got_one_number_apart_end_with_two(ann: Clone, bob: Clone) -> None:
    for clone in (ann, bob):
        clone.ok("epic", "create", f"{clone.path.name}'s epic")
        clone.ok("new", f"for {clone.path.name}", "--epic", "OW-E1")
    ann.sync()
    report = bob.sync()
    assert sorted(one["new"] for one in report["renumbered"]) == ["OW-3", "OW-E2"]
    ann.sync()
    check_same(ann, bob)
    assert [one["title"] for one in ann.json("epic", "list")["epics"]] == ["ann's epic", "bob's epic"]
    assert ann.json("epic", "show", "OW-E2")["title"] == "bob's epic"
    assert [one["title"] for one in ann.json("ls", "epic:OW-E2")["tickets"]] == ["for bob"]
    assert "OW-E1 → OW-E2" in ann.ok("log", "OW-E2")
    ann.ok("epic", "create", "third")
    assert ann.json("epic", "show", "OW-E3")["title"] == "third"


@pytest.mark.parametrize("first", ["ann", "bob"])
def test_work_on_a_page_goes_where_the_page_was_moved_to(ann: Clone, bob: Clone, first: str) -> None:
    ann.ok("page", "write", "OW/guide", "--title", "Guide", "--body", "One.\n\nTwo.\n\nThree.")
    ann.ok("comment", "add", "OW/guide", "--body", "before")
    ann.sync()
    bob.sync()
    ann.ok("page", "move", "OW/guide", "OW/manual")
    ann.ok("page", "write", "OW/manual", "--body", "One!\n\nTwo.\n\nThree.")
    bob.ok("page", "write", "OW/guide", "--body", "One.\n\nTwo.\n\nThree!")
    bob.ok("comment", "add", "OW/guide", "--body", "meanwhile")
    reports = [clone.sync() for clone in ((ann, bob, ann) if first == "ann" else (bob, ann, bob))]
    assert not [one for report in reports for one in report["disputes"] + report["kept"]]
    check_same(ann, bob)
    assert [path.name for path in sorted((ann.tracker / "pages/OW").iterdir())] == ["manual.comments", "manual.md"]
    assert (ann.tracker / "pages/OW/manual.md").read_text().endswith("One!\n\nTwo.\n\nThree!\n")
    assert len(list((bob.tracker / "pages/OW/manual.comments").iterdir())) == 2
