"""A tracker on a branch of its own loses nothing to what people do with git, and mends what was moved or removed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Clone, as_nobody
from tests.sandboxes import sandbox
from tests.support import Repo, environment, make_repo

SIDE = ".git/gittracker/tree"


def fill(repo: Repo) -> Repo:
    """Give a repository code, a tracker on its own branch, and a ticket."""
    (repo.path / "code.txt").write_text("one\n")
    repo.commit("code")
    repo.ok("init", "--placement", "side-branch", "--prefix", "OW")
    repo.ok("new", "First", "--status", "todo")
    return repo


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give such a repository to copy."""
    with as_nobody():
        repo = Clone(make_repo(tmp_path_factory.mktemp("side") / "repo").path)
        repo.git("config", "user.name", "alice")
        repo.git("config", "user.email", "alice@example.com")
        yield fill(repo).path


@pytest.fixture
def side(made: Path, tmp_path: Path) -> Repo:
    """Give a copy of it, in which nothing is wrong."""
    shutil.copytree(made, tmp_path / "repo", symlinks=True)
    repo = Clone(tmp_path / "repo")
    repo.ok("doctor", "--fix")
    return repo


def problems(repo: Repo) -> list[str]:
    """List what the doctor finds."""
    return [one["message"] for one in repo.json_whatever("doctor")["problems"]]


def check_whole(repo: Repo) -> None:
    """Check that the tracker reads and writes, and that nothing is wrong with it."""
    assert repo.json("show", "OW-1")["title"] == "First"
    repo.ok("comment", "add", "OW-1", "--body", "still here")
    assert problems(repo) == []


@pytest.mark.parametrize("words", [
    ("clean", "-ffdx"), ("stash", "-a"), ("reset", "--hard"), ("gc", "--quiet", "--prune=now"),
    ("worktree", "prune", "--expire=now"), ("checkout", "--orphan", "empty"), ("rm", "-rqf", ".")],
    ids=lambda words: " ".join(words))
def test_what_git_does_to_the_code_loses_nothing(side: Repo, words: tuple[str, ...]) -> None:
    path = side.file("OW-1")
    path.write_text(path.read_text() + "Not committed.\n")
    (side.path / "scratch").write_text("untracked")
    side.git(*words)
    assert "Not committed." in side.json("show", "OW-1")["description"]
    check_whole(side)
    assert "openkit" in side.git("worktree", "list")


def test_an_old_commit_that_tracks_a_tracker_is_told_and_not_read(side: Repo) -> None:
    side.git("switch", "-q", "--orphan", "old")
    shutil.rmtree(side.tracker, ignore_errors=True)
    side.tracker.unlink(missing_ok=True)
    (side.tracker / "tickets").mkdir(parents=True)
    (side.tracker / "tickets" / "x").write_text("old")
    side.git("add", "-A")
    side.git("commit", "-qm", "old")
    side.git("switch", "-q", "main")
    side.ok("comment", "add", "OW-1", "--body", "the link is back")
    assert side.tracker.is_symlink()
    side.git("switch", "-q", "old")
    assert (side.tracker / "tickets" / "x").read_text() == "old"
    assert side.json("show", "OW-1")["comment_count"] == 1
    found = problems(side)
    assert any("is something else than a link to the tracker" in one for one in found)
    assert any('branch "old" tracks .openkit' in one for one in found)
    side.run("doctor", "--fix")
    assert (side.tracker / "tickets" / "x").read_text() == "old"
    side.git("switch", "-q", "main")
    side.git("branch", "-qD", "old")
    check_whole(side)


def test_a_moved_clone_works_at_once_and_the_doctor_tells_git(side: Repo, tmp_path: Path) -> None:
    side.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    Clone(tmp_path / "other").ok("new", "Second")
    (tmp_path / "elsewhere").mkdir()
    moved = Clone(side.path.rename(tmp_path / "elsewhere" / "moved"))
    moved.ok("update", "OW-1", "--priority", "high")
    assert any("git does not know where" in one for one in problems(moved))
    moved.git("worktree", "repair", str(tmp_path / "other"))
    other = Clone(tmp_path / "other")
    assert any(f'"{other.path}/.openkit" does not lead to the tracker' in one for one in problems(moved))
    told = moved.ok("doctor", "--fix")
    assert "git knows where the tracker's worktree is again" in told
    assert moved.git("worktree", "list").count("prunable") == 0
    assert moved.git("-C", SIDE, "status", "--porcelain") == ""
    assert other.file("OW-2").exists()
    check_whole(moved)
    check_whole(other)


def test_a_copied_clone_never_touches_the_one_it_was_copied_from(side: Repo, tmp_path: Path) -> None:
    shutil.copytree(side.path, tmp_path / "copy", symlinks=True)
    copied = Clone(tmp_path / "copy")
    before = {path: path.read_bytes() for path in sorted((side.path / SIDE).rglob("*")) if path.is_file()}
    head = side.git("rev-parse", "openkit")
    copied.ok("update", "OW-1", "--priority", "high")
    assert copied.run("worktree", "remove", "openkit", "--force").status == 5
    assert copied.run("worktree", "remove", str(side.path / SIDE), "--force").status == 3
    listed = copied.json("worktree", "list")["worktrees"]
    assert [one["flags"] for one in listed if "tracker" in one["flags"]] == [["locked", "tracker"]]
    copied.ok("doctor", "--fix")
    check_whole(copied)
    assert str(copied.path / SIDE) in copied.git("worktree", "list")
    assert side.git("rev-parse", "openkit") == head
    assert {path: path.read_bytes() for path in before} == before
    check_whole(side)


