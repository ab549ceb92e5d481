"""The daemon over a tracker on a branch of its own: one copy is watched, and what an editor does becomes a commit."""

from __future__ import annotations

from pathlib import Path

from tests.support import Repo, make_repo
from tests.watch.test_daemon import edit, told, wait_for


def test_an_edit_through_a_link_is_told_and_committed_without_a_command(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    repo.git("commit", "-q", "--allow-empty", "-m", "code")
    repo.ok("init", "--prefix", "OW", "--placement", "side-branch")
    repo.ok("new", "First")
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("new", "Second")
    other.ok("daemon", "start")
    try:
        assert repo.json("daemon", "status")["worktrees"] == [str(repo.path / ".git/gittracker/tree")]
        edit(other.file("OW-1"), "title: First", "title: By hand")
        wait_for(lambda: ("OW-1", "editor", {"title": ["First", "By hand"]}) in told(repo))
        assert repo.json("show", "OW-1")["title"] == other.json("ls")["tickets"][0]["title"] == "By hand"
        wait_for(lambda: "Actor: editor" in repo.git("log", "-1", "--format=%b", "openkit"))
        assert repo.git("-C", ".git/gittracker/tree", "status", "--porcelain") == ""
        repo.ok("comment", "add", "OW-1", "--body", "after it")
        assert other.json("show", "OW-1")["comment_count"] == 1
    finally:
        repo.ok("daemon", "stop")
