"""Killed at any step, sandboxed or journalling what waits, a command leaves work that is whole or not begun."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gittracker.formats import pending as lines
from tests.sandboxes import Sandbox, sandbox
from tests.store.test_crash import (
    _KEY,
    _MOST_STEPS,
    CASES,
    check_journal,
    crash,
    entries_with_key,
    replace,
    seen,
)
from tests.store.test_full_disk import _LONG, disk, fill  # noqa: F401
from tests.support import Repo, make_tracker

_DRIVER = Path(__file__).parent.parent / "crash_driver.py"
# Whatever a sandboxed command does, it goes through these.
_COMMON = {"locked", "temporary written", "renamed", "intent saved", "file written", "files written", "pending written",
           "left pending", "indexed", "intent cleared"}


class Crash:
    """One killed sandboxed command: where it ended, and in which copy of the tracker."""

    def __init__(self, box: Sandbox, steps: list[str]) -> None:
        self.box = box
        self.repo = Repo(box.path)
        self.steps = steps

    @property
    def promised(self) -> bool:
        """Whether the intent was in its place, so that the work must be finished."""
        return "renamed" in self.steps


def kill(box: Sandbox, deadly: int, *words: str, given: str = "") -> list[str] | None:
    """Run a sandboxed command that is killed at its n-th step, and give the steps; None if it ended before."""
    log = box.tmp / "steps"
    running = box.popen([sys.executable, str(_DRIVER), str(deadly), str(log), "-C", str(box.path), *words])
    _, err = running.communicate(given)
    if running.returncode == 0:
        return None
    assert running.returncode == -signal.SIGKILL, err
    return log.read_text().splitlines()


def crashes(made: Repo, tmp_path: Path, *words: str, given: str = "") -> Iterator[Crash]:
    """Kill a sandboxed command at each of its steps in turn, each time in a fresh copy of the tracker."""
    for deadly in count(1):
        assert deadly < _MOST_STEPS
        copy = tmp_path / f"copy{deadly}"
        shutil.copytree(made.path, copy, symlinks=True)
        box = sandbox(Repo(copy), tmp_path / f"tmp{deadly}")
        steps = kill(box, deadly, *words, given=given)
        if steps is None:
            ended = (box.tmp / "steps").read_text().splitlines()
            assert set(ended) >= _COMMON and deadly == len(ended) + 1
            return
        assert len(steps) == deadly
        yield Crash(box, steps)
        shutil.rmtree(copy)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with two tickets; OW-2 has a comment and a workpad."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "made")
    repo.ok("batch", given='["new","Upload fails","--label","backend"]\n["new","Second ticket"]\n'
                           '["comment","add","OW-2","--body","first remark"]\n'
                           '["workpad","set","OW-2","--body","## Plan\\nlook"]\n')
    return repo


@pytest.fixture
def made(template: Repo, tmp_path: Path) -> Repo:
    """Give a test its own copy of that tracker."""
    return Repo(Path(shutil.copytree(template.path, tmp_path / "made", symlinks=True)))


def receipts(answer: Any) -> list[dict[str, Any]]:
    """Give the receipts of a write's answer."""
    found = [one["receipt"] for one in answer.get("results", [answer])]
    assert found and all(one["ref"] for one in found)
    return found


@pytest.mark.parametrize(("name", "after"), [("batch", "sandboxed"), ("purge", "free")])
def test_after_a_kill_at_any_step_the_next_command_finishes_the_work_or_drops_it_whole(
        name: str, after: str, made: Repo, tmp_path: Path) -> None:
    case = CASES[name]
    for found in crashes(made, tmp_path, *case.words, given=case.given):
        following = found.box if after == "sandboxed" else found.repo
        seen(found.repo)
        following.ok("workpad", "append", "OW-1", "--body", "next")
        expected = case.whole if found.promised else case.nothing
        assert seen(found.repo) == {**expected, "workpads": ["next\n", *expected["workpads"]]}, found.steps
        made_then = receipts(found.box.run(*case.words, given=case.given).json())
        assert all(one["pending"] or one["entry"] for one in made_then), found.steps
        answer = receipts(json.loads(found.repo.ok(*case.words, given=case.given)))
        assert all(one["entry"] and not one["pending"] for one in answer), found.steps
        assert [one["path"] for one in answer] == [one["path"] for one in made_then]
        assert entries_with_key(found.repo) == 1, found.steps
        assert seen(found.repo) == {**case.whole, "workpads": ["next\n", *case.whole["workpads"]]}, found.steps
        check_journal(found.repo)
        assert {p.name for p in (found.repo.tracker / "local").iterdir() if not p.name.endswith(".tmp~")} == {"lock"}


