"""The index says what the files say, whatever changed them, and can be thrown away at any time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, environment


def edit(path: Path, old: str, new: str) -> None:
    """Change a file in place."""
    data = path.read_bytes()
    assert old.encode() in data
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, data.replace(old.encode(), new.encode()))
    os.close(fd)


def by_slug(repo: Repo, *words: str) -> dict[str, dict[str, Any]]:
    """List tickets by slug."""
    return {one["slug"]: one for one in repo.json("ls", *words)["tickets"]}


def index_file(repo: Repo) -> Path:
    """Give the index's file."""
    found, = (repo.path / ".git/gittracker/cache").glob("index-*.db")
    return found


def hand_made(repo: Repo, name: str, text: str) -> Path:
    """Make a ticket's file as a person would."""
    path = repo.tracker / "tickets" / name / "ticket.md"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker with two tickets and a comment, and an index that knows them."""
    repo.ok("new", "Upload fails")
    repo.ok("new", "Second ticket", "--depends-on", "OW-1")
    repo.ok("comment", "add", "OW-1", "--body", "first remark")
    repo.ok("ls")
    return repo


# --- files changed by hand ---

def test_a_ticket_made_by_hand_is_seen_though_a_write_in_its_shard_came_first(work: Repo) -> None:
    ref = work.json("show", "OW-1")["ref"]
    made = hand_made(work, "0/OW-7", "---\ntitle: By hand\nstatus: Todo\n---\n")
    os.utime(made.parents[1], (1_700_000_000, 1_700_000_000))
    work.ok("update", ref, "--label-add", "a")  # by ref: nothing asks the shard what is in it
    assert "OW-7" in by_slug(work)


_RACE = """
import os, sys, time
from gittracker.cli.main import main
top, path, command = sys.argv[1], sys.argv[2], sys.argv[3]
for number in range(10):
    old, new = (b"alice", b"carol") if number % 2 else (b"carol", b"alice")
    assert main(["-C", top, "update", "OW-1", "--assignee", old.decode()], time.time_ns, os.urandom) == 0
    fd = os.open(path, os.O_RDWR)
    data = os.read(fd, 10000)
    assert data.count(b"assignee: " + old) == 1
    os.pwrite(fd, data.replace(b"assignee: " + old, b"assignee: " + new), 0)
    os.close(fd)
    print("edited", new.decode(), flush=True)
    assert main(["-C", top, "--json", *command.split()], time.time_ns, os.urandom) == 0
