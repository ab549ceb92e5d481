"""When a ticket last changed is the same in an index that was kept and in a new one, whatever came before."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain.times import utc
from gittracker.services.past import following
from gittracker.services.tracker import open_tracker
from gittracker.services.write import journalling
from tests.near import Near
from tests.support import Repo

OLD, LATER, LATEST = 1_700_000_000, 1_700_000_500, 1_700_009_000
AT = {OLD: "2023-11-14T22:13:20Z", LATER: "2023-11-14T22:21:40Z", LATEST: "2023-11-15T00:43:20Z"}


def edit(path: Path, at: int, old: str = "priority: medium\n", new: str = "priority: high\n") -> None:
    """Edit a file by hand at some moment."""
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, (at, at))


def commit(repo: Repo, at: int, *words: str) -> None:
    """Commit everything at some moment."""
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "work", *words, GIT_AUTHOR_DATE=f"{at} +0000", GIT_COMMITTER_DATE=f"{at} +0000")


def listed(repo: Repo, *words: str) -> Any:
    """List all that is known of all tickets."""
    return repo.json("ls", "--all", "--limit", "1000", *words)


def date_of(repo: Repo, slug: str, *words: str) -> str:
    """Give when a ticket last changed, once in the index as it is and once in a new one, which must agree."""
    found = listed(repo, *words)
    repo.ok("reindex")
    assert listed(repo, *words) == found
    return str(next(one["updated_at"] for one in found["tickets"] if one["slug"] == slug))


@pytest.fixture
def work(repo: Repo, tmp_path: Path) -> Repo:
    """Give a clone without a journal whose two tickets were committed long ago and are listed."""
    repo.ok("new", "Upload fails")
    repo.ok("new", "Second")
    commit(repo, OLD)
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    assert [one["updated_at"] for one in listed(clone)["tickets"]] == [AT[OLD]] * 2
    return clone


def test_a_hand_edit_that_the_journal_takes_in_later_is_dated_by_its_entry(work: Repo) -> None:
    edit(work.file("OW-1"), LATER)
    assert {one["slug"]: one["updated_at"] for one in listed(work)["tickets"]} == {"OW-1": AT[LATER], "OW-2": AT[OLD]}
    work.ok("update", "OW-2", "--priority", "low")
    assert date_of(work, "OW-1") > AT[LATEST]


def test_a_hand_edit_that_the_daemon_journals_is_dated_by_its_entry(work: Repo) -> None:
    work.ok("update", "OW-2", "--priority", "low")
    edit(work.file("OW-1"), LATER)
    assert listed(work)["tickets"][0]["updated_at"] == AT[LATER]
    daemon = open_tracker(str(work.path), "", time.time_ns, os.urandom)
    assert journalling.journal_outside(daemon) == 1
    daemon.close()
    assert date_of(work, "OW-1") > AT[LATEST]


def test_a_hand_edit_is_dated_by_the_commit_that_takes_it_in(work: Repo) -> None:
    edit(work.file("OW-1"), LATER)
    listed(work)
    commit(work, LATEST)
    assert date_of(work, "OW-1") == AT[LATEST]
    assert work.json("show", "OW-1")["updated_at"] == AT[LATEST]


def test_show_knows_the_commit_that_a_log_has_read(work: Repo) -> None:
    edit(work.file("OW-1"), LATER)
    listed(work)
    commit(work, LATEST)
    work.ok("log")
    assert work.json("show", "OW-1")["updated_at"] == AT[LATEST]
    assert date_of(work, "OW-1") == AT[LATEST]


def test_what_a_checkout_writes_anew_keeps_the_date_of_its_commit(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    edit(work.file("OW-1"), LATER)
    commit(work, LATEST)
    assert date_of(work, "OW-1") == AT[LATEST]
    work.git("switch", "-q", "main")
    assert date_of(work, "OW-1") == AT[OLD]
    work.git("switch", "-q", "topic")
    assert date_of(work, "OW-1") == AT[LATEST]


def test_a_commit_that_was_amended_or_undone_dates_nothing_any_more(work: Repo) -> None:
    edit(work.file("OW-1"), LATER)
    commit(work, LATEST)
    listed(work)
    commit(work, LATER, "--amend", "--date", f"{LATER} +0000")
    assert date_of(work, "OW-1") == AT[LATER]
    work.git("reset", "-q", "--soft", "HEAD~1")
    os.utime(work.file("OW-1"), (LATEST, LATEST))
    assert date_of(work, "OW-1") == AT[LATEST]


def test_a_comment_that_a_commit_removes_dates_its_ticket(work: Repo) -> None:
    remark = work.folder("OW-1") / "comments" / "20231114T221320Z-k3f9.md"
    remark.parent.mkdir()
    remark.write_text("by hand\n")
    commit(work, OLD)
    listed(work)
    remark.unlink()
    commit(work, LATER)
    assert date_of(work, "OW-1") == AT[LATER]


def test_merged_branches_date_the_same_whichever_was_there_first(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    edit(work.file("OW-1"), LATER)
    commit(work, LATER)
    work.git("switch", "-q", "main")
    edit(work.file("OW-2"), LATEST)
    commit(work, LATEST)
    listed(work)
    work.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert (date_of(work, "OW-1"), date_of(work, "OW-2")) == (AT[LATER], AT[LATEST])
    work.git("switch", "-q", "topic")
    edit(work.file("OW-2"), LATER)
    commit(work, LATER)
    listed(work)
    work.git("merge", "-q", "-s", "ours", "-m", "ours", "main")
    date_of(work, "OW-2")


def test_a_file_that_was_just_saved_is_not_of_1970(work: Repo) -> None:
    edit(work.file("OW-1"), LATER)
    path = work.file("OW-1")
    path.write_text(path.read_text() + "\nMore.\n")
    assert listed(work)["tickets"][0]["updated_at"] > AT[LATEST]


def test_a_worktree_that_is_read_alone_is_dated_by_its_own_history(work: Repo) -> None:
    work.git("worktree", "add", "-q", "-b", "topic", "../linked")
    linked = Repo(work.path.parent / "linked")
    assert [one["updated_at"] for one in listed(linked, "--here")["tickets"]] == [AT[OLD]] * 2
    edit(linked.file("OW-1"), LATER)
    listed(linked, "--here")
    commit(linked, LATEST)
    assert date_of(linked, "OW-1", "--here") == AT[LATEST]
    linked.git("reset", "-q", "--soft", "HEAD~1")
    os.utime(linked.file("OW-1"), (LATER, LATER))
    assert date_of(linked, "OW-1", "--here") == AT[LATER]


def test_a_new_index_reads_back_as_far_as_the_one_before_it(work: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_COMMITS", 3)
    near = Near(work.path)  # in this process, for that bound
    edit(near.file("OW-2"), LATER)
    for at in (LATER, LATEST, LATEST):
        commit(near, at)
        near.file("OW-1").write_text(near.file("OW-1").read_text() + "\nMore.\n")
    shutil.rmtree(near.path / ".git/gittracker/cache")
    for at in range(LATEST, LATEST + 3):
        listed(near)
        near.file("OW-1").write_text(near.file("OW-1").read_text() + "\nMore.\n")
        commit(near, at)
    assert (date_of(near, "OW-2"), date_of(near, "OW-1")) == (AT[LATER], utc(LATEST + 2))
    assert "only the newest 6 tracker commits" in near.ok("log", "--limit", "1")
    shutil.rmtree(near.path / ".git/gittracker/cache")
    assert "only the newest 3 tracker commits" in near.ok("log", "--limit", "1")


@pytest.fixture
def linked(work: Repo) -> Repo:
    """Give a worktree beside the clone's own, in which a ticket was edited."""
    work.git("worktree", "add", "-q", "-b", "topic", "../linked")
    beside = Repo(work.path.parent / "linked")
    edit(beside.file("OW-1"), LATER)
    return beside


