"""What one replica alone has otherwise is shown as it has it, without a merge: as a merge would show it."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from gittracker.board.fold import WHOLE
from gittracker.index import boards
from gittracker.services.board import folding
from gittracker.services.board.contents import Contents
from gittracker.services.tracker import Tracker, open_tracker
from tests.near import Near
from tests.support import Repo, make_tracker
from tests.templates import copy

_COUNT = 10  # tickets, more than are asked for one by one


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker of some tickets, the first with comments."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "home").path)
    repo.ok("batch", given="".join(f'["new", "Ticket {n}", "--description", "one\\n\\ntwo\\n\\nthree"]\n'
                                   for n in range(1, _COUNT + 1)))
    repo.ok("comment", "add", "OW-1", "--body", "first remark")
    repo.ok("page", "write", "guide", "--title", "Guide", "--body", "text")
    repo.commit()
    return repo


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    return Near(copy(template, tmp_path / "home").path)


@pytest.fixture
def other(home: Repo, tmp_path: Path) -> Repo:
    home.git("worktree", "add", "-q", "-b", "a", str(tmp_path / "a"))
    return Near(tmp_path / "a")


def edit(path: Path, old: str, new: str) -> None:
    """Edit a file as an editor does."""
    text = path.read_text()
    assert old in text, (old, text)
    path.write_text(text.replace(old, new))


def show(repo: Repo, slug: str = "OW-1") -> dict[str, Any]:
    found: dict[str, Any] = repo.json("show", slug)
    return found


def where(repo: Repo, slug: str = "OW-1") -> dict[str, str]:
    """Give by field the replica that a value comes from."""
    return {one["field"]: one["replica"] for one in repo.json("show", slug, "--where")["fields"]}


def listed(repo: Repo) -> tuple[Any, Any]:
    """Give all that the lists say of tickets and pages, but for when a ticket last changed: that is history's."""
    tickets = [{**one, "updated_at": None} for one in repo.json("ls", "--all", "--limit", "100")["tickets"]]
    return tickets, repo.json("page", "list")["pages"]


def remarks(repo: Repo) -> list[str]:
    """List the comments on the first ticket."""
    return [one["body"] for one in repo.json("comment", "list", "OW-1")["comments"]]


def layouts(repo: Repo) -> set[Path]:
    """List what is laid out in the cache."""
    return set((repo.path / ".git/gittracker/cache").glob("board-*/*/*"))


def opened(repo: Repo) -> Tracker:
    """Open the tracker in this process, up to date."""
    tracker = open_tracker(str(repo.path), "alice", time.time_ns, os.urandom)
    tracker.refresh(deep=True)
    return tracker


def test_what_one_worktree_alone_changed_is_shown_with_every_later_edit_of_either(home: Repo, other: Repo) -> None:
    edit(other.file("OW-1"), "title: Ticket 1", "title: First")
    assert show(home)["title"] == "First"
    assert (where(home)["title"], where(home)["status"]) == ("../a", ".")
    edit(other.file("OW-1"), "title: First", "title: Second")
    assert remarks(home) == ["first remark"]
    assert show(home)["title"] == "Second"
    edit(home.file("OW-1"), "\n\ntwo\n", "\n\nTWO\n")
    remark = next((home.folder("OW-1") / "comments").glob("*.md"))
    edit(remark, "first remark", "first remark, edited")
    found = show(home)
    assert (found["title"], found["description"]) == ("Second", "one\n\nTWO\n\nthree")
    assert remarks(home) == ["first remark, edited"]
    assert (where(home)["title"], where(home)["description"]) == ("../a", ".")
    other.git("checkout", "-q", "--", ".")
    assert show(home)["title"] == "Ticket 1"
    assert show(home)["description"] == "one\n\nTWO\n\nthree"


def test_a_ticket_that_came_one_that_went_and_a_page_are_shown_as_their_only_replica_has_them(
        home: Repo, other: Repo) -> None:
    other.ok("new", "Late")
    shutil.rmtree(other.folder("OW-2"))
    edit(next(other.tracker.glob("pages/*/guide.md")), "text", "longer text")
    (other.folder("OW-3") / "workpad.md").write_text("notes\n")
    slugs = [one["slug"] for one in listed(home)[0]]
    assert f"OW-{_COUNT + 1}" in slugs and "OW-2" not in slugs
    assert set(where(home, f"OW-{_COUNT + 1}").values()) == {"../a"}
    assert "longer text" in home.ok("page", "show", "guide")
    assert "notes" in home.ok("workpad", "show", "OW-3")
    other.git("checkout", "-q", "--", ".")
    assert "OW-2" in [one["slug"] for one in listed(home)[0]]


def test_what_is_laid_out_at_once_is_one_folder_and_is_made_anew_where_the_cache_was_cleared(
        home: Repo, other: Repo) -> None:
    for file in other.tracker.glob("tickets/*/*/ticket.md"):
        edit(file, "\n\ntwo\n", "\n\nTWO\n")
    before = listed(home)
    assert len(layouts(home)) == 1
    edit(other.file("OW-4"), "title: Ticket 4", "title: Fourth")
    assert show(home, "OW-4")["title"] == "Fourth"
    assert len(layouts(home)) == 2
    for folder in (home.path / ".git/gittracker/cache").glob("board-*"):
        shutil.rmtree(folder)
    assert {show(home, f"OW-{n}")["description"] for n in range(1, _COUNT + 1)} == {"one\n\nTWO\n\nthree"}
    after = listed(home)
    assert [one["slug"] for one in after[0]] == [one["slug"] for one in before[0]]


