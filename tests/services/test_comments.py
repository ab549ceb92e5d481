"""Comments keep their numbers, whatever happens to their neighbours."""

from __future__ import annotations

import json

from tests.support import Repo


def test_a_comment_keeps_its_number_when_an_earlier_one_is_deleted(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    for text in ("one", "two", "three"):
        repo.ok("comment", "add", "OW-1", "--body", text)
    repo.ok("comment", "delete", "OW-1", "1")
    for words in (["comment", "list", "OW-1"], ["comment", "list", "OW-1", "--deleted"], ["show", "OW-1"]):
        lines = repo.ok(*words).splitlines()
        heads = {lines[at + 1]: line.split()[0] for at, line in enumerate(lines) if line.startswith("#")}
        assert (heads["two"], heads["three"]) == ("#2", "#3"), words
    assert [c["number"] for c in repo.json("comment", "list", "OW-1")["comments"]] == [2, 3]
    repo.ok("comment", "delete", "OW-1", "2")
    assert [c["body"] for c in repo.json("comment", "list", "OW-1")["comments"]] == ["three"]
    assert repo.json("comment", "edit", "OW-1", "3", "--body", "3")["comment"]["number"] == 3


def test_a_deleted_comment_can_be_named_but_not_edited(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    repo.ok("comment", "add", "OW-1", "--body", "one")
    repo.ok("comment", "delete", "OW-1", "1")
    assert repo.run("comment", "edit", "OW-1", "1", "--body", "x").status == 5
    assert "nothing to change" in repo.ok("comment", "delete", "OW-1", "1")


def test_a_batch_edits_and_answers_a_comment_that_it_added(repo: Repo) -> None:
    lines = [["new", "Upload fails"], ["comment", "add", "OW-1", "--body", "one"],
             ["comment", "add", "OW-1", "--body", "two", "--reply-to", "1"],
             ["comment", "edit", "OW-1", "1", "--body", "first"]]
    repo.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))
    found = repo.json("comment", "list", "OW-1")["comments"]
    assert sorted(c["body"] for c in found) == ["first", "two"]
    assert {c["reply_to"] for c in found if c["body"] == "two"} <= {c["ref"] for c in found}


def test_to_edit_a_comment_takes_a_text(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    repo.ok("comment", "add", "OW-1", "--body", "one")
    assert repo.run("comment", "edit", "OW-1", "1").status == 2
