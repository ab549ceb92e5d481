"""One commit a command on the tracker's own branch: as the journal has it, and without getting in anybody's way."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hands import Hand
from tests.support import Repo, make_repo, make_tracker

SIDE = ".git/gittracker/tree"
LOOK = ("log", "--format=%an|%ae|%cn|%s")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a repository with a tracker on its own branch and a ticket, to copy."""
    repo = make_repo(tmp_path_factory.mktemp("side") / "repo")
    (repo.path / "code.txt").write_text("one\n")
    repo.commit("code")
    repo.ok("init", "--placement", "side-branch", "--prefix", "OW")
    repo.ok("new", "First", "--status", "todo")
    yield repo.path


@pytest.fixture
def side(made: Path, tmp_path: Path) -> Repo:
    """Give a copy of it."""
    shutil.copytree(made, tmp_path / "repo", symlinks=True)
    return Repo(tmp_path / "repo")


@pytest.fixture
def tree(side: Repo) -> Repo:
    """Give the worktree that the tracker has to itself."""
    return Repo(side.path / SIDE)


def subjects(tree: Repo, since: str) -> list[str]:
    """List the subjects of the commits since one, the oldest first."""
    return tree.git("log", "--reverse", "--format=%s", f"{since}..HEAD").split("\n")


def check_clean(tree: Repo) -> None:
    """Check that files, git's index and the branch say the same, whatever stamps git has."""
    assert tree.git("status", "--porcelain") == ""
    assert tree.git("diff-files", "--name-only") == tree.git("diff-index", "--cached", "--name-only", "HEAD") == ""


def test_a_command_is_one_commit_by_whoever_acts(side: Repo, tree: Repo) -> None:
    start = tree.git("rev-parse", "HEAD")
    side.ok("update", "OW-1", "--status", "in-progress", "--as", "bot:codex", "--idempotency-key", "k1")
    who, mail, committer, subject = tree.git(*LOOK, "-1").split("|")
    assert (who, committer) == ("codex", "Alice Smith")
    assert mail
    assert subject.startswith("openkit: OW-1 status")
    body = tree.git("log", "-1", "--format=%b")
    assert "Ticket: OW-1\nActor: bot:codex\nIdempotency-Key: k1" in body
    assert tree.git("rev-list", "--count", f"{start}..HEAD") == "1"
    assert tree.git("diff", "--name-only", start, "HEAD").endswith("/ticket.md")
    side.ok("batch", given='["new", "A"]\n["comment", "add", "OW-1", "--body", "b"]')
    assert tree.git("rev-list", "--count", f"{start}..HEAD") == "2"
    side.ok("ticket", "delete", "OW-2", "--purge")
    check_clean(tree)
    assert "OW-2" not in tree.git("ls-tree", "-r", "--name-only", "HEAD")
    assert side.git("rev-parse", "main") == side.git("rev-parse", "HEAD")


def test_the_log_shows_each_change_once(side: Repo) -> None:
    side.ok("update", "OW-1", "--priority", "high")
    logged = side.json("log", "OW-1")["entries"]
    assert [one["source"] for one in logged] == ["journal", "journal"]
    side.ok("reindex")
    assert len(side.json("log", "OW-1")["entries"]) == 2


def test_what_an_editor_changed_is_a_commit_of_its_own_before(side: Repo, tree: Repo) -> None:
    start = tree.git("rev-parse", "HEAD")
    path = side.file("OW-1")
    path.write_text(path.read_text().replace("title: First", "title: By hand"))
    side.ok("update", "OW-1", "--priority", "high")
    assert [one.partition(" as found")[1] for one in subjects(tree, start)] == [" as found", ""]
    assert "Actor: editor" in tree.git("log", "-1", "--skip=1", "--format=%b")
    assert "+title: By hand" in tree.git("show", "HEAD~1")
    assert "title: By hand" not in tree.git("show", "--unified=0", "HEAD")
    check_clean(tree)


