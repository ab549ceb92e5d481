"""With `landed: true` in home's policy.yaml a closed ticket blocks others until the base branch has it closed, too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.index.test_tallies import newest
from tests.support import Repo, make_repo
from tests.test_schemas import fits
from tests.watch.test_daemon import daemon, is_watched, wait_for


@pytest.fixture
def home(repo: Repo, tmp_path: Path) -> Repo:
    """Give a tracker whose OW-2 waits for OW-1, a worktree on the branch `feature` beside it, and the policy."""
    repo.ok("new", "First", "--status", "todo")
    repo.ok("new", "Second", "--status", "todo", "--depends-on", "OW-1")
    (repo.tracker / "policy.yaml").write_text("landed: true\n")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    return repo


@pytest.fixture
def other(home: Repo, tmp_path: Path) -> Repo:
    """Give the worktree beside it."""
    return Repo(tmp_path / "other")


def rows(repo: Repo) -> list[Any]:
    """Give what the index keeps of it."""
    with closing(sqlite3.connect(newest(repo))) as index:
        return [index.execute(f"SELECT {what} ORDER BY 1, 2").fetchall() for what in (
            "slug, waits FROM ticket", "head, worktree FROM base", "worktree, folder FROM landed",
            "stage, free, count FROM tally WHERE count > 0")]


def ready(*tops: Repo) -> list[str]:
    """List what is ready in each worktree, which must be the same, and the same with an index made anew."""
    found = [[one["slug"] for one in top.json("ready")["tickets"]] for top in tops]
    kept = rows(tops[0])
    tops[0].ok("reindex")
    assert rows(tops[0]) == kept
    found += [[one["slug"] for one in top.json("ready")["tickets"]] for top in tops[:1]]
    assert all(one == found[0] for one in found)
    return found[0]


def test_what_is_closed_in_a_worktree_blocks_until_its_branch_is_merged(home: Repo, other: Repo) -> None:
    other.ok("done", "OW-1")
    assert ready(home, other) == []
    assert home.json("blocked")["blockers"] == {"OW-2": ["OW-1"]}
    assert "OW-2  Second  waits for OW-1 (closed, not landed)" in home.ok("blocked")
    assert "depends on OW-1 First (completed, not landed)" in other.ok("show", "OW-2")
    assert home.ok("deps", "tree", "OW-2").endswith("OW-1  done (completed), not landed  First\n")
    assert [one["unlanded"] for one in fits("output/deps_tree", home.json("deps", "tree", "OW-2"))["lines"]] == [
        False, True]
    assert home.run("claim", "--next", "--json").error()["code"] == "nothing_ready"
    assert "OW-2 waits for OW-1 (closed, not landed)" in home.run("claim", "OW-2").err
    other.commit("closed")
    assert ready(home, other) == []
    home.git("commit", "-q", "--allow-empty", "-m", "meanwhile")
    home.git("merge", "-q", "--no-edit", "feature")
    assert ready(home, other) == ["OW-2"]
    assert home.ok("deps", "tree", "OW-2").endswith("OW-1  done (completed)  First\n")
    other.ok("ticket", "reopen", "OW-1")
    assert ready(home, other) == ["OW-1"]
    other.ok("done", "OW-1")
    assert ready(home, other) == ["OW-2"]
    home.git("reset", "-q", "--hard", "HEAD~1")
    assert ready(home, other) == []
    assert other.json("claim", "OW-2", "--force")["ticket"]["assignee"] == "alice-smith"


def test_what_is_closed_in_home_blocks_until_it_is_committed(home: Repo, other: Repo) -> None:
    home.ok("batch", given='["done", "OW-1"]\n')
    assert ready(home, other) == []
    assert home.run("batch", given='["update", "OW-1", "--title", "1"]\n["claim", "OW-2"]\n').status == 5
    home.commit("closed")
    assert ready(home, other) == ["OW-2"]


def test_home_on_another_branch_is_another_base_unless_the_configuration_names_one(home: Repo, other: Repo) -> None:
    home.git("branch", "older")
    home.ok("done", "OW-1")
    home.commit("closed")
    other.git("merge", "-q", "main")
    assert ready(home, other) == ["OW-2"]
    home.git("switch", "-q", "older")
    assert ready(home, other) == []  # `feature` has it closed, and `older` has not
    config = home.tracker / "config.json"
    config.write_text(config.read_text().replace("{", '{"baseBranch": "main",', 1))
    assert ready(home, other) == ["OW-2"]
    config.write_text(config.read_text().replace('"main"', '"nowhere"'))
    assert ready(home, other) == []
    home.git("config", "gittracker.home", "main")  # which no worktree is on now, so that each has rows of its own
    assert [[one["slug"] for one in top.json("ready")["tickets"]] for top in (home, other)] == [["OW-2"], ["OW-2"]]


def test_the_rule_holds_from_the_next_command_on_and_is_home_s_alone(home: Repo, other: Repo) -> None:
    other.ok("done", "OW-1")
    policy = home.tracker / "policy.yaml"
    (other.tracker / "policy.yaml").write_text("landed: false\n")
    assert ready(home, other) == []
    policy.write_text("landed: false\n")
    assert ready(home, other) == ["OW-2"]
    assert rows(home)[1:3] == [[], []]
    policy.write_text("landed: true\n")
    assert ready(home, other) == []
    policy.write_text("landed: maybe\n")
    done = home.run("done", "OW-2", "--json")
    assert done.status == 7 and 'landed is "maybe"; expected true or false' in done.error()["message"]
    assert home.json("ready")["tickets"] == []  # by the last rules that could be read
    policy.unlink()
    assert ready(home, other) == ["OW-2"]


def test_a_status_that_closes_no_longer_is_none_on_the_base_either(home: Repo, other: Repo) -> None:
    other.ok("update", "OW-1", "--status", "in-review")
    other.commit("reviewed")
    home.git("merge", "-q", "feature")
    assert ready(home, other) == []
    statuses = home.tracker / "statuses.yaml"
    text = statuses.read_text()
    place = text.index("slug: in-review")
    statuses.write_text(text[:place] + text[place:].replace("stage: started", "stage: completed", 1))
    assert ready(home, other) == ["OW-2"]
    other.ok("ticket", "reopen", "OW-1")
    other.commit("reopened")
    home.git("merge", "-q", "feature")
    assert ready(home, other) == ["OW-1"]


def test_with_a_daemon_it_is_the_same(home: Repo, other: Repo) -> None:
    with daemon(home):
        assert wait_for(lambda: is_watched(home))
        other.ok("done", "OW-1")
        other.commit("closed")
        assert ready(home, other) == []
        home.git("merge", "-q", "feature")
        assert ready(home, other) == ["OW-2"]
        home.git("reset", "-q", "--hard", "HEAD~1")
        assert ready(home, other) == []
        (home.tracker / "policy.yaml").unlink()
        assert ready(home, other) == ["OW-2"]
        wait_for(lambda: is_watched(home))
        assert ready(home, other) == ["OW-2"]


def test_a_tracker_on_a_branch_of_its_own_knows_no_code_and_says_so(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    repo.git("commit", "-q", "--allow-empty", "-m", "code")
    repo.ok("init", "--prefix", "OW", "--placement", "side-branch")
    repo.ok("new", "First", "--status", "todo")
    repo.ok("new", "Second", "--status", "todo", "--depends-on", "OW-1")
    (repo.tracker / "policy.yaml").write_text("landed: true\n")
    repo.ok("done", "OW-1")
    assert [one["slug"] for one in repo.json("ready")["tickets"]] == ["OW-2"]
    assert "landed: true in policy.yaml asks nothing here" in repo.run("doctor").out


def test_nothing_has_landed_before_the_first_commit(repo: Repo) -> None:
    repo.ok("new", "First", "--status", "todo")
    repo.ok("new", "Second", "--status", "todo", "--depends-on", "OW-1")
    (repo.tracker / "policy.yaml").write_text("landed: true\n")
    repo.ok("done", "OW-1")
    assert ready(repo) == []
    repo.git("add", "-A")
    assert ready(repo) == []
    repo.git("commit", "-qm", "first")
    assert ready(repo) == ["OW-2"]
