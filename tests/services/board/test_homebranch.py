"""A bare repository whose own branch no worktree is on: what is home's alone is read and written on that branch."""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

import pytest

from gittracker.domain.errors import ConflictError
from gittracker.services.board import homebranch
from gittracker.services.tracker import open_tracker
from tests.near import Near
from tests.store.test_crash import crash
from tests.support import Repo, make_tracker
from tests.templates import copy


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a bare repository with two worktrees, none of which is on main."""
    folder = tmp_path_factory.mktemp("template")
    repo = Near(make_tracker(folder / "source").path)
    repo.ok("new", "First")
    repo.commit()
    repo.git("clone", "-q", "--bare", str(repo.path), str(folder / "bare/.git"))
    bare = Near(folder / "bare")
    for name in ("a", "b"):
        repo.git(f"--git-dir={folder}/bare/.git", "worktree", "add", "-q", str(bare.path / name), "-b", name, "main")
    return bare


@pytest.fixture
def bare(template: Repo, tmp_path: Path) -> Repo:
    return Git(copy(template, tmp_path / "bare").path)


@pytest.fixture
def a(bare: Repo) -> Repo:
    return Near(bare.path / "a")


@pytest.fixture
def b(bare: Repo) -> Repo:
    return Near(bare.path / "b")


class Git(Near):
    """The bare repository itself."""

    def git(self, *args: str, check: bool = True, **more: str) -> str:
        """Run git on it and give its output."""
        return super().git(f"--git-dir={self.path}/.git", *args, check=check, **more)


def statuses(repo: Repo) -> list[str]:
    return [one["slug"] for one in repo.json("status", "list")["statuses"]]


def commits(bare: Repo) -> list[str]:
    return bare.git("log", "--format=%s", "main").splitlines()


def test_configuration_is_one_commit_on_homes_branch_and_every_worktree_has_it(bare: Repo, a: Repo, b: Repo) -> None:
    hook = bare.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    a.ok("status", "create", "qa", "--stage", "started")
    assert "qa" in statuses(a) and "qa" in statuses(b)
    assert commits(bare) == ["openkit: status qa created (started)", "work"]
    assert bare.git("diff", "--name-only", "main~1", "main") == ".openkit/statuses.yaml"
    assert a.git("status", "--porcelain") == b.git("status", "--porcelain") == ""
    b.ok("update", "OW-1", "--status", "qa")
    b.ok("project", "create", "WEB", "--name", "Web")
    b.ok("member", "add", "carol")
    a.ok("new", "In the other project", "--project", "WEB")
    assert [one["key"] for one in a.json("project", "list")["projects"]] == ["OW", "WEB"]
    assert [one["slug"] for one in b.json("ls")["tickets"]] == ["OW-1", "WEB-1"]
    assert len(commits(bare)) == 4 and a.run("audit", "verify").status == 0


def test_it_is_in_the_journal_and_can_be_undone(bare: Repo, a: Repo) -> None:
    a.ok("status", "create", "qa", "--stage", "started", "--as", "bot:codex")
    entry = a.json("log", "--limit", "1")["entries"][0]
    assert (entry["actor"], entry["subject"]) == ("bot:codex", "status qa created (started)")
    a.ok("undo", "--as", "bot:codex")
    assert "qa" not in statuses(a)
    assert bare.git("diff", "main~2", "main") == ""


def test_tickets_that_change_with_it_are_written_in_the_worktree(bare: Repo, a: Repo) -> None:
    a.ok("update", "OW-1", "--status", "todo")
    a.ok("status", "delete", "todo", "--to", "backlog")
    assert "todo" not in statuses(a) and a.json("show", "OW-1")["status"] == "backlog"
    assert bare.git("diff", "--name-only", "main~1", "main") == ".openkit/statuses.yaml"


def test_once_a_worktree_is_on_the_branch_it_is_written_there(bare: Repo, a: Repo) -> None:
    a.ok("status", "create", "qa", "--stage", "started")
    bare.git("worktree", "add", "-q", str(bare.path / "home"), "main")
    a.ok("status", "create", "late", "--stage", "started")
    assert {"qa", "late"} <= set(statuses(a))
    assert "late" in (bare.path / "home/.openkit/statuses.yaml").read_text() and len(commits(bare)) == 2


def test_a_branch_that_has_moved_meanwhile_is_not_overwritten(bare: Repo, a: Repo) -> None:
    tracker = open_tracker(str(a.path), "", time.time_ns, os.urandom)
    name, folder = homebranch.find(tracker)
    before = (Path(folder) / "statuses.yaml").read_bytes()
    a.ok("status", "create", "qa", "--stage", "started")
    with pytest.raises(ConflictError):
        homebranch.add(tracker, name, [("statuses.yaml", before, b"statuses: []\n")], "late")
    assert "qa" in statuses(a) and len(commits(bare)) == 2


def test_a_sandboxed_command_is_told_what_it_would_have_to_write(bare: Repo, a: Repo) -> None:
    done = a.run("status", "create", "qa", "--stage", "started", env={"GITTRACKER_SANDBOXED": "1"})
    assert done.status == 6 and str(bare.path / ".git") in done.err
    assert len(commits(bare)) == 1


def test_a_killed_command_is_finished_on_the_branch_too_or_has_not_happened(template: Repo, tmp_path: Path) -> None:
    words = ("status", "delete", "backlog", "--to", "todo", "--json")
    for deadly in count(3, 2):
        bare = Git(copy(template, tmp_path / f"copy{deadly}").path)
        found = crash(Repo(bare.path / "a"), deadly, *words)
        if found is None:
            break
        b = Near(bare.path / "b")
        b.ok("new", "next")
        assert ("backlog" in statuses(b), len(commits(bare)), b.json("show", "OW-1")["status"]) == (
            (False, 2, "todo") if found.promised else (True, 1, "backlog")), found.steps
    assert deadly > 5