def test_no_hook_runs_unless_it_is_asked_for(side: Repo, tree: Repo) -> None:
    hooks = side.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "commit-msg", "post-commit"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> '{side.path}/ran'\n[ ! -e '{side.path}/refuse' ]\n")
        (hooks / name).chmod(0o755)
    (side.path / "refuse").touch()
    side.ok("update", "OW-1", "--priority", "high")
    side.ok("commit")
    assert not (side.path / "ran").exists()
    config = side.tracker / "config.json"
    config.write_text(config.read_text().replace('"history"', '"hooks": true, "history"'))
    tree.git("commit", "--no-verify", "-qam", "hooks")
    assert (side.path / "ran").read_text().split() == ["post-commit"]
    (side.path / "ran").unlink()
    (side.path / "refuse").unlink()
    side.ok("update", "OW-1", "--priority", "low", "--as", "bot:codex")
    assert (side.path / "ran").read_text().split() == ["pre-commit", "commit-msg", "post-commit"]
    assert tree.git(*LOOK, "-1").startswith("codex|")
    (side.path / "refuse").touch()
    head = tree.git("rev-parse", "HEAD")
    done = side.run("update", "OW-1", "--priority", "medium")
    assert done.status == 0
    assert "not committed yet" in done.err
    assert tree.git("rev-parse", "HEAD") == head
    (side.path / "refuse").unlink()
    side.ok("comment", "add", "OW-1", "--body", "again")
    check_clean(tree)


def test_nothing_is_committed_in_the_middle_of_a_merge_and_all_of_it_after(side: Repo, tree: Repo) -> None:
    base = tree.git("rev-parse", "HEAD")
    path = side.file("OW-1")
    side.ok("update", "OW-1", "--title", "Ours")
    tree.git("switch", "-q", "-c", "theirs", base)
    path.write_text(path.read_text().replace("title: First", "title: Theirs"))
    tree.git("commit", "-qam", "theirs")
    tree.git("switch", "-q", "openkit")
    assert "CONFLICT" in tree.git("merge", "theirs", check=False)
    head = tree.git("rev-parse", "HEAD")
    done = side.run("new", "Meanwhile")
    assert done.status == 0
    assert "git has a merge under way" in done.err
    assert tree.git("rev-parse", "HEAD") == head
    tree.git("checkout", "--ours", "--", ".openkit/tickets")
    tree.git("add", str(path.resolve()))
    tree.git("commit", "-q", "-m", "merged")
    side.ok("update", "OW-2", "--priority", "high")
    assert subjects(tree, "HEAD~2") == ["openkit: OW-2 created: Meanwhile",
                                        "openkit: OW-2 priority medium → high"]
    check_clean(tree)


def test_a_detached_head_gets_no_commit_and_the_branch_gets_it_later(side: Repo, tree: Repo) -> None:
    head = tree.git("rev-parse", "HEAD")
    tree.git("checkout", "-q", "--detach")
    assert "HEAD is on no branch" in side.run("new", "Meanwhile").err
    assert tree.git("rev-parse", "HEAD") == head
    tree.git("switch", "-q", "openkit")
    side.ok("update", "OW-2", "--priority", "high")
    assert len(subjects(tree, head)) == 2
    check_clean(tree)


def test_what_was_taken_back_by_hand_is_not_committed_after_all(side: Repo, tree: Repo) -> None:
    head = tree.git("rev-parse", "HEAD")
    tree.git("checkout", "-q", "--detach")
    side.run("update", "OW-1", "--title", "Thrown away")
    tree.git("checkout", "-q", "-f", "HEAD", "--", ".openkit")
    tree.git("switch", "-q", "openkit")
    side.ok("new", "Next")
    assert subjects(tree, head) == ["openkit: OW-2 created: Next"]
    assert side.json("show", "OW-1")["title"] == "First"
    check_clean(tree)


def test_the_users_commits_in_between_are_kept(side: Repo, tree: Repo) -> None:
    """Whoever commits in the tracker's worktree by hand, at the same time, loses nothing and takes nothing back."""
    stop = threading.Event()
    made = 0

    def by_hand() -> None:
        nonlocal made
        while not stop.is_set():
            (tree.path / "notes.txt").write_text(str(made))
            tree.git("add", "notes.txt", check=False)
            if "nothing" not in tree.git("commit", "-q", "-m", f"by hand {made}", check=False):
                made += 1
    thread = threading.Thread(target=by_hand)
    thread.start()
    for number in range(6):
        side.ok("comment", "add", "OW-1", "--body", f"remark {number}")
    stop.set()
    thread.join()
    side.ok("comment", "add", "OW-1", "--body", "last")
    assert side.json("show", "OW-1")["comment_count"] == 7
    names = tree.git("ls-tree", "-r", "--name-only", "HEAD")
    assert names.count("/comments/") == 7
    assert tree.git("status", "--porcelain", "--", ".openkit") == ""
    assert tree.git("fsck", "--no-dangling") == ""


