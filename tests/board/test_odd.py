"""Odd places and accidents that once made the board forget tickets."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import Repo, make_tracker


@pytest.fixture
def home(tmp_path: Path) -> Repo:
    repo = make_tracker(tmp_path / "home")
    repo.ok("batch", given="".join(f'["new", "Ticket {n}"]\n' for n in range(1, 9)))
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "a", str(tmp_path / "a"))
    return repo


@pytest.fixture
def other(home: Repo, tmp_path: Path) -> Repo:
    return Repo(tmp_path / "a")


def slugs(repo: Repo) -> list[str]:
    return [one["slug"] for one in repo.json("ls", "--all")["tickets"]]


def title(repo: Repo, slug: str) -> str:
    return str(repo.json("show", slug)["title"])


ALL = [f"OW-{n}" for n in range(1, 9)]


def test_worktrees_of_a_bare_repository_each_see_every_ticket(home: Repo, tmp_path: Path) -> None:
    home.git("clone", "-q", "--bare", str(home.path), str(tmp_path / "bare.git"))
    bare = Repo(tmp_path / "bare.git")
    works = []
    for name in ("w1", "w2", "w3"):
        bare.git("worktree", "add", "-q", str(tmp_path / name), "-b", name, "main")
        works.append(Repo(tmp_path / name))
    assert [slugs(one) for one in works] == [ALL] * 3
    path = works[2].file("OW-2")
    path.write_text(path.read_text().replace("Ticket 2", "By hand"))
    assert [title(one, "OW-2") for one in works] == ["By hand"] * 3
    works[0].ok("new", "Ninth")
    assert [slugs(one) for one in works] == [[*ALL, "OW-9"]] * 3


def test_pages_and_epics_of_a_new_worktree_are_seen_at_once(home: Repo, other: Repo, tmp_path: Path) -> None:
    other.ok("page", "write", "guide", "--title", "Guide", "--body", "text")
    other.ok("epic", "create", "Large")
    assert [one["name"] for one in home.json("page", "list")["pages"]] == ["OW/guide"]
    home.ok("epic", "update", "OW-E1", "--title", "Larger")
    assert other.json("epic", "show", "OW-E1")["title"] == "Larger"
    home.git("worktree", "add", "-q", "-b", "b", str(tmp_path / "b"))
    Repo(tmp_path / "b").ok("page", "append", "guide", "--body", "more")
    assert home.json("board", "--disputes")["disputes"] == []


def test_a_worktree_that_was_moved_is_followed(home: Repo, other: Repo, tmp_path: Path) -> None:
    other.ok("update", "OW-1", "--title", "There")
    assert title(home, "OW-1") == "There"
    home.git("worktree", "move", str(other.path), str(tmp_path / "a2"))
    moved = Repo(tmp_path / "a2")
    assert title(home, "OW-1") == title(moved, "OW-1") == "There"
    moved.ok("update", "OW-2", "--title", "After")
    assert title(home, "OW-2") == "After"


def test_an_edit_that_was_made_while_git_was_writing_is_seen_afterwards(home: Repo, other: Repo) -> None:
    slugs(home)
    git_dir = Path(other.git("rev-parse", "--absolute-git-dir"))
    path = other.file("OW-2")
    path.write_text(path.read_text().replace("Ticket 2", "Meanwhile"))
    (git_dir / "index.lock").touch()
    assert title(home, "OW-2") == "Ticket 2"
    (git_dir / "index.lock").unlink()
    assert title(home, "OW-2") == title(other, "OW-2") == "Meanwhile"


def test_a_home_that_is_made_sparse_or_loses_its_files_deletes_nothing(home: Repo, other: Repo, tmp_path: Path) -> None:
    other.ok("update", "OW-2", "--title", "There")
    assert slugs(home) == ALL
    home.git("sparse-checkout", "set", "--no-cone", "/*", "!.openkit/tickets/*/OW-1*")
    assert slugs(home) == slugs(other) == ALL
    home.git("sparse-checkout", "disable")
    home.tracker.rename(tmp_path / "kept")
    assert slugs(home) == slugs(other) == ALL
    (tmp_path / "kept").rename(home.tracker)
    (home.tracker / "tickets").rename(tmp_path / "tickets")
    assert slugs(home) == slugs(other) == ALL
    (tmp_path / "tickets").rename(home.tracker / "tickets")
    assert slugs(home) == ALL and title(home, "OW-2") == "There"


def test_a_clone_that_moves_keeps_what_branches_have(home: Repo, tmp_path: Path) -> None:
    home.git("worktree", "remove", str(tmp_path / "a"))
    home.git("switch", "-q", "-c", "topic")
    home.ok("new", "On the topic")
    home.commit()
    home.git("switch", "-q", "main")
    assert slugs(home) == [*ALL, "OW-9"]
    home.path.rename(tmp_path / "moved")
    moved = Repo(tmp_path / "moved")
    assert moved.ok("export", "jsonl").count('"type": "ticket"') == 9
    assert slugs(moved) == [*ALL, "OW-9"]


def test_a_file_that_cannot_be_read_elsewhere_stops_nobody(home: Repo, other: Repo) -> None:
    slugs(home)
    path = other.file("OW-2")
    path.unlink()
    path.symlink_to("/etc/hostname")
    os.mkfifo(other.folder("OW-3") / "workpad.md")
    assert slugs(home) == ALL
    assert title(home, "OW-3") == "Ticket 3"


def test_claim_next_passes_over_what_only_an_idle_branch_has(home: Repo, other: Repo) -> None:
    home.ok("update", "OW-1", "--status", "todo")
    other.ok("new", "Most urgent", "--status", "todo", "--priority", "urgent")
    other.commit()
    home.git("worktree", "remove", str(other.path))
    assert home.json("claim", "--next")["ticket"]["slug"] == "OW-1"


def quiet(repos: list[Repo], tmp_path: Path) -> str:
    """Look until no stamp is too young to be believed; gives the git commands that a look then still starts."""
    log = tmp_path / "log"
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    env = {"PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
    for _ in range(40):
        log.write_text("")
        for repo in repos:
            repo.ok("ls", env=env)
            repo.ok("show", "OW-1", env=env)
        if not log.read_text():
            break
    return log.read_text()


def test_a_second_look_starts_no_git_process(home: Repo, other: Repo, tmp_path: Path) -> None:
    other.ok("update", "OW-1", "--title", "There")
    assert quiet([home, other], tmp_path) == ""


def test_home_without_a_worktree_costs_no_git_process_either(home: Repo, tmp_path: Path) -> None:
    home.git("clone", "-q", "--bare", str(home.path), str(tmp_path / "bare.git"))
    Repo(tmp_path / "bare.git").git("worktree", "add", "-q", str(tmp_path / "w1"), "-b", "w1", "main")
    work = Repo(tmp_path / "w1")
    work.ok("update", "OW-1", "--title", "Here")
    assert quiet([work], tmp_path) == ""
    path = work.file("OW-2")
    path.write_text(path.read_text().replace("Ticket 2", "By hand"))
    assert title(work, "OW-2") == "By hand" and title(work, "OW-1") == "Here"


@pytest.mark.parametrize("words", [("show", "OW-2"), ("update", "OW-2", "--priority", "high")], ids=" ".join)
def test_a_ticket_that_went_while_another_one_was_looked_at_is_gone(
        home: Repo, other: Repo, words: tuple[str, ...]) -> None:
    assert slugs(home) == ALL
    path = other.file("OW-2")
    path.write_text(path.read_text().replace("Ticket 2", "By hand"))
    shutil.rmtree(other.folder("OW-5"))
    home.ok(*words)
    assert sorted(slugs(home)) == sorted(slugs(other)) == [slug for slug in ALL if slug != "OW-5"]
    assert "removed  ticket OW-5" in home.ok("board", "--drift")


def test_reading_everything_again_tells_no_event_of_what_is_as_it_was(home: Repo, other: Repo, tmp_path: Path) -> None:
    home.git("worktree", "add", "-q", "-b", "b", str(tmp_path / "b"))
    home.git("branch", "idle")
    for work, words in ((other, "OW-2"), (Repo(tmp_path / "b"), "OW-2"), (other, "OW-3")):
        path = work.file(words)
        path.write_text(path.read_text().replace("labels:", f"labels: [{work.path.name}]"))
        work.ok("comment", "add", words, "--body", f"from {work.path.name}")
    before = home.json("show", "OW-2")
    assert before["labels"] == ["a", "b"]
    told = home.json("events", "--limit", "1000")
    home.ok("ls", "--fresh")
    assert home.json("events", "--limit", "1000") == told
    assert home.json("show", "OW-2") == before
