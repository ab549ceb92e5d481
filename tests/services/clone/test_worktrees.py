"""Worktrees are listed with what only they have, made where OpenKit has them, and never removed with the last copy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.near import Near
from tests.support import Repo, environment, make_repo, make_tracker
from tests.templates import copy
from tests.test_schemas import fits

WHERE = ".openkit/worktrees"


def listed(repo: Repo) -> dict[str, Any]:
    """Give the worktrees by branch, or by folder where they are on none."""
    found = fits("output/worktrees", repo.json("worktree", "list"))["worktrees"]
    return {one["branch"] or Path(one["path"]).name: one for one in found}


def only(repo: Repo, branch: str) -> list[str]:
    """Name the records that exist only in a branch's worktree."""
    return [one["name"] for one in listed(repo)[branch]["only_here"]["records"]]


def create(repo: Repo, *words: str) -> Repo:
    """Make a worktree and give it."""
    made = fits("output/worktree", repo.json("worktree", "create", *words))
    return Near(Path(made["worktree"]["path"]))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with OW-1, committed."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "Upload fails on a slow line")
    repo.commit()
    return repo


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    """Give a copy of it."""
    return copy(template, tmp_path / "repo")


def test_a_worktree_for_a_ticket_is_named_after_it_and_lies_where_openkit_has_them(home: Repo) -> None:
    made = home.json("worktree", "create", "--ticket", "ow-1")
    assert made["worktree"]["branch"] == "OW-1-upload-fails-on-a-slow-line"
    assert (made["from"], made["tracker"]) == ("main", True)
    assert made["worktree"]["path"] == str(home.path / WHERE / "OW-1-upload-fails-on-a-slow-line")
    assert home.git("status", "--porcelain") == ""
    there = Near(Path(made["worktree"]["path"]))
    assert there.json("show", "OW-1")["title"] == "Upload fails on a slow line"
    assert listed(home)["OW-1-upload-fails-on-a-slow-line"]["tickets"] == ["OW-1"]
    assert listed(there)["OW-1-upload-fails-on-a-slow-line"]["here"] and listed(there)["main"]["home"]


def test_a_folder_is_named_after_its_branch(home: Repo) -> None:
    for branch, folder in (("feature/fast", "fast"), ("fix/a_b.c", "a-b-c"), ("x/y", "x-y")):
        assert create(home, branch).path == home.path / WHERE / folder


def test_a_branch_that_is_there_is_taken_and_one_of_a_remote_is_followed(home: Repo, tmp_path: Path) -> None:
    home.git("branch", "old")
    assert create(home, "old").git("rev-parse", "--abbrev-ref", "HEAD") == "old"
    home.git("clone", "-q", str(home.path), str(tmp_path / "clone"))
    clone = Near(tmp_path / "clone")
    made = clone.json("worktree", "create", "old", "--path", str(tmp_path / "new"))
    assert made["from"] == "origin/old"
    assert Near(tmp_path / "new").git("rev-parse", "--abbrev-ref", "old@{upstream}") == "origin/old"


_REFUSED = [
    ([], 2, "no branch and no ticket"), (["a..b"], 2, "can't be the name"), (["main"], 5, "is checked out in"),
    (["x", "--ticket", "OW-1"], 2, "does not name OW-1"), (["--ticket", "OW-9"], 3, 'no ticket "OW-9"'),
    (["x", "--from", "nowhere"], 3, 'no revision "nowhere"'), (["x", "--path", "."], 5, "is there already"),
    (["taken", "--from", "main"], 5, "is there already, so it can't begin")]


def test_a_tag_that_is_called_like_home_confuses_nobody(home: Repo) -> None:
    home.git("tag", "main")
    home.ok("comment", "add", "OW-1", "--body", "after the tag")
    home.commit()
    made = home.json("worktree", "create", "fix")
    assert (made["from"], made["worktree"]["commit"]) == ("main", home.git("rev-parse", "refs/heads/main"))
    assert home.json("claim", "OW-1")["lease"]["branch"] == "main"


def test_a_worktree_that_could_not_be_made_leaves_no_branch(home: Repo) -> None:
    (home.path / "file").write_text("in the way")
    error = home.run("worktree", "create", "fix", "--path", str(home.path / "file/x"), "--json").error()
    assert "could not make" in error["message"]
    assert home.git("branch", "--format=%(refname:short)") == "main"