def test_what_another_worktree_edited_is_dated_by_that_and_then_by_its_commit(work: Repo, linked: Repo) -> None:
    assert date_of(work, "OW-1") == AT[LATER]
    commit(linked, LATEST)
    assert date_of(work, "OW-1") == date_of(linked, "OW-1") == AT[LATEST]
    work.git("merge", "-q", "topic")
    assert date_of(work, "OW-1") == AT[LATEST]


def test_what_another_worktree_writes_anew_keeps_its_date_and_what_it_gives_up_has_none(work: Repo, linked: Repo,
                                                                                       ) -> None:
    commit(linked, LATEST)
    listed(work)
    linked.git("checkout", "-q", "--detach", "HEAD~1")
    linked.git("checkout", "-q", "topic")
    assert date_of(work, "OW-1") == AT[LATEST]
    linked.git("reset", "-q", "--soft", "HEAD~1")
    os.utime(linked.file("OW-1"), (LATER, LATER))
    assert date_of(work, "OW-1") == AT[LATER]
    linked.git("checkout", "-q", "-f", "HEAD", "--", ".")
    assert date_of(work, "OW-1") == AT[OLD]


def test_a_branch_that_nobody_has_checked_out_dates_what_it_changed(work: Repo, linked: Repo) -> None:
    commit(linked, int(time.time()) - 100)
    told = date_of(work, "OW-1")
    assert told > AT[LATEST]
    work.git("worktree", "remove", "--force", str(linked.path))
    assert date_of(work, "OW-1") == told
    work.git("branch", "-q", "-D", "topic")
    assert date_of(work, "OW-1") == AT[OLD]
