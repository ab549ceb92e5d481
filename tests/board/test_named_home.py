"""Home is the branch that git's configuration names as `gittracker.home`, whatever the main worktree is on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_tracker


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Give a clone whose main worktree has left main, which is home by name, for the branch feature."""
    made = make_tracker(tmp_path / "repo")
    made.ok("new", "Upload fails")
    made.commit()
    made.git("switch", "-q", "-c", "feature")
    made.git("config", "gittracker.home", "main")
    return made


def slugs(repo: Repo) -> list[str]:
    return sorted(one["slug"] for one in repo.json("ls", "--all")["tickets"])


def statuses(repo: Repo) -> list[str]:
    return [one["slug"] for one in repo.json("status", "list")["statuses"]]


def test_the_rules_are_those_of_the_branch_that_is_named(repo: Repo) -> None:
    before = statuses(repo)
    path = repo.tracker / "statuses.yaml"
    path.write_text(path.read_text().replace("slug: todo", "slug: next"))
    assert statuses(repo) == before
    repo.git("config", "--unset", "gittracker.home")
    assert "next" in statuses(repo)
    repo.git("config", "gittracker.home", "refs/heads/main")
    assert statuses(repo) == before


def test_what_is_homes_alone_is_one_commit_on_the_branch_that_nobody_has_checked_out(repo: Repo) -> None:
    head = repo.git("rev-parse", "main")
    repo.ok("project", "create", "WEB", "--name", "Web")
    assert repo.git("rev-list", "--count", f"{head}..main") == "1"
    assert repo.git("show", "--format=", "--name-only", "main") == ".openkit/projects/WEB.md"
    assert repo.git("rev-parse", "feature") == head
    repo.ok("new", "In the other project", "--project", "WEB")
    assert slugs(repo) == ["OW-1", "WEB-1"]


def test_a_worktree_on_it_is_the_ground(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "main"), "main")
    main = Repo(tmp_path / "main")
    repo.ok("update", "OW-1", "--priority", "high")
    main.ok("new", "Born at home")
    assert slugs(repo) == slugs(main) == ["OW-1", "OW-2"]
    assert main.json("show", "OW-1")["priority"] == "high"
    assert [one["home"] for one in repo.json("worktree", "list")["worktrees"]] == [False, True]
    repo.ok("project", "create", "WEB", "--name", "Web")
    assert (main.tracker / "projects" / "WEB.md").exists()
    assert not (repo.tracker / "projects" / "WEB.md").exists()


def test_a_branch_lands_there(repo: Repo) -> None:
    repo.ok("update", "OW-1", "--priority", "high")
    repo.ok("commit", "-m", "higher")
    repo.ok("land")
    assert "priority: high" in repo.git("show", f"main:.openkit/{repo.file('OW-1').relative_to(repo.tracker)}")
    assert repo.json("board", "--drift")["drift"] == []


def test_a_name_that_is_no_branch_is_told_and_hides_nothing(repo: Repo) -> None:
    repo.git("config", "gittracker.home", "nowhere")
    assert slugs(repo) == ["OW-1"]
    repo.ok("update", "OW-1", "--priority", "high")
    assert repo.json("show", "OW-1")["priority"] == "high"
    found = repo.json_whatever("doctor")["problems"]
    assert any('gittracker.home is "nowhere"' in one["message"] for one in found)
    refused = repo.run("land", "--json")
    assert refused.status in (3, 5)
    assert "nowhere" in refused.error()["message"]
