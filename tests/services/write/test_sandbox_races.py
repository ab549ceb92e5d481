"""Sandboxed and free writers at once: nothing is lost or done twice, and history has the order of the files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from gittracker.store.locks import Lock
from gittracker.store.worktreelocks import WorktreeLock
from tests.sandboxes import sandbox
from tests.services.write.test_races import lock_path, wait_for, waits_at
from tests.services.write.test_sandbox import check_whole, entries, pending
from tests.support import Repo

_PATIENCE = 60


def finish(running: list[subprocess.Popen[str]]) -> list[str]:
    """Wait for commands, which must succeed, and give their outputs."""
    outputs = [one.communicate(timeout=_PATIENCE) for one in running]
    assert [one.returncode for one in running] == [0] * len(running), [err for _, err in outputs]
    return [out for out, _ in outputs]


def test_sandboxes_and_free_writers_of_one_worktree_lose_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    first, second = sandbox(repo, tmp_path / "tmp1"), sandbox(repo, tmp_path / "tmp2")
    first.ok("comment", "add", "OW-1", "--body", "from before")
    local = repo.tracker / "local" / "lock"
    with WorktreeLock(str(repo.tracker), "the starter"):
        boxed = [box.start("update", "OW-1", "--label-add", f"{name}{n}", "--as", f"bot:{name}")
                 for n in range(4) for name, box in (("first", first), ("second", second))]
        boxed += [box.start("new", f"By {name}", "--as", f"bot:{name}")
                  for name, box in (("first", first), ("second", second))]
        wait_for(lambda: all(waits_at(one.pid, local) for one in boxed))
        free = [repo.start("update", "OW-1", "--label-add", f"free{n}", "--as", f"free{n}") for n in range(2)]
        wait_for(lambda: any(waits_at(one.pid, local) for one in free))  # the other waits for the clone's
    finish([*boxed, *free])
    repo.ok("new", "Last")
    shown = repo.json("show", "OW-1")
    assert shown["labels"] == sorted([f"{name}{n}" for name in ("first", "second") for n in range(4)]
                                     + ["free0", "free1"])
    assert sorted(one["slug"] for one in repo.json("ls")["tickets"]) == ["OW-1", "OW-2", "OW-3", "OW-4"]
    told = [e for e in entries(repo) if e["subject"].startswith("OW-1 labels +")]
    assert len(told) == 10
    for entry in told:
        added, = entry["changes"]
        assert len(added["new"]) == len(added["old"]) + 1  # each saw all that came before it
        assert next(iter(set(added["new"]) - set(added["old"]))).startswith(entry["actor"].removeprefix("bot:")[:4])
    check_whole(repo)


def test_sandboxes_in_two_worktrees_do_not_wait_for_each_other(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    here, there = sandbox(repo, tmp_path / "tmp1"), sandbox(linked, tmp_path / "tmp2")
    here.ok("update", "OW-1", "--label-add", "here")
    with WorktreeLock(str(repo.tracker), "the starter"), Lock(str(lock_path(repo)), "the starter"):
        waiting = here.start("update", "OW-1", "--label-add", "later")
        wait_for(lambda: waits_at(waiting.pid, repo.tracker / "local" / "lock"))
        lock = linked.tracker / "local" / "lock"
        lock.parent.mkdir()
        lock.touch()
        there.ok("update", "OW-1", "--label-add", "there")
        assert waiting.poll() is None
    finish([waiting])
    finish([repo.start("update", "OW-1", "--label-add", "free"), linked.start("update", "OW-1", "--label-add", "free")])
    assert repo.json("show", "OW-1")["labels"] == linked.json("show", "OW-1")["labels"] == [
        "free", "here", "later", "there"]
    assert "- here\n- later\n" in repo.file("OW-1").read_text()
    assert "- there\n" in linked.file("OW-1").read_text()
    assert len(entries(repo, "OW-1")) == len(entries(linked, "OW-1")) >= 5
    check_whole(repo)
    check_whole(linked)


def test_two_free_writers_journal_what_waits_once(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    box = sandbox(repo, tmp_path / "tmp")
    for number in range(5):
        box.ok("comment", "add", "OW-1", "--body", f"remark {number}", "--as", "bot:codex-1")
    with Lock(str(lock_path(repo)), "the starter"):
        running = [repo.start("update", "OW-1", "--label-add", f"free{n}") for n in range(4)]
        wait_for(lambda: all(waits_at(one.pid, lock_path(repo)) for one in running))
    finish(running)
    subjects = [e["subject"] for e in entries(repo)]
    assert subjects.count("OW-1 comment added") == 5 and len(subjects) == 11
    assert [e["actor"] for e in entries(repo)][4:9] == ["bot:codex-1"] * 5
    check_whole(repo)


_SHIM = """#!/bin/sh
case " $* " in *" fast-import "*) touch "$GO.waits"; while [ ! -e "$GO" ]; do sleep 0.01; done;; esac
exec {git} "$@"
"""


def test_the_first_sandboxed_write_waits_for_a_writer_that_could_not_see_it_coming(repo: Repo, tmp_path: Path) -> None:
    """Free writers take the worktree's lock only once there is one."""
    repo.ok("new", "Upload fails")
    assert not (repo.tracker / "local").exists()
    box = sandbox(repo, tmp_path / "tmp")
    shim, go = tmp_path / "bin" / "git", tmp_path / "go"
    shim.parent.mkdir()
    shim.write_text(_SHIM.format(git=shutil.which("git")))
    shim.chmod(0o755)
    free = repo.start("update", "OW-1", "--label-add", "free",
                      env={"PATH": f"{shim.parent}:{os.environ['PATH']}", "GO": str(go)})
    wait_for((tmp_path / "go.waits").exists)  # its file is written, its entry is not
    boxed = box.start("update", "OW-1", "--label-add", "boxed", "--as", "bot:codex-1")
    wait_for(lambda: waits_at(boxed.pid, lock_path(repo)))
    assert not pending(repo).exists()
    go.touch()
    finish([free, boxed])
    repo.ok("new", "Last")
    assert [[c["new"] for c in e["changes"]] for e in entries(repo, "OW-1")][:2] == [[["boxed", "free"]], [["free"]]]
    check_whole(repo)
