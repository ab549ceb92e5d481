"""`selftest` with real processes; and it must notice what it is there to notice."""

from __future__ import annotations

from pathlib import Path

from gittracker.services.chaos import Chaos
from tests.support import Repo, make_repo


def test_nothing_that_was_confirmed_is_lost_when_writers_die(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    found = Repo(repo.path).json("selftest", "--chaos", "--seconds", "2", "--seed", "7")
    assert (found["lost"], found["doubled"], found["wrong"]) == ([], [], [])
    assert found["commands"] >= found["confirmed"] > 0
    assert not list(repo.path.glob("gittracker-selftest-*"))


def test_what_is_lost_or_given_twice_is_told(tmp_path: Path) -> None:
    chaos = Chaos(str(tmp_path), 1, 1, False, lambda count: None)
    chaos.run(0)
    assert chaos.report.is_clean
    chaos._said.append(("ST-1", "never said"))
    chaos._made += [("ST-2", "another title"), ("ST-2", "Ticket 2")]
    chaos._leases += [("ST-1", 3), ("ST-2", 3)]
    chaos._entries.append("0" * 40)
    chaos._verify()
    assert chaos.report.lost == ["ticket ST-2 (another title)", "comment on ST-1: never said", f"entry {'0' * 40}"]
    assert chaos.report.doubled == ["number ST-2", "fencing number 3"]


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    done = repo.run("selftest", "--seconds", "soon", "--json")
    assert (done.status, done.error()["code"]) == (2, "usage")


def test_a_folder_in_which_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    error = Repo(tmp_path / "nowhere").run("selftest", "--json").error()
    assert f'"{tmp_path}/nowhere"' in error["message"] and "-C" in error["hint"]
