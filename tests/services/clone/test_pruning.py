"""A removed worktree's journal goes only when home's commits have all it holds, and an audit still knows who did it."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.near import Near, Ticking
from tests.services.clone.test_worktrees import create, listed
from tests.services.past.test_recover import lost
from tests.support import Repo, make_repo
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker whose worktree side has committed work that main merged."""
    repo: Repo = Ticking(make_repo(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("init", "--prefix", "OW")
    repo.ok("new", "Upload fails")
    repo.commit()
    side: Repo = Ticking(create(repo, "side").path)
    side.ok("new", "Born there")
    side.ok("update", "OW-1", "--priority", "high", "--idempotency-key", "one")
    side.commit()
    repo.git("merge", "-q", "side")
    return repo


def prune(repo: Repo, *words: str) -> dict[str, Any]:
    """Prune and give what was found."""
    found: dict[str, Any] = fits("output/pruned", repo.json("prune", *words))
    return found


def streams(repo: Repo) -> list[str]:
    """Name the journals that are there."""
    journal = Near(repo.path / ".git/gittracker/journal.git")
    return journal.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/journal").splitlines()


def test_the_journal_of_a_removed_worktree_goes_and_nobody_misses_anything(home: Repo, side: Repo) -> None:
    number = listed(home)["side"]["number"]
    before = home.json_whatever("audit", "verify")["findings"]
    assert prune(home) == {"home": "main", "dry_run": False, "pruned": [], "kept": []}
    home.ok("worktree", "remove", "side")
    told = prune(home, "--dry-run")
    assert [(one["worktree"], one["entries"]) for one in told["pruned"]] == [(number, 3)] and number in streams(home)
    assert f"pruned the journal of worktree {number}: 3 entries, all in main" in home.ok("prune")
    assert number not in streams(home) and len(streams(home)) == 1
    journal = Near(home.path / ".git/gittracker/journal.git")
    assert journal.git("fsck", "--strict") == ""
    assert home.json_whatever("audit", "verify")["findings"] == before == []
    assert lost(home) == [] and home.run("doctor").out == "no problems\n"
    assert "no journals of worktrees that are gone" in home.ok("prune")
    shutil.rmtree(home.path / ".git/gittracker/cache")
    assert lost(home) == [] and home.json("show", "OW-2", "--here")["title"] == "Born there"


def test_what_home_never_had_keeps_the_journal_until_it_has_it(home: Repo, side: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "low")  # what it left of the ticket home has had
    home.commit()
    side.ok("comment", "add", "OW-1", "--body", "not committed")
    home.ok("worktree", "remove", "side", "--force")
    told = prune(home)
    assert told["pruned"] == [] and ["/comments/" in path for path in told["kept"][0]["missing"]] == [True]
    assert "1 file(s) that main never had, of OW-1" in home.ok("prune")
    assert lost(home) == ["comment"]
    home.ok("recover", "OW-1")
    assert prune(home)["pruned"] == []  # the file is here, but no commit has it
    home.commit()
    assert len(prune(home)["pruned"]) == 1


def test_a_branch_that_is_not_home_does_not_count(home: Repo, side: Repo) -> None:
    side.ok("update", "OW-1", "--title", "On the branch alone")
    side.commit()
    home.git("worktree", "remove", str(side.path))
    assert len(prune(home)["kept"]) == 1
    home.git("merge", "-q", "-X", "theirs", "side")
    assert len(prune(home)["pruned"]) == 1


def test_a_worktree_whose_folder_is_away_is_not_gone(home: Repo, side: Repo) -> None:
    shutil.move(side.path, home.path.parent / "away")
    assert prune(home) == {"home": "main", "dry_run": False, "pruned": [], "kept": []}
    shutil.move(home.path.parent / "away", side.path)
    assert side.json("log")["entries"]


def test_without_a_sure_home_nothing_is_pruned(home: Repo, side: Repo) -> None:
    home.ok("worktree", "remove", "side")
    home.git("switch", "-q", "--detach")
    refused = home.run("prune", "--json")
    assert refused.status == 5 and "on no branch" in refused.error()["message"] and len(streams(home)) == 2
    refused = home.run("prune", "--json", env={"GITTRACKER_SANDBOXED": "1"})
    assert refused.status == 6
