"""A tracker on a branch of its own: one copy for all worktrees, and nothing of it in the code's branches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, as_nobody
from tests.services.write.test_races import wait_for
from tests.support import Repo, make_repo

SIDE = ".git/gittracker/tree"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a repository with code, a tracker on its own branch, and a ticket, to copy."""
    with as_nobody():
        folder = tmp_path_factory.mktemp("side") / "repo"
        repo = Clone(make_repo(folder).path)
        repo.git("config", "user.name", "alice")
        repo.git("config", "user.email", "alice@example.com")
        (folder / "code.txt").write_text("one\n")
        repo.commit("code")
        repo.ok("init", "--placement", "side-branch", "--prefix", "OW")
        repo.ok("new", "First", "--status", "todo")
        yield folder


@pytest.fixture
def side(made: Path, tmp_path: Path) -> Repo:
    """Give a copy of it, moved as a user moves a folder."""
    shutil.copytree(made, tmp_path / "repo", symlinks=True)
    repo = Clone(tmp_path / "repo")
    repo.ok("setup")
    return repo


@pytest.fixture
def other(side: Repo, tmp_path: Path) -> Repo:
    """Give a second worktree of code."""
    side.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    return Clone(tmp_path / "other")


def tree(repo: Repo) -> Repo:
    """Give the worktree that the tracker has to itself."""
    return Clone(repo.path / SIDE)


def slugs(repo: Repo) -> list[str]:
    """List the tickets that are seen from a worktree."""
    return [one["slug"] for one in repo.json("ls", "--all")["tickets"]]


def test_init_makes_a_branch_that_holds_the_tracker_alone(side: Repo) -> None:
    assert side.git("ls-tree", "-r", "--name-only", "main") == "code.txt"
    assert side.git("config", "gittracker.placement") == "side-branch"
    assert side.git("merge-base", "main", "openkit", check=False) == ""
    assert tree(side).git("rev-parse", "--abbrev-ref", "HEAD") == "openkit"
    assert "locked" in side.git("worktree", "list", "--porcelain")
    assert side.git("status", "--porcelain", "--ignored") == "!! .openkit"
    assert os.readlink(side.tracker) == f"{SIDE}/.openkit"
    again = side.ok("init", "--placement", "side-branch")
    assert "nothing to do" in again


def test_all_worktrees_read_and_write_one_copy(side: Repo, other: Repo) -> None:
    other.ok("new", "Second")
    side.ok("update", "OW-2", "--priority", "high")
    inside = Clone(tree(side).tracker / "tickets")
    inside.ok("comment", "add", "OW-1", "--body", "from within")
    for one in (side, other, tree(side), inside):
        assert sorted(slugs(one)) == ["OW-1", "OW-2"]
        assert one.json("show", "OW-2")["priority"] == "high"
        assert one.json("show", "OW-1")["comment_count"] == 1
    assert os.path.realpath(other.tracker) == os.path.realpath(tree(side).tracker)
    assert other.git("status", "--porcelain") == side.git("status", "--porcelain") == ""


def test_a_plain_edit_in_any_worktree_is_seen_from_all(side: Repo, other: Repo) -> None:
    other.ok("new", "Second")
    path = other.file("OW-1")
    path.write_text(path.read_text().replace("title: First", "title: Edited"))
    assert side.json("show", "OW-1")["title"] == "Edited"
    assert other.json("ls")["tickets"][0]["title"] == "Edited"


def test_claims_name_the_worktree_that_they_are_made_from(side: Repo, other: Repo) -> None:
    claimed = other.json("claim", "OW-1", "--as", "bot:a")["lease"]
    assert (claimed["worktree"], claimed["branch"]) == (str(other.path), "feature")
    listed = {Path(one["path"]).name: [lease["slug"] for lease in one["claims"]]
              for one in side.json("worktree", "list")["worktrees"]}
    assert listed == {"repo": [], "other": ["OW-1"], "tree": []}
    other.ok("comment", "add", "OW-1", "--body", "mine", "--as", "bot:a")
    assert side.run("update", "OW-1", "--status", "done", "--as", "bot:b").status == 6
    other.ok("release", "OW-1", "--as", "bot:a")


def test_undo_takes_back_the_last_that_was_done_in_this_worktree(side: Repo, other: Repo) -> None:
    side.ok("update", "OW-1", "--priority", "high")
    other.ok("update", "OW-1", "--title", "Other")
    side.ok("undo")
    shown = side.json("show", "OW-1")
    assert (shown["priority"], shown["title"]) == ("medium", "Other")
    other.ok("undo")
    assert other.json("show", "OW-1")["title"] == "First"
    assert other.run("undo").status == 3
    side.ok("reindex")
    side.ok("undo")
    assert slugs(other) == []


def test_a_handoff_has_what_is_uncommitted_where_the_holder_worked(side: Repo, other: Repo) -> None:
    other.ok("claim", "OW-1", "--as", "bot:a", "--for", "1s")
    (other.path / "code.txt").write_text("two\n")
    wait_for(lambda: side.run("take-over", "OW-1", "--as", "bot:b").status == 0)
    packet = side.json("handoff", "show", "OW-1")
    assert packet["lease"]["holder"] == "bot:a"
    assert "+two" in packet["changes"]["diff"]


