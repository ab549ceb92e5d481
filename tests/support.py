"""What the tests share: real repositories in temp folders, and the command line as a real process."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import forkserver

_IDENTITY = {"GIT_AUTHOR_NAME": "Alice Smith", "GIT_AUTHOR_EMAIL": "alice@example.com",
             "GIT_COMMITTER_NAME": "Alice Smith", "GIT_COMMITTER_EMAIL": "alice@example.com"}

# The last two would compile every module anew in each of the thousands of processes, or write line by line.
_UNWANTED = ("NO_COLOR", "COLUMNS", "EDITOR", "VISUAL", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


def path_with_program(folder: Path) -> str:
    """Give a PATH with `gittracker` on it, by a script in a folder."""
    script = folder / "gittracker"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gittracker "$@"\n')
    script.chmod(0o755)
    return f"{folder}:{environment()['PATH']}"


def environment(**more: str) -> dict[str, str]:
    """Give an environment that depends on nothing of this machine's user."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("GIT_", "GITTRACKER_")) and k not in _UNWANTED}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC", **_IDENTITY, **more}


class Done:
    """What a command gave."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    def json(self) -> Any:
        """Read standard output as JSON."""
        return json.loads(self.out)

    def error(self) -> dict[str, Any]:
        """Read standard error as the JSON error it must be."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found


class Repo:
    """A real git repository (or worktree) with the command line run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tracker = path / ".openkit"

    def git(self, *args: str, check: bool = True, **more: str) -> str:
        """Run git here and give its output."""
        done = subprocess.run(["git", "-C", str(self.path), *args], capture_output=True, text=True, check=False,
                              env=environment(**more))
        assert not check or done.returncode == 0, f"git {args}: {done.stderr}"
        return done.stdout.rstrip("\n")

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker here as a process; any exit status is fine."""
        return Done(*forkserver.run(["-C", str(self.path), *args], given, environment(**(env or {}))))

    def ok(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> str:
        """Run gittracker here; it must succeed. Gives its output."""
        done = self.run(*args, given=given, env=env)
        assert done.status == 0, f"gittracker {args} ended with {done.status}: {done.err}"
        return done.out

    def json(self, *args: str, given: str = "") -> Any:
        """Run gittracker here with --json; it must succeed."""
        return json.loads(self.ok(*args, "--json", given=given))

    def json_whatever(self, *args: str) -> Any:
        """Run gittracker here with --json and give its output, whatever its exit status."""
        return json.loads(self.run(*args, "--json").out)

    def command(self, *args: str) -> list[str]:
        """Give the words that run gittracker here."""
        return [sys.executable, "-m", "gittracker", "-C", str(self.path), *args]

    def start(self, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start gittracker here and don't wait."""
        return subprocess.Popen(self.command(*args), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**(env or {})))

    def folder(self, slug: str) -> Path:
        """Find a ticket's folder."""
        found = [p for p in self.tracker.glob(f"tickets/*/{slug}-*") if p.is_dir()]
        assert len(found) == 1, found
        return found[0]

    def file(self, slug: str) -> Path:
        """Find a ticket's own file."""
        return self.folder(slug) / "ticket.md"

    def commit(self, message: str = "work") -> None:
        """Commit everything with plain git."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)


def make_repo(path: Path, *options: str) -> Repo:
    """Make an empty repository on branch main."""
    path.mkdir(parents=True, exist_ok=True)
    repo = Repo(path)
    repo.git("init", "-q", "-b", "main", *options)
    return repo


def make_tracker(path: Path, *options: str) -> Repo:
    """Make a repository with a tracker whose slugs begin with OW."""
    if not options:
        shutil.copytree(_empty_tracker(), path, symlinks=True, dirs_exist_ok=True,
                        ignore=lambda folder, names: names if os.path.basename(folder) == "cache" else [])
        return Repo(path)
    repo = make_repo(path)
    repo.ok("init", "--prefix", "OW", *options)
    return repo


@functools.cache
def _empty_tracker() -> Path:
    """Make the tracker that others are copies of, once a process: that costs a tenth of making each."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    repo = make_repo(folder / "repo")
    repo.ok("init", "--prefix", "OW")
    return repo.path
