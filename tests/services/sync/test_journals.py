"""Journals travel only when asked, each to a place of its own, and an audit of another clone believes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fleet import Clone, Fleet, as_nobody, make_fleet
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet in which both clones have synced edits of one ticket."""
    with as_nobody():
        fleet = make_fleet(tmp_path_factory.mktemp("fleet") / "made", skew=-60)
        ann, bob = fleet.clone("ann"), fleet.clone("bob")
        for clone in (ann, bob):
            clone.skew = -30  # the journals begin before the commits
            clone.ok("update", "OW-1", "--label-add", clone.path.name)
            clone.ok("comment", "add", "OW-1", "--body", f"by {clone.path.name}")
            clone.sync()
        ann.sync()
        yield fleet.folder


def published(fleet: Fleet) -> list[str]:
    """List the remote's refs that are no branches."""
    return fleet.remote.git("for-each-ref", "--format=%(refname)", "refs/gittracker").splitlines()


def audit(clone: Clone) -> Any:
    """Audit a clone, whatever it finds."""
    return clone.json_whatever("audit", "verify")


def journal(clone: Clone) -> Clone:
    """Give a clone's journal as a repository."""
    return Clone(clone.path / ".git/gittracker/journal.git")


def test_journals_stay_at_home_until_they_are_asked_for(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    assert published(fleet) == []
    assert fits("output/sync", bob.sync("--journals"))["journals"] == {"pushed": 1, "fetched": 0}
    assert fits("output/sync", ann.sync("--journals"))["journals"] == {"pushed": 1, "fetched": 1}
    assert len(published(fleet)) == 2
    assert ann.ok("sync", "--journals").splitlines()[-1] == "journals: 0 pushed to origin, 0 fetched"
    bob.ok("update", "OW-1", "--status", "todo")
    assert bob.sync("--journals")["journals"] == {"pushed": 1, "fetched": 1}
    assert ann.sync("--journals")["journals"] == {"pushed": 0, "fetched": 1}
    assert journal(ann).git("fsck", "--connectivity-only") == ""
    assert not ann.git("for-each-ref", "refs/gittracker", "refs/journal", "refs/foreign")


def test_an_audit_believes_the_journal_of_the_clone_that_made_a_commit(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    assert {one["actor"] for one in audit(ann)["notes"]} == {"bob"}
    bob.sync("--journals")
    ann.sync("--journals")
    told = audit(ann)
    assert (told["notes"], told["findings"]) == ([], [])
    bob.file("OW-1").write_text(bob.file("OW-1").read_text().replace("title: Upload", "title: Edited Upload"))
    bob.git("commit", "-q", "-a", "-m", "by hand")
    bob.sync("--journals")
    ann.sync("--journals")
    assert [(one["actor"], one["changes"][0]["field"]) for one in audit(ann)["notes"]] == [("bob", "title")]


def test_the_log_shows_what_other_clones_did_each_change_once(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")

    def told(clone: Clone) -> list[tuple[str, str]]:
        found = fits("output/log", clone.json("log", "OW-1"))["entries"]
        return [(one["source"], one["subject"]) for one in found if "by bob" in str(one) or "bob" in one["subject"]]
    assert {source for source, _ in told(ann)} == {"branch"}
    bob.sync("--journals")
    ann.sync("--journals")
    assert told(ann) == [("foreign", "OW-1 comment added"), ("foreign", "OW-1 labels +bob")]
    assert "(another clone)" in ann.ok("log", "OW-1")
    bob.ok("update", "OW-1", "--status", "todo", "--as", "bot:bob")  # a draft: nothing of it is committed
    bob.sync("--journals")
    ann.sync("--journals")
    newest = next(one for one in ann.json("log", "OW-1")["entries"] if one["source"] == "foreign")
    assert (newest["actor"], [one["field"] for one in newest["changes"]]) == ("bot:bob", ["status"])
    assert ann.json("recover")["lost"] == []
    assert ann.run("undo", newest["entry"]).status == 3


def test_an_audit_knows_a_syncs_twin_for_what_it_is(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    ann.code("ann.py")
    ann.git("push", "-q")
    ann.ok("update", "OW-1", "--title", "By Ann")
    ann.sync()
    bob.ok("update", "OW-1", "--priority", "high")
    assert bob.sync()["how"] == "twin"
    assert audit(bob)["findings"] == []
    forged = bob.file("OW-1").read_text().replace("By Ann", "By hand")
    bob.file("OW-1").write_text(forged)
    bob.git("commit", "-q", "-a", "-m", f"forged\n\nGittracker-Synced: {bob.git('rev-parse', 'origin/main')}")
    assert [one["message"] for one in audit(bob)["findings"]] == ["forged"]


def test_a_purged_journal_takes_the_place_of_the_one_that_was_pushed(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    secret = "hunter2"
    bob.ok("comment", "add", "OW-1", "--body", secret)
    bob.sync("--journals")
    ann.sync("--journals")
    comment = bob.json("comment", "list", "OW-1")["comments"][-1]["ref"]
    bob.ok("comment", "delete", "OW-1", comment)
    bob.ok("purge", "--history", comment)
    assert bob.sync("--journals")["journals"]["pushed"] == 1
    assert ann.sync("--journals")["journals"]["fetched"] == 1
    for name in published(fleet):
        assert secret not in fleet.remote.git("log", "-p", name)


def test_a_remote_that_takes_no_such_refs_is_told_from_a_failed_sync(fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    hook = fleet.remote.path / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in refs/heads/*) exit 0 ;; *) exit 1 ;; esac\n')
    hook.chmod(0o755)
    bob.ok("update", "OW-1", "--status", "todo")
    done = bob.run("sync", "--journals", "--json")
    assert done.status == 6
    assert done.error()["message"].startswith("the tracker is synced, but origin refused the journals: ")
    assert "status: todo" in bob.git("show", f"origin/main:.openkit/{bob.file('OW-1').relative_to(bob.tracker)}")


def test_a_ref_that_only_looks_like_a_journal_is_left_alone(fleet: Fleet) -> None:
    ann = fleet.clone("ann")
    ann.git("push", "-q", "origin", "HEAD:refs/gittracker/journal/../../heads/x", check=False)
    ann.git("push", "-q", "origin", "HEAD:refs/gittracker/journal/nobody/1")
    assert ann.sync("--journals")["journals"]["fetched"] == 0
