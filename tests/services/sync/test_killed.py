"""A sync that is killed at any step loses nothing: the next one finishes what it left."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gittracker.store import steps
from tests.fleet import Clone, as_nobody, comments, copy_fleet, make_fleet, show

_STEPS = ("planned", "pushed", "index written", "file written", "files followed", "branch moved")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet in which both clones have edits: those of ann are on the remote, bob is about to sync."""
    with as_nobody():
        folder = tmp_path_factory.mktemp("fleet") / "made"
        fleet = make_fleet(folder)
        ann, bob = fleet.clone("ann"), fleet.clone("bob")
        ann.ok("update", "OW-1", "--status", "todo", "--title", "Ann's title")
        ann.ok("comment", "add", "OW-1", "--body", "Ann was here")
        ann.sync()
        bob.ok("update", "OW-1", "--priority", "high")
        bob.ok("comment", "add", "OW-1", "--body", "Bob was here")
        yield folder


def killed_at(clone: Clone, step: str, which: int = 1) -> bool:
    """Sync in a process that ends by SIGKILL when it gets to a step for the n-th time; tells whether it got there."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = which

    def reached(name: str) -> None:
        nonlocal left
        left -= name == step
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
    try:
        steps.reached = reached
        clone.run("sync")
    finally:
        sys.stdout.flush()
        os._exit(0)


def check_whole(*clones: Clone) -> None:
    """Check that everybody has everything."""
    for clone in clones:
        clone.sync()
    for clone in clones:
        assert clone.is_clean()
        assert sorted(comments(clone, "OW-1")) == ["Ann was here", "Bob was here"]
        ticket = show(clone, "OW-1")
        assert (ticket["title"], ticket["status"], ticket["priority"]) == ("Ann's title", "todo", "high")
    assert len({one.tracker_tree() for one in clones}) == 1


@pytest.mark.parametrize("step", _STEPS)
def test_a_killed_sync_is_finished_by_the_next(made: Path, tmp_path: Path, step: str) -> None:
    fleet = copy_fleet(made, tmp_path / "fleet")
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    assert killed_at(bob, step)
    assert bob.sync()["committed"] == []  # what came is not taken for bob's own edits
    check_whole(bob, ann)
    assert bob.git("log", "--format=%an", "--no-merges", "-3").splitlines().count("bob") == 1


def test_twins_that_were_killed_are_finished_too(made: Path, tmp_path: Path) -> None:
    fleet = copy_fleet(made, tmp_path / "fleet")
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    ann.code("ann.py")
    ann.git("push", "-q")
    bob.code("bob.py")
    assert killed_at(bob, "pushed")
    bob.ok("update", "OW-1", "--label-add", "later")
    for clone in (bob, ann):
        clone.sync()
    assert sorted(comments(ann, "OW-1")) == ["Ann was here", "Bob was here"]
    assert "later" in show(ann, "OW-1")["labels"]
    assert ann.tracker_tree() == bob.tracker_tree()
    assert not (bob.path / "ann.py").exists() and not (ann.path / "bob.py").exists()


def test_a_write_after_a_killed_sync_goes_through(made: Path, tmp_path: Path) -> None:
    fleet = copy_fleet(made, tmp_path / "fleet")
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    assert killed_at(bob, "temporary written", 2)
    bob.ok("update", "OW-1", "--label-add", "later")
    check_whole(bob, ann)
    assert "later" in show(ann, "OW-1")["labels"]
