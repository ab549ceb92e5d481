"""Writes go where the board will show them, and say so where that is another worktree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = make_tracker(tmp_path / "home")
    repo.ok("new", "First", "--label", "a")
    repo.ok("new", "Second")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    return repo


@pytest.fixture
def topic(home: Repo, tmp_path: Path) -> Repo:
    return Repo(tmp_path / "topic")


def status(repo: Repo, slug: str, *words: str) -> str:
    return str(repo.json("show", slug, *words)["status"])


def test_a_write_goes_to_the_worktree_it_was_made_from_and_everybody_sees_it(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "todo")
    assert status(home, "OW-1") == status(topic, "OW-1") == "todo"
    assert status(home, "OW-1", "--here") == "backlog"
    topic.ok("comment", "add", "OW-2", "--body", "from the topic")
    assert home.json("comment", "list", "OW-2")["comments"][0]["body"] == "from the topic"
    topic.ok("workpad", "set", "OW-2", "--body", "## Plan")
    assert "## Plan" in home.ok("workpad", "show", "OW-2")
    assert not home.git("status", "--porcelain")


def test_a_ticket_that_this_branch_lacks_is_written_where_it_lives(home: Repo, topic: Repo) -> None:
    home.ok("new", "On home alone")
    done = topic.run("update", "OW-3", "--status", "todo")
    assert (done.status, done.err) == (0, "warning: written in ../home, where the board takes it from\n")
    assert "status: todo" in home.file("OW-3").read_text()
    topic.ok("comment", "add", "OW-3", "--body", "remark")
    assert list((home.folder("OW-3") / "comments").iterdir())
    assert not topic.git("status", "--porcelain")


def test_what_another_worktree_overrides_is_written_there(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "todo")
    home.ok("update", "OW-1", "--status", "backlog")  # home says so already, and yet the board would show todo
    assert status(home, "OW-1") == status(topic, "OW-1") == "backlog"
    topic.ok("ticket", "update", "OW-1", "--label-remove", "a")
    assert home.json("show", "OW-1")["labels"] == []
    home.ok("ticket", "update", "OW-1", "--label-add", "a")
    assert home.json("show", "OW-1")["labels"] == ["a"]


def test_where_names_the_worktree_of_just_the_values_that_it_changed(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "todo")
    found = {one["field"]: (one["branch"], bool(one["commit"])) for one in home.json(
        "show", "OW-1", "--where")["fields"]}
    assert (found["status"], found["title"], found["labels"]) == (("topic", False), ("main", True), ("main", True))


def test_only_the_items_that_were_asked_for_are_written(home: Repo, topic: Repo) -> None:
    topic.ok("ticket", "update", "OW-1", "--label-add", "b")
    home.ok("ticket", "update", "OW-1", "--label-add", "c")
    assert home.json("show", "OW-1")["labels"] == ["a", "b", "c"]
    assert home.json("show", "OW-1", "--here")["labels"] == ["a", "c"]


def test_what_only_an_idle_branch_has_is_refused_and_the_branch_named(home: Repo, topic: Repo) -> None:
    topic.ok("new", "On the topic")
    topic.commit()
    home.git("worktree", "remove", str(topic.path))
    assert home.json("show", "OW-3")["title"] == "On the topic"
    for words in (("update", "OW-3", "--status", "todo"), ("comment", "add", "OW-3", "--body", "x")):
        done = home.run(*words, "--json")
        assert (done.status, done.error()["code"], done.error()["hint"]) == (
            5, "conflict", "git worktree add ../topic topic")
        assert '"topic"' in done.error()["message"]


def test_the_etag_is_that_of_what_the_board_shows(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--priority", "high")
    home.ok("update", "OW-1", "--title", "Renamed")
    etag = home.json("show", "OW-1")["etag"]
    assert etag == topic.json("show", "OW-1")["etag"] != home.json("show", "OW-1", "--here")["etag"]
    receipt = home.json("update", "OW-1", "--title", "Again", "--if-match", etag)["receipt"]
    assert receipt["old_etag"] != receipt["new_etag"] == topic.json("show", "OW-1")["etag"]
    assert home.run("update", "OW-1", "--title", "Late", "--if-match", etag).status == 5


def test_configuration_is_written_at_home(home: Repo, topic: Repo) -> None:
    topic.ok("status", "create", "qa", "--stage", "started")
    assert "qa" in (home.tracker / "statuses.yaml").read_text()
    assert "qa" not in (topic.tracker / "statuses.yaml").read_text()
    assert topic.ok("update", "OW-1", "--status", "qa")


def test_a_worktree_without_a_tracker_reads_the_board_and_writes_at_home(home: Repo, tmp_path: Path) -> None:
    first = home.git("hash-object", "-t", "tree", "/dev/null", "-w")
    empty = home.git("commit-tree", first, "-m", "no tracker")
    home.git("worktree", "add", "-q", "-b", "bare", str(tmp_path / "bare"), empty)
    other = Repo(tmp_path / "bare")
    assert [one["slug"] for one in other.json("ls")["tickets"]] == ["OW-1", "OW-2"]
    other.ok("new", "From outside")
    assert home.file("OW-3").exists() and not other.tracker.exists()


def test_a_link_to_a_ticket_of_another_branch_is_written_here(home: Repo, topic: Repo) -> None:
    home.ok("new", "On home alone")
    topic.ok("ticket", "link", "OW-1", "depends_on", "OW-3")
    assert "depends_on:\n- tik_" in topic.file("OW-1").read_text()
    assert home.json("show", "OW-1", "--here")["depends_on"] == []


def test_a_dry_run_looks_where_the_write_would_go(home: Repo, topic: Repo) -> None:
    home.ok("new", "On home alone")
    assert topic.run("ticket", "delete", "OW-3", "--purge", "--dry-run").status in (0, 2)
    assert home.file("OW-3").exists()


def test_the_log_has_what_every_worktree_did(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--status", "todo", "--as", "bot:codex")
    home.ok("update", "OW-1", "--priority", "high")
    told = [(one["actor"], change["field"]) for one in home.json("log", "OW-1")["entries"][:2]
            for change in one["changes"]]
    assert [field for _, field in told] == ["priority", "status"] and told[1][0] == "bot:codex"
    assert home.json("log", "OW-1") == topic.json("log", "OW-1")


def test_an_undo_is_about_this_worktree_alone(home: Repo, topic: Repo) -> None:
    home.ok("update", "OW-1", "--status", "todo")
    topic.ok("update", "OW-1", "--status", "done")
    home.ok("undo")
    assert "status: backlog" in home.file("OW-1").read_text()
    assert status(home, "OW-1") == "done"  # which another worktree says, and nobody has undone


def test_edits_of_one_second_are_shown_in_their_order(home: Repo, topic: Repo) -> None:
    for number in range(3):
        for repo, word in ((home, "high"), (topic, "low"), (home, "urgent"), (topic, "medium")):
            repo.ok("update", "OW-1", "--priority", word, "--title", f"{word} {number}")
            assert (home.json("show", "OW-1")["priority"], topic.json("show", "OW-1")["title"]) == (
                word, f"{word} {number}")


def test_what_another_worktree_added_can_be_edited_and_removed(home: Repo, topic: Repo, tmp_path: Path) -> None:
    topic.ok("comment", "add", "OW-1", "--body", "from the topic")
    home.ok("comment", "add", "OW-1", "--body", "from home")
    home.ok("comment", "edit", "OW-1", "1", "--body", "edited from home")
    assert [one["body"] for one in topic.json("comment", "list", "OW-1")["comments"]] == [
        "edited from home", "from home"]
    home.ok("comment", "delete", "OW-1", "2")
    (tmp_path / "file.txt").write_text("text")
    topic.ok("attachment", "add", "OW-1", str(tmp_path / "file.txt"))
    topic.ok("usage", "add", "OW-1", "--cost-usd", "1")
    home.ok("attachment", "remove", "OW-1", "file.txt")
    home.ok("usage", "remove", "OW-1", "1")
    assert home.json("attachment", "list", "OW-1")["attachments"] == []
    assert not home.git("status", "--porcelain", "--", ".openkit/tickets/0").count("usage")


def test_an_undo_takes_back_the_last_command_made_here_wherever_it_was_written(home: Repo, topic: Repo) -> None:
    home.ok("new", "On home alone")
    topic.ok("update", "OW-1", "--priority", "high")
    topic.ok("update", "OW-3", "--priority", "low")  # written at home
    for expected in (["high", "medium"], ["medium", "medium"]):
        topic.ok("undo")
        assert [home.json("show", slug)["priority"] for slug in ("OW-1", "OW-3")] == expected
    topic.ok("status", "create", "qa", "--stage", "started")  # which is home's alone
    done = topic.run("undo", "--json")
    assert (done.status, done.error()["code"]) == (5, "conflict")
    assert "../home" in done.error()["message"] and "gittracker -C ../home undo" in done.error()["hint"]
    home.ok("undo")
    assert "qa" not in home.ok("status", "list")


def test_the_old_etag_of_a_receipt_is_what_was_asked_for(home: Repo, topic: Repo) -> None:
    topic.ok("update", "OW-1", "--priority", "high")
    home.ok("update", "OW-1", "--title", "Renamed")
    etag = home.json("show", "OW-1")["etag"]
    receipt = home.json("update", "OW-1", "--title", "Again", "--if-match", etag)["receipt"]
    assert receipt["old_etag"] == etag


def test_what_only_the_upstream_says_is_refused_until_a_sync(home: Repo, topic: Repo, tmp_path: Path) -> None:
    home.git("init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    home.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    home.git("push", "-q", "-u", "origin", "main")
    home.git("clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("update", "OW-1", "--priority", "high")
    other.ok("new", "Only there")
    other.commit()
    other.git("push", "-q")
    home.git("fetch", "-q")
    home.ok("update", "OW-2", "--priority", "low")
    for repo, hint in ((home, "gittracker sync"), (topic, "gittracker -C ../home sync")):
        for words in (("OW-1", "--priority", "medium"), ("OW-3", "--priority", "low")):
            done = repo.run("update", *words, "--json")
            assert (done.status, done.error()["hint"]) == (5, hint)
    home.ok("sync")
    home.ok("update", "OW-1", "--priority", "medium")
    home.ok("update", "OW-3", "--priority", "low")
    assert [home.json("show", slug)["priority"] for slug in ("OW-1", "OW-2", "OW-3")] == ["medium", "low", "low"]


def test_a_ticket_that_a_sparse_checkout_leaves_out_can_be_brought_back_as_the_refusal_says(home: Repo) -> None:
    home.git("worktree", "remove", "topic")
    home.git("sparse-checkout", "set", "--no-cone", "/*", "!/.openkit/tickets/0/OW-2-*")
    assert not list(home.tracker.glob("tickets/0/OW-2-*")) and home.json("ls")["total"] == 2
    error = home.run("update", "OW-2", "--priority", "low", "--json").error()
    assert error["code"] == "conflict" and "sparse checkout" in error["message"]
    home.git(*error["hint"].split()[3:])
    home.ok("update", "OW-2", "--priority", "low")


def test_what_is_homes_alone_is_written_there_from_wherever_it_is_asked_for(home: Repo, topic: Repo) -> None:
    topic.ok("project", "create", "WEB", "--name", "Web")
    topic.ok("member", "add", "bob", "--name", "Bob")
    topic.ok("status", "create", "Waiting", "--stage", "started")
    topic.ok("batch", given='["project", "create", "APP"]\n["update", "OW-1", "--priority", "high"]\n')
    for path in ("projects/WEB.md", "projects/APP.md", "members/bob.md"):
        assert (home.tracker / path).exists() and not (topic.tracker / path).exists()
    assert "waiting" in [one["slug"] for one in home.json("status", "list")["statuses"]]
    assert home.json("show", "OW-1")["priority"] == "high"


def test_a_file_that_is_broken_in_another_worktree_keeps_nobody_from_writing_here(home: Repo, topic: Repo) -> None:
    topic.file("OW-1").write_text(topic.file("OW-1").read_text().replace("status: backlog", "status: [a"))
    home.ok("update", "OW-1", "--priority", "high")
    assert "priority: high" in home.file("OW-1").read_text()
    assert home.json("show", "OW-1", "--here")["priority"] == "high"
    assert topic.run("update", "OW-1", "--priority", "low").status == 7  # its own file is the broken one
