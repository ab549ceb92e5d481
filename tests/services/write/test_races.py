"""Many processes write one tracker at once: nothing is lost, nothing is done twice."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain.errors import LockedError
from gittracker.store.locks import Lock
from tests.support import Repo, environment

_PATIENCE = 30.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so, and fail if it never is."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        os.sched_yield()


def lock_path(repo: Repo) -> Path:
    """Give the clone's lock."""
    return repo.path / ".git/gittracker/state/lock"


def waits_at(pid: int, path: Path) -> bool:
    """Tell whether a process has a file open."""
    with contextlib.suppress(OSError):
        return str(path) in {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
    return False


def racing(repo: Repo, commands: list[list[str]]) -> list[tuple[int, str, str]]:
    """Run commands at once: all stand at the lock before the first gets it. Gives (status, output, errors) of each."""
    with Lock(str(lock_path(repo)), "the starter"):
        running = [repo.start(*words) for words in commands]
        if os.path.isdir("/proc"):
            wait_for(lambda: all(waits_at(one.pid, lock_path(repo)) for one in running))
    outputs = [one.communicate(timeout=_PATIENCE) for one in running]
    return [(one.returncode, *told) for one, told in zip(running, outputs, strict=True)]


def together(repo: Repo, commands: list[list[str]]) -> list[str]:
    """Run commands at once; all must succeed. Gives their outputs."""
    done = racing(repo, commands)
    assert [status for status, _, _ in done] == [0] * len(done), [err for _, _, err in done]
    return [out for _, out, _ in done]


def journal(repo: Repo, *args: str) -> str:
    """Run git in the journal's repository; it must succeed."""
    return Repo(repo.path / ".git/gittracker/journal.git").git(*args)


def check_index(repo: Repo) -> None:
    """The index that the writers left says what a new one says."""
    left = repo.json("ls", "--limit", "100")
    repo.ok("reindex")
    assert repo.json("ls", "--limit", "100") == left


def test_twenty_parallel_dependency_adds_keep_twenty(repo: Repo) -> None:
    lines = [json.dumps(["new", f"Ticket {n}"]) for n in range(1, 22)]
    repo.ok("batch", given="\n".join(lines))
    together(repo, [["update", "OW-1", "--depends-on-add", f"OW-{n}"] for n in range(2, 22)])
    refs = {repo.json("show", f"OW-{n}")["ref"] for n in range(2, 22)}
    assert set(repo.json("show", "OW-1")["depends_on"]) == refs and len(refs) == 20
    changes = [c for e in repo.json("log", "OW-1")["entries"] for c in e["changes"] if c["field"] == "depends_on"]
    assert sorted(len(c["new"]) - len(c["old"]) for c in changes) == [1] * 20
    check_index(repo)


def test_eight_processes_that_update_different_fields_of_one_ticket_lose_nothing(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    together(repo, [["update", "OW-1", *flags] for flags in (
        ["--title", "Upload is slow"], ["--status", "in-progress"], ["--priority", "urgent"], ["--assignee", "bob"],
        ["--label-add", "net"], ["--due", "2027-01-01"], ["--estimate", "3"], ["--description", "It takes an hour."])])
    shown = repo.json("show", "OW-1")
    assert (shown["title"], shown["status"], shown["priority"], shown["assignee"]) == (
        "Upload is slow", "in-progress", "urgent", "bob")
    assert (shown["labels"], shown["due"], shown["estimate"], shown["description"]) == (
        ["net"], "2027-01-01", 3, "It takes an hour.")
    assert len(repo.json("log", "OW-1")["entries"]) == 9
    check_index(repo)


def test_parallel_creates_give_distinct_numbers(repo: Repo) -> None:
    together(repo, [["new", f"Ticket {n}"] for n in range(12)])
    found = repo.json("ls", "--limit", "100")["tickets"]
    assert sorted(one["slug"] for one in found) == sorted(f"OW-{n}" for n in range(1, 13))
    assert {one["title"] for one in found} == {f"Ticket {n}" for n in range(12)}
    check_index(repo)


def test_parallel_first_writes_in_a_fresh_clone_share_one_journal(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.commit()
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    together(clone, [["new", f"Ticket {n}"] for n in range(4)] + [["comment", "add", "OW-1", "--body", "hello"]] * 4)
    assert len(journal(clone, "for-each-ref", "--format=%(refname)").splitlines()) == 1
    assert len(clone.json("ls")["tickets"]) == 5
    subjects = [entry["subject"] for entry in clone.json("log")["entries"] if entry["source"] == "journal"]
    assert sorted(subjects) == sorted(
        ["OW-1 comment added"] * 4 + [f"{one['slug']} created: {one['title']}"
                                      for one in clone.json("ls")["tickets"] if one["slug"] != "OW-1"])
    check_index(clone)


def test_parallel_comments_are_all_kept(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    together(repo, [["comment", "add", "OW-1", "--body", f"remark {n}", "--as", f"bot:agent-{n}"] for n in range(12)])
    found = repo.json("comment", "list", "OW-1")["comments"]
    assert {(one["body"], one["by"]) for one in found} == {(f"remark {n}", f"bot:agent-{n}") for n in range(12)}
    assert repo.json("show", "OW-1")["comment_count"] == 12
    check_index(repo)


def test_processes_with_one_idempotency_key_act_once_and_print_one_receipt(repo: Repo) -> None:
    outputs = together(repo, [["new", "Upload fails", "--idempotency-key", "run-1", "--json"]] * 5)
    assert repo.json("ls")["total"] == 1
    receipts = [json.loads(out)["receipt"] for out in outputs]
    assert all(one == receipts[0] for one in receipts) and receipts[0]["entry"]


_HOLDER = """
import sys
from gittracker.store.locks import Lock
with Lock(sys.argv[1], "alice: new (pid 17)"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a lock."""
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, env=environment()) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def test_a_lock_that_is_held_past_the_deadline_is_refused_with_the_holders_name(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    with held(path), pytest.raises(LockedError) as refusal, Lock(str(path), "bob", deadline=0.05):
        raise AssertionError("two hold the lock")
    assert refusal.value.facts["holder"] == "alice: new (pid 17)"
    assert 'locked by "alice: new (pid 17)"' in refusal.value.message
    assert refusal.value.exit_status == 5


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    with held(tmp_path / "lock") as holder:
        holder.kill()
        holder.wait()
        with Lock(str(tmp_path / "lock"), "bob", deadline=_PATIENCE):
            pass
    assert (tmp_path / "lock").read_text() == "bob"


def test_reading_does_not_wait_for_the_lock(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    with held(lock_path(repo)):
        assert repo.json("ls")["total"] == 1
        assert repo.json("show", "OW-1")["title"] == "Upload fails"
        assert len(repo.json("log")["entries"]) == 2


_GC = """
import os, subprocess, sys
count = 0
while os.path.exists(sys.argv[2]):
    subprocess.run(["git", "-C", sys.argv[1], "gc", "-q", "--prune=now"], check=False, capture_output=True)
    count += 1
    if count == 1:
        open(sys.argv[2] + ".began", "w").close()
print(count)
"""


def test_gc_that_prunes_beside_writers_harms_neither_repository(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.commit()
    going = tmp_path / "going"
    going.touch()
    gc = subprocess.Popen([sys.executable, "-c", _GC, str(repo.path), str(going)], text=True, stdout=subprocess.PIPE,
                          env=environment())
    wait_for((tmp_path / "going.began").exists)
    for number in range(4):
        writers = [repo.start("new", f"Ticket {number}.{n}") for n in range(3)]
        writers.append(repo.start("comment", "add", "OW-1", "--body", f"remark {number}"))
        writers.append(repo.start("update", "OW-1", "--label-add", f"label-{number}"))
        for one in writers:
            assert one.communicate(timeout=_PATIENCE)[1] == "" and one.returncode == 0
    going.unlink()
    out, _ = gc.communicate(timeout=_PATIENCE)
    assert int(out) >= 1
    repo.ok("commit")  # not beside gc: git itself does not promise that a commit survives --prune=now
    assert repo.json("ls", "--limit", "50")["total"] == 13
    shown = repo.json("show", "OW-1")
    assert (shown["comment_count"], shown["labels"]) == (4, [f"label-{n}" for n in range(4)])
    for answer in (repo.git("fsck", "--full", "--strict"), journal(repo, "fsck", "--full", "--strict")):
        assert "error" not in answer and "missing" not in answer
    entries: list[dict[str, Any]] = repo.json("log", "--limit", "100")["entries"]
    assert len([e for e in entries if e["source"] == "journal"]) == 2 + 4 * 5
    check_index(repo)