def test_what_code_branches_have_is_no_part_of_the_board(side: Repo, other: Repo) -> None:
    other.git("checkout", "-q", "--orphan", "old")
    other.tracker.unlink(missing_ok=True)
    folder = other.path / ".openkit" / "tickets" / "0" / "OW-9-abcd"
    folder.mkdir(parents=True)
    (folder / "ticket.md").write_text("---\nslug: OW-9\n\ntitle: Stray\n---\n")
    other.git("add", "-A")
    other.git("commit", "-q", "-m", "a branch that tracks a tracker")
    assert slugs(side) == slugs(other) == ["OW-1"]
    other.git("checkout", "-q", "feature")
    assert not other.tracker.exists()
    other.ok("comment", "add", "OW-1", "--body", "the link comes back")
    assert other.tracker.is_symlink()


def test_a_branch_that_tracks_a_tracker_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    repo.ok("init", "--prefix", "OW")
    repo.commit()
    repo.git("switch", "-q", "-c", "without")
    repo.git("rm", "-rq", ".openkit")
    repo.git("commit", "-q", "-m", "away with it")
    error = repo.run("init", "--placement", "side-branch", "--json").error()
    assert (error["code"], error["branches"]) == ("conflict", ["refs/heads/main"])
    assert '"main" tracks .openkit' in error["message"]
    assert repo.git("branch", "--list", "openkit") == ""
    assert not (repo.path / SIDE).exists()


def test_a_folder_or_another_branch_in_the_way_is_left_alone(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    (repo.path / "a").write_text("a")
    repo.commit()
    repo.git("branch", "openkit")
    error = repo.run("init", "--placement", "side-branch", "--json").error()
    assert error["code"] == "conflict"
    assert 'holds "a"' in error["message"]
    repo.git("branch", "-m", "openkit", "another")
    repo.tracker.mkdir()
    (repo.tracker / "notes").write_text("mine")
    error = repo.run("init", "--placement", "side-branch", "--json").error()
    assert "there is a folder" in error["message"]
    assert (repo.tracker / "notes").read_text() == "mine"
    assert repo.run("init", "--placement", "elsewhere").status == 2


def test_settings_that_say_another_placement_are_refused_until_they_are_mended(side: Repo) -> None:
    path = side.tracker / "config.json"
    path.write_text(path.read_text().replace("side-branch", "in-tree"))
    error = side.run("new", "Second", "--json").error()
    assert (error["code"], error["path"]) == ("invalid_data", "config.json")
    assert slugs(side) == ["OW-1"]
    side.ok("init")
    side.ok("new", "Second")


def test_land_has_nothing_to_land_and_says_so(side: Repo, other: Repo) -> None:
    error = other.run("land", "--json").error()
    assert (error["code"], error["hint"]) == ("unavailable", "gittracker sync")


def test_worktrees_are_made_beside_with_a_link_and_removed(side: Repo) -> None:
    made = side.json("worktree", "create", "--ticket", "OW-1")
    there = Clone(Path(made["worktree"]["path"]))
    assert made["tracker"]
    assert there.path.parent == side.path.parent
    assert there.tracker.is_symlink()
    assert slugs(there) == ["OW-1"]
    side.ok("worktree", "remove", "OW-1-first")
    assert not there.path.exists()
    error = side.run("worktree", "remove", str(tree(side).path), "--force", "--json").error()
    assert error["code"] == "conflict"
    assert slugs(side) == ["OW-1"]


def test_an_init_that_died_is_taken_up_where_it_was(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    repo.git("commit", "-q", "--allow-empty", "-m", "code")
    root = repo.git("commit-tree", "-m", "the tracker's branch", repo.git("mktree"))
    repo.git("update-ref", "refs/heads/openkit", root)
    repo.ok("init", "--placement", "side-branch", "--prefix", "OW")
    shutil.rmtree(tree(repo).path / ".openkit")
    repo.git("-C", SIDE, "reset", "-q", "--hard", root)
    repo.ok("init", "--prefix", "OW")
    repo.ok("new", "First")
    assert slugs(repo) == ["OW-1"]
    assert repo.git("-C", SIDE, "status", "--porcelain") == ""


def test_a_merge_by_hand_is_resolved_from_any_worktree(side: Repo, other: Repo) -> None:
    base = tree(side).git("rev-parse", "HEAD")
    side.ok("update", "OW-1", "--title", "Ours")
    tree(side).git("switch", "-q", "-c", "theirs", base)
    other.ok("update", "OW-1", "--title", "Theirs", "--priority", "high")
    tree(side).git("switch", "-q", "openkit")
    tree(side).git("merge", "theirs", check=False)
    assert any("conflict" in one["message"] for one in other.json_whatever("doctor")["problems"])
    other.ok("resolve", "OW-1", "--theirs")
    tree(side).git("commit", "-q", "--no-edit")
    shown = side.json("show", "OW-1")
    assert (shown["title"], shown["priority"]) == ("Theirs", "high")
    side.ok("comment", "add", "OW-1", "--body", "on")
    assert tree(side).git("status", "--porcelain") == ""