def test_what_cannot_be_made_is_refused_with_a_next_step(home: Repo) -> None:
    home.git("branch", "taken")
    for words, status, part in _REFUSED:
        refused = home.run("worktree", "create", *(str(home.path) if word == "." else word for word in words), "--json")
        assert (refused.status, part in refused.error()["message"]) == (status, True), refused.err
        assert refused.error()["hint"]
    refused = home.run("worktree", "create", "x", "--json", env={"GITTRACKER_SANDBOXED": "1"})
    assert refused.status == 6 and refused.error()["code"] == "sandboxed"
    assert list(listed(home)) == ["main"]


def test_what_exists_only_there_is_told_until_another_branch_has_it(home: Repo) -> None:
    side = create(home, "side")
    side.ok("new", "Born here")
    side.ok("comment", "add", "OW-1", "--body", "seen here")
    side.ok("update", "OW-1", "--priority", "high")
    assert only(home, "side") == ["OW-1", "OW-2"] and only(home, "main") == []
    assert len(listed(home)["side"]["uncommitted"]) == 3
    side.commit()
    assert only(home, "side") == ["OW-1", "OW-2"] and listed(home)["side"]["uncommitted"] == []
    home.git("merge", "-q", "--squash", "side")  # no commit yet: the bytes alone are elsewhere
    assert only(home, "side") == []
    home.commit()
    home.ok("update", "OW-1", "--priority", "low")
    home.commit()
    assert only(home, "side") == []  # a state that the other branch has left behind adds nothing
    side.ok("comment", "add", "OW-1", "--body", "one more")
    assert only(home, "side") == ["OW-1"]


def test_what_was_only_deleted_there_is_told_until_another_branch_has_deleted_it(home: Repo) -> None:
    home.ok("new", "Second")
    home.commit()
    side = create(home, "side")
    side.git("rm", "-rq", str(side.folder("OW-2")))
    for _ in range(2):
        found = listed(home)["side"]["only_here"]
        assert (found["summary"], [one["events"] for one in found["records"]]) == ("1 ticket removed", [["removed"]])
        refused = home.run("worktree", "remove", "side", "--json")
        assert refused.status == 5 and "1 ticket removed" in refused.error()["message"]
        side.git("commit", "-qm", "without it", "--allow-empty")
    home.git("merge", "-q", "--squash", "side")
    home.git("commit", "-qm", "landed")
    assert only(home, "side") == []
    home.ok("worktree", "remove", "side")


def test_a_worktree_without_anything_of_its_own_is_removed_and_its_branch_stays(home: Repo) -> None:
    side = create(home, "side")
    done = fits("output/worktree_removed", home.json("worktree", "remove", "side"))
    assert done["removed"]["branch"] == "side" and done["only_there"] == []
    assert not side.path.exists() and "side" in home.git("branch", "--list", "side")


def test_what_lives_only_there_stands_in_the_way_and_the_next_step_is_named(home: Repo) -> None:
    side = create(home, "side")
    side.ok("new", "Born here")
    refused = home.run("worktree", "remove", "side", "--json")
    error = refused.error()
    assert refused.status == 5 and "1 uncommitted tracker file" in error["message"] and "OW-2" in error["message"]
    assert error["hint"] == f"gittracker -C {side.path} commit" and len(error["only_there"]) == 1
    side.commit()
    refused = home.run("worktree", "remove", str(side.path), "--json")
    assert refused.status == 5 and refused.error()["hint"] == "gittracker land side"
    assert side.path.is_dir()
    home.git("merge", "-q", "side")
    home.ok("worktree", "remove", "side")
    assert home.json("show", "OW-2", "--here")["title"] == "Born here"


def test_uncommitted_code_is_gits_to_protect(home: Repo) -> None:
    side = create(home, "side")
    (side.path / "code.py").write_text("pass\n")
    refused = home.run("worktree", "remove", "side", "--json")
    assert refused.status == 5 and "modified or untracked" in refused.error()["message"]
    assert (side.path / "code.py").is_file()


def test_what_a_forced_removal_takes_away_is_in_the_journal_first(home: Repo) -> None:
    side = create(home, "side")
    number = side.json("comment", "add", "OW-1", "--body", "by the tool") and listed(home)["side"]["number"]
    comments = side.folder("OW-1") / "comments"
    (comments / "20261122T100000Z-k3f9.md").write_text("---\nby: bob\n---\nby an editor\n")
    done = home.json("worktree", "remove", number, "--force")
    assert len(done["only_there"]) == 2 and not side.path.exists()
    journal = Near(home.path / ".git/gittracker/journal.git")
    names = journal.git("ls-tree", "-r", "--name-only", f"refs/journal/{number}").splitlines()
    assert len([name for name in names if "/comments/" in name]) == 2
    assert "Actor: editor" in journal.git("log", f"refs/journal/{number}")


