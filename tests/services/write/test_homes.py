"""One command over records of several worktrees: each is written where it lives, all of them or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import forkserver
from tests.near import Near
from tests.support import Repo, environment, make_tracker
from tests.templates import copy


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with OW-1, and two worktrees that have OW-2 and OW-3 for themselves."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "Everywhere", "--label", "old")
    repo.commit()
    for name in ("a", "b"):
        repo.git("worktree", "add", "-q", "-b", name, str(repo.path / f".openkit/worktrees/{name}"))
        Near(repo.path / f".openkit/worktrees/{name}").ok("new", f"Born on {name}", "--label", "old")
    return repo


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    return Near(copy(template, tmp_path / "repo").path)


@pytest.fixture
def a(home: Repo) -> Repo:
    return Near(home.path / ".openkit/worktrees/a")


@pytest.fixture
def b(home: Repo) -> Repo:
    return Near(home.path / ".openkit/worktrees/b")


def batch(*lines: list[str]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def own(repo: Repo) -> list[tuple[str, str]]:
    """List the tickets that a worktree's own files have, with their statuses."""
    return [(one["slug"], one["status"]) for one in repo.json("ls", "--all", "--here")["tickets"]]


def test_an_update_of_tickets_in_two_worktrees_writes_each_where_it_lives(home: Repo, a: Repo, b: Repo) -> None:
    done = home.run("update", "OW-1", "OW-2", "OW-3", "--status", "todo")
    assert (done.status, done.err) == (
        0, "warning: OW-2 written in .openkit/worktrees/a, where the board takes it from\n"
           "warning: OW-3 written in .openkit/worktrees/b, where the board takes it from\n")
    assert own(home) == [("OW-1", "todo")]
    assert own(a) == [("OW-1", "backlog"), ("OW-2", "todo")]
    assert own(b) == [("OW-1", "backlog"), ("OW-3", "todo")]


def test_each_worktree_has_an_entry_and_each_ticket_the_receipt_of_its_own(home: Repo, a: Repo, b: Repo) -> None:
    found = a.json("update", "OW-2", "OW-3", "--priority", "high")["results"]
    entries = [one["receipt"]["entry"] for one in found]
    assert len({*entries, None}) == 3
    assert all(one["receipt"]["new_etag"] == one["ticket"]["etag"] for one in found)
    told = {one["entry"]: one for one in home.json("log")["entries"]}
    assert [told[oid]["subject"] for oid in entries] == [
        "OW-2 priority medium → high", "OW-3 priority medium → high"]


def test_a_batch_over_three_worktrees_does_all_or_nothing(home: Repo, a: Repo, b: Repo) -> None:
    lines = (["update", "OW-2", "--status", "todo"], ["comment", "add", "OW-3", "--body", "remark"],
             ["new", "Fourth", "--depends-on", "OW-2"], ["workpad", "set", "OW-1", "--body", "## Plan"])
    refused = home.run("batch", "--json", given=batch(*lines, ["update", "OW-99", "--status", "todo"]))
    assert (refused.status, refused.error()["line"]) == (3, 5)
    assert [own(one) for one in (home, a, b)] == [
        [("OW-1", "backlog")], [("OW-1", "backlog"), ("OW-2", "backlog")], [("OW-1", "backlog"), ("OW-3", "backlog")]]
    home.ok("batch", given=batch(*lines))
    assert own(home) == [("OW-1", "backlog"), ("OW-4", "backlog")]
    assert own(a)[1] == ("OW-2", "todo") and (b.folder("OW-3") / "comments").is_dir()
    assert (home.folder("OW-1") / "workpad.md").exists()
    assert home.json("comment", "list", "OW-3")["comments"][0]["body"] == "remark"


def test_a_batch_is_put_back_everywhere_where_one_worktree_refuses_it(home: Repo, a: Repo, b: Repo) -> None:
    before = a.file("OW-2").read_bytes()
    (b.folder("OW-3") / "comments").write_text("no folder, so that no comment can be written")
    done = home.run("batch", given=batch(["update", "OW-2", "--status", "todo"],
                                         ["comment", "add", "OW-3", "--body", "remark"]))
    assert done.status == 4 and "comments" in done.err
    assert a.file("OW-2").read_bytes() == before


