"""Where the file system refuses, a write says so, changes nothing, and the next one works."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import Done, Repo, environment, make_tracker

_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2
_DISK = 3 << 20
_NO_ROOM = 4  # the exit status of what the file system refuses
_PAGE = 4096
_LONG = "It is slow, and then it fails. " * 200


class Limited(Repo):
    """A repository whose gittracker runs within the limits that `before` sets."""

    def __init__(self, path: Path, before: Callable[[], None] | None = None) -> None:
        super().__init__(path)
        self.before = before

    def run(self, *args: str, given: str = "", env: dict[str, str] | None = None) -> Done:
        """Run gittracker here within the limits."""
        done = subprocess.run([sys.executable, "-m", "gittracker", "-C", str(self.path), *args], capture_output=True,
                              text=True, input=given, check=False, preexec_fn=self.before,
                              env=environment(**(env or {})))
        return Done(done.returncode, done.stdout, done.stderr)


def files(repo: Repo) -> dict[str, bytes]:
    """Read every file of the tracker; a temp file that was left would be among them."""
    return {str(p.relative_to(repo.tracker)): p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()}


def check_refusal(done: Done) -> None:
    """The error is the storage error, with the path in quotes, the reason and a step that is safe."""
    assert done.status == 4, done.err
    error = done.error()
    assert error["code"] == "storage" and ('"' in error["message"] or "journal" in error["message"])
    assert error["hint"]
    assert done.out == ""


def check_whole(repo: Repo) -> None:
    """The journal is sound, nothing is lost, and the doctor has nothing to say."""
    Repo(repo.path / ".git/gittracker/journal.git").git("fsck", "--full", "--strict")
    assert repo.json("recover")["lost"] == []
    assert repo.json("doctor")["problems"] == []


# --- a full disk ---

@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    size = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", str(place)]
    if not shutil.which("mount") or subprocess.run(size, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave so many pages free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        free = os.statvfs(disk)
        for _ in range(free.f_bfree * free.f_bsize // _PAGE - left):
            file.write(b"x" * _PAGE)
    return filler


def retry(repo: Repo, asked: list[str]) -> None:
    """Run a command again now that there is room; the disk may take a moment to count what was removed."""
    deadline = time.monotonic() + 10
    while (done := repo.run(*asked)).status == _NO_ROOM and time.monotonic() < deadline:
        pass
    assert done.status == 0, done.err


@pytest.mark.parametrize("words", [
    ["update", "OW-1", "--description", _LONG, "--status", "todo"],
    ["new", "Another", "--description", _LONG],
    ["comment", "add", "OW-1", "--body", _LONG],
    ["ticket", "delete", "OW-2", "--purge"],
], ids=lambda words: words[1] if words[0] == "ticket" else words[0])
def test_a_write_on_a_full_disk_does_all_or_nothing_and_can_be_retried(words: list[str], disk: Path) -> None:
    made = make_tracker(disk / "made")
    made.ok("new", "Upload fails", "--description", "Short.")
    made.ok("new", "Second", "--description", _LONG)
    repo = Repo(disk / "repo")
    refused = 0
    for left in (0, 1, 3, 5, 6, 8, 11, 14, 18):
        shutil.copytree(made.path, repo.path, symlinks=True)
        before = files(repo)
        asked = [*words, "--idempotency-key", "once", "--json"]
        filler = fill(disk, left)
        done = repo.run(*asked)
        if done.status:
            check_refusal(done)
            assert files(repo) == before, f"{left} pages free"
            refused += 1
        assert repo.run("ls", "--json").status == 0, f"{left} pages free"
        assert repo.run("show", "OW-1").status == 0, f"{left} pages free"
        filler.unlink()
        retry(repo, asked)
        assert files(repo) != before
        after = files(repo)
        repo.ok(*asked)
        assert files(repo) == after
        check_whole(repo)
        subjects = [entry["subject"] for entry in repo.json("log")["entries"]]
        assert len(subjects) == 4, subjects
        shutil.rmtree(repo.path)
    assert refused >= 2


def _small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


def test_a_file_that_may_not_grow_so_large_is_refused_and_nothing_is_changed(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    before = files(repo)
    text = tmp_path / "long.md"
    text.write_text("long " * 500_000)
    small = Limited(repo.path, before=_small_files)
    for words in (["comment", "add", "OW-1"], ["update", "OW-1"], ["new", "Another"], ["workpad", "set", "OW-1"]):
        check_refusal(small.run(*words, "--body-file", str(text), "--json"))
        assert files(repo) == before
    small.ok("update", "OW-1", "--status", "todo")
    assert repo.json("show", "OW-1")["status"] == "todo"
    assert len(repo.json("log")["entries"]) == 3
    check_whole(repo)


# --- folders that may not be written ---

def _obey_modes() -> None:
    """Take from root what lets it write to read-only folders; other users obey anyway."""
    if os.getuid() == 0:
        prctl = ctypes.CDLL(None).prctl
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError("root can't be limited here")


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[Limited]:
    """Give a tracker in which read-only folders stop gittracker."""
    repo = Limited(make_tracker(tmp_path / "repo").path, _obey_modes)
    try:
        repo.ok("new", "Upload fails", "--description", "Short.")
    except subprocess.SubprocessError:
        pytest.skip("this is root, and its rights can't be limited")
    yield repo
    lock(repo.path, False)


def lock(folder: Path, locked: bool = True) -> None:
    """Take write permission from a folder and all in it, or give it back."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode & ~0o222 if locked else mode | 0o200)


