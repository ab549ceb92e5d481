"""Where a sync can't be done it says why with one next step, and both sides are as they were."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gittracker.services.sync import syncing
from tests.fleet import Clone, Fleet, as_nobody, make_fleet, show


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a fleet to copy, whose clone bob has an edit that is not committed."""
    with as_nobody():
        folder = tmp_path_factory.mktemp("fleet") / "made"
        bob = make_fleet(folder).clone("bob")
        bob.ok("update", "OW-1", "--priority", "high")
        yield folder


def _detach(fleet: Fleet, bob: Clone) -> None:
    bob.git("checkout", "-q", "--detach")


def _no_remote(fleet: Fleet, bob: Clone) -> None:
    bob.git("remote", "remove", "origin")


def _two_remotes(fleet: Fleet, bob: Clone) -> None:
    bob.git("remote", "rename", "origin", "first")
    bob.git("remote", "add", "second", "../r.git")
    bob.git("branch", "--unset-upstream")


def _new_branch(fleet: Fleet, bob: Clone) -> None:
    bob.git("switch", "-q", "-c", "feature")


def _unreachable(fleet: Fleet, bob: Clone) -> None:
    shutil.rmtree(fleet.remote.path)


def _merging(fleet: Fleet, bob: Clone) -> None:
    bob.git("switch", "-q", "-c", "side")
    bob.code("code.py", "side")
    bob.git("switch", "-q", "main")
    bob.code("code.py", "main")
    bob.git("merge", "side", check=False)


def _rebasing(fleet: Fleet, bob: Clone) -> None:
    bob.git("switch", "-q", "-c", "side")
    bob.code("code.py", "side")
    bob.git("switch", "-q", "main")
    bob.code("code.py", "main")
    bob.git("stash", "-q")
    bob.git("rebase", "side", check=False)


def _protected(fleet: Fleet, bob: Clone) -> None:
    hook = fleet.remote.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)


def _own_hook(fleet: Fleet, bob: Clone) -> None:
    hook = bob.path / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not on a Friday >&2\nexit 1\n")
    hook.chmod(0o755)


def _conflict(fleet: Fleet, bob: Clone) -> None:
    file = bob.file("OW-1")
    file.write_text(file.read_text().replace("status: backlog\n", "<<<<<<< ours\nstatus: todo\n=======\n"
                                             "status: done\n>>>>>>> theirs\n"))


def _strangers(fleet: Fleet, bob: Clone) -> None:
    bob.git("checkout", "-q", "--orphan", "other")
    bob.git("commit", "-q", "-m", "another beginning")
    bob.git("branch", "-q", "-M", "main")
    bob.git("branch", "-q", "-u", "origin/main")


def _unborn(fleet: Fleet, bob: Clone) -> None:
    bob.git("checkout", "-q", "--orphan", "other")


_CASES: dict[str, tuple[Callable[[Fleet, Clone], None], int, str, str]] = {
    "detached": (_detach, 4, "HEAD is on no branch", "git switch BRANCH"),
    "no remote": (_no_remote, 4, "no remote to sync with", "git remote add origin URL"),
    "which remote": (_two_remotes, 4, "there is no remote origin, but first, second", "gittracker sync --remote first"),
    "new branch": (_new_branch, 4, 'origin has no branch "feature" yet', "git push -u origin feature"),
    "unborn": (_unborn, 4, '"other" has no commit yet', "gittracker commit"),
    "unreachable": (_unreachable, 4, "origin can't be reached: ", "git fetch origin"),
    "merge": (_merging, 5, "git has a merge under way", "finish it first: git status"),
    "rebase": (_rebasing, 5, "git has a rebase under way", "finish it first: git status"),
    "protected": (_protected, 6, "origin/main refused the push: main is protected", "nothing was changed"),
    "pre-push": (_own_hook, 6, "not on a Friday", "git push origin main"),
    "conflict": (_conflict, 5, '"OW-1" is in conflict', "gittracker resolve OW-1"),
    "strangers": (_strangers, 5, "main and origin/main have no common history here", "git log origin/main"),
}


