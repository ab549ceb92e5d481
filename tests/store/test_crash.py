"""A command that is killed at any step of its write leaves a tracker that works, and its work whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain.comment import Comment
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from tests import forkserver
from tests.support import Repo, environment, make_repo, make_tracker

_KEY = "run-17"
_MOST_STEPS = 80
_PATIENCE = 30.0
# Whatever a command does, it goes through these.
_COMMON = ("locked", "intent written", "intent saved", "file written", "files written", "journalled", "indexed",
           "intent cleared")


class Crash:
    """One killed command: where it ended, and in which tracker."""

    def __init__(self, repo: Repo, steps: list[str]) -> None:
        self.repo = repo
        self.steps = steps

    @property
    def promised(self) -> bool:
        """Whether the intent was there whole, so that the work must be finished."""
        return "intent written" in self.steps


def crash(repo: Repo, deadly: int, *words: str, given: str = "") -> Crash | None:
    """Run a command that is killed at its n-th step; None if it ended before."""
    log = repo.path.parent / f"{repo.path.name}.steps"
    status, _, err = forkserver.run([str(deadly), str(log), "-C", str(repo.path), *words], given, environment(),
                                    program="tests.crash_driver:start")
    if status == 0:
        return None
    assert status == -signal.SIGKILL, err
    return Crash(repo, log.read_text().splitlines())


def crashes(made: Repo, tmp_path: Path, *words: str, given: str = "") -> Iterator[Crash]:
    """Kill a command at each of its steps in turn, each time in a fresh copy of the tracker."""
    passed = {*_COMMON, *(["receipt saved"] if "--idempotency-key" in words else [])}
    for deadly in count(1):
        assert deadly < _MOST_STEPS
        copy = tmp_path / f"copy{deadly}"
        shutil.copytree(made.path, copy, symlinks=True)
        found = crash(Repo(copy), deadly, *words, given=given)
        if found is None:
            ended = (tmp_path / f"copy{deadly}.steps").read_text().splitlines()
            assert passed <= set(ended) and deadly == len(ended) + 1
            return
        assert len(found.steps) == deadly
        yield found
        shutil.rmtree(copy)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with two tickets; OW-2 has a comment and a workpad."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "made")
    repo.ok("new", "Upload fails", "--label", "backend")
    repo.ok("new", "Second ticket")
    repo.ok("comment", "add", "OW-2", "--body", "first remark")
    repo.ok("workpad", "set", "OW-2", "--body", "## Plan\nlook")
    return repo


@pytest.fixture
def made(template: Repo, tmp_path: Path) -> Repo:
    """Give a test its own copy of that tracker."""
    return Repo(Path(shutil.copytree(template.path, tmp_path / "made", symlinks=True)))


class Case:
    """A command with what can be seen of it: nothing done, or all of it."""

    def __init__(self, words: list[str], given: str, nothing: Any, whole: Any) -> None:
        self.words = words
        self.given = given
        self.nothing = nothing
        self.whole = whole


_BATCH = "\n".join(json.dumps(line) for line in (
    ["new", "Third ticket", "--depends-on", "OW-1"], ["update", "OW-1", "--status", "todo", "--label-add", "batched"],
    ["comment", "add", "OW-2", "--body", "batched remark"]))
_START = {"titles": ["Second ticket", "Upload fails"], "statuses": ["backlog", "backlog"], "labels": ["backend"],
          "comments": ["first remark"], "workpads": ["## Plan\nlook\n"]}


def _case(words: list[str], given: str = "", **whole: Any) -> Case:
    return Case([*words, "--idempotency-key", _KEY, "--json"], given, _START, {**_START, **whole})


CASES = {
    "create": _case(["new", "Third ticket"], titles=["Second ticket", "Third ticket", "Upload fails"],
                    statuses=["backlog"] * 3),
    "update": _case(["update", "OW-1", "--status", "todo", "--title", "Upload is slow", "--label-add", "net"],
                    titles=["Second ticket", "Upload is slow"], statuses=["backlog", "todo"],
                    labels=["backend", "net"]),
    "comment": _case(["comment", "add", "OW-2", "--body", "second remark"],
                     comments=["first remark", "second remark"]),
    "batch": _case(["batch"], _BATCH, titles=["Second ticket", "Third ticket", "Upload fails"],
                   statuses=["backlog", "backlog", "todo"], labels=["backend", "batched"],
                   comments=["batched remark", "first remark"]),
    "purge": _case(["ticket", "delete", "OW-2", "--purge"], titles=["Upload fails"], statuses=["backlog"],
                   comments=[], workpads=[]),
}


def files(repo: Repo) -> list[Path]:
    """List the tracker's files but for temp files and what is this worktree's own."""
    return [p for p in sorted(repo.tracker.rglob("*")) if p.is_file() and not p.name.endswith(".tmp~")
            and repo.tracker / "local" not in p.parents]


def seen(repo: Repo) -> dict[str, Any]:
    """Read all records from their files alone; a half-written one fails here."""
    tickets, comments, workpads = [], [], []
    for path in files(repo):
        data = path.read_bytes()
        if path.name == "ticket.md":
            ticket, problems = entity_md.read(Ticket, data)
            assert not problems and ticket.ref and ticket.slug and data.endswith(b"---\n"), data
            tickets.append(ticket)
        elif path.parent.name == "comments":
            comment, problems = entity_md.read(Comment, data)
            assert not problems and comment.ref and comment.body, data
            comments.append(comment)
        elif path.name == "workpad.md":
            workpads.append(data.decode())
    return {"titles": sorted(t.title for t in tickets), "statuses": sorted(t.status for t in tickets),
            "labels": sorted(label for t in tickets for label in t.labels),
            "comments": sorted(c.body for c in comments), "workpads": workpads}


def journal(repo: Repo, *args: str) -> str:
    """Run git in the journal's repository; it must succeed."""
    done = subprocess.run(["git", "-C", str(repo.path / ".git/gittracker/journal.git"), *args], text=True,
                          capture_output=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def check_journal(repo: Repo) -> None:
    """The journal is sound, and its newest tree holds what the files hold."""
    assert "error" not in journal(repo, "fsck", "--full", "--strict")
    refs = list((repo.path / ".git/gittracker/journal.git/refs/journal").iterdir())
    assert len(refs) == 1
    lines = journal(repo, "ls-tree", "-r", f"refs/journal/{refs[0].name}").splitlines()
    assert {line.split("\t")[1]: line.split()[2] for line in lines} == {
        str(path.relative_to(repo.tracker)): git_id(path.read_bytes()) for path in files(repo)}


def git_id(data: bytes) -> str:
    """Give the id that git has for a file's bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def entries_with_key(repo: Repo) -> int:
    """Count the journal's entries that were written under the key."""
    return journal(repo, "log", "--all", "--format=%B").splitlines().count(f"Idempotency-Key: {_KEY}")


_ANSWERS = """
import json, os, sys, time
from gittracker.cli.main import main
for words in json.loads(sys.argv[1]):
    status = main(words, time.time_ns, os.urandom)
    sys.stdout.write("\\0")
    assert status in (0, 7), (words, status)
"""


def answers(repo: Repo, *commands: list[str]) -> list[Any]:
    """Run reading commands in one process, and give what each printed as JSON."""
    given = json.dumps([["-C", str(repo.path), "--json", *words] for words in commands])
    done = subprocess.run([sys.executable, "-c", _ANSWERS, given], capture_output=True, text=True, check=False,
                          env=environment())
    assert done.returncode == 0, done.stderr
    return [json.loads(part) for part in done.stdout.split("\0")[:-1]]


def check_answers(found: Crash) -> None:
    """Reading works straight after the crash, and the doctor names what is left lying about."""
    repo = found.repo
    listed, shown, doctor = answers(repo, ["ls"], ["show", "OW-1"], ["doctor"])
    folders = list(repo.tracker.glob("tickets/*/*"))
    assert len(list(repo.tracker.glob("tickets/*/*/ticket.md"))) <= listed["total"] <= len(folders)
    assert shown["slug"] == "OW-1"
    named = {problem["path"] for problem in doctor["problems"]  # what is half removed counts as lost until then
             if not problem["message"].startswith("a lost ")}
    left = {str(p.relative_to(repo.path)) for p in repo.tracker.rglob("*.tmp~")}
    halves = {str(p.relative_to(repo.path)) + "/ticket.md" for p in repo.tracker.glob("tickets/*/*")
              if not (p / "ticket.md").exists() and any(p.iterdir())}
    assert named == left | halves


def retry(found: Crash, case: Case) -> list[Any]:
    """Run the same command under the same key, and give its receipts."""
    done = found.repo.run(*case.words, given=case.given)
    assert done.status == 0, done.err
    receipts = [one["receipt"] for one in done.json().get("results", [done.json()])]
    assert receipts and all(one["ref"] and one["entry"] for one in receipts)
    assert entries_with_key(found.repo) == 1
    return receipts


@pytest.mark.parametrize("name", CASES)
def test_after_a_kill_at_any_step_the_next_command_finishes_the_work_or_drops_it_whole(
        name: str, made: Repo, tmp_path: Path) -> None:
    case = CASES[name]
    for found in crashes(made, tmp_path, *case.words, given=case.given):
        repo = found.repo
        seen(repo)
        check_answers(found)
        repo.ok("workpad", "append", "OW-1", "--body", "next")
        expected = case.whole if found.promised else case.nothing
        assert seen(repo) == {**expected, "workpads": ["next\n", *expected["workpads"]]}, found.steps
        retry(found, case)
        assert seen(repo) == {**case.whole, "workpads": ["next\n", *case.whole["workpads"]]}, found.steps
        check_journal(repo)


@pytest.mark.parametrize("name", ["create", "purge"])
def test_after_a_kill_at_any_step_the_retried_command_itself_acts_once(name: str, made: Repo, tmp_path: Path) -> None:
    case = CASES[name]
    for found in crashes(made, tmp_path, *case.words, given=case.given):
        assert retry(found, case) == retry(found, case)
        assert seen(found.repo) == case.whole, found.steps
        check_journal(found.repo)
        doctor, = answers(found.repo, ["doctor"])
        assert all(one["path"].endswith(".tmp~") for one in doctor["problems"]), found.steps


def replace(path: Path, old: str, new: str) -> None:
    """Edit a file as an editor does: a new file in the old one's place."""
    text = path.read_text()
    assert old in text
    beside = path.with_name(path.name + ".swp")
    beside.write_text(text.replace(old, new))
    beside.rename(path)


def test_an_edit_made_between_the_crash_and_the_next_write_is_not_lost(made: Repo, tmp_path: Path) -> None:
    for found in crashes(made, tmp_path, "update", "OW-1", "--status", "todo", "--priority", "high"):
        repo = found.repo
        replace(repo.file("OW-1"), "assignee:\n", "assignee: carol\n")
        replace(repo.file("OW-1"), "title: Upload fails\n", "title: Upload fails at night\n")
        repo.ok("update", "OW-1", "--label-add", "next")
        shown = repo.json("show", "OW-1")
        assert (shown["assignee"], shown["title"]) == ("carol", "Upload fails at night"), found.steps
        assert (shown["status"], shown["priority"]) == (("todo", "high") if found.promised
                                                        else ("backlog", "medium")), found.steps
        assert shown["labels"] == ["backend", "next"]
        check_journal(repo)
        assert "editor" in {entry["actor"] for entry in repo.json("log", "OW-1")["entries"]}, found.steps


def test_where_the_dead_command_and_an_editor_set_the_same_field_the_editor_keeps_it(
        made: Repo, tmp_path: Path) -> None:
    for found in crashes(made, tmp_path, "update", "OW-1", "--title", "Upload is slow", "--priority", "high"):
        repo = found.repo
        before = repo.file("OW-1").read_text()
        replace(repo.file("OW-1"), "title: Upload is slow\n" if "title: Upload is slow\n" in before
                else "title: Upload fails\n", "title: The editor's own\n")
        repo.ok("new", "next")
        shown = repo.json("show", "OW-1")
        assert (shown["title"], shown["priority"]) == ("The editor's own", "high" if found.promised else "medium")


def test_a_comment_edited_between_the_crash_and_the_next_write_keeps_the_editors_text(
        made: Repo, tmp_path: Path) -> None:
    for found in crashes(made, tmp_path, "comment", "edit", "OW-2", "1", "--body", "the tool's text"):
        repo = found.repo
        comment, = (repo.folder("OW-2") / "comments").glob("*.md")
        replace(comment, entity_md.read(Comment, comment.read_bytes())[0].body, "the editor's text")
        repo.ok("new", "next")
        assert repo.json("comment", "list", "OW-2")["comments"][0]["body"] == "the editor's text"


def test_a_killed_init_can_be_run_again(tmp_path: Path) -> None:
    bare = make_repo(tmp_path / "bare")
    for found in crashes(bare, tmp_path, "init", "--prefix", "OW"):
        repo = found.repo
        repo.ok("init", "--prefix", "OW")
        repo.ok("new", "Upload fails")
        assert journal(repo, "log", "--all", "--format=%s").count("tracker set up") == 1, found.steps
        left = {str(p.relative_to(repo.path)) for p in repo.tracker.rglob("*.tmp~")}
        doctor, = answers(repo, ["doctor"])
        assert {problem["path"] for problem in doctor["problems"]} == left, found.steps
        check_journal(repo)


def test_a_killed_first_write_in_a_fresh_clone_leaves_a_clone_that_works(made: Repo, tmp_path: Path) -> None:
    made.commit()
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    for found in crashes(Repo(tmp_path / "clone"), tmp_path, "new", "Third ticket"):
        found.repo.ok("new", "next")
        expected = ["Second ticket", *(["Third ticket"] if found.promised else []), "Upload fails", "next"]
        assert seen(found.repo)["titles"] == expected, found.steps
        journal(found.repo, "fsck", "--full", "--strict")
        assert len(journal(found.repo, "for-each-ref").splitlines()) == 1, found.steps


def test_a_command_killed_while_it_finishes_a_dead_ones_work_is_finished_by_the_third(
        made: Repo, tmp_path: Path) -> None:
    case = CASES["batch"]
    log = tmp_path / "made.steps"
    assert crash(made, 3, *case.words, given=case.given)
    assert log.read_text().splitlines()[-1] == "intent saved"
    for found in crashes(made, tmp_path, "comment", "add", "OW-1", "--body", "second to die"):
        repo = found.repo
        retry(found, case)
        second = ["second to die"] * ("intent written" in found.steps)
        assert seen(repo) == {**case.whole, "comments": ["batched remark", "first remark", *second]}, found.steps
        check_journal(repo)


def test_a_torn_intent_counts_as_none(made: Repo) -> None:
    assert crash(made, 2, "update", "OW-1", "--status", "todo")
    intent = made.path / ".git/gittracker/state/intent"
    data = intent.read_bytes()
    assert data
    intent.write_bytes(data[:-20])
    made.ok("new", "next")
    assert made.json("show", "OW-1")["status"] == "backlog"
    check_journal(made)


_SHIM = """#!/bin/sh
case " $* " in
*" fast-import "*)
    kill -9 $PPID
    while [ ! -e "$GO" ]; do sleep 0.01; done
    {git} "$@" >/dev/null 2>&1
    echo $? > "$GO.done";;
*)  exec {git} "$@";;
esac
"""


@pytest.mark.parametrize("after", ["update", "nothing"])
def test_gits_import_that_outlives_its_killed_command_loses_nothing(after: str, made: Repo, tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(_SHIM.format(git=shutil.which("git")))
    shim.chmod(0o755)
    go = tmp_path / "go"
    dead = made.start("comment", "add", "OW-1", "--body", "orphaned",
                      env={"PATH": f"{shim.parent}:{os.environ['PATH']}", "GO": str(go)})
    assert dead.wait() == -signal.SIGKILL
    if after == "update":
        made.ok("update", "OW-1", "--status", "todo")
        made.ok("comment", "add", "OW-1", "--body", "later")
    go.touch()
    wait_for((tmp_path / "go.done").exists)
    made.ok("new", "next")
    bodies = [one["body"] for one in made.json("comment", "list", "OW-1")["comments"]]
    assert bodies == (["orphaned", "later"] if after == "update" else ["orphaned"])
    check_journal(made)
    assert journal(made, "log", "--all", "--format=%s").splitlines().count("openkit: OW-1 comment added") == len(bodies)


def wait_for(condition: Any) -> None:
    """Wait until something is so, and fail if it never is."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        os.sched_yield()
