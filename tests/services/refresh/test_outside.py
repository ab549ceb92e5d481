"""What changed around the tool is journalled, and the log shows each change once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file by hand."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def entries(repo: Repo, *words: str) -> list[dict[str, Any]]:
    """Give the log, newest first."""
    found: list[dict[str, Any]] = repo.json("log", *words)["entries"]
    return found


def journalled(repo: Repo) -> list[tuple[str, str]]:
    """Give (actor, subject) of the journal's own commits, newest first."""
    out = Repo(repo.path / ".git/gittracker/journal.git").git(
        "log", "--all", "--format=%s%x00%(trailers:key=Actor,valueonly,separator=%x2C)%x01")
    rows = [part.strip("\n").split("\0") for part in out.split("\x01") if part.strip("\n")]
    return [(actor, subject.removeprefix("openkit: ")) for subject, actor in rows]


def field_changes(repo: Repo, field: str, *words: str) -> list[tuple[Any, Any, str]]:
    """Give (old, new, actor) of each change of a field, newest first."""
    return [(c["old"], c["new"], e["actor"]) for e in entries(repo, *words) for c in e["changes"]
            if c["field"] == field]


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with one committed ticket."""
    repo.ok("new", "Upload fails")
    repo.commit()
    return repo


def test_a_hand_edit_is_journalled_as_the_editors_before_the_tools_own_entry(work: Repo) -> None:
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.ok("update", "OW-1", "--priority", "high")
    assert [actor for actor, _ in journalled(work)[:2]] == ["alice-smith", "editor"]
    newest, found = entries(work)[:2]
    assert [(c["field"], c["old"], c["new"]) for c in newest["changes"]] == [("priority", "medium", "high")]
    assert found["actor"] == "editor"
    assert [(c["field"], c["new"]) for c in found["changes"]] == [("assignee", "carol")]


def test_a_hand_edit_of_another_ticket_that_a_read_saw_is_journalled_with_the_next_write(work: Repo) -> None:
    work.ok("new", "Second ticket")
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.ok("ls")
    work.ok("update", "OW-2", "--priority", "high")
    assert ("editor", f"{work.file('OW-1').relative_to(work.tracker)} as found") in journalled(work)
    assert field_changes(work, "assignee", "OW-1") == [("", "carol", "editor")]
    before = len(journalled(work))
    work.ok("update", "OW-2", "--priority", "low")
    assert len(journalled(work)) == before + 1


def test_a_hand_edit_that_a_read_saw_is_journalled_though_the_index_was_made_anew(work: Repo) -> None:
    work.ok("new", "Second ticket")
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.ok("ls")
    work.ok("reindex")
    work.ok("update", "OW-2", "--priority", "high")
    assert field_changes(work, "assignee", "OW-1") == [("", "carol", "editor")]


def test_a_comment_written_by_hand_is_listed_and_its_edit_journalled(work: Repo) -> None:
    work.ok("comment", "add", "OW-1", "--body", "by the tool")
    comment, = (work.folder("OW-1") / "comments").glob("*.md")
    edit(comment, "by the tool", "by hand")
    work.ok("comment", "edit", "OW-1", "1", "--body", "by the tool again")
    texts = [(c["old"], c["new"], e["actor"]) for e in entries(work, "OW-1") for c in e["changes"]
             if c["record"] == "comment" and c["field"] == "body"]
    assert texts == [("by hand", "by the tool again", "alice-smith"), ("by the tool", "by hand", "editor")]


def test_what_git_brought_is_the_journals_as_git_and_the_log_shows_the_commit_instead(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.commit("by hand on a branch")
    work.git("switch", "-q", "main")
    work.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    work.ok("update", "OW-1", "--priority", "high")
    assert [actor for actor, _ in journalled(work)[:2]] == ["alice-smith", "git"]
    assert "git" not in {entry["actor"] for entry in entries(work)}
    assert field_changes(work, "assignee") == [("", "carol", "Alice Smith")]


def test_bytes_of_head_are_not_journalled_for_a_ticket_that_the_journal_never_held(work: Repo, tmp_path: Path) -> None:
    work.ok("new", "Second ticket")
    work.commit()
    work.git("clone", "-q", str(work.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.ok("ls")
    clone.ok("update", "OW-1", "--priority", "high")
    assert [actor for actor, _ in journalled(clone)] == ["alice-smith", "git"]
    files = Repo(clone.path / ".git/gittracker/journal.git").git("log", "--all", "--name-only", "--format=")
    assert set(files.split()) == {str(clone.file("OW-1").relative_to(clone.tracker))}


def test_a_tickets_bytes_as_found_go_in_before_its_first_change(work: Repo, tmp_path: Path) -> None:
    found = work.file("OW-1").read_text()
    work.git("clone", "-q", str(work.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.ok("update", "OW-1", "--priority", "high")
    journal = Repo(clone.path / ".git/gittracker/journal.git")
    first = journal.git("rev-list", "--all", "--reverse").split()[0]
    path = clone.file("OW-1").relative_to(clone.tracker)
    assert journal.git("show", f"{first}:{path}") + "\n" == found
    assert field_changes(clone, "priority") == [("medium", "high", "alice-smith")]


def test_the_log_shows_each_change_once_whoever_commits_it(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    work.ok("update", "OW-1", "--priority", "low")
    work.ok("comment", "add", "OW-1", "--body", "remark")
    before = entries(work)
    work.ok("commit")
    assert entries(work) == before
    work.ok("update", "OW-1", "--priority", "urgent")
    work.commit("with the code")
    assert field_changes(work, "priority") == [("low", "urgent", "alice-smith"), ("high", "low", "alice-smith"),
                                               ("medium", "high", "alice-smith")]
    work.ok("reindex")
    assert len(field_changes(work, "priority")) == 3


def test_a_commit_that_goes_back_by_hand_to_what_the_journal_left_earlier_is_in_the_log(work: Repo) -> None:
    start = work.file("OW-1").read_text()
    work.ok("update", "OW-1", "--priority", "high")
    work.ok("update", "OW-1", "--priority", "medium")
    work.ok("update", "OW-1", "--priority", "low")
    work.commit()
    work.file("OW-1").write_text(start)
    work.commit("back by hand")
    assert field_changes(work, "priority")[0] == ("low", "medium", "Alice Smith")


def test_a_change_that_only_a_commit_knows_is_in_the_log_with_its_author(work: Repo) -> None:
    edit(work.file("OW-1"), "priority: medium\n", "priority: high\n")
    work.git("commit", "-q", "-am", "by hand", "--author", "Carol <carol@example.com>")
    entry = entries(work)[0]
    assert (entry["source"], entry["actor"], entry["subject"]) == ("branch", "Carol", "by hand")
    assert [(c["field"], c["old"], c["new"]) for c in entry["changes"]] == [("priority", "medium", "high")]


def test_the_log_is_by_field_and_by_ticket(work: Repo) -> None:
    work.ok("update", "OW-1", "--status", "in-progress", "--label-add", "net")
    work.ok("new", "Second ticket")
    entry = entries(work, "OW-1")[0]
    changes = {c["field"]: (c["old"], c["new"]) for c in entry["changes"]}
    assert changes["status"] == ("backlog", "in-progress") and changes["labels"] == ([], ["net"])
    assert "title" not in changes
    assert all("OW-2" not in e["subject"] for e in entries(work, "OW-1"))
    assert "OW-1 status: backlog → in-progress" in work.ok("log", "OW-1")
    assert len(entries(work, "--limit", "2")) == 2
    behind = entries(work, "--limit", "1")[0]["entry"]
    assert entries(work, "--before", behind) == entries(work)[1:]


@pytest.mark.parametrize("mark", ["\x01", "\x02", "\x03", ":100644 ", "\n\n:", "\xff"])
def test_whatever_characters_a_commit_has_the_commands_go_on(mark: str, work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    message = f"{mark}x{mark}"
    work.git("commit", "-q", "--cleanup=verbatim", "-am", message, GIT_AUTHOR_NAME=f"Al{mark.strip()}ice")
    work.ok("reindex")
    edit(work.file("OW-1"), "priority: high\n", "priority: low\n")
    work.git("commit", "-q", "--allow-empty-message", "-am", "")
    assert work.json("ls")["total"] == 1
    assert field_changes(work, "priority")[0][:2] == ("high", "low")
    assert [e["source"] for e in entries(work)[:2]] == ["branch", "journal"]


def test_an_attachment_whose_name_is_not_utf8_is_deleted_and_comes_back(work: Repo) -> None:
    folder = work.folder("OW-1") / "attachments"
    folder.mkdir()
    name = os.path.join(os.fsencode(folder), b"x\xff\xc3\xa9.txt")
    with open(name, "wb") as file:
        file.write(b"bytes")
    work.ok("ticket", "delete", "OW-1", "--purge")
    assert not os.path.exists(name)
    work.ok("log", "OW-1")
    work.ok("reindex")
    work.ok("undo")
    assert Path(os.fsdecode(name)).read_bytes() == b"bytes"
    work.ok("ticket", "delete", "OW-1", "--purge")
    work.ok("purge", "--history", "OW-1")


def test_the_log_of_a_deleted_ticket_is_still_there(work: Repo) -> None:
    work.ok("ticket", "delete", "OW-1", "--purge")
    subjects = [entry["subject"] for entry in entries(work, "OW-1")]
    assert subjects[0] == "OW-1 deleted" and "OW-1 created: Upload fails" in subjects


def test_a_ticket_is_shown_as_it_was_at_a_revision(work: Repo) -> None:
    work.ok("update", "OW-1", "--title", "Upload is slow")
    work.commit()
    work.ok("update", "OW-1", "--title", "Not committed")
    assert work.json("show", "OW-1", "--at", "HEAD")["title"] == "Upload is slow"
    assert work.json("show", "OW-1", "--at", "main~1")["title"] == "Upload fails"
    assert work.run("show", "OW-1", "--at", "nowhere").status == 2


def test_a_ticket_is_shown_as_it_was_at_a_time(work: Repo) -> None:
    first = next(e["at"] for e in entries(work, "OW-1"))
    seconds = int(time.time())
    while int(time.time()) == seconds:  # the journal counts in seconds
        pass
    work.ok("update", "OW-1", "--title", "Upload is slow")
    assert work.json("show", "OW-1", "--at", first)["title"] == "Upload fails"
    assert work.json("show", "OW-1", "--at", entries(work)[0]["at"])["title"] == "Upload is slow"
    assert work.run("show", "OW-1", "--at", "2001-01-01").status == 3


def test_the_log_of_a_plain_clone_says_that_it_has_no_journal(work: Repo, tmp_path: Path) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    work.ok("commit")
    work.git("clone", "-q", str(work.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    assert "no journal here yet: only the branch's commits are known" in clone.json("log")["limits"]
    assert field_changes(clone, "priority") == [("medium", "high", "Alice Smith")]
    clone.ok("update", "OW-1", "--priority", "low")
    assert clone.json("log")["limits"] == []


def test_a_merge_commit_shows_only_what_differs_from_all_its_parents(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.commit("assign")
    work.git("switch", "-q", "main")
    edit(work.file("OW-1"), "due:\n", "due: 2027-01-01\n")
    work.commit("due")
    work.git("merge", "-q", "--no-commit", "--no-ff", "topic")
    edit(work.file("OW-1"), "title: Upload fails\n", "title: Merged by hand\n")
    work.commit("the merge")
    merge = next(entry for entry in entries(work) if entry["subject"] == "the merge")
    assert [c["field"] for c in merge["changes"]] == ["title"]
    assert len(field_changes(work, "assignee")) == len(field_changes(work, "due")) == 1


def test_a_merge_that_git_did_alone_is_not_in_the_log(work: Repo) -> None:
    work.git("switch", "-q", "-c", "topic")
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.commit("assign")
    work.git("switch", "-q", "main")
    edit(work.file("OW-1"), "due:\n", "due: 2027-01-01\n")
    work.commit("due")
    work.git("merge", "-q", "--no-ff", "-m", "the merge", "topic")
    assert not [c for e in entries(work) if e["subject"] == "the merge" for c in e["changes"]]
    assert len(field_changes(work, "assignee")) == len(field_changes(work, "due")) == 1


def test_a_shallow_clone_says_so_in_its_log(work: Repo, tmp_path: Path) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    work.commit()
    work.git("clone", "-q", "--depth", "1", f"file://{work.path}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    assert any("shallow" in said for said in clone.json("log")["limits"])
    clone.ok("update", "OW-1", "--priority", "low")
    assert any("shallow" in said for said in clone.json("log")["limits"])
    assert field_changes(clone, "priority")[0] == ("high", "low", "alice-smith")


def test_control_characters_in_commits_stop_nothing(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "a\x01b\x02c\x03d", GIT_AUTHOR_NAME="x\x01\x02y")
    repo.ok("reindex")
    assert repo.json("ls")["total"] == 1
    assert repo.json("log", "OW-1")["entries"]


def test_log_takes_names_and_no_patterns(repo: Repo) -> None:
    repo.ok("new", "one")
    assert repo.run("log", "%").status == 3
    assert repo.run("log", "OW_1").status == 3
    assert repo.run("show", "OW-1", "--at", "0001-01-01").status in (2, 3)


def test_a_worktree_where_nobody_wrote_shows_what_others_did_and_does_not_say_that_it_has_no_journal(
        work: Repo, tmp_path: Path) -> None:
    work.git("worktree", "add", "-q", str(tmp_path / "quiet"), "-b", "quiet")
    work.ok("update", "OW-1", "--priority", "high")
    said = Repo(tmp_path / "quiet").json("log")
    assert said["entries"][0]["actor"] == "alice-smith"
    assert said["limits"] == []


def meet_conflict(work: Repo) -> None:
    """Merge a branch whose title of OW-1 is another."""
    for words, title in ((["-c", "topic"], "Upload is slow"), (["main"], "Upload never ends")):
        work.git("switch", "-q", *words)
        work.ok("update", "OW-1", "--title", title)
        work.commit(title)
    work.git("merge", "-q", "topic", check=False)
    assert "<<<<<<<" in work.file("OW-1").read_text()


def test_the_markers_that_a_merge_left_are_gits_and_no_editors(work: Repo) -> None:
    meet_conflict(work)
    work.ok("resolve", "OW-1", "--theirs")
    assert [actor for actor, _ in journalled(work)[:2]] == ["alice-smith", "git"]
    assert "editor" not in [entry["actor"] for entry in entries(work)]
    work.git("commit", "-q", "--no-edit")
    assert work.json("audit", "verify")["findings"] == []


def test_an_edit_between_the_markers_is_an_editors(work: Repo) -> None:
    meet_conflict(work)
    edit(work.file("OW-1"), "assignee:\n", "assignee: carol\n")
    work.ok("resolve", "OW-1", "--theirs")
    assert [actor for actor, _ in journalled(work)[:2]] == ["alice-smith", "editor"]