@pytest.mark.parametrize("name", _CASES)
def test_a_sync_that_cannot_be_done_says_why_and_leaves_everything(fleet: Fleet, name: str) -> None:
    prepare, status, message, hint = _CASES[name]
    bob = fleet.clone("bob")
    prepare(fleet, bob)
    there = fleet.remote.path.exists()
    before = fleet.remote.git("for-each-ref") if there else ""
    done = bob.run("sync", "--json")
    assert done.status == status, done.err
    assert message in done.error()["message"] and hint in done.error()["hint"], done.err
    assert (fleet.remote.git("for-each-ref") if there else "") == before
    if name not in ("rebase", "strangers", "conflict"):
        assert show(bob, "OW-1")["priority"] == "high"


def test_an_unknown_remote_is_named(fleet: Fleet) -> None:
    done = fleet.clone("bob").run("sync", "--remote", "nowhere", "--json")
    assert (done.status, done.error()["message"]) == (3, 'no remote "nowhere"')


def test_a_refused_push_leaves_the_edit_committed_and_a_later_sync_sends_it(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    ann.ok("update", "OW-1", "--status", "todo")
    ann.sync()
    _protected(fleet, bob)
    assert bob.run("sync").status == 6
    assert bob.is_clean() and show(bob, "OW-1")["status"] == "backlog"
    (fleet.remote.path / "hooks/pre-receive").unlink()
    bob.sync()
    assert (show(bob, "OW-1")["status"], show(bob, "OW-1")["priority"]) == ("todo", "high")


def test_a_branch_that_lost_most_tickets_is_not_taken_at_its_word(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    for number in range(6):
        ann.ok("new", f"Ticket {number}")
    ann.sync()
    bob.sync()
    shutil.rmtree(ann.tracker / "tickets")
    ann.git("commit", "-q", "-a", "-m", "clean up")
    done = ann.run("sync", "--json")
    assert done.status == 6
    assert done.error()["message"] == "main has lost 7 of 7 tickets since it was last synced"
    ann.git("pull", "-q", "--no-rebase", "-X", "ours", check=False)
    ann.git("rm", "-q", "-r", "--ignore-unmatch", ".openkit/tickets")
    ann.git("commit", "-q", "-m", "clean up")
    ann.git("push", "-q")
    bob.ok("update", "OW-1", "--status", "todo")
    done = bob.run("sync", "--json")
    assert done.error()["message"] == "origin/main has lost 7 of 7 tickets since it was last synced"
    assert len(bob.json("ls", "--here")["tickets"]) == 7


def test_a_file_that_belongs_to_one_machine_is_not_taken_from_a_branch(fleet: Fleet) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    (ann.tracker / "local").mkdir(exist_ok=True)
    (ann.tracker / "local/intent.json").write_text("{}")
    ann.git("add", "-f", ".openkit/local/intent.json")
    ann.git("commit", "-q", "-m", "oops")
    ann.git("push", "-q")
    done = bob.run("sync", "--json")
    assert done.status == 7
    assert done.error()["hint"] == "git rm --cached .openkit/local/intent.json"
    assert not (bob.tracker / "local/intent.json").exists()


def test_a_link_that_leads_out_of_the_tracker_is_not_written_through(fleet: Fleet, tmp_path: Path) -> None:
    ann, bob = fleet.clone("ann"), fleet.clone("bob")
    folder = ann.tracker / "tickets/1/OW-100-k3f9"
    folder.mkdir(parents=True)
    shutil.copy(ann.file("OW-1"), folder / "ticket.md")
    ann.sync()
    (tmp_path / "outside").mkdir()
    (bob.tracker / "tickets/1").symlink_to(tmp_path / "outside")
    (bob.path / ".git/info").mkdir(exist_ok=True)
    (bob.path / ".git/info/exclude").write_text("/.openkit/tickets/1\n")
    assert bob.run("sync").status == 7
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_stale_lock_of_gits_is_named_in_the_end(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = fleet.clone("bob")
    monkeypatch.setattr(syncing, "_TRIES", 2)
    (bob.path / ".git/index.lock").touch()
    done = bob.run("sync", "--json")
    assert done.status == 6 and "index.lock" in done.error()["message"]
    (bob.path / ".git/index.lock").unlink()
    assert bob.sync()["sent"] == "1 ticket changed"


def test_a_sandboxed_sync_says_what_to_allow(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = fleet.clone("bob")
    monkeypatch.setenv("GITTRACKER_SANDBOXED", "1")
    done = bob.run("sync", "--json")
    assert (done.status, done.error()["code"]) == (6, "sandboxed")
    assert done.error()["writable_roots"] == [str(bob.path / ".git")]
