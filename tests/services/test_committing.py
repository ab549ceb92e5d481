"""A commit of the tracker's files either is made or says why not."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.support import Repo, environment


@pytest.fixture
def planned(repo: Repo) -> Repo:
    """Give a tracker with OW-1, committed."""
    repo.ok("new", "Upload fails")
    repo.commit()
    return repo


def test_a_hook_that_refuses_a_commit_of_new_files_alone_is_told(planned: Repo) -> None:
    hook = planned.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    planned.ok("new", "Second")
    error = planned.run("commit", "--json").error()
    assert error["code"] == "refused" and "not today" in error["message"]
    assert planned.git("status", "--porcelain").startswith("?? ")
    hook.unlink()
    assert "commits 1 tracker file(s)" in planned.ok("commit")


def test_where_git_cannot_tell_what_changed_it_is_not_nothing(planned: Repo) -> None:
    planned.ok("update", "OW-1", "--priority", "high")
    (planned.path / ".git/index").write_bytes(b"broken")
    error = planned.run("commit", "--json").error()
    assert "git can't tell what changed" in error["message"] and error["hint"] == "git status"


def test_files_that_only_gits_index_has_lost_are_no_change(planned: Repo) -> None:
    planned.git("rm", "-q", "-r", "--cached", ".openkit")
    assert planned.ok("commit") == "nothing to commit\n"
    assert planned.git("status", "--porcelain") == ""


def test_most_tickets_gone_by_accident_are_no_commit(planned: Repo) -> None:
    planned.ok("batch", given="".join(f'["new", "Ticket {n}"]\n' for n in range(2, 10)))
    planned.commit()
    head = planned.git("rev-parse", "HEAD")
    shutil.rmtree(planned.tracker / "tickets")
    error = planned.run("commit", "--json").error()
    assert error["code"] == "conflict" and "9 of 9 tickets are gone" in error["message"]
    assert planned.git("rev-parse", "HEAD") == head
    hint = planned.run("commit", "--json").error()["hint"]
    subprocess.run(["sh", "-c", hint.partition(" brings")[0]], cwd=planned.path, check=True)
    assert len(planned.json("ls", "--all")["tickets"]) == 9
    assert planned.ok("commit") == "nothing to commit\n"


def test_what_commands_removed_or_git_was_told_of_is_committed(planned: Repo) -> None:
    planned.ok("batch", given="".join(f'["new", "Ticket {n}"]\n' for n in range(2, 14)))
    planned.commit()
    planned.ok("undo")
    assert "commits 12 tracker file(s)" in planned.ok("commit")
    planned.ok("batch", given="".join(f'["new", "Ticket {n}"]\n' for n in range(2, 14)))
    planned.commit()
    planned.git("rm", "-rq", ".openkit/tickets")
    assert "commits 13 tracker file(s)" in planned.ok("commit")
    assert ".openkit/tickets" not in planned.git("ls-tree", "-r", "--name-only", "HEAD")


def test_both_sides_of_a_merge_in_a_records_fields_are_no_commit_and_no_sync(planned: Repo) -> None:
    planned.git("switch", "-q", "-c", "side")
    planned.ok("update", "OW-1", "--status", "todo")
    planned.commit()
    planned.git("switch", "-q", "main")
    planned.ok("update", "OW-1", "--status", "in-review")
    planned.commit()
    planned.git("merge", "side", check=False)
    planned.git("merge", "--quit")  # whoever thinks that it was finished
    planned.git("add", ".openkit")
    head = planned.git("rev-parse", "HEAD")
    error = planned.run("commit", "--json").error()
    assert (error["code"], error["hint"]) == ("conflict", "gittracker resolve OW-1")
    assert planned.git("rev-parse", "HEAD") == head
    planned.ok("resolve", "OW-1", "--theirs")
    planned.ok("commit")
    assert planned.json("show", "OW-1")["status"] == "todo"
    shown = "How git shows it:\n\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"
    planned.ok("update", "OW-1", "--description", shown)
    assert "commits 1" in planned.ok("commit")


def test_two_commits_at_once_and_a_git_that_has_the_index_in_hand_are_waited_for(planned: Repo) -> None:
    planned.ok("new", "Second")
    lock = planned.path / ".git/index.lock"
    lock.touch()
    running = subprocess.Popen(planned.command("commit", "--json"), stdout=subprocess.PIPE, env=environment())
    other = subprocess.Popen(planned.command("commit"), stdout=subprocess.PIPE, env=environment())
    lock.unlink()
    out, _ = running.communicate(timeout=60)
    assert (running.returncode, other.wait(60)) == (0, 0), out
    assert planned.git("status", "--porcelain") == ""
    assert planned.git("log", "--format=%s", "-1") == "openkit: OW-2"