def test_a_tracker_among_the_code_commits_too_where_it_is_asked_to(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    config = repo.tracker / "config.json"
    config.write_text(config.read_text().replace('"journal"', '"branch"'))
    assert "the branch has no commit yet" in repo.run("new", "Early").err
    (repo.path / "code.txt").write_text("one\n")
    repo.git("add", "code.txt", ".openkit/config.json")
    repo.git("commit", "-q", "-m", "code")
    (repo.path / "code.txt").write_text("two\n")
    repo.git("add", "code.txt")
    repo.ok("new", "First")
    assert repo.git("diff", "--cached", "--name-only") == "code.txt"
    assert repo.git("diff", "--name-only", "HEAD~1", "HEAD").split("\n")[-1].endswith("ticket.md")
    assert "code.txt" not in repo.git("show", "--format=", "--name-only", "HEAD")
    assert repo.git("status", "--porcelain") == "M  code.txt"
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("update", "OW-2", "--priority", "high")
    assert other.git("log", "-1", "--format=%s", "feature") == "openkit: OW-2 priority medium → high"
    assert repo.json("show", "OW-2")["priority"] == "high"


def test_many_writers_in_many_worktrees_make_one_line_of_commits(side: Repo, tree: Repo, tmp_path: Path) -> None:
    start = tree.git("rev-parse", "HEAD")
    places = [side.path]
    for name in ("a", "b"):
        places.append(tmp_path / name)
        side.git("worktree", "add", "-q", "-b", name, str(places[-1]))
    with contextlib.ExitStack() as stack:
        hands = [stack.enter_context(Hand(place, f"bot:{number}")) for number, place in enumerate(places)]
        for number in range(5):
            for hand in hands:
                hand.begin("comment", "add", "OW-1", "--body", f"{hand.name} {number}")
            for hand in hands:
                assert hand.end().err == ""
    assert tree.git("rev-list", "--count", "--no-merges", f"{start}..HEAD") == "15"
    assert tree.git("ls-tree", "-r", "--name-only", "HEAD").count("/comments/") == 15
    check_clean(tree)


def test_git_gathers_the_loose_objects_of_many_commits(side: Repo, tmp_path: Path) -> None:
    texts = (f"{number}" for number in itertools.count())
    chosen = itertools.islice((text for text in texts if hashlib.sha1(
        f"blob {len(text)}\0{text}".encode()).hexdigest().startswith("17")), 30)
    for number, text in enumerate(chosen):
        (tmp_path / f"{number}").write_text(text)
    side.git("hash-object", "-w", *[str(tmp_path / f"{number}") for number in range(30)])
    assert not list((side.path / ".git/objects/pack").glob("*.pack"))
    side.ok("comment", "add", "OW-1", "--body", "one more")
    end = time.monotonic() + 30
    while not list((side.path / ".git/objects/pack").glob("*.pack")):
        assert time.monotonic() < end
        time.sleep(0.01)
    side.ok("comment", "add", "OW-1", "--body", "on")


def test_what_a_commit_by_hand_took_back_unknowingly_is_committed_again(side: Repo, tree: Repo) -> None:
    """Of two writers of git's index the slower wins, and a commit of that index lacks what the faster had added."""
    side.ok("comment", "add", "OW-1", "--body", "remark")
    index = Path(tree.git("rev-parse", "--absolute-git-dir")) / "index"
    stale = index.read_bytes()
    side.ok("comment", "add", "OW-1", "--body", "taken back")
    index.write_bytes(stale)
    tree.git("commit", "-q", "--allow-empty", "-m", "by hand")
    assert tree.git("ls-tree", "-r", "--name-only", "HEAD").count("/comments/") == 1
    side.ok("comment", "add", "OW-1", "--body", "next")
    assert tree.git("ls-tree", "-r", "--name-only", "HEAD").count("/comments/") == 3
    assert tree.git("status", "--porcelain", "--", ".openkit") == ""
