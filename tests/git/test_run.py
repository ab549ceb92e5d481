"""The git program is run where it is told to look, whatever the user's configuration forbids it to come upon."""

from __future__ import annotations

from pathlib import Path

from tests.support import Repo, environment

_STRICT = environment(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.bareRepository", GIT_CONFIG_VALUE_0="explicit")


def test_who_lets_git_use_no_bare_repository_that_it_comes_upon_can_still_write_and_undo(
        repo: Repo, tmp_path: Path) -> None:
    refused = Repo(tmp_path)
    refused.git("init", "-q", "--bare", "bare.git")
    assert refused.git("-C", "bare.git", "log", check=False, **_STRICT) == ""
    assert "cannot use bare repository" in _said(tmp_path / "bare.git")
    repo.ok("new", "Upload fails", env=_STRICT)
    repo.ok("update", "OW-1", "--priority", "high", env=_STRICT)
    repo.ok("undo", env=_STRICT)
    assert repo.json("show", "OW-1")["priority"] == "medium"
    assert repo.run("audit", "verify", env=_STRICT).status == 0


def test_the_users_taste_in_logs_hides_nothing_of_ours(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    repo.ok("update", "OW-1", "--status", "todo")
    told = repo.ok("log", "OW-1")
    for key, value in (("log.showRoot", "false"), ("log.follow", "true"), ("log.diffMerges", "first-parent")):
        repo.git("config", key, value)
    repo.ok("reindex")
    assert repo.ok("log", "OW-1") == told and "ticket added" in told
    repo.ok("commit")
    assert repo.json("audit", "verify")["findings"] == []


def _said(folder: Path) -> str:
    import subprocess
    return subprocess.run(["git", "-C", str(folder), "rev-parse"], capture_output=True, text=True, check=False,
                          env=_STRICT).stderr