def test_an_export_is_imported_again_where_its_tickets_live(home: Repo, a: Repo, b: Repo, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text(home.ok("export", "jsonl"))
    home.ok("update", "OW-2", "OW-3", "--title", "Changed since")
    said = home.ok("import", "jsonl", str(tmp_path / "all.jsonl"), "--update").splitlines()[-2:]
    assert [line.split(" ")[3] for line in said] == [".openkit/worktrees/a:", ".openkit/worktrees/b:"]
    assert [home.json("show", slug)["title"] for slug in ("OW-2", "OW-3")] == ["Born on a", "Born on b"]
    assert [one for one, _ in own(home)] == ["OW-1"]


def test_a_label_is_renamed_in_every_worktree(home: Repo, a: Repo, b: Repo) -> None:
    assert home.run("label", "rename", "old", "new", "--dry-run").status == 0
    b.ok("label", "rename", "old", "new")
    assert [repo.json("show", slug, "--here")["labels"] for repo, slug in ((a, "OW-2"), (b, "OW-3"))] == [["new"]] * 2
    assert home.json("show", "OW-1")["labels"] == ["new"]


def test_the_same_key_gives_the_receipts_of_all_worktrees_again(home: Repo, a: Repo, b: Repo) -> None:
    words = ("update", "OW-2", "OW-3", "--status", "todo", "--idempotency-key", "k1")
    first = [one["receipt"] for one in home.json(*words)["results"]]
    home.ok("update", "OW-2", "--status", "backlog")
    assert [{**one["receipt"], "event": None} for one in home.json(*words)["results"]] == [
        {**one, "event": None} for one in first]
    assert home.json("show", "OW-2")["status"] == "backlog"


def test_an_undo_takes_back_a_command_in_every_worktree_that_it_was_written_in(home: Repo, a: Repo, b: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "high")
    home.ok("batch", given=batch(["update", "OW-1", "OW-2", "OW-3", "--status", "todo"],
                                 ["comment", "add", "OW-3", "--body", "remark"], ["new", "Fourth"]))
    said = home.ok("undo")
    assert [own(one) for one in (home, a, b)] == [
        [("OW-1", "backlog")], [("OW-1", "backlog"), ("OW-2", "backlog")], [("OW-1", "backlog"), ("OW-3", "backlog")]]
    assert said.count("undo of") == 3 and home.json("comment", "list", "OW-3")["comments"] == []
    undo = next(one["entry"] for one in home.json("log")["entries"] if one["subject"].startswith("undo"))
    home.ok("undo", undo[:10])
    assert [own(one)[-1] for one in (home, a, b)] == [("OW-4", "backlog"), ("OW-2", "todo"), ("OW-3", "todo")]
    home.ok("undo")
    assert [own(one)[-1] for one in (home, a, b)] == [("OW-1", "backlog"), ("OW-2", "backlog"), ("OW-3", "backlog")]
    home.ok("undo")
    assert home.json("show", "OW-1")["priority"] == "medium"
    assert home.run("audit", "verify").status == 0


def test_an_undo_after_the_index_was_built_anew_takes_back_what_it_would_have_before(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "high")
    home.ok("update", "OW-1", "OW-2", "--status", "todo")
    home.ok("update", "OW-2", "--priority", "low")
    for expected in (("todo", "todo", "medium"), ("backlog", "backlog", "medium")):
        home.ok("reindex")
        home.ok("undo")
        shown = home.json("show", "OW-2")
        assert (home.json("show", "OW-1")["status"], shown["status"], shown["priority"]) == expected
    home.ok("undo")
    assert home.json("show", "OW-1")["priority"] == "medium"


def test_a_killed_command_over_worktrees_is_undone_whole(home: Repo, b: Repo, tmp_path: Path) -> None:
    log = tmp_path / "steps"
    status, _, _ = forkserver.run(["0", str(log), "-C", str(b.path), "update", "OW-1", "OW-2", "--status", "todo"], "",
                                  environment(), program="tests.crash_driver:start")
    last = log.read_text().splitlines().index("journalled") + 1
    assert status == 0 and b.ok("undo")
    status, _, _ = forkserver.run([str(last), str(log), "-C", str(home.path), "update", "OW-1", "OW-2", "--status",
                                   "todo"], "", environment(), program="tests.crash_driver:start")
    assert status < 0
    home.ok("undo")
    assert [home.json("show", slug)["status"] for slug in ("OW-1", "OW-2")] == ["backlog"] * 2


def test_an_undo_finds_a_worktree_that_was_moved_and_leaves_what_was_in_one_that_is_gone(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "OW-2", "--status", "todo")
    home.git("worktree", "move", ".openkit/worktrees/a", ".openkit/worktrees/moved")
    home.ok("undo")
    assert [home.json("show", slug)["status"] for slug in ("OW-1", "OW-2")] == ["backlog"] * 2
    home.ok("update", "OW-1", "OW-2", "--status", "done")
    home.git("worktree", "remove", "--force", ".openkit/worktrees/moved")
    done = home.run("undo")
    assert done.status == 0 and "in a worktree that is no more stays (entry" in done.err
    assert home.json("show", "OW-1")["status"] == "backlog"


def test_an_undo_of_what_was_all_written_in_a_worktree_that_is_gone_says_so(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "high")
    home.ok("update", "OW-2", "--status", "todo")
    home.git("worktree", "remove", "--force", ".openkit/worktrees/a")
    done = home.run("undo", "--json")
    assert (done.status, done.error()["hint"]) == (5, "gittracker log, then gittracker undo ENTRY")
    assert home.json("show", "OW-1")["priority"] == "high"


def test_an_undo_of_what_a_sandboxed_command_left_elsewhere_is_known_as_one(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "--priority", "high")
    home.ok("update", "OW-2", "--priority", "low", env={"GITTRACKER_SANDBOXED": "1"})
    home.ok("undo")
    assert home.json("show", "OW-2")["priority"] == "medium"
    home.ok("undo")
    assert home.json("show", "OW-1")["priority"] == "medium"


def test_a_created_ticket_that_another_worktree_works_on_is_not_undone_from_under_it(home: Repo, a: Repo) -> None:
    a.ok("update", "OW-1", "--priority", "low")
    done = home.run("undo", "--json")
    assert (done.status, done.error()["message"]) == (
        5, 'OW-1 was changed in ".openkit/worktrees/a" since it was created')
    assert done.error()["hint"] == "gittracker ticket archive OW-1"
    assert own(home) == [("OW-1", "backlog")]
    assert a.run("undo").status == 0 and home.run("undo").status == 0
    assert own(home) == []


def test_an_undo_over_worktrees_is_refused_whole_where_something_later_changed_one(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "OW-2", "--status", "todo")
    a.ok("update", "OW-2", "--status", "done")
    done = home.run("undo", "--json")
    assert (done.status, done.error()["code"]) == (5, "conflict") and "OW-2 status todo" in done.error()["message"]
    assert own(home) == [("OW-1", "todo")]
    a.ok("undo")
    home.ok("undo")
    assert [home.json("show", slug)["status"] for slug in ("OW-1", "OW-2")] == ["backlog"] * 2


def test_what_was_undone_where_it_was_written_is_left_alone(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "OW-2", "--status", "todo")
    a.ok("undo")
    a.ok("update", "OW-2", "--status", "done")
    home.ok("undo")
    assert [home.json("show", slug)["status"] for slug in ("OW-1", "OW-2")] == ["backlog", "done"]


def test_a_page_of_another_worktree_is_moved_there(home: Repo, a: Repo) -> None:
    a.ok("page", "write", "guide", "--body", "text")
    a.ok("page", "write", "guide/part", "--body", "more")
    home.ok("page", "move", "guide", "manual")
    assert [one["name"] for one in home.json("page", "list")["pages"]] == ["OW/manual", "OW/manual/part"]
    assert (a.tracker / "pages/OW/manual/part.md").exists() and not (home.tracker / "pages").exists()


def test_a_sandboxed_command_over_two_worktrees_is_refused_and_says_what_to_run(home: Repo, a: Repo, b: Repo) -> None:
    done = home.run("update", "OW-2", "OW-3", "--status", "todo", "--json", env={"GITTRACKER_SANDBOXED": "1"})
    assert done.status == 5
    assert "one worktree" in done.error()["message"] and "gittracker -C .openkit/worktrees/" in done.error()["hint"]
    assert own(a)[1] == ("OW-2", "backlog")


def test_a_page_that_two_worktrees_changed_is_moved_with_what_both_made_of_it(home: Repo, a: Repo, b: Repo) -> None:
    home.ok("page", "write", "guide", "--body", "one\n\ntwo\n\nthree\n")
    home.commit()
    a.git("merge", "-q", "main")
    home.ok("page", "write", "guide", "--body", "one, at home\n\ntwo\n\nthree\n")
    a.ok("page", "write", "guide", "--body", "one\n\ntwo\n\nthree, on a\n")
    a.ok("comment", "add", "OW/guide", "--body", "remark")
    done = home.run("page", "move", "guide", "manual")
    assert (done.status, done.err) == (0, "warning: removed in .openkit/worktrees/a, too\n")
    for repo in (home, a, b):
        assert [one["name"] for one in repo.json("page", "list")["pages"]] == ["OW/manual"]
        shown = repo.json("page", "show", "manual")
        assert shown["body"] == "one, at home\n\ntwo\n\nthree, on a"
        assert [one["body"] for one in shown["comments"]] == ["remark"]
    assert (home.tracker / "pages/OW/manual.md").exists() and not (a.tracker / "pages/OW/guide.md").exists()
    home.ok("undo")
    assert [one["name"] for one in home.json("page", "list")["pages"]] == ["OW/guide"]
    assert home.json("page", "show", "guide")["body"] == "one, at home\n\ntwo\n\nthree, on a"
    assert "one, at home" in (home.tracker / "pages/OW/guide.md").read_text()
    assert "three, on a" in (a.tracker / "pages/OW/guide.md").read_text()


def test_a_value_that_two_worktrees_would_hide_from_each_other_is_set_in_both_or_in_none(home: Repo, a: Repo) -> None:
    home.ok("update", "OW-1", "--status", "todo", "--label-add", "here")
    (a.file("OW-1")).write_text(a.file("OW-1").read_text().replace("status: backlog", "status: in-progress"))
    a.git("commit", "-qam", "a's own")
    a.git("branch", "-q", "idle")
    a.git("worktree", "add", "-q", "-b", "other", str(home.path / ".openkit/worktrees/other"))
    Near(home.path / ".openkit/worktrees/other").ok("new", "Only on a branch")
    Near(home.path / ".openkit/worktrees/other").commit()
    home.git("worktree", "remove", ".openkit/worktrees/other")
    before = home.file("OW-1").read_bytes(), a.file("OW-1").read_bytes()
    done = a.run("update", "OW-1", "OW-4", "--status", "backlog", "--json")
    assert (done.status, done.error()["code"]) == (5, "conflict"), "OW-4 can be written nowhere"
    assert (home.file("OW-1").read_bytes(), a.file("OW-1").read_bytes()) == before
    done = a.run("update", "OW-1", "--status", "backlog")
    assert (done.status, done.err) == (0, "warning: set in ../../.., too\n")
    assert [own(one)[0] for one in (home, a)] == [("OW-1", "backlog")] * 2
    assert home.json("show", "OW-1")["labels"] == ["here", "old"]
    entry = home.json("log", "--limit", "1")["entries"][0]
    assert entry["subject"].endswith(" → backlog")
    assert home.run("audit", "verify").status == 0
    home.ok("update", "OW-1", "--title", "Meanwhile")
    a.ok("undo")
    assert [one.json("show", "OW-1", "--here")["status"] for one in (home, a)] == ["todo", "in-progress"]
    assert home.json("show", "OW-1")["title"] == "Meanwhile"
