"""Undo takes back an entry of any kind, by field, and never what came later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import Repo


def files(repo: Repo) -> dict[str, bytes]:
    """Read all tickets' files."""
    return {str(p.relative_to(repo.tracker)): p.read_bytes() for p in repo.tracker.rglob("tickets/**/*")
            if p.is_file()}


def last(repo: Repo) -> dict[str, Any]:
    """Give the newest entry."""
    entry: dict[str, Any] = repo.json("log")["entries"][0]
    return entry


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with two tickets, a comment and a workpad."""
    repo.ok("new", "Upload fails", "--label", "backend", "--description", "Short.")
    repo.ok("new", "Second ticket")
    repo.ok("comment", "add", "OW-1", "--body", "first remark")
    repo.ok("workpad", "set", "OW-1", "--body", "## Plan\nlook")
    return repo


_BATCH = "\n".join(json.dumps(line) for line in (
    ["new", "Third ticket", "--depends-on", "OW-1"], ["update", "OW-1", "--status", "todo", "--label-add", "x"],
    ["comment", "add", "OW-2", "--body", "batched"], ["comment", "edit", "OW-1", "1", "--body", "edited"]))

KINDS = {
    "create": (["new", "Third ticket"], ""),
    "a scalar": (["update", "OW-1", "--priority", "high"], ""),
    "several scalars": (["update", "OW-1", "--status", "in-progress", "--title", "New", "--due", "2027-01-01"], ""),
    "a set": (["update", "OW-1", "--label-add", "urgent", "--label-remove", "backend"], ""),
    "a custom field": (["update", "OW-1", "--set", "x_team=core"], ""),
    "the description": (["update", "OW-1", "--description", "Quite\nlong."], ""),
    "a link": (["ticket", "link", "OW-1", "depends_on", "OW-2"], ""),
    "close": (["done", "OW-1", "OW-2"], ""),
    "comment add": (["comment", "add", "OW-2", "--body", "second remark"], ""),
    "comment edit": (["comment", "edit", "OW-1", "1", "--body", "another text"], ""),
    "comment delete": (["comment", "delete", "OW-1", "1"], ""),
    "workpad": (["workpad", "append", "OW-1", "--section", "Progress", "--body", "half"], ""),
    "a first workpad": (["workpad", "set", "OW-2", "--body", "new"], ""),
    "batch": (["batch"], _BATCH),
    "archive": (["ticket", "archive", "OW-1"], ""),
    "purge delete": (["ticket", "delete", "OW-1", "--purge"], ""),
}


@pytest.mark.parametrize("kind", KINDS)
def test_undo_brings_every_byte_back_and_undo_of_the_undo_takes_it_again(kind: str, work: Repo) -> None:
    words, given = KINDS[kind]
    before = files(work)
    listed = work.json("ls", "--query", "is:open,closed,archived")
    work.ok(*words, given=given)
    after = files(work)
    assert after != before
    done = last(work)
    assert f"undo of {done['entry'][:10]}: {done['subject']}" in work.ok("undo")
    assert files(work) == before
    restored = work.json("ls", "--query", "is:open,closed,archived")
    assert [t["slug"] for t in restored["tickets"]] == [t["slug"] for t in listed["tickets"]]
    undo = last(work)
    assert undo["undoes"] == [done["entry"]]
    work.ok("undo", undo["entry"])
    assert files(work) == after
    assert last(work)["undoes"] == [undo["entry"]]


def test_an_undone_edit_of_a_comment_is_its_old_text_in_the_list(work: Repo) -> None:
    work.ok("comment", "delete", "OW-1", "1")
    assert work.json("comment", "list", "OW-1")["total"] == 0
    work.ok("undo")
    assert [one["body"] for one in work.json("comment", "list", "OW-1")["comments"]] == ["first remark"]


def test_a_field_that_changed_later_refuses_the_whole_undo_and_names_the_entry(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high", "--assignee", "bob")
    first = last(work)["entry"]
    work.ok("update", "OW-1", "--priority", "low")
    later = last(work)["entry"]
    before = files(work)
    refused = work.run("undo", first, "--json")
    assert refused.status == 5
    assert later[:10] in refused.error()["message"] and "priority" in refused.error()["message"]
    assert "--force" in refused.error()["hint"]
    assert files(work) == before and last(work)["entry"] == later


def test_force_takes_the_old_value_of_a_field_that_changed_later(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high", "--assignee", "bob")
    first = last(work)["entry"]
    work.ok("update", "OW-1", "--priority", "low", "--title", "Upload is slow")
    work.ok("undo", first, "--force")
    shown = work.json("show", "OW-1")
    assert (shown["priority"], shown["assignee"], shown["title"]) == ("medium", None, "Upload is slow")


def test_what_changed_later_in_other_fields_and_other_items_of_a_set_survives(work: Repo) -> None:
    work.ok("update", "OW-1", "--label-add", "net", "--status", "todo")
    first = last(work)["entry"]
    work.ok("update", "OW-1", "--label-add", "later", "--assignee", "bob")
    work.ok("undo", first)
    shown = work.json("show", "OW-1")
    assert (shown["labels"], shown["status"], shown["assignee"]) == (["backend", "later"], "backlog", "bob")


def test_other_lines_of_the_description_and_of_the_workpad_survive_an_undo(work: Repo) -> None:
    work.ok("update", "OW-1", "--description", "one\ntwo\nthree\nfour")
    work.ok("workpad", "set", "OW-1", "--body", "## Plan\na\n\n## Notes\nb")
    work.ok("update", "OW-1", "--description", "ONE\ntwo\nthree\nfour")
    first = last(work)["entry"]
    work.ok("workpad", "set", "OW-1", "--section", "Plan", "--body", "changed")
    second = last(work)["entry"]
    work.ok("update", "OW-1", "--description", "ONE\ntwo\nthree\nFOUR")
    work.ok("workpad", "set", "OW-1", "--section", "Notes", "--body", "kept")
    work.ok("undo", first, second)
    assert work.json("show", "OW-1")["description"] == "one\ntwo\nthree\nFOUR"
    assert work.json("workpad", "show", "OW-1", "--section", "Plan")["body"].strip() == "a"
    assert work.json("workpad", "show", "OW-1", "--section", "Notes")["body"].strip() == "kept"


def test_without_a_name_it_is_the_callers_own_last_entry_and_each_call_goes_further_back(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    work.ok("update", "OW-2", "--priority", "low")
    work.ok("update", "OW-2", "--assignee", "carol", "--as", "bot:other")
    work.ok("undo")
    assert (work.json("show", "OW-2")["priority"], work.json("show", "OW-2")["assignee"]) == ("medium", "carol")
    work.ok("undo")
    assert work.json("show", "OW-1")["priority"] == "medium"
    work.ok("undo", "--as", "bot:other")
    assert work.json("show", "OW-2")["assignee"] is None
    refused = work.run("undo", "--as", "bot:stranger", "--json")
    assert refused.status == 3


def test_an_editors_change_is_not_undone_unless_it_is_named(work: Repo) -> None:
    work.ok("update", "OW-1", "--priority", "high")
    path = work.file("OW-1")
    path.write_text(path.read_text().replace("assignee:\n", "assignee: carol\n"))
    work.ok("update", "OW-1", "--label-add", "x")
    editor = next(e["entry"] for e in work.json("log")["entries"] if e["actor"] == "editor"
                  and any(c["new"] == "carol" for c in e["changes"]))
    work.ok("undo")
    assert work.json("show", "OW-1")["assignee"] == "carol"
    assert work.json("show", "OW-1")["labels"] == ["backend"]
    work.ok("undo", editor)
    assert work.json("show", "OW-1")["assignee"] is None
    assert work.json("show", "OW-1")["priority"] == "high"


def test_an_edit_that_no_command_has_seen_yet_refuses_the_undo_of_the_same_field(work: Repo) -> None:
    work.ok("update", "OW-1", "--assignee", "bob")
    path = work.file("OW-1")
    path.write_text(path.read_text().replace("assignee: bob\n", "assignee: carol\n"))
    refused = work.run("undo", "--json")
    assert refused.status == 5 and "assignee" in refused.error()["message"]
    assert work.json("show", "OW-1")["assignee"] == "carol"


def test_what_git_brought_later_is_not_called_an_entry_that_could_be_undone(work: Repo) -> None:
    work.ok("new", "Third", "--priority", "low")
    work.commit()
    file = work.file("OW-3")
    file.write_text(file.read_text().replace("priority: low", "priority: high"))
    work.commit("by git")
    error = work.run("undo", "--json").error()
    assert "a commit that is no entry" in error["message"] and "entry first" not in error["hint"]


def test_a_created_ticket_with_later_comments_is_not_removed(work: Repo) -> None:
    work.ok("new", "Third ticket")
    created = last(work)["entry"]
    work.ok("comment", "add", "OW-3", "--body", "remark", "--as", "bot:other")
    before = files(work)
    refused = work.run("undo", created, "--json")
    assert refused.status == 5
    assert files(work) == before


def test_a_created_ticket_that_was_changed_later_is_not_removed(work: Repo) -> None:
    work.ok("new", "Third ticket")
    created = last(work)["entry"]
    work.ok("update", "OW-3", "--assignee", "bob")
    later = last(work)["entry"]
    refused = work.run("undo", created, "--json")
    assert refused.status == 5 and later[:10] in refused.error()["message"]
    assert work.json("show", "OW-3")["assignee"] == "bob"


def test_an_entry_that_is_not_there_is_not_found(work: Repo) -> None:
    assert work.run("undo", "deadbeef").status == 3
    assert work.run("undo", last(work)["entry"][:3]).status == 3


def test_after_a_redo_the_last_change_is_the_one_that_is_undone(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("new", "two")
    repo.ok("update", "OW-2", "--priority", "high")
    repo.ok("update", "OW-1", "--priority", "low")
    repo.ok("undo")
    undo = repo.json("log", "--limit", "1")["entries"][0]["entry"]
    repo.ok("undo", undo)
    repo.ok("undo")
    assert repo.json("show", "OW-1")["priority"] == "medium"
    assert repo.json("show", "OW-2")["priority"] == "high"


def test_the_configuration_is_no_default_undo_and_can_not_be_undone_away(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("undo")
    assert repo.run("undo").status == 3
    first = repo.json("log")["entries"][-1]["entry"]
    refused = repo.run("undo", first)
    assert refused.status == 5 and "there is no tracker" in refused.err
    repo.ok("new", "two")


def test_what_is_undone_is_not_undone_again(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("update", "OW-1", "--priority", "high")
    entry = repo.json("log", "--limit", "1")["entries"][0]["entry"]
    repo.ok("undo", entry)
    again = repo.run("undo", entry)
    assert again.status == 5 and "nothing left to undo" in again.err and "undo of" not in again.out


def test_undo_knows_what_was_undone_before_a_purge(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("new", "two")
    repo.ok("update", "OW-1", "--title", "renamed")
    repo.ok("update", "OW-1", "--priority", "high")
    repo.ok("undo")
    repo.ok("ticket", "delete", "OW-2", "--purge")
    repo.ok("purge", "--history", "OW-2")
    repo.ok("undo")
    assert repo.json("show", "OW-1")["title"] == "one"
