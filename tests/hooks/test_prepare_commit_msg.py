"""The hook that offers `Ticket:` trailers, with real git."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import Repo, environment

HOOK = Path(__file__).parents[2] / "hooks" / "prepare-commit-msg"


@pytest.fixture
def hooked(repo: Repo) -> Repo:
    """Give a tracker with a first commit and the hook."""
    repo.commit("first")
    shutil.copy(HOOK, repo.path / ".git" / "hooks" / "prepare-commit-msg")
    return repo


def work(repo: Repo, name: str, *options: str) -> str:
    """Commit one more file and give the message."""
    (repo.path / name).write_text(name)
    repo.git("add", name)
    repo.git("commit", "-q", *(options or ("-m", f"add {name}")))
    return message(repo)


def message(repo: Repo, rev: str = "HEAD") -> str:
    return repo.git("log", "-1", "--format=%B", rev).rstrip("\n")


@pytest.mark.parametrize(("branch", "trailers"), [
    ("OW-43", ["OW-43"]), ("ow-43-slow-line", ["OW-43"]), ("feature/ow-43", ["OW-43"]), ("fix_OW-43", ["OW-43"]),
    ("alice/OW-7_and-ow-12", ["OW-12", "OW-7"]), ("ow-7-ow-7", ["OW-7"]), ("utf-8", []), ("how-43", []),
    ("ow/43", []), ("ow-x", []), ("plain", [])])
def test_the_branchs_tickets_are_offered(hooked: Repo, branch: str, trailers: list[str]) -> None:
    hooked.git("checkout", "-q", "-b", branch)
    wanted = "add a" + ("\n\n" if trailers else "") + "\n".join(f"Ticket: {slug}" for slug in trailers)
    assert work(hooked, "a") == wanted


def test_amending_and_rebasing_keep_one_trailer(hooked: Repo) -> None:
    hooked.git("checkout", "-q", "-b", "ow-43-slow")
    work(hooked, "a")
    hooked.git("commit", "-q", "--amend", "-m", "add a, better")
    assert message(hooked) == "add a, better\n\nTicket: OW-43"
    hooked.git("commit", "-q", "--amend", "--no-edit")
    work(hooked, "b")
    hooked.git("checkout", "-q", "main")
    work(hooked, "c")
    hooked.git("checkout", "-q", "ow-43-slow")
    hooked.git("rebase", "-q", "main")
    hooked.git("rebase", "-q", "-i", "--force-rebase", "main", GIT_SEQUENCE_EDITOR="sed -i s/^pick/reword/",
               GIT_EDITOR="true")
    assert [message(hooked, rev) for rev in ("HEAD", "HEAD~1")] == [
        "add b\n\nTicket: OW-43", "add a, better\n\nTicket: OW-43"]
    assert message(hooked, "main") == "add c"


def test_a_trailer_typed_by_hand_stays_and_others_stay_beside_it(hooked: Repo) -> None:
    hooked.git("checkout", "-q", "-b", "ow-43")
    typed = "add a\n\nReviewed-by: Bob <bob@example.com>\nTicket: OW-43"
    assert work(hooked, "a", "-m", typed) == typed
    assert work(hooked, "b", "-m", "add b\n\nTicket: OW-7") == "add b\n\nTicket: OW-7\nTicket: OW-43"


def test_merges_and_squashes_are_left_alone(hooked: Repo) -> None:
    hooked.git("checkout", "-q", "-b", "side")
    work(hooked, "a")
    hooked.git("checkout", "-q", "-b", "ow-43", "main")
    work(hooked, "b")
    hooked.git("merge", "-q", "--no-edit", "side")
    assert "Ticket" not in message(hooked)
    hooked.git("checkout", "-q", "-b", "ow-44", "HEAD~1")
    hooked.git("merge", "-q", "--squash", "side")
    hooked.git("commit", "-q", "--no-edit")
    assert "Ticket: OW-44" not in message(hooked)


def test_it_can_be_switched_off_and_needs_a_tracker(hooked: Repo) -> None:
    hooked.git("checkout", "-q", "-b", "ow-43")
    hooked.git("config", "gittracker.trailers", "false")
    assert work(hooked, "a") == "add a"
    hooked.git("config", "gittracker.trailers", "true")
    shutil.rmtree(hooked.tracker)
    assert work(hooked, "b") == "add b"


def test_it_works_in_a_linked_worktree(hooked: Repo, tmp_path: Path) -> None:
    hooked.git("worktree", "add", "-q", "-b", "ow-5", str(tmp_path / "tree"))
    assert work(Repo(tmp_path / "tree"), "a") == "add a\n\nTicket: OW-5"


def test_it_never_fails_and_starts_no_python(hooked: Repo, tmp_path: Path) -> None:
    for args in ([], [str(tmp_path / "missing")], [str(tmp_path), "message"]):
        assert subprocess.run([str(HOOK), *args], cwd=hooked.path, check=False, env=environment()).returncode == 0
    assert subprocess.run([str(HOOK), "x"], cwd=tmp_path, check=False, env=environment()).returncode == 0
    code = [line for line in HOOK.read_text().splitlines() if not line.startswith("#")]
    assert "python" not in "\n".join(code).lower()
    assert "gittracker " not in "\n".join(code)
