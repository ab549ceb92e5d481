"""A branch's tracker files land on another branch by record: nothing else moves, and the merge afterwards is clean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.near import Near
from tests.services.clone.test_worktrees import create
from tests.support import Repo, make_repo, make_tracker
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with OW-1 and some code, and a worktree on the branch side, which changed code and tracker."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "Upload fails", "--label", "net")
    (repo.path / "code.py").write_text("one\ntwo\nthree\n")
    repo.commit()
    made = create(repo, "side")
    made.ok("new", "Born here")
    made.ok("comment", "add", "OW-1", "--body", "seen there")
    made.ok("update", "OW-1", "--priority", "high", "--label-add", "slow")
    (made.path / "code.py").write_text("one\nzwei\nthree\n")
    made.commit("code and tracker")
    return repo


def land(repo: Repo, *words: str) -> dict[str, Any]:
    """Land and give what was done."""
    found: dict[str, Any] = fits("output/landed", repo.json("land", *words))
    return found


def names(repo: Repo, commit: str) -> list[str]:
    """Name the files that a commit changes."""
    return repo.git("show", "--format=", "--name-only", commit).splitlines()


def test_only_the_tracker_lands_and_the_worktree_of_the_other_branch_comes_along(home: Repo, side: Repo) -> None:
    home.ok("update", "OW-1", "--title", "Upload fails often")
    home.commit()
    (home.path / "code.py").write_text("one\ntwo\ndrei\n")
    (home.path / "staged.py").write_text("pass\n")
    home.git("add", "staged.py")
    done = land(side)
    assert (done["branch"], done["onto"], done["commit"]) == ("side", "main", home.git("rev-parse", "main"))
    assert all(name.startswith(".openkit/tickets/") for name in names(home, "main")) and len(done["files"]) == 3
    assert home.git("status", "--porcelain").splitlines() == [" M code.py", "A  staged.py"]
    shown = home.json("show", "OW-1", "--here")
    assert (shown["title"], shown["priority"], shown["labels"], shown["comment_count"]) == (
        "Upload fails often", "high", ["net", "slow"], 1)
    assert home.json("show", "OW-2", "--here")["title"] == "Born here"
    message = home.git("log", "-1", "--format=%B")
    assert message.startswith("openkit: side landed: OW-1, OW-2\n") and "\nActor: alice-smith\n" in message
    assert home.git("log", "-1", "--format=%P").split() == [home.git("rev-parse", "main~1")]
    assert land(side)["commit"] is None
    assert "main has all that side has" in side.ok("land")


def test_a_merge_after_a_landing_is_clean_and_brings_the_code(home: Repo, side: Repo) -> None:
    home.ok("update", "OW-1", "--assignee", "carol", "--label-add", "a-first")
    home.commit()
    before = land(side)["commit"]
    home.git("merge", "-q", "--no-edit", "side")
    assert home.git("diff", "--name-only", f"{before}..HEAD").splitlines() == ["code.py"]
    shown = home.json("show", "OW-1", "--here")
    assert (shown["assignee"], shown["priority"], shown["labels"]) == ("carol", "high", ["a-first", "net", "slow"])
    assert home.run("doctor").out == "no problems\n"


def test_a_branch_lands_again_and_again_by_what_is_new_since(home: Repo, side: Repo) -> None:
    land(side)
    side.ok("update", "OW-1", "--priority", "low")
    side.commit()
    assert home.json("show", "OW-1", "--here")["priority"] == "high"
    done = land(side)  # it changed on both sides since they parted, but not since it landed
    assert done["disputes"] == [] and home.json("show", "OW-1", "--here")["priority"] == "low"
    home.git("merge", "-q", "--no-edit", "side")
    assert home.json("show", "OW-1", "--here")["priority"] == "low"
    home.ok("update", "OW-1", "--priority", "urgent")
    home.commit()
    assert land(side)["commit"] is None and home.json("show", "OW-1", "--here")["priority"] == "urgent"


def test_a_merge_by_git_starts_from_what_landed(home: Repo, side: Repo) -> None:
    land(side)
    home.ok("update", "OW-1", "--priority", "urgent", "--label-remove", "slow")
    home.commit()
    side.ok("update", "OW-1", "--due", "2027-01-01")
    side.commit()
    home.git("merge", "-q", "--no-edit", "side")  # by git alone, both sides would have changed them
    shown = home.json("show", "OW-1", "--here")
    assert (shown["priority"], shown["labels"], shown["due"]) == ("urgent", ["net"], "2027-01-01")


def test_what_both_changed_is_named_and_nothing_is_done_until_a_side_is_chosen(home: Repo, side: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "low")
    home.commit()
    before = home.git("rev-parse", "main"), home.git("status", "--porcelain")
    refused = side.run("land", "--json")
    assert refused.status == 5 and refused.error()["disputes"] == ["OW-1 priority"]
    assert (home.git("rev-parse", "main"), home.git("status", "--porcelain")) == before
    assert side.run("land", "--ours", "--theirs").status == 2
    kept = land(side, "--ours")
    assert [(one["field"], one["kept"], one["dropped"]) for one in kept["disputes"]] == [("priority", "low", "high")]
    shown = home.json("show", "OW-1", "--here")
    assert (shown["priority"], shown["comment_count"]) == ("low", 1)
    home.git("reset", "-q", "--hard", "HEAD~1")
    land(side, "--theirs")
    assert home.json("show", "OW-1", "--here")["priority"] == "high"
    home.git("merge", "-q", "--no-edit", "side")


def test_the_board_chooses_the_later_value_of_each_field(home: Repo, side: Repo) -> None:
    path = home.file("OW-1")
    path.write_text(path.read_text().replace("priority: medium", "priority: low"))
    home.git("commit", "-qam", "by hand, later than the journal's entry", GIT_AUTHOR_DATE="@4000000000 +0000")
    side.ok("update", "OW-1", "--due", "2027-01-01")
    side.commit()
    done = land(side, "--board")
    assert [(one["field"], one["kept"], one["keeps"]) for one in done["disputes"]] == [("priority", "low", "ours")]
    shown = home.json("show", "OW-1", "--here")
    assert (shown["due"], shown["priority"]) == ("2027-01-01", "low")


def test_a_dry_run_says_it_and_changes_no_ref_and_no_file(home: Repo, side: Repo) -> None:
    before = home.git("for-each-ref"), home.git("status", "--porcelain"), side.git("status", "--porcelain")
    done = land(home, "side", "--dry-run")
    assert done["dry_run"] and done["commit"] is None and len(done["files"]) == 3
    assert "side would land on main: 1 ticket created" in home.ok("land", "side", "--dry-run")
    assert (home.git("for-each-ref"), home.git("status", "--porcelain"), side.git("status", "--porcelain")) == before


def test_uncommitted_edits_in_the_same_files_stand_in_the_way_and_others_do_not(home: Repo, side: Repo) -> None:
    home.ok("new", "Not committed")
    land(side)
    assert home.json("show", "OW-3", "--here")["title"] == "Not committed"
    side.ok("update", "OW-1", "--due", "2027-01-01")
    side.commit()
    home.ok("update", "OW-1", "--assignee", "carol")
    refused = side.run("land", "--json")
    assert refused.status == 5 and refused.error()["hint"] == f"gittracker -C {home.path} commit"
    shown = home.json("show", "OW-1", "--here")
    assert (shown["assignee"], shown["due"]) == ("carol", None)
    home.ok("commit")
    land(side)
    shown = home.json("show", "OW-1", "--here")
    assert (shown["assignee"], shown["due"]) == ("carol", "2027-01-01")


def test_what_is_uncommitted_on_the_branch_does_not_land_and_that_is_said(home: Repo, side: Repo) -> None:
    side.ok("comment", "add", "OW-1", "--body", "later")
    done = side.run("land")
    assert done.status == 0 and "1 uncommitted tracker file(s) of side do not land" in done.err
    assert home.json("show", "OW-1", "--here")["comment_count"] == 1


def test_a_branch_that_is_checked_out_nowhere_is_landed_on_and_from(home: Repo, side: Repo) -> None:
    home.git("branch", "-q", "release")
    done = land(home, "side", "--onto", "release")
    assert home.git("rev-parse", "release") == done["commit"] and home.git("status", "--porcelain") == ""
    assert names(home, "release") == done["files"]
    assert "gittracker: land side" in home.git("reflog", "show", "release", "-1", check=False)
    side.git("switch", "-q", "--detach")
    assert side.run("land", "--json").status == 2
    assert len(land(home, "side")["files"]) == 3


def hook(home: Repo, name: str, script: str) -> None:
    """Give the clone a hook."""
    path = home.path / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_no_command_writes_while_files_change_and_the_users_hook_may_call_us_after_it(
        home: Repo, side: Repo, tmp_path: Path) -> None:
    ask = (f"{sys.executable} -c 'import fcntl; fcntl.flock(open(\"{home.path}/.git/gittracker/state/lock\"), "
           f"fcntl.LOCK_EX | fcntl.LOCK_NB)' 2> {tmp_path}/err && echo free >> {tmp_path}/NAME || "
           f"echo held >> {tmp_path}/NAME")
    hook(home, "reference-transaction", f"grep -q ' refs/heads/main$' || exit 0\n{ask.replace('NAME', 'moving')}")
    hook(home, "post-merge", ask.replace("NAME", "merged"))
    assert land(side)["commit"] == home.git("rev-parse", "main")
    assert set((tmp_path / "moving").read_text().split()) == {"held"}
    assert (tmp_path / "merged").read_text().split() == ["free"]


def test_a_branch_that_a_hook_keeps_from_moving_keeps_its_files(home: Repo, side: Repo) -> None:
    hook(home, "reference-transaction", "grep -q ' refs/heads/main$' && exit 1 || exit 0")
    before = home.git("rev-parse", "main")
    error = side.run("land", "--json").error()
    assert error["code"] == "conflict" and "aborted by hook" in error["message"]
    assert (home.git("rev-parse", "main"), home.git("status", "--porcelain")) == (before, "")
    assert home.json("show", "OW-1", "--here")["priority"] == "medium"


@pytest.mark.parametrize("name", ["refs/heads/odd", "q'uote;$(id)", "ünï/@x"])
def test_a_branch_lands_whatever_it_is_called(home: Repo, side: Repo, name: str) -> None:
    side.git("switch", "-q", "-c", name)
    assert land(home, name)["branch"] == name
    assert home.json("show", "OW-2", "--here")["title"] == "Born here"


def test_branches_that_cannot_be_landed_are_refused(home: Repo) -> None:
    for words, status in ((["nobody"], 3), (["side", "--onto", "nobody"], 3), (["main"], 2),
                          (["side", "--onto", "side"], 2)):
        refused = home.run("land", *words, "--json")
        assert refused.status == status and refused.error()["hint"], words


def test_nothing_lands_in_the_middle_of_a_merge_or_on_a_branch_that_is_being_rebased(home: Repo, side: Repo) -> None:
    home.git("switch", "-q", "-c", "other")
    (home.path / "code.py").write_text("uno\ntwo\nthree\n")
    home.commit()
    home.git("switch", "-q", "main")
    (home.path / "code.py").write_text("eins\ntwo\nthree\n")
    home.commit()
    home.git("merge", "other", check=False)
    refused = side.run("land", "--json")
    assert refused.status == 5 and "merge under way" in refused.error()["message"]
    home.git("merge", "--abort")
    home.git("rebase", "other", check=False)
    refused = side.run("land", "--onto", "main", "--json")
    assert refused.status == 5 and "rebase under way" in refused.error()["message"]
    home.git("rebase", "--abort")
    assert land(side)["commit"]


def test_a_bare_clone_gets_it_as_a_commit_on_its_branch(home: Repo, side: Repo, tmp_path: Path) -> None:
    home.git("clone", "-q", "--bare", str(home.path), str(tmp_path / "bare.git"))
    bare = Near(tmp_path / "bare.git")
    bare.git("worktree", "add", "-q", str(tmp_path / "work"), "side")
    done = land(Near(tmp_path / "work"))
    assert done["onto"] == "main" and bare.git("rev-parse", "main") == done["commit"]
    assert names(bare, "main") == done["files"]


def test_a_branch_without_the_tracker_is_no_deletion_of_it(home: Repo, side: Repo) -> None:
    home.ok("batch", given="\n".join(f'["new", "T{number}"]' for number in range(6)))
    home.commit()
    side.git("rebase", "-q", "main")
    side.git("rm", "-rq", ".openkit/tickets")
    side.git("commit", "-q", "-m", "gone")
    before = home.git("rev-parse", "main")
    refused = home.run("land", "side", "--json")
    assert refused.status == 6 and "has lost" in refused.error()["message"]
    assert home.git("rev-parse", "main") == before


def test_what_was_squashed_and_changed_since_does_not_come_back(home: Repo, side: Repo) -> None:
    home.ok("new", "Beside it")
    home.commit()
    home.git("merge", "-q", "--squash", "side")
    home.commit()
    home.ok("update", "OW-1", "--priority", "urgent")
    home.commit()
    assert land(side)["commit"] is None and home.json("show", "OW-1", "--here")["priority"] == "urgent"


def test_a_deletion_lands_and_what_was_worked_on_meanwhile_stays(home: Repo, side: Repo) -> None:
    side.ok("ticket", "delete", "OW-2", "--purge")
    home.ok("new", "C")
    home.commit()
    side.git("merge", "-q", "--no-edit", "main")
    side.ok("ticket", "delete", "OW-3", "--purge")
    side.commit()
    land(side)
    assert home.run("show", "OW-3", "--here").status == 3
    side.ok("ticket", "delete", "OW-1", "--purge", "--force")
    side.commit()
    path = home.file("OW-1")  # by hand: for commands the ticket is gone, as a merge by git would have it
    path.write_text(path.read_text().replace("due:", "due: 2027-01-01"))
    home.commit()
    done = land(side)
    assert done["kept"] == [f".openkit/tickets/0/{home.folder('OW-1').name}/ticket.md"]
    assert home.json("show", "OW-1", "--here")["due"] == "2027-01-01"


def test_a_clone_of_one_branch_alone_has_nothing_to_land(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r")
    repo.ok("init", "--prefix", "OW")
    refused = repo.run("land", "--json")
    assert refused.status == 2 and refused.error()["hint"]