def test_what_a_sandboxed_command_left_is_journalled_before_its_worktree_goes(home: Repo) -> None:
    side = create(home, "side")
    side.ok("comment", "add", "OW-1", "--body", "first")
    number = listed(home)["side"]["number"]
    side.ok("comment", "add", "OW-1", "--body", "sandboxed", env={"GITTRACKER_SANDBOXED": "1"})
    assert listed(home)["side"]["flags"] == ["waiting entries"]
    side.git("add", "-A")
    side.git("commit", "-q", "-m", "work")
    home.git("merge", "-q", "side")
    home.ok("worktree", "remove", "side")
    journal = Near(home.path / ".git/gittracker/journal.git")
    told = journal.git("log", "--format=%s", f"refs/journal/{number}").splitlines()
    assert told == ["openkit: OW-1 comment added"] * 2


def test_the_main_one_this_one_locked_ones_and_busy_ones_are_not_removed(home: Repo) -> None:
    side = create(home, "side")
    for repo, name, part in ((home, "main", "main worktree"), (side, "side", "where this command runs")):
        refused = repo.run("worktree", "remove", name, "--force", "--json")
        assert refused.status == 5 and part in refused.error()["message"]
    home.git("worktree", "lock", str(side.path))
    assert listed(home)["side"]["flags"] == ["locked"]
    assert home.run("worktree", "remove", "side", "--json").error()["hint"].startswith("git worktree unlock ")
    home.git("worktree", "unlock", str(side.path))
    (Path(side.git("rev-parse", "--git-dir")) / "MERGE_HEAD").write_text(home.git("rev-parse", "HEAD") + "\n")
    assert "merge under way" in home.run("worktree", "remove", "side", "--force", "--json").error()["message"]
    assert home.run("worktree", "remove", "nobody").status == 3 and side.path.is_dir()


def test_a_worktree_whose_folder_is_gone_is_listed_and_taken_off_the_list(home: Repo) -> None:
    side = create(home, "side")
    shutil.rmtree(side.path)
    assert listed(home)["side"]["flags"] == ["missing", "prunable"]
    home.ok("worktree", "remove", "side")
    assert list(listed(home)) == ["main"]


def test_a_bare_clone_with_worktrees_has_them_beside_it(home: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "project" / ".bare"
    home.git("clone", "-q", "--bare", str(home.path), str(bare))
    Near(bare).git("worktree", "add", "-q", str(tmp_path / "project" / "main"), "main")
    first = Near(tmp_path / "project" / "main")
    assert first.run("worktree", "list").status == 0
    assert listed(first)[".bare"]["flags"] == ["bare"] and listed(first)["main"]["home"]
    second = create(first, "topic")
    assert second.path == tmp_path / "project" / "topic"
    second.ok("new", "In the second")
    assert only(first, "topic") == ["OW-2"]
    assert first.run("worktree", "remove", "topic").status == 5
    second.commit()
    first.git("merge", "-q", "topic")
    first.ok("worktree", "remove", "topic")
    assert list(listed(first)) == [".bare", "main"]


def test_a_submodules_worktree_lies_in_its_work_tree_and_not_in_gits_folder(home: Repo, tmp_path: Path) -> None:
    around = make_repo(tmp_path / "around")
    around.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(home.path), "sub")
    inside = Near(around.path / "sub")
    made = create(inside, "fix")
    assert made.path == inside.path / WHERE / "fix"
    made.ok("comment", "add", "OW-1", "--body", "there")
    made.ok("commit")
    made.ok("land")
    assert inside.git("status", "--porcelain") == ""
    found = {branch: (one["path"], one["here"]) for branch, one in listed(inside).items()}
    assert found == {"main": (str(inside.path), True), "fix": (str(made.path), False)}


def test_a_detached_worktrees_commits_are_its_own(home: Repo) -> None:
    home.git("worktree", "add", "-q", "--detach", str(home.path.parent / "loose"))
    loose = Near(home.path.parent / "loose")
    loose.ok("new", "On no branch")
    loose.git("add", "-A")
    loose.git("commit", "-q", "-m", "loose")
    assert listed(home)["loose"]["flags"] == ["detached"] and only(home, "loose") == ["OW-2"]
    refused = home.run("worktree", "remove", "loose", "--json")
    assert refused.status == 5 and "switch -c NAME" in refused.error()["hint"]


