"""What git took from the working tree is found in the journal and comes back; what is to be forgotten stays gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo
from tests.test_schemas import fits

_SECRET = "hunter2-correct-horse"

# Ways to lose uncommitted work with git; the first two take the fields of a tracked ticket along.
LOSSES = {
    "reset --hard": [["add", "-A"], ["reset", "-q", "--hard"]],
    "checkout -f": [["add", "-A"], ["checkout", "-q", "-f", "HEAD", "--", "."], ["reset", "-q"],
                    ["clean", "-q", "-fdx"]],
    "clean -fdx": [["clean", "-q", "-fdx"]],
    "reset of a commit": [["add", "-A"], ["commit", "-q", "-m", "tracker"], ["reset", "-q", "--hard", "HEAD~1"]],
    "stash dropped": [["stash", "-q", "-u"], ["stash", "drop", "-q"]],
}
_KEEP_FIELDS = ("clean -fdx",)


def lose(repo: Repo, how: str) -> None:
    """Lose uncommitted work."""
    for words in LOSSES[how]:
        repo.git(*words)


def bodies(repo: Repo, slug: str = "OW-1") -> list[str]:
    """List a ticket's comments."""
    return [one["body"] for one in repo.json("comment", "list", slug)["comments"]]


def files(repo: Repo) -> dict[str, bytes]:
    """Read all tickets' files."""
    return {str(p.relative_to(repo.tracker)): p.read_bytes() for p in repo.tracker.rglob("tickets/**/*")
            if p.is_file()}