@pytest.mark.parametrize("harm", ["unlock", "unlink", "exclude", "pointer", "no pointer", "folder"])
def test_what_is_missing_is_found_and_mended(side: Repo, harm: str) -> None:
    tree = side.path / SIDE
    if harm == "unlock":
        side.git("worktree", "unlock", str(tree))
    elif harm == "unlink":
        side.tracker.unlink()
    elif harm == "exclude":
        (side.path / ".git/info/exclude").write_text("mine\n")
    elif harm == "pointer":
        (tree / ".git").write_text("gitdir: /nowhere/.git/worktrees/tree\n")
    elif harm == "no pointer":
        (tree / ".git").unlink()
    else:
        shutil.rmtree(tree)
    if harm in ("unlock", "unlink", "exclude"):
        found = side.json_whatever("doctor")
        told = found["notes"] if harm == "unlink" else found["problems"]  # nothing but people needs the link
        assert len(told) == 1 and found["total"] == (harm != "unlink")
        side.ok("doctor", "--fix")
    else:
        done = side.run("ls", "--json")
        assert done.status == 4
        side.ok(*done.error()["hint"].split()[1:])
    assert side.tracker.is_symlink()
    assert side.git("status", "--porcelain") == ""
    check_whole(side)
    if harm == "exclude":
        assert "mine" in (side.path / ".git/info/exclude").read_text()


def test_a_worktree_on_another_branch_is_told(side: Repo) -> None:
    side.git("-C", SIDE, "switch", "-q", "-c", "experiment")
    assert any("is on experiment: git -C" in one for one in problems(side))


def test_a_bare_repository_with_worktrees(made: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", "--bare", str(made), str(tmp_path / "bare.git")], check=True,
                   env=environment())
    Clone(tmp_path / "bare.git").git("worktree", "add", "-q", str(tmp_path / "main"), "main")
    main = Clone(tmp_path / "main")
    assert main.run("ls", "--json").error()["hint"] == "gittracker init"
    main.ok("init")
    Clone(tmp_path / "bare.git").git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "feature"))
    feature = Clone(tmp_path / "feature")
    feature.ok("new", "Second")
    assert {one["slug"] for one in main.json("ls")["tickets"]} == {"OW-1", "OW-2"}
    check_whole(feature)
    made_there = main.json("worktree", "create", "third")["worktree"]["path"]
    check_whole(Clone(Path(made_there)))


def test_a_repository_with_long_hashes(tmp_path: Path) -> None:
    repo = fill(Clone(make_repo(tmp_path / "repo", "--object-format=sha256").path))
    check_whole(repo)
    assert len(repo.git("rev-parse", "openkit")) == 64
    assert repo.git("-C", SIDE, "status", "--porcelain") == ""


def test_a_submodule_has_a_tracker_of_its_own_on_a_branch(made: Path, tmp_path: Path) -> None:
    outer = make_repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "-b", "main", str(made), "lib")
    outer.commit("with a library")
    inner = Clone(outer.path / "lib")
    inner.ok("init")
    check_whole(inner)
    assert outer.git("status", "--porcelain") == ""
    assert os.path.realpath(inner.tracker).startswith(str(outer.path / ".git/modules/lib/gittracker/tree"))


def test_a_sparse_worktree_does_not_make_the_tracker_sparse(made: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", str(made), str(tmp_path / "clone")], check=True, env=environment())
    clone = Clone(tmp_path / "clone")
    clone.git("sparse-checkout", "set", "nothing")
    clone.ok("init")
    check_whole(clone)


def test_without_an_identity_of_gits(tmp_path: Path) -> None:
    nobody = {f"GIT_{role}_{what}": "" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    repo = make_repo(tmp_path / "repo")
    repo.ok("init", "--placement", "side-branch", "--prefix", "OW", env=nobody)
    repo.ok("new", "First", env=nobody)
    assert repo.git("rev-list", "--count", "openkit") == "3"


def test_a_sandbox_that_may_not_write_the_clone_reads_and_is_told_what_to_allow(side: Repo, tmp_path: Path) -> None:
    box = sandbox(side, tmp_path / "tmp", "mount")
    assert box.json("show", "OW-1")["title"] == "First"
    error = box.run("update", "OW-1", "--title", "No", "--json").error()
    assert (error["code"], error["writable_roots"]) == ("sandboxed", [str(side.path / ".git")])
    assert side.json("show", "OW-1")["title"] == "First"


def test_a_fresh_clone_is_set_up_though_an_old_branch_still_tracks_a_tracker(side: Repo, tmp_path: Path) -> None:
    side.git("switch", "-q", "--orphan", "old")
    side.tracker.unlink(missing_ok=True)
    side.tracker.mkdir()
    (side.tracker / "config.json").write_text("{}")
    side.git("add", "-A")
    side.git("commit", "-qm", "old")
    side.git("switch", "-q", "main")
    subprocess.run(["git", "clone", "-q", "-b", "main", str(side.path), str(tmp_path / "clone")], check=True,
                   env=environment())
    clone = Clone(tmp_path / "clone")
    clone.ok("init")
    assert clone.json("show", "OW-1")["title"] == "First"
    assert problems(clone) == ['the branch "origin/old" tracks .openkit, which is not read']
