"""A command of the fork server is what a command with a start of its own is."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from gittracker.store.locks import Lock
from tests import forkserver
from tests.support import Done, Repo, environment


def alone(repo: Repo, *words: str, given: str = "", **env: str) -> Done:
    """Run a command with a start of its own."""
    done = subprocess.run(repo.command(*words), input=given, text=True, capture_output=True, check=False,
                          env=environment(**env))
    return Done(done.returncode, done.stdout, done.stderr)


def script(folder: Path, text: str) -> str:
    """Write a program for a shell and give its path."""
    path = folder / "script"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("words", [
    ("ls",), ("show", "OW-1"), ("show", "OW-9", "--json"), ("update", "--help"), ("updaet",), ("ls", "--limit", "x"),
    ("import", "csv", "/dev/null"), ("version", "--json"), ("new", "--help"), ("new",), ("setup", "--check")])
def test_it_says_and_ends_the_same(repo: Repo, words: tuple[str, ...]) -> None:
    repo.ok("new", "Größe → 漢\r\n")
    given, told = repo.run(*words), alone(repo, *words)
    assert (given.status, given.out, given.err) == (told.status, told.out, told.err)


def test_what_the_interpreter_reads_as_it_starts_is_the_commands_own(repo: Repo) -> None:
    repo.ok("new", "Größe → 漢")
    narrow = {"PYTHONIOENCODING": "ascii"}
    assert repo.run("ls", env=narrow).out == alone(repo, "ls", **narrow).out != repo.run("ls").out
    assert "Gr??e" in repo.run("ls", env=narrow).out


def test_environment_and_time_zone_are_the_commands_own(repo: Repo) -> None:
    repo.ok("new", "x", env={"GITTRACKER_AS": "bob", "TZ": "Asia/Tokyo"})
    assert repo.json("show", "OW-1")["created_by"].endswith("bob")
    for zone in ("UTC", "Asia/Tokyo"):
        assert repo.run("show", "OW-1", env={"TZ": zone}).out == alone(repo, "show", "OW-1", TZ=zone).out


def test_a_folder_is_the_one_that_its_caller_is_in(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.tracker)
    status, out, _ = forkserver.run(["new", "Here"], "", environment())
    assert status == 0, out
    assert "Here" in repo.ok("ls")


def test_much_goes_in_and_out_at_once(repo: Repo) -> None:
    given = "".join(json.dumps(["new", f"{n}", "--description", "x" * 1000]) + "\n" for n in range(300))
    made = json.loads(repo.ok("batch", "--json", given=given))["results"]
    assert len(made) == 300
    assert repo.ok("export", "jsonl").count("x" * 1000) == 300


def test_each_command_is_a_process_that_waits_for_the_lock_of_another(repo: Repo) -> None:
    """Two run at once where two ask at once."""
    done: list[Done] = []
    with Lock(str(repo.path / ".git/gittracker/state/lock"), "the test", 1):
        threads = [threading.Thread(target=lambda n=n: done.append(repo.run("new", f"{n}"))) for n in range(2)]
        for thread in threads:
            thread.start()
        assert repo.run("ls").status == 0
        assert not done
    for thread in threads:
        thread.join(60)
    assert [one.status for one in done] == [0, 0]
    assert len(repo.json("ls")["tickets"]) == 2


def test_a_killed_command_has_the_status_of_its_signal_and_the_next_one_is_well(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    killer = script(tmp_path, "kill -9 $PPID")
    done = repo.run("ticket", "edit", "OW-1", env={"EDITOR": killer})
    assert done.status == -signal.SIGKILL == alone(repo, "ticket", "edit", "OW-1", EDITOR=killer).status
    assert repo.json("ls")["total"] == 1


def test_a_command_ends_where_its_test_is_interrupted(repo: Repo) -> None:
    class Late(Exception):
        pass

    def late(*_: object) -> None:
        raise Late
    before = signal.signal(signal.SIGALRM, late)
    try:
        with Lock(str(repo.path / ".git/gittracker/state/lock"), "the test", 1):
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with pytest.raises(Late):
                repo.run("new", "Never")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert repo.json("ls")["total"] == 0


def test_nothing_of_the_helper_is_open_in_a_command(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.run("ticket", "edit", "OW-1", env={"EDITOR": script(tmp_path, f'ls -l /proc/$PPID/fd >"{tmp_path}/open"')})
    seen = (tmp_path / "open").read_text()
    assert "index" in seen
    assert "socket:" not in seen
