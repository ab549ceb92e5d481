"""Clones of a remote whose tracker has a branch to itself come to have one tracker, and nothing of the code moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, Fleet, as_nobody, comments, show
from tests.support import Repo, make_repo
from tests.test_schemas import fits

SIDE = ".git/gittracker/tree"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet to copy: ann made the tracker and has published nothing but the code."""
    with as_nobody():
        folder = tmp_path_factory.mktemp("fleet") / "made"
        folder.mkdir()
        make_repo(folder / "r.git", "--bare")
        fleet = Fleet(folder)
        ann = Clone(make_repo(folder / "ann").path)
        fleet.clone("ann")
        ann.code("code.py")
        ann.git("remote", "add", "origin", "../r.git")
        ann.git("push", "-q", "-u", "origin", "main")
        ann.ok("init", "--prefix", "OW", "--placement", "side-branch")
        ann.ok("new", "Upload fails", "--label", "backend")
        yield folder


def tree(clone: Clone) -> Repo:
    """Give the worktree that the tracker has to itself."""
    return Repo(clone.path / SIDE)


def set_up(fleet: Fleet, name: str) -> Clone:
    """Clone the remote and set the tracker up there."""
    made = fleet.clone(name)
    made.ok("init")
    return made


def check_same(*clones: Clone) -> None:
    """Check that clones have one tracker, committed, that the remote has it too, and that the code is as it was."""
    assert len({one.tracker_tree("openkit") for one in clones} | {clones[0].tracker_tree("origin/openkit")}) == 1
    for one in clones:
        assert tree(one).git("status", "--porcelain") == one.git("status", "--porcelain") == ""
        assert one.git("ls-tree", "--name-only", "-r", "HEAD") == "code.py"


def test_the_first_sync_makes_the_branch_on_the_remote_and_a_clone_finds_it(ann: Clone, fleet: Fleet) -> None:
    rehearsed = fits("output/sync", ann.sync("--dry-run"))
    assert rehearsed["how"] == "created"
    assert rehearsed["sent"].startswith("1 ticket created, 1 project created")
    assert "openkit" not in fleet.remote.git("branch", "--list")
    sent = fits("output/sync", ann.sync())
    assert (sent["how"], sent["upstream"]) == ("created", "origin/openkit")
    assert ann.git("rev-parse", "openkit@{upstream}") == fleet.remote.git("rev-parse", "openkit")
    bob = fleet.clone("bob")
    for words in (["ls"], ["new", "Too early"], ["show", "OW-1"]):
        error = bob.run(*words, "--json").error()
        assert (error["code"], error["hint"]) == ("unavailable", "gittracker init")
        assert '"origin/openkit"' in error["message"]
    bob.ok("setup")
    assert show(bob, "OW-1")["title"] == "Upload fails"
    assert bob.git("rev-parse", "--abbrev-ref", "openkit@{upstream}") == "origin/openkit"
    assert bob.tracker.is_symlink()
    assert ann.sync()["how"] == "up-to-date"
    check_same(ann, bob)


def test_three_clones_converge(ann: Clone, fleet: Fleet) -> None:
    ann.sync()
    bob, cy = set_up(fleet, "bob"), set_up(fleet, "cy")
    ann.ok("update", "OW-1", "--title", "Upload is slow")
    bob.ok("comment", "add", "OW-1", "--body", "from bob")
    bob.ok("new", "Of bob")
    cy.ok("update", "OW-1", "--label-add", "net")
    cy.ok("new", "Of cy")
    path = cy.file("OW-1")
    path.write_text(path.read_text() + "Written by hand.\n")
    for one in (ann, bob, cy, ann, bob, cy, ann, bob):
        fits("output/sync", one.sync())
    check_same(ann, bob, cy)
    for one in (ann, bob, cy):
        shown = show(one, "OW-1")
        assert (shown["title"], shown["labels"]) == ("Upload is slow", ["backend", "net"])
        assert "Written by hand." in shown["description"]
        assert comments(one, "OW-1") == ["from bob"]
        assert sorted(ticket["title"] for ticket in one.json("ls")["tickets"]) == ["Of bob", "Of cy", "Upload is slow"]
        assert sorted(ticket["slug"] for ticket in one.json("ls")["tickets"]) == ["OW-1", "OW-2", "OW-3"]
        assert one.json("board", "--disputes")["disputes"] == []


def test_what_was_fetched_is_on_the_board_before_it_is_merged(ann: Clone, fleet: Fleet) -> None:
    ann.sync()
    bob = set_up(fleet, "bob")
    ann.ok("update", "OW-1", "--title", "Upload is slow")
    ann.ok("new", "New one")
    ann.sync()
    bob.ok("update", "OW-1", "--priority", "high")
    assert bob.json("show", "OW-1")["title"] == "Upload fails"
    bob.git("fetch", "-q")
    assert (bob.json("show", "OW-1")["title"], bob.json("show", "OW-1")["priority"]) == ("Upload is slow", "high")
    assert bob.json("show", "OW-2")["title"] == "New one"
    bob.sync()
    bob.ok("update", "OW-1", "--title", "Once more")
    assert bob.json("show", "OW-1")["title"] == "Once more"
    assert bob.json("board", "--disputes")["disputes"] == []
    ann.git("fetch", "-q")
    tree(ann).git("merge", "-q", "origin/openkit")
    ann.ok("update", "OW-1", "--title", "By ann")
    assert ann.json("show", "OW-1")["title"] == "By ann"
    assert ann.json("board", "--disputes")["disputes"] == []


def test_both_sides_disagree_and_the_later_value_stays(ann: Clone, fleet: Fleet) -> None:
    ann.sync()
    bob = set_up(fleet, "bob")
    bob.skew = 60
    ann.ok("update", "OW-1", "--title", "By ann")
    bob.ok("update", "OW-1", "--title", "By bob")
    ann.sync()
    report = bob.sync()
    disputed = [(one["field"], one["kept"], one["dropped"]) for one in report["disputes"]]
    assert disputed == [("title", "By bob", "By ann")]
    ann.sync()
    check_same(ann, bob)
    assert show(ann, "OW-1")["title"] == "By bob"


def test_trackers_that_began_apart_are_not_mixed(ann: Clone, fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    bob.ok("init", "--prefix", "OW", "--placement", "side-branch")
    bob.ok("new", "Of bob")
    ann.sync()
    error = bob.run("sync", "--json").error()
    assert error["code"] == "conflict"
    assert "began apart" in error["message"]
    assert show(bob, "OW-1")["title"] == "Of bob"


def test_no_hook_of_the_users_runs(ann: Clone) -> None:
    hooks = ann.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push", "commit-msg"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> '{ann.path}/../ran'\nexit 1\n")
        (hooks / name).chmod(0o755)
    path = ann.file("OW-1")
    path.write_text(path.read_text() + "By hand.\n")
    ann.sync()
    ann.ok("new", "Another")
    ann.sync()
    assert not (ann.path.parent / "ran").exists()
