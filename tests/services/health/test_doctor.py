"""The doctor over several worktrees: each finding says whose file it is about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.near import Near
from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = Near(make_tracker(tmp_path / "home").path)
    repo.ok("new", "First")
    repo.ok("new", "Second")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    return repo


@pytest.fixture
def topic(home: Repo, tmp_path: Path) -> Repo:
    return Near(tmp_path / "topic")


def found(repo: Repo) -> list[tuple[Any, ...]]:
    return [(one["path"].rpartition("/")[2], one["line"], one["replica"])
            for one in repo.json_whatever("doctor")["problems"]]


def put(repo: Repo, slug: str, old: str, new: str) -> None:
    path = repo.file(slug)
    path.write_text(path.read_text().replace(old, new))


def test_the_doctor_names_the_worktree_of_a_broken_file(home: Repo, topic: Repo) -> None:
    put(topic, "OW-1", "\n---\n", "\n")
    assert found(home) == [("ticket.md", 1, "../topic (topic)")]
    assert "(in ../topic (topic))" in home.run("doctor").out
    assert found(topic) == [("ticket.md", 1, None)]


def test_the_doctor_names_the_worktree_of_conflict_markers(home: Repo, topic: Repo) -> None:
    put(topic, "OW-1", "title: First\n", "<<<<<<< ours\ntitle: First\n=======\ntitle: Other\n>>>>>>> theirs\n")
    assert {where for _, _, where in found(home)} == {"../topic (topic)"}
    assert {where for _, _, where in found(topic)} == {None}


def test_a_broken_file_at_home_is_named_from_another_worktree(home: Repo, topic: Repo) -> None:
    put(home, "OW-2", "priority: medium", "priority: whenever")
    assert found(home) == [("ticket.md", 12, None)]
    assert found(topic) == [("ticket.md", 12, "../home (main)")]


def test_what_only_a_branch_has_broken_names_the_branch(home: Repo, topic: Repo) -> None:
    put(topic, "OW-2", "priority: medium", "priority: whenever")
    topic.commit()
    home.git("worktree", "remove", str(topic.path))
    assert found(home) == [("ticket.md", 12, "topic")]


def test_a_conflict_here_is_told_though_the_other_side_is_later_and_shown(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "done")
    file = home.file("OW-1")
    file.write_text(file.read_text().replace("status: backlog\n", "<<<<<<< ours\nstatus: todo\n=======\n"
                                             "status: done\n>>>>>>> theirs\n"))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    assert home.json("show", "OW-1")["status"] == "done"
    said = home.run("doctor")
    assert (said.status, said.out.count("git conflict markers\n")) == (7, 1)
