"""What somebody's commit deleted is deleted; only what vanished without one is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.near import Near
from tests.support import Repo, make_tracker
from tests.templates import copy


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "First")
    repo.ok("new", "Second")
    repo.ok("comment", "add", "OW-1", "--body", "remark")
    repo.commit()
    return repo


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    return copy(template, tmp_path / "repo")


def lost(repo: Repo) -> list[str]:
    return [one["what"] for one in repo.json("recover")["lost"]]


def remove(repo: Repo, slug: str, below: str = "") -> None:
    repo.git("rm", "-rqf", str(repo.folder(slug) / below))


def test_a_ticket_that_a_commit_deleted_is_not_lost(home: Repo) -> None:
    remove(home, "OW-2")
    home.git("commit", "-qm", "without it")
    assert "lost" not in home.ok("ls") and lost(home) == []
    assert "no problems" in home.ok("doctor")
    home.ok("recover", "OW-2")  # who names it gets it back
    assert home.json("show", "OW-2")["title"] == "Second"


def test_a_comment_that_a_commit_deleted_is_not_lost(home: Repo) -> None:
    remove(home, "OW-1", "comments")
    home.git("commit", "-qm", "without it")
    assert "lost" not in home.ok("show", "OW-1") and lost(home) == []


def test_a_ticket_deleted_on_a_branch_is_deleted_once_that_is_merged(home: Repo) -> None:
    home.git("checkout", "-qb", "topic")
    remove(home, "OW-2")
    home.git("commit", "-qm", "without it")
    home.git("checkout", "-q", "main")
    assert lost(home) == [] and home.json("show", "OW-2", "--here")["title"] == "Second"
    home.ok("update", "OW-1", "--status", "todo")
    home.commit()
    home.git("merge", "-q", "--no-edit", "topic")
    home.git("branch", "-qD", "topic")
    assert "lost" not in home.ok("ls") and lost(home) == []


def test_what_was_written_after_the_deletion_is_lost_with_its_file(home: Repo) -> None:
    kept = home.file("OW-2").read_bytes()
    path = home.file("OW-2")
    remove(home, "OW-2")
    home.git("commit", "-qm", "without it", GIT_COMMITTER_DATE="2026-01-01T10:00:00")
    path.parent.mkdir()
    path.write_bytes(kept)
    home.ok("update", "OW-2", "--status", "todo")
    home.git("clean", "-fdxq", "--", ".openkit/tickets")
    assert lost(home) == ["ticket"]


def test_what_no_commit_has_ever_had_is_lost(home: Repo) -> None:
    home.ok("new", "Third")
    home.git("clean", "-fdxq", "--", ".openkit/tickets")
    home.git("commit", "-q", "--allow-empty", "-m", "later")
    assert "1 lost ticket(s)" in home.ok("ls") and lost(home) == ["ticket"]
    assert "1 lost ticket(s)" in home.ok("ls")
