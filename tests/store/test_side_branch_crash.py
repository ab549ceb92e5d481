"""A command that is killed has its commit on the tracker's branch after the next one, once, or none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.hands import Hand
from tests.store.test_crash import Crash, check_journal, crash, seen
from tests.support import Repo, make_repo

SIDE = ".git/gittracker/tree"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker on a branch of its own, with a ticket."""
    repo = make_repo(tmp_path_factory.mktemp("template") / "made")
    repo.git("commit", "-q", "--allow-empty", "-m", "code")
    repo.ok("init", "--prefix", "OW", "--placement", "side-branch")
    repo.ok("new", "First")
    return repo


def test_after_a_kill_files_journal_index_and_branch_agree(template: Repo, tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, (["new", "Second"], ["update", "OW-1", "--title", "Changed"])))
    whole = copy(template, tmp_path / "whole")
    assert crash(whole, 0, "batch", given=lines) is None
    every = (tmp_path / "whole.steps").read_text().splitlines()
    for name in ("locked", "intent saved", "files written", "journalled", "indexed", "index followed", "committed",
                 "intent cleared"):
        found = crash(copy(template, tmp_path / name.replace(" ", "-")), every.index(name) + 1, "batch", given=lines)
        assert found and found.steps[-1] == name
        check(found)


def copy(made: Repo, path: Path) -> Repo:
    """Copy a repository."""
    return Repo(Path(shutil.copytree(made.path, path, symlinks=True)))


def check(found: Crash) -> None:
    """Check that the next command leaves all of the dead one or nothing, in one commit."""
    tree = Repo(found.repo.path / SIDE)
    with Hand(found.repo.path) as hand:
        hand.ok("comment", "add", "OW-1", "--body", "next")
    assert seen(found.repo)["titles"] == (["Changed", "Second"] if found.promised else ["First"]), found.steps
    check_journal(found.repo)
    told = tree.git("log", "--reverse", "--format=%s").split("\n")[3:]
    assert len(told) == 1 + found.promised, (found.steps, told)
    assert told[-1] == "openkit: OW-1 comment added"
    rows = tree.git("status", "--porcelain").split("\n")  # a temp file of the dead command is for the doctor to tell
    assert [row for row in rows if row and not row.endswith(".tmp~")] == [], found.steps
    assert tree.git("diff-index", "--cached", "--name-only", "HEAD") == "", found.steps