@pytest.mark.parametrize("place", [".openkit/tickets", "."])
def test_a_write_where_a_folder_is_read_only_is_refused_and_changes_nothing(place: str, guest: Limited) -> None:
    before = files(guest)
    lock(guest.path / place)
    for words in (["update", "OW-1", "--status", "todo"], ["new", "Another"],
                  ["comment", "add", "OW-1", "--body", "hello"], ["ticket", "delete", "OW-1", "--purge"]):
        done = guest.run(*words, "--json", "--idempotency-key", words[0])
        check_refusal(done)
        assert "denied" in done.error()["message"] or "insufficient permission" in done.error()["message"]
        assert files(guest) == before, words
    assert guest.json("ls")["total"] == 1
    lock(guest.path / place, False)
    guest.ok("update", "OW-1", "--status", "todo", "--json", "--idempotency-key", "update")
    guest.ok("new", "Another")
    assert guest.json("show", "OW-1")["status"] == "todo"
    assert sorted(one["title"] for one in guest.json("ls")["tickets"]) == ["Another", "Upload fails"]
    assert len(guest.json("log")["entries"]) == 4
    check_whole(guest)


@pytest.mark.parametrize("place", [".git/gittracker/state", ".git/gittracker/journal.git", ".git"])
def test_a_write_where_history_is_read_only_waits_for_a_command_that_may_journal_it(place: str, guest: Limited) -> None:
    lock(guest.path / place)
    assert guest.json("update", "OW-1", "--status", "todo", "--idempotency-key", "once")["receipt"]["pending"]
    guest.ok("comment", "add", "OW-1", "--body", "hello")
    lock(guest.path / place, False)
    guest.ok("new", "Another")
    assert [(entry["source"], entry["subject"].partition(" ")[0]) for entry in guest.json("log")["entries"]] == [
        ("journal", "OW-2"), ("journal", "OW-1"), ("journal", "OW-1"), ("journal", "OW-1"), ("journal", "tracker")]
    retried = guest.json("update", "OW-1", "--status", "todo", "--idempotency-key", "once")["receipt"]
    assert retried["entry"] == guest.json("log")["entries"][2]["entry"] and retried["pending"] is None
    check_whole(guest)


def test_where_nothing_may_be_written_reading_works_with_an_index_elsewhere_or_in_memory(
        guest: Limited, tmp_path: Path) -> None:
    lock(guest.path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for words in (["ls"], ["show", "OW-1"], ["search", "Upload"], ["ready"], ["log"], ["doctor"], ["recover"]):
        for place in (elsewhere, guest.path / "nowhere"):
            done = guest.run(*words, env={"TMPDIR": str(place)})
            assert done.status == 0, (words, done.err)
    assert [one.suffix for one in elsewhere.rglob("*") if one.is_file()] == [".db"]


def test_a_read_only_clone_that_was_never_written_can_be_read(guest: Limited) -> None:
    shutil.rmtree(guest.path / ".git/gittracker")
    lock(guest.path)
    assert guest.json("show", "OW-1")["title"] == "Upload fails"
    check_refusal(guest.run("new", "Another", "--json"))
    check_refusal(guest.run("purge", "--history", "OW-1", "--json"))


def test_init_in_a_read_only_repository_is_refused(guest: Limited) -> None:
    shutil.rmtree(guest.tracker)
    shutil.rmtree(guest.path / ".git/gittracker")
    lock(guest.path)
    check_refusal(guest.run("init", "--json"))
    assert not guest.tracker.exists()
    lock(guest.path, False)
    guest.ok("init")
    check_whole(guest)