def test_a_checkout_in_a_worktree_there_and_back_leaves_the_index_as_a_new_one_and_the_journal_nothing_to_do(
        home: Repo, other: Repo) -> None:
    listed(home)
    for file in other.tracker.glob("tickets/*/*/ticket.md"):
        edit(file, "\n\ntwo\n", "\n\nTWO\n")
    other.commit("all of them")
    there = listed(home)
    for rev, expected in (("HEAD^", None), ("a", there), ("HEAD^", None)):
        other.git("checkout", "-q", "--detach", rev)
        found = listed(home)
        assert expected is None or [one["etag"] for one in found[0]] == [one["etag"] for one in expected[0]]
        tracker = opened(home)
        assert not tracker.index.all("SELECT path FROM outside WHERE worktree = ?", tracker.ground_number)
        tracker.close()
        home.ok("reindex")
        assert listed(home) == found


@pytest.mark.parametrize("seed", range(3))
def test_a_file_that_is_taken_is_what_a_merge_of_it_gives(home: Repo, other: Repo, tmp_path: Path, seed: int) -> None:
    home.git("worktree", "add", "-q", "-b", "b", str(tmp_path / "b"))
    tops, chosen = [home, other, Repo(tmp_path / "b")], random.Random(seed)
    for _ in range(12):
        files = sorted(chosen.choice(tops).tracker.glob("tickets/*/*/*.md"))
        path = chosen.choice(files)
        old, new = chosen.choice([("title: ", "title: x"), ("\ntwo\n", "\nTWO\n"), ("\nthree", "\n3"), ("---", "--")])
        if chosen.random() < 0.1:
            path.unlink()
        else:
            path.write_text(path.read_text().replace(old, new, 1))
    tracker = opened(home)
    board = tracker.board
    assert board
    taken = 0
    for place in sorted(board.places):
        rows = boards.at(tracker.index, tracker.view, place)
        replicas = {one.name: one for one in board.replicas}
        quick = folding.look(board, place, rows, Contents(board, replicas, rows))
        slow = folding.look(board, place, rows, folding.contents(board, rows))
        for path, one in slow.folded.items():
            assert (quick.folded[path].data, quick.folded[path].disputes) == (one.data, one.disputes)
            if place in board.overlays and not one.disputes and len([row for row in rows if row[1] == path]) == 1:
                taken += 1
                named = folding.suppliers(board, path)
                assert {named.get(field) or named.get(WHOLE) or named["="] for field in one.suppliers} == {
                    *one.suppliers.values()}
                assert named.keys() - {"="} == one.suppliers.keys()
    assert taken
    tracker.close()


def test_a_look_at_many_tickets_leaves_what_the_worktree_has_otherwise_beside_them(home: Repo, other: Repo) -> None:
    for number in range(1, _COUNT + 1):
        edit(other.file(f"OW-{number}"), "\n\ntwo\n", "\n\nTWO\n")
    page = next(other.tracker.glob("pages/*/guide.md"))
    edit(page, "text", "longer text")
    tracker = opened(home)
    board = tracker.board
    assert board
    one, = board.replicas
    folders = sorted(f"tickets/0/{path.name}" for path in other.tracker.glob("tickets/0/*"))
    before = boards.versions(tracker.index, tracker.view, one.name)
    assert len(before) == _COUNT + 1
    for path in (other.file(f"OW-{number}") for number in range(2, _COUNT + 1)):
        edit(path, "\n\nTWO\n", "\n\ntwo\n")
    board.look_into(one.tracker, [folder for folder in folders if "/OW-1-" not in folder], [], False)
    after = boards.versions(tracker.index, tracker.view, one.name)
    assert {path.rpartition("/")[2] for path in after} == {"ticket.md", "guide.md"} and len(after) == 2
    edit(page, "longer text", "text")
    board.look_into(one.tracker, [], ["pages"], False)
    assert [path.partition("/")[0] for path in boards.versions(tracker.index, tracker.view, one.name)] == ["tickets"]
    tracker.close()


def test_a_comment_edited_in_place_is_shown_where_another_worktree_has_the_ticket_otherwise(
        home: Repo, other: Repo) -> None:
    home.ok("comment", "add", "OW-1", "--body", "As it was.")
    other.ok("update", "OW-1", "--priority", "low")
    remark = next(one for one in home.tracker.glob("tickets/*/OW-1-*/comments/*.md") if "As it was." in one.read_text())
    assert home.ok("comment", "list", "OW-1") == home.ok("comment", "list", "OW-1")
    remark.write_text(remark.read_text().replace("As it was.", "As it is."))
    assert "As it is." in home.ok("comment", "list", "OW-1")
    assert "As it is." in home.ok("show", "OW-1") and "As it is." in other.ok("show", "OW-1")
