"""A command over two worktrees that is killed at any step is finished in both, or has happened in neither."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path

import pytest

from tests.near import Near
from tests.store.test_crash import crash, journal
from tests.support import Repo, make_tracker
from tests.templates import copy

_WORDS = ("update", "OW-1", "OW-2", "--status", "todo", "--idempotency-key", "k1", "--json")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with a worktree that has a ticket for itself."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "made").path)
    repo.ok("new", "At home")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "side", str(repo.path / "side"))
    Near(repo.path / "side").ok("new", "On the side", "--description", "words\n" * 1000)
    return repo


def test_a_killed_command_over_two_worktrees_is_whole_or_nothing(template: Repo, tmp_path: Path) -> None:
    seen: set[str] = set()
    for deadly in count(3, 2):  # before the intent is saved, it is as with one worktree
        repo = copy(template, tmp_path / f"copy{deadly}")
        found = crash(repo, deadly, *_WORDS)
        if found is None:
            break
        seen.update(found.steps)
        side = Near(repo.path / "side")
        (repo if deadly % 4 == 1 else side).ok("comment", "add", "OW-1", "--body", "next")
        expected = "todo" if found.promised else "backlog"
        assert [f"status: {expected}\n" in one.read_text() for one in (repo.file("OW-1"), side.file("OW-2"))] == [
            True, True], found.steps
        assert [one["status"] for one in repo.json("ls")["tickets"]] == [expected] * 2, found.steps
        receipts = [one["receipt"] for one in json.loads(repo.ok(*_WORDS))["results"]]
        assert len({one["entry"] for one in receipts}) == 2, found.steps
        keys = journal(repo, "log", "--all", "--format=%B").splitlines().count("Idempotency-Key: k1")
        assert keys == 2, found.steps  # an entry in each worktree, and none twice
        shutil.rmtree(repo.path)
    assert {"intent saved", "files written", "journalled"} <= seen


def test_what_a_command_is_just_writing_in_another_worktree_is_no_editors(template: Repo, tmp_path: Path) -> None:
    steps: list[str] = []
    for deadly in (40, None):  # the first run tells which step it is
        repo = copy(template, tmp_path / f"repo{deadly}")
        repo.ok("ls")
        start = repo.json("events")["last"]
        found = crash(repo, deadly or steps.index("files written") + 1, *_WORDS)
        steps = (tmp_path / f"repo{deadly}.steps").read_text().splitlines()
    assert found and found.steps[-1] == "files written"
    side = Near(repo.path / "side")
    for one in (repo, side):
        assert one.json("events", "--since", start)["events"] == []
    side.ok("comment", "add", "OW-2", "--body", "next")
    told = [(one["type"], one["slug"], one["source"]) for one in repo.json("events", "--since", start)["events"]]
    assert ("ticket.updated", "OW-2", "cli") in told
