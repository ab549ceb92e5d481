"""An import that is killed is there whole after the next command, or not at all; a full disk leaves nothing behind."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from gittracker.store import bulk
from tests import forkserver
from tests.services.importing import sources
from tests.services.importing.sources import edge, issue
from tests.support import Repo, environment, make_tracker

_MANY = bulk.MANY + 20


def run(repo: Repo, deadly: int, path: Path) -> tuple[int, list[str]]:
    """Import and die at the n-th step; gives the status and the steps that were reached."""
    log = repo.path.parent / f"{repo.path.name}.steps"
    status, _, _ = forkserver.run([str(deadly), str(log), "-C", str(repo.path), "import", "beads", str(path)], "",
                                  environment(), program="tests.crash_driver:start")
    return status, log.read_text().splitlines()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repo, Path, list[str]]:
    """Give a tracker, a source of many issues, and the steps that importing it takes."""
    folder = tmp_path_factory.mktemp("killed")
    repo = make_tracker(folder / "made")
    repo.ok("new", "Here before")
    path = sources.beads(folder, *(issue(f"bd-{n}", dependencies=[edge("bd-1")] if n > 1 else [], comments=[
        {"author": "mo", "text": "x", "created_at": "2026-01-01T00:00:00Z"}] if n % 9 == 0 else [])
        for n in range(1, _MANY + 1)))
    trial = Repo(folder / "trial")
    shutil.copytree(repo.path, trial.path, symlinks=True)
    status, steps = run(trial, 0, path)
    assert status == 0 and steps.count("all synced") == 1
    return repo, path, steps


@pytest.mark.parametrize("step", ["intent written", "intent saved", "first file", "middle file", "all synced",
                                  "journalled", "indexed", "intent cleared"])
def test_a_killed_import_is_finished_by_the_next_command(made: tuple[Repo, Path, list[str]], step: str,
                                                         tmp_path: Path) -> None:
    original, path, steps = made
    files = [number for number, name in enumerate(steps, 1) if name == "file written"]
    number = {"first file": files[0], "middle file": files[len(files) // 2]}.get(step) or steps.index(step) + 1
    repo = Repo(tmp_path / "repo")
    shutil.copytree(original.path, repo.path, symlinks=True)
    status, reached = run(repo, number, path)
    assert status == -signal.SIGKILL and reached[-1] in ("file written", step)
    repo.ok("new", "The next command")
    assert repo.json("ls", "--all")["total"] == _MANY + 2, "the intent was durable, so the work is finished"
    assert repo.json("doctor")["problems"] == []
    report = repo.json("import", "beads", str(path))
    assert (report["imported"], report["already"]) == (0, _MANY)
    entries = [entry["subject"] for entry in repo.json("log")["entries"]]
    assert entries.count(f"import of {_MANY} record(s) from beads") == 1
    assert not list(repo.tracker.rglob("*.tmp~"))


def test_a_killed_import_without_an_intent_never_was(made: tuple[Repo, Path, list[str]], tmp_path: Path) -> None:
    original, path, steps = made
    repo = Repo(tmp_path / "repo")
    shutil.copytree(original.path, repo.path, symlinks=True)
    status, _ = run(repo, steps.index("locked") + 1, path)
    assert status == -signal.SIGKILL
    repo.ok("new", "The next command")
    assert repo.json("ls", "--all")["total"] == 2


def test_what_a_power_cut_left_of_the_files_is_made_good(made: tuple[Repo, Path, list[str]], tmp_path: Path) -> None:
    """Without a sync, a new file may be empty, short, or full of zeros."""
    original, path, steps = made
    repo = Repo(tmp_path / "repo")
    shutil.copytree(original.path, repo.path, symlinks=True)
    last = max(number for number, name in enumerate(steps, 1) if name == "file written")
    assert run(repo, last, path)[0] == -signal.SIGKILL
    torn = sorted(repo.tracker.glob("tickets/*/*/ticket.md"))[5:65]
    for number, file in enumerate(torn):
        data = file.read_bytes()
        file.write_bytes([b"", data[:50], b"\0" * len(data), data[:50] + b"\0" * 50][number % 4])
    repo.ok("new", "The next command")
    assert repo.json("ls", "--all")["total"] == _MANY + 2
    assert repo.json("doctor")["problems"] == []