def lost(repo: Repo) -> list[str]:
    """List what recover says is lost."""
    return sorted(one["what"] for one in fits("output/lost", repo.json("recover"))["lost"])


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with a committed ticket and comment."""
    repo.ok("new", "Upload fails", "--label", "backend")
    repo.ok("comment", "add", "OW-1", "--body", "committed remark")
    repo.commit()
    return repo


@pytest.mark.parametrize("how", LOSSES)
def test_comments_and_fields_that_git_took_come_back(how: str, work: Repo) -> None:
    work.ok("comment", "add", "OW-1", "--body", "first lost")
    work.ok("comment", "add", "OW-1", "--body", "second lost")
    work.ok("update", "OW-1", "--status", "in-progress", "--label-add", "urgent")
    before = files(work)
    lose(work, how)
    assert len(files(work)) == len(before) - 2
    shown = work.ok("show", "OW-1")
    assert "2 lost comment(s): gittracker recover OW-1" in shown.splitlines()
    assert work.json("show", "OW-1")["comment_count"] == 1
    fields = [] if how in _KEEP_FIELDS else ["labels, started_at, status"]
    assert lost(work) == ["comment", "comment", *(["fields"] if fields else [])]
    assert work.ok("recover").splitlines() == [f"OW-1: {what}: gittracker recover OW-1"
                                               for what in ("2 comment(s)", *fields)]
    assert work.json("show", "OW-1")["status"] == ("in-progress" if how in _KEEP_FIELDS else "backlog")
    work.ok("recover", "OW-1")
    assert sorted(bodies(work)) == ["committed remark", "first lost", "second lost"]
    after = work.json("show", "OW-1")
    assert (after["status"], after["labels"]) == ("in-progress", ["backend", "urgent"])
    assert files(work) == before
    assert lost(work) == []
    assert "lost comment" not in work.ok("show", "OW-1")
    assert "recovered" in work.json("log")["entries"][0]["subject"]


def test_a_whole_ticket_that_git_took_comes_back(work: Repo) -> None:
    work.ok("new", "Second ticket", "--description", "All of it.")
    work.ok("comment", "add", "OW-2", "--body", "remark")
    work.ok("workpad", "set", "OW-2", "--body", "## Plan\nlook")
    before = files(work)
    work.git("clean", "-q", "-fdx")
    assert work.run("show", "OW-2").status == 3
    assert "OW-2: the whole ticket: gittracker recover OW-2" in work.ok("recover").splitlines()
    work.ok("recover", "ow-2")
    assert files(work) == before
    assert work.json("show", "OW-2")["description"] == "All of it."
    assert bodies(work, "OW-2") == ["remark"]


def test_the_number_of_a_lost_ticket_is_not_given_out_again(work: Repo) -> None:
    work.ok("new", "Second ticket")
    work.git("clean", "-q", "-fdx")
    assert work.json("new", "Third ticket")["ticket"]["slug"] == "OW-3"
    work.ok("recover", "OW-2")
    assert {one["title"] for one in work.json("ls")["tickets"]} == {"Upload fails", "Second ticket", "Third ticket"}


def test_fields_that_were_changed_since_the_loss_are_kept_by_recover(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high", "--assignee", "bob")
    lose(work, "reset --hard")
    work.ok("update", "OW-1", "--title", "Upload is slow")
    work.ok("recover", "OW-1")
    shown = work.json("show", "OW-1")
    assert shown["title"] == "Upload is slow"


def test_a_comment_on_another_local_branch_is_not_lost_until_the_branch_goes(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    work.ok("comment", "add", "OW-1", "--body", "on the topic")
    work.commit()
    work.git("switch", "-q", "main")
    assert bodies(work) == ["committed remark", "on the topic"]  # the board has the branch's
    assert lost(work) == []
    assert "lost comment" not in work.ok("show", "OW-1")
    work.git("branch", "-q", "-D", "topic")
    assert lost(work) == ["comment"]
    assert "1 lost comment(s): gittracker recover OW-1" in work.ok("show", "OW-1")
    work.ok("recover", "OW-1")
    assert "on the topic" in bodies(work)


def test_what_is_forgotten_is_hidden_for_good_and_later_losses_are_still_told(work: Repo) -> None:
    work.ok("comment", "add", "OW-1", "--body", "let it go")
    lose(work, "clean -fdx")
    assert lost(work) == ["comment"]
    work.ok("recover", "OW-1", "--forget")
    assert lost(work) == []
    work.ok("reindex")
    assert lost(work) == []
    assert "lost" not in work.ok("show", "OW-1")
    assert "forgot" in work.json("log")["entries"][0]["subject"]
    work.ok("comment", "add", "OW-1", "--body", "keep this")
    lose(work, "clean -fdx")
    assert lost(work) == ["comment"]
    work.ok("recover", "OW-1")
    assert sorted(bodies(work)) == ["committed remark", "keep this"]


def test_deleting_purging_and_undoing_leave_nothing_to_recover(work: Repo) -> None:
    work.ok("new", "Second ticket")
    work.ok("comment", "add", "OW-2", "--body", "remark")
    work.ok("comment", "delete", "OW-2", "1")
    assert lost(work) == []
    work.ok("ticket", "delete", "OW-2", "--purge")
    assert lost(work) == []
    work.ok("new", "Third ticket")
    work.ok("undo")
    assert lost(work) == []
    assert work.ok("recover") == "nothing is lost\n"


def test_recover_of_a_ticket_that_lost_nothing_changes_nothing(work: Repo) -> None:
    before = files(work)
    entries = work.json("log")["entries"]
    assert work.run("recover", "OW-1").status == 0
    assert files(work) == before and work.json("log")["entries"] == entries
    assert work.run("recover", "OW-77").status == 3


# --- purge --history ---

def holds(folder: Path, text: str) -> bool:
    """Search every object of a repository."""
    repo = Repo(folder)
    ids = [line.split()[0] for line in repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()]
    assert ids
    return any(text in repo.git("cat-file", "-p", one) for one in ids)


def holds_raw(folder: Path, text: str) -> list[str]:
    """Name the files that hold a text as it is: the index, receipts, intents, drafts."""
    return [p.name for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


def journal(repo: Repo) -> Path:
    """Give the journal's repository."""
    return repo.path / ".git/gittracker/journal.git"


def test_purging_history_takes_a_tickets_bytes_out_of_everything_that_is_ours(work: Repo) -> None:
    work.ok("new", f"Ticket {_SECRET}", "--description", _SECRET, "--idempotency-key", "one")
    work.ok("comment", "add", "OW-2", "--body", f"the password is {_SECRET}")
    work.ok("workpad", "set", "OW-2", "--body", _SECRET)
    work.ok("update", "OW-2", "--title", f"Renamed {_SECRET}")
    work.ok("comment", "add", "OW-1", "--body", "harmless")
    refused = work.run("purge", "--history", "OW-2", "--json")
    assert refused.status == 5 and refused.error()["hint"] == "gittracker ticket delete OW-2 --purge"
    assert holds(journal(work), _SECRET)
    work.ok("ticket", "delete", "OW-2", "--purge")
    assert holds(journal(work), _SECRET)
    done = work.json("purge", "--history", "OW-2")
    assert done["in_commits"] is False and done["entries"] == 5
    assert not holds(journal(work), _SECRET)
    assert holds_raw(work.path / ".git/gittracker", _SECRET) == []
    assert Repo(journal(work)).git("fsck", "--full", "--strict") == ""
    subjects = [entry["subject"] for entry in work.json("log")["entries"]]
    assert subjects.count("OW-2 purged") == 5 or subjects == [
        "OW-1 comment added", "OW-1 comment added", "OW-1 created: Upload fails", "tracker set up"]
    messages = Repo(journal(work)).git("log", "--all", "--format=%s").splitlines()
    assert messages.count("openkit: OW-2 purged") == 5
    assert "openkit: OW-1 created: Upload fails" in messages
    assert lost(work) == []
    work.ok("comment", "add", "OW-1", "--body", "life goes on")
    assert work.json("new", "Next")["ticket"]["slug"] == "OW-3"
    assert len(bodies(work)) == 3


