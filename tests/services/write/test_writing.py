"""One command's view of what it changes, and what a write must meet before it does anything."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import Repo, environment


def batch(*lines: list[str]) -> str:
    """Write the lines of a batch."""
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_batch_that_makes_a_ticket_and_purges_it_leaves_none(repo: Repo) -> None:
    repo.ok("batch", given=batch(["new", "x"], ["comment", "add", "OW-1", "--body", "hi"],
                                 ["ticket", "delete", "OW-1", "--purge"]))
    assert not list(repo.tracker.glob("tickets/*/*"))
    assert repo.json("ls")["total"] == 0


def test_a_batch_that_changes_a_ticket_and_purges_it_leaves_no_file_of_it(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    repo.ok("batch", given=batch(["comment", "add", "OW-1", "--body", "hi"], ["done", "OW-1"],
                                 ["workpad", "set", "OW-1", "--body", "plan"],
                                 ["ticket", "delete", "OW-1", "--purge"]))
    assert not list(repo.tracker.glob("tickets/*/*"))
    assert repo.run("show", "OW-1").status == 3
    assert repo.json("recover")["lost"] == []


def test_after_a_purge_the_rest_of_the_batch_does_not_find_the_ticket(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    done = repo.run("batch", given=batch(["ticket", "delete", "OW-1", "--purge"], ["done", "OW-1"]))
    assert done.status == 3
    assert repo.file("OW-1").is_file()


@pytest.mark.parametrize("words", [
    ["update", "OW-1", "--priority", "medium"], ["update", "OW-1", "--priority", "low"], ["ticket", "reopen", "OW-1"],
    ["ticket", "unarchive", "OW-1"], ["ticket", "archive", "OW-1"], ["done", "OW-1"], ["ticket", "edit", "OW-1"],
    ["comment", "add", "OW-1", "--body", "x"], ["comment", "edit", "OW-1", "1", "--body", "hi"],
    ["comment", "delete", "OW-1", "1"], ["workpad", "set", "OW-1", "--body", "plan"],
    ["ticket", "link", "OW-1", "related", "OW-2"], ["ticket", "unlink", "OW-1", "parent", "OW-2"],
    ["ticket", "delete", "OW-1", "--purge"]], ids=" ".join)
def test_a_write_whose_etag_does_not_match_is_refused_even_where_it_would_change_nothing(
        words: list[str], repo: Repo) -> None:
    repo.ok("batch", given=batch(["new", "Upload fails"], ["new", "Other"], ["comment", "add", "OW-1", "--body", "hi"],
                                 ["workpad", "set", "OW-1", "--body", "plan"]))
    before = len(repo.json("log")["entries"])
    editor = {"EDITOR": "true"}
    assert repo.run(*words, "--if-match", "bad", "--json", env=editor).error()["code"] == "stale_etag"
    assert len(repo.json("log")["entries"]) == before
    repo.ok(*words, "--if-match", repo.json("show", "OW-1")["etag"], env=editor)


@pytest.mark.parametrize("words", [["undo"], ["recover", "OW-1"], ["batch"], ["new", "x"]], ids=" ".join)
def test_a_command_that_is_about_no_one_record_refuses_an_etag(words: list[str], repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    given = batch(["done", "OW-1"])
    assert repo.run(*words, "--if-match", "bad", given=given).status == 2
    assert len(repo.json("log")["entries"]) == 2


def test_each_line_of_a_batch_has_its_own_etag_to_meet(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    etag = repo.json("show", "OW-1")["etag"]
    assert repo.run("batch", given=batch(["new", "x"], ["done", "OW-1", "--if-match", "bad"])).status == 5
    assert repo.run("batch", given=batch(["new", "x", "--if-match", etag], ["done", "OW-1"])).status == 2
    repo.ok("batch", given=batch(["new", "x"], ["done", "OW-1", "--if-match", etag]))


@pytest.mark.parametrize("flag", ["--if-match", "--idempotency-key"])
def test_an_empty_precondition_is_an_unset_variable_and_no_wish(flag: str, repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    assert repo.run("done", "OW-1", flag, "").status == 2
    assert repo.run("batch", given=batch(["done", "OW-1", flag, ""])).status == 2
    assert repo.json("show", "OW-1")["status"] == "backlog"


def test_a_key_belongs_to_the_whole_batch(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    done = repo.run("batch", given=batch(["done", "OW-1", "--idempotency-key", "k"]))
    assert done.status == 2
    assert "line 1" in done.err


def test_of_two_tickets_with_one_ref_the_changed_one_is_shown(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    copy = repo.folder("OW-1").with_name("OW-9-abcd")
    shutil.copytree(repo.folder("OW-1"), copy)
    file = copy / "ticket.md"
    file.write_text(file.read_text().replace("slug: OW-1", "slug: OW-9"))
    shown = repo.json("update", "OW-9", "--priority", "low")["ticket"]
    assert (shown["slug"], shown["priority"]) == ("OW-9", "low")
    assert repo.json("show", "OW-1")["priority"] == "medium"


def test_a_ticket_without_a_ref_is_shown_once_it_is_written(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    file = repo.file("OW-1")
    file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("ref:")))
    assert repo.json("update", "OW-1", "--priority", "low")["ticket"]["priority"] == "low"


@pytest.mark.parametrize("words", [["new", "x"], ["new", "x", "--json"]], ids=" ".join)
def test_a_write_whose_receipt_can_not_be_printed_says_that_it_was_done(words: list[str], repo: Repo) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([sys.executable, "-m", "gittracker", "-C", str(repo.path), *words], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False, env=environment())
    assert done.returncode == 1
    assert "the write was done" in done.stderr and "Traceback" not in done.stderr
    assert repo.json("show", "OW-1")["title"] == "x"


@pytest.mark.parametrize("words", [["update", "OW-1", "--priority", "low"], ["new", "x"],
                                   ["ticket", "delete", "OW-1", "--purge"]], ids=" ".join)
def test_a_write_without_git_on_the_path_changes_nothing(words: list[str], repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    before = {path: path.read_bytes() for path in repo.tracker.rglob("*") if path.is_file()}
    (tmp_path / "empty").mkdir()
    done = repo.run(*words, "--json", env={"PATH": str(tmp_path / "empty")})
    assert (done.status, done.error()["code"]) == (4, "unavailable")
    assert {path: path.read_bytes() for path in repo.tracker.rglob("*") if path.is_file()} == before
    repo.ok(*words)
    assert len(repo.json("log")["entries"]) == 3
