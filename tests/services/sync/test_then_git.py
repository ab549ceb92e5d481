"""After twins, git's own merges and rebases have no conflict over what a sync settled, if the merge driver is there."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, Fleet, as_nobody, make_fleet, show


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet in which bob has synced with the driver set up, twice over unpublished code, and ann went on."""
    with as_nobody():
        fleet = make_fleet(tmp_path_factory.mktemp("fleet") / "made")
        ann, bob = fleet.clone("ann"), fleet.clone("bob")
        bob.git("config", "merge.gittracker.driver",
                f"{shlex.quote(sys.executable)} -m gittracker merge-driver %O %A %B %P")
        ann.code("ann.py")
        ann.git("push", "-q")
        for number in range(2):
            bob.code(f"bob{number}.py")
            bob.ok("update", "OW-1", "--title", f"Bob's {number}")
            bob.sync()
            ann.sync()
            ann.ok("update", "OW-1", "--title", f"Ann's {number}", "--priority", ("high", "low")[number])
            ann.sync()
            bob.sync()
        bob.ok("update", "OW-1", "--assignee", "bob")
        bob.ok("commit")
        ann.ok("update", "OW-1", "--title", "Ann's last", "--status", "todo")
        ann.sync()
        yield fleet.folder


def check(bob: Clone) -> None:
    """Check that the pull has both sides' work."""
    assert bob.is_clean()
    ticket = show(bob, "OW-1")
    assert (ticket["title"], ticket["status"], ticket["priority"], ticket["assignee"]) == (
        "Ann's last", "todo", "low", "bob")
    assert {"ann.py", "bob0.py", "bob1.py"} <= {path.name for path in bob.path.iterdir()}
    bob.sync()
    assert bob.tracker_tree() == bob.tracker_tree("origin/main")


def test_a_pull_after_twins_merges_from_where_they_met(fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    bob.git("pull", "-q", "--no-rebase")
    check(bob)


def test_a_rebase_leaves_out_what_a_sync_has_brought(fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    bob.git("pull", "-q", "--rebase")
    check(bob)


def test_without_the_driver_git_would_have_asked(fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    bob.git("config", "--unset", "merge.gittracker.driver")
    bob.git("pull", "-q", "--no-rebase", check=False)
    assert bob.git("ls-files", "--unmerged")
    bob.git("merge", "--abort")
    bob.sync()
    bob.git("pull", "-q", "--no-rebase")  # first the sync, then the pull, is as good
    check(bob)


def test_the_board_disputes_nothing_that_a_sync_settled(fleet: Fleet) -> None:
    bob = fleet.clone("bob")
    bob.git("fetch", "-q")
    assert bob.json("board", "--disputes")["disputes"] == []
    ticket = bob.json("show", "OW-1")
    assert (ticket["title"], ticket["status"], ticket["assignee"]) == ("Ann's last", "todo", "bob")
    assert show(bob, "OW-1")["title"] == "Ann's 1"