def test_an_edit_made_between_the_crash_and_the_next_sandboxed_write_is_not_lost(made: Repo, tmp_path: Path) -> None:
    for found in crashes(made, tmp_path, "update", "OW-1", "--status", "todo", "--priority", "high"):
        replace(found.repo.file("OW-1"), "assignee:\n", "assignee: carol\n")
        found.box.ok("update", "OW-1", "--label-add", "next")
        shown = found.box.json("show", "OW-1")
        assert (shown["assignee"], shown["labels"]) == ("carol", ["backend", "next"]), found.steps
        assert (shown["status"], shown["priority"]) == (("todo", "high") if found.promised
                                                        else ("backlog", "medium")), found.steps
        found.repo.ok("new", "last")
        check_journal(found.repo)
        assert "editor" in {entry["actor"] for entry in found.repo.json("log", "OW-1")["entries"]}, found.steps


def test_a_killed_first_write_in_a_fresh_clone_leaves_a_clone_that_works(made: Repo, tmp_path: Path) -> None:
    made.commit()
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    for found in crashes(Repo(tmp_path / "clone"), tmp_path, "new", "Third ticket"):
        found.repo.ok("new", "next")
        expected = ["Second ticket", *(["Third ticket"] if found.promised else []), "Upload fails", "next"]
        assert seen(found.repo)["titles"] == expected, found.steps
        subjects = [e["subject"] for e in found.repo.json("log")["entries"] if e["source"] == "journal"]
        assert subjects == ["OW-4 created: next", "OW-3 created: Third ticket"] if found.promised else [
            "OW-3 created: next"]


def test_a_replay_that_is_killed_at_any_step_journals_every_line_once(made: Repo, tmp_path: Path) -> None:
    box = sandbox(made, tmp_path / "tmp")
    box.ok("update", "OW-1", "--status", "todo", "--idempotency-key", _KEY, "--as", "bot:one")
    box.ok("new", "Third ticket", "--as", "bot:two")
    undone = box.json("undo", "--as", "bot:one")["receipt"]["pending"]
    box.ok("undo", undone, "--as", "bot:one")  # names one that waits, so that lines go in in several parts
    box.ok("comment", "add", "OW-2", "--body", "second remark", "--as", "bot:two")
    reached: set[str] = set()
    for deadly in count(1):
        copy = Repo(Path(shutil.copytree(made.path, tmp_path / f"copy{deadly}", symlinks=True)))
        found = crash(copy, deadly, "workpad", "append", "OW-1", "--body", "dying", "--as", "alice")
        if found is None:
            break
        reached.update(found.steps)
        waiting = copy.json("log", "--limit", "100")["entries"]
        assert len([e for e in waiting if e["actor"].startswith("bot:")]) == 5, found.steps
        again = sandbox(copy, tmp_path / f"tmp{deadly}").json(
            "update", "OW-1", "--status", "todo", "--idempotency-key", _KEY, "--as", "bot:one")["receipt"]
        assert again["entry"] or again["pending"]
        copy.ok("workpad", "append", "OW-1", "--body", "next", "--as", "alice")
        told = [(e["actor"], e["subject"].partition(":")[0][:14]) for e in copy.json("log")["entries"][::-1]]
        assert told[2:7] == [("bot:one", "OW-1 status ba"), ("bot:two", "OW-3 created"), ("bot:one", told[4][1]),
                             ("bot:one", told[5][1]), ("bot:two", "OW-2 comment a")], found.steps
        assert len(told) == 8 + (seen(copy)["workpads"][0].startswith("dying")), found.steps
        assert copy.json("show", "OW-1")["status"] == "todo"
        assert entries_with_key(copy) == 1
        assert copy.json("new", "Fourth")["ticket"]["slug"] == "OW-4"
        check_journal(copy)
        assert [p.name for p in (copy.tracker / "local").iterdir() if not p.name.endswith(".tmp~")] == ["lock"]
        shutil.rmtree(copy.path)
    assert reached >= {"pending journalled", "pending receipts saved", "pending consumed", "journalled"}


