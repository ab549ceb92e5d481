"""Many clones, and many processes of one clone, sync at once: all get through, and everything is there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, Fleet, as_nobody, comments, make_fleet

_CLONES = ("ann", "bob", "dan")
_PATIENCE = 120.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet in which every clone has commented on OW-1 and made a ticket, and one has code besides."""
    with as_nobody():
        fleet = make_fleet(tmp_path_factory.mktemp("fleet") / "made")
        for name in _CLONES:
            clone = fleet.clone(name)
            clone.ok("comment", "add", "OW-1", "--body", f"by {name}")
            clone.ok("new", f"Ticket of {name}")
        fleet.clone("dan").code("dan.py")
        yield fleet.folder


def finish(running: list[subprocess.Popen[str]]) -> None:
    """Wait for processes; all must succeed."""
    for one in running:
        _, err = one.communicate(timeout=_PATIENCE)
        assert one.returncode == 0, err


def identity(name: str) -> dict[str, str]:
    """Name the git user of a process."""
    return {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", f"{name}@example.com"))}


def check(clones: list[Clone], titles: set[str], remarks: set[str]) -> None:
    """Sync in turn and check that all have all of it, under numbers of their own."""
    for clone in [*clones, *clones[:-1]]:
        clone.sync()
    assert len({one.tracker_tree() for one in clones}) == 1
    tickets = clones[0].json("ls", "--all")["tickets"]
    assert {one["title"] for one in tickets} == titles
    assert len({one["slug"] for one in tickets}) == len(titles)
    assert set(comments(clones[0], "OW-1")) == remarks


def test_clones_that_sync_at_once_all_get_through(fleet: Fleet) -> None:
    clones = [fleet.clone(name) for name in _CLONES]
    finish([one.start("sync", env=identity(one.path.name)) for one in clones])
    check(clones, {"Upload fails", *(f"Ticket of {name}" for name in _CLONES)}, {f"by {name}" for name in _CLONES})
    assert "dan.py" not in fleet.remote.git("ls-tree", "--name-only", "main")


def test_writers_and_syncs_of_one_clone_do_not_lose_each_others_work(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    ann.sync()
    running = [bob.start("sync", env=identity("bob")) for _ in range(2)]
    running += [bob.start("comment", "add", "OW-1", "--body", f"while syncing {number}") for number in range(3)]
    finish(running)
    check([bob, ann], {"Upload fails", "Ticket of ann", "Ticket of bob"},
          {"by ann", "by bob", *(f"while syncing {number}" for number in range(3))})
