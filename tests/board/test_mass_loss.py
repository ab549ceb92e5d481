"""What a worktree lost by accident is no deletion, however little of it is looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.near import Near
from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = Near(make_tracker(tmp_path / "home").path)
    repo.ok("batch", given="".join(f'["new", "Ticket {n}"]\n' for n in range(1, 13)))
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    assert count(repo) == 12
    return repo


@pytest.fixture
def topic(home: Repo, tmp_path: Path) -> Repo:
    return Near(tmp_path / "topic")


def count(repo: Repo) -> int:
    return int(repo.json("ls", "--all")["total"])


def lose(repo: Repo, *numbers: int) -> None:
    for number in numbers:
        shutil.rmtree(repo.folder(f"OW-{number}"))


def problems(repo: Repo) -> list[str]:
    return [one["problem"] for one in repo.json("board", "--drift")["drift"]]


def test_what_is_lost_after_a_mass_loss_is_lost_as_well(home: Repo, topic: Repo) -> None:
    lose(topic, *range(1, 9))
    assert count(home) == 12
    lose(topic, 9, 10)
    assert count(home) == 12
    assert problems(home) == ["10 of 12 tickets are gone there"]


def test_a_loss_that_came_bit_by_bit_is_one_in_the_end(home: Repo, topic: Repo) -> None:
    lose(topic, 1, 2, 3, 4)
    assert count(home) == 8  # as git would say it
    lose(topic, 5, 6, 7, 8)
    assert count(home) == 12
    assert problems(home) == ["8 of 12 tickets are gone there"]


def test_the_problem_ends_when_the_files_are_back(home: Repo, topic: Repo, tmp_path: Path) -> None:
    shutil.copytree(topic.tracker, tmp_path / "saved")
    lose(topic, *range(1, 9))
    assert problems(home) == ["8 of 12 tickets are gone there"]
    shutil.copytree(tmp_path / "saved", topic.tracker, dirs_exist_ok=True)
    assert problems(home) == []
    lose(topic, 1)
    assert count(home) == 11
