"""Events: each change once, by whom and from where, and a feed that can be resumed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain import event
from tests.support import Repo, environment, make_repo
from tests.test_schemas import fits

_DRIVER = Path(__file__).parents[2] / "crash_driver.py"
_PATIENCE = 30


def told(repo: Repo, *words: str) -> list[dict[str, Any]]:
    """Give the newest events, oldest first."""
    found: list[dict[str, Any]] = fits("output/events", repo.json("events", *words))["events"]
    return found


def last(repo: Repo) -> str:
    """Give the id of the newest event."""
    found: str = repo.json("events")["last"]
    return found


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file by hand."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def brief(found: list[dict[str, Any]]) -> list[tuple[str, str | None, str]]:
    """Give (type, slug, source) of events."""
    return [(one["type"], one["slug"], one["source"]) for one in found]


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with two committed tickets, one of them with a comment."""
    repo.ok("new", "Upload fails", "--status", "todo")
    repo.ok("new", "Second")
    repo.ok("comment", "add", "OW-1", "--body", "found it")
    repo.commit()
    return repo


def test_a_command_tells_its_change_once_and_an_edit_by_hand_is_an_editors(work: Repo) -> None:
    start = last(work)
    work.ok("update", "OW-1", "--priority", "high", "--as", "bot:codex-1")
    edit(work.file("OW-1"), "status: todo", "status: in-progress")
    found = told(work, "--since", start)
    assert brief(found) == [("ticket.updated", "OW-1", "cli"), ("ticket.updated", "OW-1", "editor")]
    assert [one["actor"] for one in found] == ["bot:codex-1", "editor"]
    assert [one["changes"] for one in found] == [{"priority": ["medium", "high"]}, {"status": ["todo", "in-progress"]}]
    assert found[0]["ref"] == work.json("show", "OW-1")["ref"]
    assert told(work, "--since", found[-1]["id"]) == []


def test_an_edit_by_hand_in_a_ticket_that_a_command_then_changes_is_told_before_it(work: Repo) -> None:
    start = last(work)
    edit(work.file("OW-1"), "assignee:", "assignee: carol")
    work.ok("update", "OW-1", "--priority", "high")
    found = told(work, "--since", start)
    assert [(one["source"], list(one["changes"])) for one in found] == [("editor", ["assignee"]), ("cli", ["priority"])]


def test_comments_workpads_and_tickets_that_come_and_go_by_hand_are_told(work: Repo) -> None:
    start = last(work)
    comment, = (work.folder("OW-1") / "comments").glob("*.md")
    edit(comment, "found it", "found it twice")
    (work.folder("OW-1") / "workpad.md").write_text("the plan\n")
    copy = work.tracker / "tickets/0/OW-9-abcd"
    copy.mkdir()
    (copy / "ticket.md").write_text(f"---\nref: tik_{'0' * 31}9\n\nslug: OW-9\n\ntitle: By hand\n---\n")
    found = told(work, "--since", start)
    assert sorted(brief(found)) == [("comment.updated", "OW-1", "editor"), ("ticket.created", "OW-9", "editor"),
                                    ("workpad.updated", "OW-1", "editor")]
    made, = [one for one in found if one["type"] == "ticket.created"]
    assert made["changes"]["title"] == [None, "By hand"]
    comment.unlink()
    shutil.rmtree(copy)
    gone = told(work, "--since", found[-1]["id"])
    assert sorted(brief(gone)) == [("comment.deleted", "OW-1", "editor"), ("ticket.deleted", "OW-9", "editor")]


def test_a_folder_that_is_renamed_by_hand_is_no_event(work: Repo) -> None:
    start = last(work)
    folder = work.folder("OW-2")
    folder.rename(folder.with_name("OW-2-zzzz"))
    assert told(work, "--since", start) == []