def test_lines_that_are_put_back_after_they_were_journalled_are_not_journalled_again(
        made: Repo, tmp_path: Path) -> None:
    box = sandbox(made, tmp_path / "tmp")
    box.ok("update", "OW-1", "--status", "todo")
    box.ok("update", "OW-1", "--status", "backlog")
    waiting = made.tracker / "local/pending.jsonl"
    data = waiting.read_bytes()
    assert len(lines.read(data)[0]) == 2
    made.ok("new", "Third ticket")
    waiting.write_bytes(data)
    assert len(made.json("log")["entries"]) == 5
    shutil.rmtree(made.path / ".git/gittracker/cache")
    made.ok("new", "Fourth ticket")
    assert not waiting.exists()
    assert len(made.json("log")["entries"]) == 6


def test_what_a_sandbox_does_after_a_dead_command_with_access_stands(made: Repo, tmp_path: Path) -> None:
    """It finishes the files as that command would have, and takes part of it back on purpose."""
    words = ["update", "OW-1", "--status", "todo", "--title", "Upload is slow"]
    for deadly in count(1):
        copy = Repo(Path(shutil.copytree(made.path, tmp_path / f"copy{deadly}", symlinks=True)))
        dead = crash(copy, deadly, *words)
        if dead is None:
            break
        box = sandbox(copy, tmp_path / f"tmp{deadly}")
        box.ok("update", "OW-1", "--status", "backlog", "--label-add", "boxed")
        box.ok("comment", "add", "OW-1", "--body", "mine")
        for one in (box, copy):
            shown = one.json("show", "OW-1")
            assert (shown["status"], shown["labels"]) == ("backlog", ["backend", "boxed"]), dead.steps
            assert shown["title"] == ("Upload is slow" if dead.promised else "Upload fails"), dead.steps
            copy.ok("workpad", "append", "OW-1", "--body", "next")
        check_journal(copy)
        subjects = [e["subject"] for e in copy.json("log", "OW-1")["entries"]]
        assert not any(subject.endswith("as found") for subject in subjects), dead.steps
        assert len([s for s in subjects if s.startswith("OW-1 title")]) == dead.promised, dead.steps
        shutil.rmtree(copy.path)


@pytest.mark.parametrize("words", [["update", "OW-1", "--description", _LONG],
                                   ["new", "Third", "--description", _LONG]], ids=lambda words: words[0])
def test_a_sandboxed_write_on_a_full_disk_does_all_or_nothing(
        words: list[str], disk: Path, tmp_path: Path) -> None:  # noqa: F811
    made = make_tracker(disk / "made")
    made.ok("new", "Upload fails", "--description", "Short.")
    refused = 0
    for left in (0, 3, 6, 11, 18):
        repo = Repo(Path(shutil.copytree(made.path, disk / "repo", symlinks=True)))
        box = sandbox(repo, tmp_path / "tmp", "mount")
        before = {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()}
        filler = fill(disk, left)
        asked = [*words, "--idempotency-key", "once", "--json"]
        done = box.run(*asked)
        if done.status:
            assert (done.status, done.error()["code"]) == (4, "storage"), done.err
            assert {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file() and p.name != "lock"} == before
            refused += 1
        assert box.run("ls").status == 0
        filler.unlink()
        assert box.run(*asked).status == 0
        repo.ok("comment", "add", "OW-1", "--body", "next")
        assert len(repo.json("log")["entries"]) == 4
        check_journal(repo)
        subprocess.run(["rm", "-rf", str(repo.path)], check=True)
    assert refused >= 2