"""


@pytest.mark.parametrize("command", ["show OW-1", "ls"])
def test_an_edit_in_place_of_the_same_size_straight_after_a_write_is_seen(command: str, work: Repo) -> None:
    done = subprocess.run([sys.executable, "-c", _RACE, str(work.path), str(work.file("OW-1")), command],
                          capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("edited ")[1:]
    assert len(answers) == 10
    for answer in answers:
        name = answer.split("\n")[0]
        assert f'"assignee": "{name}"' in answer, answer


def test_an_edit_that_keeps_size_and_mtime_is_seen(work: Repo) -> None:
    path = work.file("OW-1")
    before = path.stat()
    edit(path, "title: Upload fails", "title: Upload works")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert by_slug(work)["OW-1"]["title"] == "Upload works"
    assert work.json("show", "OW-1")["title"] == "Upload works"
    assert [one["slug"] for one in work.json("search", "works")["tickets"]] == ["OW-1"]


def test_a_comment_changed_in_place_is_seen_by_show_and_found(work: Repo) -> None:
    comment, = (work.folder("OW-1") / "comments").glob("*.md")
    edit(comment, "first remark", "other remark")
    assert "other remark" in work.ok("show", "OW-1")
    assert [one["slug"] for one in work.json("search", "other")["tickets"]] == ["OW-1"]
    assert work.json("search", "first")["total"] == 0


def test_a_comment_made_or_deleted_by_hand_counts(work: Repo) -> None:
    folder = work.folder("OW-1") / "comments"
    (folder / "20990101T100000Z-zzzz.md").write_text("---\nby: carol\nat: 2099-01-01T10:00:00Z\n---\nby hand\n")
    assert by_slug(work)["OW-1"]["comment_count"] == 2
    assert [one["body"] for one in work.json("comment", "list", "OW-1")["comments"]] == ["first remark", "by hand"]
    for path in folder.iterdir():
        path.unlink()
    assert by_slug(work)["OW-1"]["comment_count"] == 0


def test_a_folder_deleted_by_hand_disappears(work: Repo) -> None:
    shutil.rmtree(work.folder("OW-1"))
    assert set(by_slug(work)) == {"OW-2"}
    assert work.run("show", "OW-1").status == 3
    assert work.json("search", "Upload")["total"] == 0
    shutil.rmtree(work.tracker / "tickets")
    assert by_slug(work) == {}


def test_a_workpad_written_by_hand_is_found(work: Repo) -> None:
    (work.folder("OW-2") / "workpad.md").write_text("## Plan\nmeasure the zeppelin\n")
    assert "zeppelin" in work.ok("workpad", "show", "OW-2")
    work.ok("show", "OW-2")
    assert [one["slug"] for one in work.json("search", "zeppelin")["tickets"]] == ["OW-2"]


# --- files made by hand ---

def test_tickets_made_by_hand_are_read_and_listed(work: Repo) -> None:
    hand_made(work, "0/OW-7-whatever-else", "---\ntitle: By hand\nstatus: In Progress\ndepends_on: [OW-1]\n---\n")
    hand_made(work, "0/OW-8", "---\nslug: OW-8\ntitle: No suffix\nstatus: TODO\nparent: ow-1\n---\n")
    hand_made(work, "9/a-name", "---\ntitle: No slug at all\n---\n")
    found = {one["title"]: one for one in work.json("ls")["tickets"]}
    assert set(found) == {"Upload fails", "Second ticket", "By hand", "No suffix", "No slug at all"}
    assert (found["By hand"]["status"], found["By hand"]["stage"]) == ("in-progress", "started")
    assert (found["No suffix"]["slug"], found["No suffix"]["status"]) == ("OW-8", "todo")
    assert work.json("show", "OW-7-whatever-else")["title"] == "By hand"
    assert work.json("show", "a-name")["title"] == "No slug at all"
    assert "depends_on OW-1" in work.ok("show", "OW-7-whatever-else").replace("depends on", "depends_on")
    blocked = {one["title"] for one in work.json("blocked")["tickets"]}
    assert "Second ticket" in blocked
    problems = {(p["path"].split("/")[-2], p["message"]) for p in work.run("doctor", "--json").json()["problems"]}
    assert ("OW-8", "no ref") in problems
    assert work.json("new", "After them")["ticket"]["slug"] == "OW-9"


def test_the_doctor_completes_what_was_made_by_hand(work: Repo) -> None:
    path = hand_made(work, "0/OW-7", "---\ntitle: By hand\nstatus: In Progress\ndepends_on: [OW-1]\nx_mine: kept\n"
                     "---\nBody.\n")
    assert work.run("doctor").status == 7
    work.ok("doctor", "--fix")
    assert work.json("doctor")["problems"] == []
    shown = work.json("show", "OW-7")
    assert shown["ref"].startswith("tik_") and shown["depends_on"] == [work.json("show", "OW-1")["ref"]]
    assert (shown["status"], shown["x_mine"], shown["description"]) == ("in-progress", "kept", "Body.")
    assert "title: By hand\n" in path.read_text()


BROKEN = {
    "no front matter end": b"---\ntitle: broken\n",
    "conflict markers": b"---\nref: x\n<<<<<<< HEAD\ntitle: a\n=======\ntitle: b\n>>>>>>> topic\n---\n",
    "empty": b"",
    "binary": bytes(range(256)) * 4,
    "deep yaml": b"---\ntitle: " + b"[" * 5000 + b"\n---\n",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_keeps_its_last_good_row_and_hides_no_other(how: str, work: Repo) -> None:
    path = work.file("OW-1")
    good = path.read_bytes()
    path.write_bytes(BROKEN[how])
    found = by_slug(work)
    assert set(found) == {"OW-1", "OW-2"} and found["OW-1"]["title"] == "Upload fails"
    assert work.json("show", "OW-2")["title"] == "Second ticket"
    doctor = work.run("doctor", "--json")
    assert doctor.status == 7
    assert any(p["path"] == str(path.relative_to(work.path)) and p["message"] for p in doctor.json()["problems"])
    assert "problem: " in work.ok("show", "OW-1")
    work.ok("new", "Third ticket")
    work.ok("update", "OW-2", "--priority", "high")
    refused = work.run("update", "OW-1", "--priority", "high", "--json")
    assert refused.status == 7, refused.out + refused.err
    assert path.read_bytes() == BROKEN[how]
    path.write_bytes(good)
    assert by_slug(work)["OW-1"]["title"] == "Upload fails"
    assert work.json("doctor")["problems"] == []


def test_a_broken_file_that_no_index_ever_knew_is_a_problem_and_hides_no_other(work: Repo) -> None:
    work.file("OW-1").write_bytes(BROKEN["no front matter end"])
    assert work.ok("reindex") == "the index is new: 1 ticket(s)\n"
    assert set(by_slug(work)) == {"OW-2"}
    assert work.run("doctor").status == 7


def test_a_broken_comment_is_shown_as_it_stands(work: Repo) -> None:
    comment, = (work.folder("OW-1") / "comments").glob("*.md")
    comment.write_text("---\nby: carol\nno end\n")
    assert work.json("ls")["total"] == 2
    assert "no end" in work.ok("show", "OW-1")
    assert work.run("doctor").status == 7
    assert work.run("comment", "edit", "OW-1", "1", "--body", "over it").status == 7
    work.ok("comment", "add", "OW-1", "--body", "second remark")
    assert work.json("comment", "list", "OW-1")["comments"][-1]["body"] == "second remark"


# --- the index itself ---

def _delete(path: Path) -> None:
    path.unlink()


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def _garbage_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)


def _not_a_file(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("harm", [_delete, _truncate, _empty, _garbage, _garbage_inside, _not_a_file])
@pytest.mark.parametrize("words", [["show", "OW-1"], ["log"]], ids=lambda w: w[0])
def test_a_harmed_index_is_made_anew(words: list[str], harm: Any, work: Repo) -> None:
    before = work.json(*words)
    harm(index_file(work))
    assert work.json(*words) == before
    assert work.json("ls")["total"] == 2
    assert index_file(work).stat().st_size > 0


@pytest.mark.parametrize("harm", [_truncate, _garbage, _garbage_inside])
def test_a_write_with_a_harmed_index_acts_once(harm: Any, work: Repo) -> None:
    harm(index_file(work))
    made = work.json("new", "Third ticket", "--parent", "OW-1")
    assert made["ticket"]["slug"] == "OW-3" and made["receipt"]["entry"]
    assert [one["title"] for one in work.json("ls")["tickets"]].count("Third ticket") == 1
    assert [e["subject"] for e in work.json("log")["entries"]].count("OW-3 created: Third ticket") == 1


def test_reindex_gives_what_the_index_grew_to(work: Repo) -> None:
    work.ok("update", "OW-1", "--status", "in-progress", "--label-add", "net")
    edit(work.file("OW-2"), "assignee:\n", "assignee: carol\n")
    work.ok("new", "Third", "--parent", "OW-1", "--depends-on", "OW-2")
    work.ok("done", "OW-1")
    work.ok("ticket", "archive", "OW-3")
    work.ok("workpad", "set", "OW-1", "--body", "## Plan\nzeppelin")
    work.ok("ticket", "delete", "OW-2", "--purge", "--force")
    work.ok("undo")
    asked: list[list[str]] = [["ls", "is:open,closed,archived"], ["ready"], ["blocked"], ["log"], ["show", "OW-2"],
                              ["search", "zeppelin"], ["show", "OW-3"], ["search", "remark"]]
    grown = [work.json(*words) for words in asked]
    work.ok("reindex")
    assert [work.json(*words) for words in asked] == grown


def test_edited_statuses_take_effect(work: Repo) -> None:
    path = work.tracker / "statuses.yaml"
    work.ok("update", "OW-1", "--status", "in-review")
    assert by_slug(work)["OW-1"]["stage"] == "started"
    text = path.read_text()
    at = text.index("slug: in-review")
    path.write_text(text[:at] + text[at:].replace("stage: started", "stage: completed", 1))
    assert by_slug(work, "is:closed")["OW-1"]["stage"] == "completed"
    assert by_slug(work, "is:open").keys() == {"OW-2"}
    assert work.json("show", "OW-2")["ready"] is False  # in the backlog, but no longer blocked
    assert work.json("blocked")["tickets"] == []
    path.write_text(path.read_text() + "- slug: parked\n  name: Parked\n  stage: canceled\n")
    work.ok("update", "OW-2", "--status", "Parked")
    assert work.json("show", "OW-2")["stage"] == "canceled"


def test_a_broken_statuses_file_hides_nothing(work: Repo) -> None:
    (work.tracker / "statuses.yaml").write_text("- slug: [\n")
    assert set(by_slug(work)) == {"OW-1", "OW-2"}
    problems = work.run("doctor", "--json").json()["problems"]
    assert any(p["path"] == ".openkit/statuses.yaml" for p in problems)


def test_what_git_changes_in_the_working_tree_is_seen(work: Repo) -> None:
    work.commit()
    work.git("switch", "-q", "-c", "topic")
    work.ok("new", "On the topic")
    work.ok("update", "OW-1", "--title", "Upload is slow")
    work.commit()
    work.git("switch", "-q", "main")
    assert {slug: one["title"] for slug, one in by_slug(work, "--here").items()} == {
        "OW-1": "Upload fails", "OW-2": "Second ticket"}
    assert {slug: one["title"] for slug, one in by_slug(work).items()} == {
        "OW-1": "Upload is slow", "OW-2": "Second ticket", "OW-3": "On the topic"}  # the board has the branch's
    work.git("merge", "-q", "topic")
    assert by_slug(work)["OW-1"]["title"] == "Upload is slow" and "OW-3" in by_slug(work)


def test_a_comment_written_by_hand_right_after_a_command_is_found(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    for number in range(3):
        repo.ok("comment", "add", "OW-1", "--body", f"by the tool {number}")
        (repo.folder("OW-1") / f"comments/20260101T00000{number}Z-k3f9.md").write_text(f"hand{number}\n")
        assert "OW-1" in repo.ok("search", f"hand{number}")
