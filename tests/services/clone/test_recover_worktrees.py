"""What a removed worktree took with it is found in its journal, from any other; what was deleted on purpose is not."""

from __future__ import annotations

import shutil

import pytest

from tests.near import Near
from tests.services.clone.test_worktrees import create
from tests.services.past.test_recover import bodies, lost
from tests.support import Repo, make_tracker


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker with OW-1, committed, and the worktree side with work that is not."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "Upload fails", "--label", "net")
    repo.commit()
    side = create(repo, "side")
    side.ok("comment", "add", "OW-1", "--body", "seen there")
    side.ok("update", "OW-1", "--status", "todo", "--label-add", "slow")
    side.ok("new", "Born there")
    side.ok("comment", "add", "OW-2", "--body", "its own")
    return repo


def remove(home: Repo, side: Repo) -> None:
    """Let git take the worktree and its branch away, as whoever knows nothing of the tracker would."""
    home.git("worktree", "remove", "--force", str(side.path))
    home.git("branch", "-q", "-D", "side")


def test_what_is_there_in_another_worktree_is_not_lost(home: Repo, side: Repo) -> None:
    assert lost(home) == [] and lost(side) == []


def test_everything_comes_back_from_a_removed_worktrees_journal(home: Repo, side: Repo) -> None:
    ticket, comment = side.file("OW-2").read_bytes(), next(side.folder("OW-1").glob("comments/*")).read_bytes()
    assert "lost" not in home.ok("ls")
    remove(home, side)
    assert lost(home) == ["comment", "comment", "fields", "ticket"]
    assert "1 lost ticket(s): gittracker recover" in home.ok("ls")
    assert "1 lost comment(s): gittracker recover OW-1" in home.ok("show", "OW-1")
    assert home.ok("recover").splitlines() == [
        "OW-1: 1 comment(s): gittracker recover OW-1", "OW-2: the whole ticket: gittracker recover OW-2",
        "OW-1: labels, status: gittracker recover OW-1"]
    assert "a lost ticket: gittracker recover" in home.run("doctor").out
    home.ok("recover", "OW-1")
    home.ok("recover", "OW-2")
    shown = home.json("show", "OW-1", "--here")
    assert (shown["status"], shown["labels"]) == ("todo", ["net", "slow"])
    assert next(home.folder("OW-1").glob("comments/*")).read_bytes() == comment
    assert home.file("OW-2").read_bytes() == ticket and bodies(home, "OW-2") == ["its own"]
    assert lost(home) == [] and home.run("doctor").out == "no problems\n"


def test_it_is_found_by_a_new_index_and_from_a_worktree_that_came_later(home: Repo, side: Repo) -> None:
    remove(home, side)
    home.ok("reindex")
    shutil.rmtree(home.path / ".git/gittracker/cache")
    later = create(home, "later")
    assert lost(later) == ["comment", "comment", "fields", "ticket"]
    later.ok("recover", "OW-2")
    assert lost(later) == lost(home) == ["comment", "fields"]


def test_what_a_branch_has_is_not_lost_with_its_worktree(home: Repo, side: Repo) -> None:
    side.commit()
    home.git("worktree", "remove", str(side.path))
    assert lost(home) == []
    home.git("branch", "-q", "-D", "side")
    assert lost(home) == ["comment", "comment", "fields", "ticket"]


def test_what_was_deleted_elsewhere_on_purpose_is_not_called_lost(home: Repo, side: Repo) -> None:
    side.commit()
    home.git("merge", "-q", "side")
    home.ok("ticket", "delete", "OW-2", "--purge")
    home.commit()
    home.git("commit", "-q", "--amend", "--allow-empty", "-m", "squashed")
    remove(home, side)
    home.ok("comment", "add", "OW-1", "--body", "another entry")
    assert lost(home) == []


def test_what_is_forgotten_stays_so_though_another_journal_has_it(home: Repo, side: Repo) -> None:
    remove(home, side)
    home.ok("recover", "OW-1", "--forget")
    home.ok("recover", "OW-2", "--forget")
    assert lost(home) == ["fields"]
    home.ok("reindex")
    shutil.rmtree(home.path / ".git/gittracker/cache")
    assert lost(home) == ["fields"]


def test_fields_that_were_merged_and_changed_since_do_not_come_back(home: Repo, side: Repo) -> None:
    side.commit()
    home.git("merge", "-q", "--squash", "side")
    home.commit()
    home.ok("update", "OW-1", "--status", "done")
    home.commit()
    remove(home, side)
    assert lost(home) == []
    before = home.file("OW-1").read_bytes()
    home.ok("recover", "OW-1")
    assert home.file("OW-1").read_bytes() == before


def test_an_edit_by_hand_after_the_journals_last_word_is_not_undone(home: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "high")
    path = home.file("OW-1")
    path.write_text(path.read_text().replace("priority: high", "priority: low"))
    home.commit()
    home.ok("recover", "OW-1")
    assert home.json("show", "OW-1", "--here")["priority"] == "low"