def test_a_clone_without_the_trackers_ignore_file_gets_its_worktrees_beside_it(repo: Repo) -> None:
    repo.git("commit", "-q", "--allow-empty", "-m", "code only")
    (repo.tracker / ".gitignore").unlink()
    done = repo.run("worktree", "create", "topic")
    assert done.status == 0 and f"{repo.path}-topic" in done.out and "not on topic" in done.err
    assert listed(repo)["topic"]["flags"] == ["no tracker"]


def test_called_from_a_hook_of_another_repository_it_looks_only_here(home: Repo) -> None:
    env = environment(GIT_DIR="/nowhere", GIT_WORK_TREE="/nowhere")
    assert home.ok("worktree", "list", env={k: v for k, v in env.items() if k.startswith("GIT_")}).startswith("main ")


def test_the_doctor_names_records_of_a_branch_that_its_remote_deleted_and_entries_that_wait_elsewhere(
        home: Repo, tmp_path: Path) -> None:
    home.git("clone", "-q", str(home.path), str(tmp_path / "clone"))
    clone = Near(tmp_path / "clone")
    side = create(clone, "side")
    side.ok("new", "Born here")
    side.commit()
    side.git("push", "-q", "-u", "origin", "side")
    assert clone.run("doctor").out.endswith("no problems\n")
    side.git("push", "-q", "origin", ":side")
    told = [one["message"] for one in clone.json_whatever("doctor")["problems"]]
    assert told == ['only the branch "side", whose upstream is gone, has OW-2 (1 ticket created): gittracker land side']
    clone.ok("land", "side")
    side.ok("comment", "add", "OW-1", "--body", "sandboxed", env={"GITTRACKER_SANDBOXED": "1"})
    told = [one["message"] for one in clone.json_whatever("doctor")["problems"]]
    assert told[0] == f'entries wait for the journal in "{side.path}": gittracker -C {side.path} commit'
    assert len(told) == 2 and 'only the branch "side"' in told[1]  # the comment came after what landed


def test_a_worktree_that_holds_a_claim_is_not_removed_before_it_is_released(home: Repo) -> None:
    home.ok("update", "OW-1", "--status", "todo")
    home.commit()
    side = create(home, "OW-1-side")
    side.ok("claim", "OW-1", "--as", "bot:codex-1")
    assert listed(home)["OW-1-side"]["claims"] == [{"slug": "OW-1", "holder": "bot:codex-1"}]
    assert "claimed there: OW-1 by bot:codex-1" in home.ok("worktree", "list")
    refused = home.run("worktree", "remove", "OW-1-side", "--json")
    assert refused.status == 5 and refused.error()["hint"] == f"gittracker -C {side.path} release OW-1"
    side.ok("release", "OW-1", "--as", "bot:codex-1")
    assert listed(home)["OW-1-side"]["claims"] == []
    side.git("checkout", "-q", "--", ".")
    home.ok("worktree", "remove", "OW-1-side")


def test_a_clone_that_was_copied_with_its_index_goes_on(home: Repo, tmp_path: Path) -> None:
    side = create(home, "side")
    side.ok("comment", "add", "OW-1", "--body", "there")
    side.ok("update", "OW-1", "--status", "todo", "--label-add", "slow")
    side.ok("new", "Born there")
    copied = copy(home, tmp_path / "copy", whole=True)
    assert "priority medium → high" in copied.ok("update", "OW-1", "--priority", "high")
    assert copied.json("show", "OW-1", "--here")["priority"] == "high"
    assert home.json("show", "OW-1")["priority"] == "medium"


def test_a_sparse_worktree_without_the_trackers_files_has_them_in_its_commits(home: Repo) -> None:
    side = create(home, "side")
    side.ok("new", "Born here")
    side.commit()
    (home.path / "src").mkdir()
    side.git("sparse-checkout", "set", "src")
    assert not side.tracker.exists() and listed(home)["side"]["flags"] == ["no tracker"]
    assert only(home, "side") == ["OW-2"] and listed(home)["side"]["uncommitted"] == []
    assert "OW-2" in home.run("worktree", "remove", "side", "--json").error()["message"]
    side.ok("land")
    assert home.json("show", "OW-2", "--here")["title"] == "Born here"
    home.ok("worktree", "remove", "side")
