"""What a worktree has otherwise is told by its own files and its base, however home's commits move."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = make_tracker(tmp_path / "home")
    for number in range(1, 4):
        repo.ok("new", f"Ticket {number}", "--status", "todo")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    return repo


@pytest.fixture
def topic(home: Repo, tmp_path: Path) -> Repo:
    return Repo(tmp_path / "topic")


def statuses(repo: Repo) -> list[str]:
    return [repo.json("show", f"OW-{number}")["status"] for number in range(1, 4)]


def rebuilt(repo: Repo) -> list[str]:
    repo.ok("reindex")
    return statuses(repo)


def test_what_home_took_over_and_gave_back_is_the_worktrees_change_again(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "done")
    topic.commit("topic")
    assert statuses(home) == ["done", "todo", "todo"]
    home.git("merge", "-q", "--squash", "topic")
    home.commit("squashed")
    home.ok("update", "OW-1", "--status", "in-review")
    home.commit("reopened")
    assert statuses(topic) == ["in-review", "todo", "todo"]
    home.git("reset", "-q", "--hard", "HEAD~2")
    assert statuses(home) == statuses(topic) == ["done", "todo", "todo"] == rebuilt(home)


def test_an_edit_in_a_worktree_outlives_commits_and_checkouts_in_home(home: Repo, topic: Repo) -> None:
    file = topic.file("OW-2")
    file.write_text(file.read_text().replace("status: todo", "status: in-progress"))
    assert statuses(home) == ["todo", "in-progress", "todo"]
    home.ok("update", "OW-3", "--status", "done")
    home.commit("third")
    assert statuses(topic) == ["todo", "in-progress", "done"]
    home.git("checkout", "-q", "HEAD^")
    assert statuses(topic) == ["todo", "in-progress", "done"]  # main has it, though nobody has main checked out
    file.write_text(file.read_text().replace("status: in-progress", "status: todo"))
    assert statuses(topic) == ["todo", "todo", "done"]
    home.git("checkout", "-q", "main")
    assert statuses(home) == statuses(topic) == ["todo", "todo", "done"] == rebuilt(home)
