"""The hook that reads what git brought, in the background, with real git."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import Repo, environment, make_tracker

HOOK = Path(__file__).parents[2] / "hooks" / "refresh-index"
_DEADLINE = 60.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give a PATH with a `gittracker` that leaves a file behind when it has ended."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "gittracker"
    script.write_text(f'#!/bin/sh\n"{sys.executable}" -m gittracker "$@"\nstatus=$?\necho "$*" >> "{tmp_path}/ran"\n'
                      "exit $status\n")
    script.chmod(0o755)
    return f"{folder}:{environment()['PATH']}"


@pytest.fixture
def hooked(tmp_path: Path) -> Repo:
    """Give a tracker with a branch that has one more ticket, and the hooks."""
    repo = make_tracker(tmp_path / "repo")
    repo.ok("new", "First")
    repo.commit("first")
    repo.git("checkout", "-q", "-b", "other")
    repo.ok("new", "Brought by git")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "second", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z")  # too old for the board
    repo.git("checkout", "-q", "main")
    repo.ok("ls")
    for name in ("post-merge", "post-checkout", "post-rewrite"):
        shutil.copy(HOOK, repo.path / ".git" / "hooks" / name)
    return repo


def git(repo: Repo, path: str, *words: str) -> None:
    """Run git with the hooks; they say nothing and stop nothing."""
    done = subprocess.run(["git", *words], cwd=repo.path, capture_output=True, text=True, check=False,
                          env=environment(PATH=path))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def ran(repo: Repo, count: int = 1) -> bool:
    """Wait until so many commands have ended."""
    file = repo.path.parent / "ran"
    end = time.monotonic() + _DEADLINE
    while time.monotonic() < end:
        if file.exists() and file.read_text().count("reindex --changed") >= count:
            return True
        time.sleep(0.01)
    return False


def known(repo: Repo) -> str:
    """Give what the index knows, which completion reads as it is."""
    return repo.ok("completion", "fish", "--", "-C", str(repo.path), "show", "OW-2")


def test_a_merge_and_a_checkout_are_read(hooked: Repo, path: str) -> None:
    assert "Brought by git" not in known(hooked)
    git(hooked, path, "checkout", "-q", "other")
    assert ran(hooked)
    assert "OW-2\tBrought by git" in known(hooked)
    git(hooked, path, "checkout", "-q", "main")
    assert ran(hooked, 2)
    assert "Brought by git" not in known(hooked)
    git(hooked, path, "merge", "-q", "other")
    assert ran(hooked, 3)
    assert "OW-2\tBrought by git" in known(hooked)


def test_a_checkout_of_a_file_starts_nothing(hooked: Repo, path: str) -> None:
    git(hooked, path, "checkout", "-q", "--", ".openkit")
    git(hooked, path, "checkout", "-q", "other")
    assert ran(hooked)
    assert (hooked.path.parent / "ran").read_text() == "reindex --changed\n"


@pytest.mark.parametrize("case", ["no gittracker", "no tracker", "off"])
def test_it_never_fails_the_git_command(hooked: Repo, path: str, tmp_path: Path, case: str) -> None:
    if case == "no gittracker":
        (tmp_path / "few").mkdir()
        for name in ("git", "sh"):
            (tmp_path / "few" / name).symlink_to(shutil.which(name) or "")
        path = str(tmp_path / "few")
    elif case == "off":
        hooked.git("config", "gittracker.refresh", "false")
    else:
        hooked.git("rm", "-rq", ".openkit")
        git(hooked, path, "commit", "-qm", "gone")
        git(hooked, path, "checkout", "-q", "-b", "third")
    git(hooked, path, "checkout", "-q", "-b", "more")
    assert not (tmp_path / "ran").exists()


def test_it_is_a_script_for_any_shell() -> None:
    subprocess.run(["sh", "-n", str(HOOK)], check=True)
    subprocess.run(["sh", "-n", str(HOOK.parent / "pre-commit")], check=True)