def test_purging_a_deleted_comments_history_keeps_the_rest_of_its_ticket(work: Repo) -> None:
    work.ok("comment", "add", "OW-1", "--body", f"the password is {_SECRET}")
    work.ok("update", "OW-1", "--status", "todo")
    ref = work.json("comment", "list", "OW-1")["comments"][1]["ref"]
    assert work.run("purge", "--history", ref).status == 5
    work.ok("comment", "delete", "OW-1", "2")
    work.ok("purge", "--history", ref)
    assert not holds(journal(work), _SECRET)
    assert holds_raw(work.path / ".git/gittracker", _SECRET) == []
    assert bodies(work) == ["committed remark"]
    assert any(change["new"] == "todo" for entry in work.json("log", "OW-1")["entries"] for change in entry["changes"])
    assert lost(work) == []
    work.ok("undo")
    assert work.json("show", "OW-1")["status"] == "backlog"


def test_purging_history_tells_that_the_branchs_commits_still_hold_it(work: Repo) -> None:
    work.ok("new", f"Ticket {_SECRET}")
    work.commit()
    work.ok("ticket", "delete", "OW-2", "--purge")
    said = work.ok("purge", "--history", "OW-2")
    assert "commits still hold it" in said
    assert not holds(journal(work), _SECRET)
    assert holds(work.path, _SECRET)


def test_purge_asks_for_the_word_history_and_for_something_known(work: Repo) -> None:
    refused = work.run("purge", "OW-1", "--json")
    assert refused.status == 2 and refused.error()["hint"] == "gittracker purge --history OW-1"
    assert work.run("purge", "--history", "OW-9").status == 3


def test_a_tracker_of_a_newer_format_is_not_purged(work: Repo) -> None:
    work.ok("ticket", "delete", "OW-1", "--purge")
    config = work.tracker / "config.json"
    config.write_text(config.read_text().replace('"format": 1', '"format": 2'))
    assert work.run("purge", "--history", "OW-1").status == 7


def test_lists_and_the_doctor_mention_lost_tickets(repo: Repo) -> None:
    repo.ok("new", "Stays")
    repo.commit()
    repo.ok("new", "Goes")
    assert "lost" not in repo.ok("ls")
    repo.git("clean", "-fdxq")
    assert "1 lost ticket(s): gittracker recover" in repo.ok("ls")
    assert "a lost ticket: gittracker recover" in repo.run("doctor").out
    repo.ok("recover", "OW-2")
    assert "lost" not in repo.ok("ls")
    repo.ok("doctor")


def test_tickets_of_another_branch_are_not_called_lost(repo: Repo) -> None:
    repo.ok("new", "Stays")
    repo.commit()
    repo.git("checkout", "-qb", "feature")
    repo.ok("new", "On the branch")
    repo.commit()
    repo.git("checkout", "-q", "main")
    assert "lost" not in repo.ok("ls")


def test_after_a_purge_no_file_of_the_clone_has_the_text(repo: Repo) -> None:
    repo.ok("new", "Key", "--description", "sesame-opens-this-door")
    repo.ok("search", "sesame")
    repo.ok("ticket", "delete", "OW-1", "--purge")
    repo.ok("purge", "--history", "OW-1")
    for path in (repo.path / ".git" / "gittracker").rglob("*"):
        assert path.is_dir() or b"sesame" not in path.read_bytes(), path


def test_a_purge_that_died_between_its_renames_loses_no_journal(repo: Repo) -> None:
    repo.ok("new", "one")
    local = repo.path / ".git" / "gittracker"
    (local / "journal.git").rename(local / "journal.git.old")
    repo.ok("new", "two")
    assert "OW-1 created" in repo.ok("log")
    assert not (local / "journal.git.old").exists()


def test_a_clone_without_a_journal_has_nothing_to_purge(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "one")
    repo.commit()
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    refused = clone.run("purge", "--history", "OW-1")
    assert refused.status == 5 and "still there" in refused.err
    assert clone.run("purge", "--history", "OW-9").status == 3
