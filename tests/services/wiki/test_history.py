"""What a page's history says of a page that was written in another worktree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.near import Near
from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = Near(make_tracker(tmp_path / "home").path)
    repo.ok("page", "write", "guide", "--title", "Guide", "--body", "one\n\ntwo\n\nthree\n")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    return repo


@pytest.fixture
def topic(home: Repo, tmp_path: Path) -> Repo:
    return Near(tmp_path / "topic")


def by(repo: Repo) -> str:
    return str(repo.json("page", "show", "guide")["updated_by"])


def test_a_page_written_in_another_worktree_names_who_wrote_it(home: Repo, topic: Repo) -> None:
    topic.ok("page", "write", "guide", "--body", "one\n\ntwo\n\nthree, longer\n", "--as", "bot:codex")
    assert by(home) == by(topic) == "bot:codex"
    assert "bot:codex" in home.ok("page", "show", "guide")


def test_a_page_that_two_worktrees_wrote_names_who_was_last(home: Repo, topic: Repo) -> None:
    topic.ok("page", "write", "guide", "--body", "one\n\ntwo\n\nthree, longer\n", "--as", "bot:codex")
    path = home.tracker / "pages/OW/guide.md"
    path.write_text(path.read_text().replace("one", "one, by hand"))
    home.ok("page", "list")
    assert "one, by hand\n\ntwo\n\nthree, longer" in home.ok("page", "show", "guide")
    assert by(home) == "bot:codex"  # nobody has journalled the edit by hand yet


def test_a_page_edited_by_hand_in_another_worktree_is_an_editors(home: Repo, topic: Repo) -> None:
    path = topic.tracker / "pages/OW/guide.md"
    path.write_text(path.read_text().replace("one", "one, by hand"))
    assert by(home) == by(topic) == "editor"