def test_what_a_checkout_brings_is_gits_pages_and_epics_too(work: Repo) -> None:
    work.git("checkout", "-q", "--detach")
    work.ok("update", "OW-2", "--title", "Second thoughts")
    work.ok("page", "write", "OW/guide", "--body", "Read me.")
    work.ok("new", "Third")
    work.commit()
    start = last(work)
    work.git("checkout", "-q", "main")
    assert sorted(brief(told(work, "--since", start))) == [
        ("page.deleted", "OW/guide", "git"), ("ticket.deleted", "OW-3", "git"), ("ticket.updated", "OW-2", "git")]


def test_changes_in_another_worktree_are_told_from_there_also_where_both_changed_a_ticket(
        work: Repo, tmp_path: Path) -> None:
    work.git("worktree", "add", "-q", "--detach", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    start = last(work)
    edit(other.file("OW-1"), "assignee:", "assignee: carol")
    told_there, = told(work, "--since", start)
    assert (told_there["source"], told_there["changes"]) == ("editor", {"assignee": ["", "carol"]})
    work.git("checkout", "-q", "--detach")
    edit(work.file("OW-1"), "status: todo", "status: in-progress")
    told_here, = told(work, "--since", told_there["id"])
    assert (told_here["source"], told_here["changes"]) == ("editor", {"status": ["todo", "in-progress"]})
    assert told_here["worktree"] != told_there["worktree"]
    work.git("commit", "-q", "-a", "-m", "begun")
    work.git("checkout", "-q", "main")
    back, = told(work, "--since", told_here["id"])
    assert (back["source"], back["changes"]) == ("git", {"status": ["in-progress", "todo"]})
    other.git("commit", "-q", "-a", "-m", "carol")
    other.git("checkout", "-q", "main~0")
    gone, = told(work, "--since", back["id"])
    assert (gone["source"], gone["changes"], gone["worktree"]) == (
        "git", {"assignee": ["carol", ""]}, told_there["worktree"])


def test_many_pulled_tickets_do_not_hide_a_later_edit_from_the_journal(repo: Repo, tmp_path: Path) -> None:
    repo.ok("batch", given="\n".join(json.dumps(["new", f"Ticket {n}"]) for n in range(60)))
    repo.commit()
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.ok("comment", "add", "OW-60", "--body", "begin")
    repo.ok("batch", given="\n".join(json.dumps(["update", f"OW-{n}", "--priority", "low"]) for n in range(1, 60)))
    repo.commit()
    clone.git("pull", "-q")
    clone.ok("ls")
    edit(clone.file("OW-7"), "assignee:", "assignee: carol")
    clone.ok("ls")
    clone.ok("comment", "add", "OW-60", "--body", "go on")
    assert [e["actor"] for e in clone.json("log", "OW-7")["entries"] if e["source"] == "journal"] == ["editor"]


def test_a_first_look_is_no_news_and_a_rebuilt_index_resets_the_feed(work: Repo, tmp_path: Path) -> None:
    start = last(work)
    work.git("worktree", "add", "-q", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("ls")
    assert told(other, "--since", start) == []
    work.ok("reindex")
    reset, = told(work, "--since", start)
    assert (reset["type"], reset["slug"], reset["changes"]) == ("reset", None, {})
    assert told(work, "--since", reset["id"]) == []
    edit(work.file("OW-1"), "status: todo", "status: done")
    assert brief(told(work, "--since", reset["id"])) == [("ticket.updated", "OW-1", "editor")]


@pytest.mark.parametrize("oid", ["", "abc", "abc.", ".4", "abc.-1", "abc.x", "abc.²"])
def test_what_is_no_id_is_an_error_and_a_future_one_a_reset(oid: str, repo: Repo) -> None:
    assert event.number(oid) is None
    if oid == "abc":
        assert repo.run("events", "--since", oid).status == 2
        epoch = last(repo).partition(".")[0]
        assert [one["type"] for one in told(repo, "--since", f"{epoch}.999")] == ["reset"]


def test_texts_in_an_event_are_cut(work: Repo) -> None:
    start = last(work)
    work.ok("update", "OW-1", "--description", "x" * 50_000)
    edit(work.file("OW-1"), "x" * 50_000, "y" * 50_000)
    assert {len(text) for one in told(work, "--since", start) for text in one["changes"]["body"] if text} == {2001}


@pytest.mark.parametrize("step", ["files written", "journalled", "indexed"])
def test_a_killed_commands_change_is_told_once_as_its_own(step: str, work: Repo, tmp_path: Path) -> None:
    start = last(work)
    log = tmp_path / "steps"
    words = ["-C", str(work.path), "update", "OW-1", "--priority", "high", "--as", "bot:codex-1"]

    def drive(deadly: int) -> int:
        return subprocess.run([sys.executable, str(_DRIVER), str(deadly), str(log), *words], check=False,
                              stdout=subprocess.DEVNULL, env=environment()).returncode
    shutil.copytree(work.path, tmp_path / "rehearsal")
    subprocess.run([sys.executable, str(_DRIVER), "0", str(log), "-C", str(tmp_path / "rehearsal"), *words[2:]],
                   check=True, stdout=subprocess.DEVNULL, env=environment())
    assert drive(log.read_text().splitlines().index(step) + 1) == -signal.SIGKILL
    work.ok("ls")  # a reader that comes between leaves the event to whoever finishes the command
    work.ok("comment", "add", "OW-2", "--body", "next")
    found = told(work, "--since", start)
    assert [(one["type"], one["actor"], one["source"]) for one in found] == [
        ("ticket.updated", "bot:codex-1", "cli"), ("comment.created", "alice-smith", "cli")]
    assert found[0]["changes"] == {"priority": ["medium", "high"]}


def test_follow_prints_a_line_of_json_for_each_event_across_a_rebuilt_index(work: Repo) -> None:
    start = last(work)
    work.ok("comment", "add", "OW-2", "--body", "before")
    follower = work.start("events", "--follow", "--since", start, "--json")
    watchdog = threading.Timer(_PATIENCE, follower.kill)
    watchdog.start()
    try:
        assert follower.stdout
        lines = iter(follower.stdout.readline, "")
        first = fits("output/event", json.loads(next(lines)))
        assert (first["type"], first["changes"]["body"]) == ("comment.created", [None, "before"])
        work.ok("update", "OW-2", "--title", "Other")
        assert json.loads(next(lines))["changes"] == {"title": ["Second", "Other"]}
        edit(work.file("OW-1"), "status: todo", "status: done")
        assert json.loads(next(lines))["source"] == "editor"
        work.ok("reindex")
        assert json.loads(next(lines))["type"] == "reset"
        work.ok("update", "OW-2", "--title", "Third")
        assert json.loads(next(lines))["changes"] == {"title": ["Other", "Third"]}
        follower.send_signal(signal.SIGINT)
        assert follower.wait(_PATIENCE) == 130
    finally:
        watchdog.cancel()
        follower.kill()
        follower.communicate()


def test_an_empty_tracker_has_no_events_but_its_own(bare_repo: Repo) -> None:
    bare_repo.ok("init", "--prefix", "OW")
    assert {one["type"] for one in told(bare_repo)} == {"file.updated"}
    fresh = make_repo(bare_repo.path.parent / "copy")
    shutil.copytree(bare_repo.tracker, fresh.tracker)
    assert fresh.ok("events") == "no events yet\n"


def test_the_configuration_is_told_once_whoever_changes_it(work: Repo) -> None:
    work.ok("events")
    start = last(work)
    edit(next((work.tracker / "projects").iterdir()), "name: ", "name: The ")
    work.ok("status", "create", "qa", "--stage", "started")
    work.ok("member", "add", "carol")
    edit(work.tracker / "statuses.yaml", "name: Todo", "name: To do")
    (work.tracker / "members/carol.md").unlink()
    found = told(work, "--since", start)
    assert brief(found) == [
        ("status.created", "qa", "cli"), ("member.created", "carol", "cli"), ("member.deleted", "carol", "editor"),
        ("project.updated", "OW", "editor"), ("status.updated", "todo", "editor")]
    assert found[-1]["changes"] == {"name": ["Todo", "To do"]}
    work.commit()
    assert told(work, "--since", found[-1]["id"]) == []
