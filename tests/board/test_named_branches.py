"""Branches that the configuration names are on the board, whatever their age and whoever follows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, make_repo, make_tracker

_LONG_AGO = {"GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z", "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z"}


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    """Give a tracker with OW-1, and two branches of long ago that nobody has checked out: one here, one on a remote."""
    repo = make_tracker(tmp_path / "home")
    repo.ok("new", "Upload fails")
    repo.commit()
    for number, branch in enumerate(("release-1", "release-2"), 2):
        repo.git("switch", "-q", "-c", branch, "main")
        repo.ok("new", f"For {branch}")
        assert f"OW-{number}" in repo.git("status", "--porcelain", "-uall")
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", branch, **_LONG_AGO)
    repo.git("switch", "-q", "main")
    make_repo(tmp_path / "bare", "--bare")
    repo.git("remote", "add", "team", str(tmp_path / "bare"))
    repo.git("push", "-q", "team", "release-2")
    repo.git("branch", "-qD", "release-2")
    return repo


def name(repo: Repo, value: Any) -> None:
    """Name branches in config.json, as an editor would."""
    path = repo.tracker / "config.json"
    config = json.loads(path.read_text())
    config["tracker"]["board_sources"] = value
    path.write_text(json.dumps(config, indent=2) + "\n")


def slugs(repo: Repo) -> list[str]:
    return sorted(one["slug"] for one in repo.json("ls", "--all")["tickets"])


def test_what_is_named_is_on_the_board_and_what_is_no_longer_named_is_not(home: Repo) -> None:
    assert slugs(home) == ["OW-1"]
    name(home, ["release-1"])
    assert slugs(home) == ["OW-1", "OW-2"]
    name(home, ["team/*"])
    assert slugs(home) == ["OW-1", "OW-3"]
    name(home, ["refs/heads/release-*", "refs/remotes/team/release-2"])
    assert slugs(home) == ["OW-1", "OW-2", "OW-3"]
    assert {one["replica"] for one in home.json("board", "--drift")["drift"]} == {"release-1", "team/release-2"}
    name(home, [])
    assert slugs(home) == ["OW-1"]


def test_a_named_branch_is_followed_where_it_goes(home: Repo) -> None:
    name(home, ["release-1"])
    assert slugs(home) == ["OW-1", "OW-2"]
    home.git("branch", "-qf", "release-1", "main")
    assert slugs(home) == ["OW-1"]
    home.git("branch", "-q", "release-10", "team/release-2")
    name(home, ["release-1*"])
    assert slugs(home) == ["OW-1", "OW-3"]


def test_a_write_to_what_only_a_named_branch_has_says_who_has_it(home: Repo) -> None:
    name(home, ["release-1"])
    refused = home.run("update", "OW-2", "--priority", "high", "--json")
    assert refused.status == 5
    assert "release-1" in refused.error()["message"]


def test_names_that_are_none_are_a_problem_and_harm_nobody(home: Repo) -> None:
    name(home, "release-1")
    assert slugs(home) == ["OW-1"]
    found = home.json_whatever("doctor")["problems"]
    assert any("tracker.board_sources is 'release-1'; expected a list" in one["message"] for one in found)
