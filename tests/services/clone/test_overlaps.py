"""Where worktrees would conflict is known before anybody merges, and it is what git's own merge then says."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from gittracker.git.discover import discover
from gittracker.services.clone import overlaps
from gittracker.services.tracker import Tracker
from tests.near import Near
from tests.sandboxes import sandbox
from tests.services.clone.test_worktrees import create
from tests.support import Repo, make_tracker
from tests.templates import copy
from tests.test_schemas import fits

_TEXT = "".join(f"line {number}\n" for number in range(1, 13))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker, a file of twelve lines, and the worktrees a and b."""
    repo = Near(make_tracker(tmp_path_factory.mktemp("template") / "repo").path)
    repo.ok("new", "Upload fails")
    (repo.path / "code.py").write_text(_TEXT)
    (repo.path / "old.py").write_text("old\n")
    repo.commit()
    create(repo, "a")
    create(repo, "b")
    return repo


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    """Give a copy of it."""
    return copy(template, tmp_path / "repo")


def sides(home: Repo) -> tuple[Repo, Repo]:
    """Give both worktrees."""
    return Near(home.path / ".openkit/worktrees/a"), Near(home.path / ".openkit/worktrees/b")


def edit(repo: Repo, **lines: str) -> None:
    """Replace lines of the file by their numbers, `l3="new"`."""
    text = (repo.path / "code.py").read_text().split("\n")
    for name, value in lines.items():
        text[int(name[1:]) - 1] = value
    (repo.path / "code.py").write_text("\n".join(text))


def found(repo: Repo, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Give what would conflict, by pair and file."""
    told = fits("output/overlaps", repo.json("overlap", *words))
    return {(pair["one"]["branch"], pair["other"]["branch"]): {one["path"]: one for one in pair["files"]}
            for pair in told["pairs"]}


def test_committed_and_uncommitted_edits_that_touch_are_told_with_their_lines(home: Repo) -> None:
    a, b = sides(home)
    edit(a, l2="two", l7="seven")
    edit(b, l2="zwei", l8="acht", l12="zwölf")
    b.commit()
    assert found(home) == {("a", "b"): {"code.py": {
        "path": "code.py", "kind": "content", "tracker": False, "hunks": [
            {"one": [2, 2], "other": [2, 2]}, {"one": [7, 7], "other": [8, 8]}]}}}
    assert home.ok("overlap") == "a and b: 1 file(s)\n    code.py  a:2, 7  b:2, 8\n"
    edit(home, l12="dozen")
    assert set(found(home)) == {("a", "b"), ("main", "b")}
    assert set(found(home, "a")) == {("a", "b")} and set(found(home, "a", "main")) == set()
    assert home.ok("overlap", "a", "main") == "no conflicts in 1 pair(s)\n"


def test_an_edit_in_the_very_moment_in_which_git_wrote_its_index_is_seen(home: Repo) -> None:
    a, b = sides(home)
    edit(a, l3="LINE 3")
    edit(b, l9="other")
    for name, value in (("core.trustctime", "false"), ("core.checkStat", "minimal")):
        home.git("config", name, value)
    file, index = a.path / "code.py", a.git("rev-parse", "--path-format=absolute", "--git-path", "index")
    at = file.stat().st_mtime_ns - 10_000_000_000
    os.utime(file, ns=(at, at))
    a.git("add", "code.py")
    file.write_text(file.read_text().replace("LINE 3", "line 3").replace("line 9", "LINE 9"))
    for touched in (file, index):
        os.utime(touched, ns=(at, at))
    assert found(home)["a", "b"]["code.py"]["hunks"] == [{"one": [9, 9], "other": [9, 9]}]


def test_files_that_both_add_or_one_deletes_and_records_that_both_change_are_told(home: Repo) -> None:
    a, b = sides(home)
    (a.path / "new.py").write_text("from a\n")  # neither is known to git
    (b.path / "new.py").write_text("from b\nand more\n")
    (a.path / "old.py").unlink()
    (b.path / "old.py").write_text("changed\n")
    (a.path / "bin.dat").write_bytes(b"\0a")
    (b.path / "bin.dat").write_bytes(b"\0b")
    a.ok("update", "OW-1", "--priority", "high")
    b.ok("update", "OW-1", "--priority", "low")
    told = found(home, "a", "b")["a", "b"]
    ticket = f".openkit/tickets/0/{home.folder('OW-1').name}/ticket.md"
    assert {path: one["kind"] for path, one in told.items()} == {
        "new.py": "both added", "old.py": "deleted by one", "bin.dat": "both added", ticket: "content"}
    assert told[ticket]["tracker"] and told["new.py"]["hunks"] == [{"one": [1, 1], "other": [1, 2]}]


def test_looking_touches_no_index_no_file_and_no_ref(home: Repo) -> None:
    a, b = sides(home)
    edit(a, l2="two")
    edit(b, l2="zwei")
    (a.path / "staged.py").write_text("pass\n")
    a.git("add", "staged.py")
    index = Path(a.git("rev-parse", "--git-path", "index"))
    before = a.git("status", "--porcelain"), home.git("for-each-ref"), a.git("stash", "list")
    data = index.read_bytes()  # which git's own status may have refreshed
    assert found(home) and index.read_bytes() == data
    assert (a.git("status", "--porcelain"), home.git("for-each-ref"), a.git("stash", "list")) == before


def test_what_git_could_not_compare_is_not_told_to_be_without_conflicts(home: Repo, tmp_path: Path) -> None:
    a, b = sides(home)
    for side, text in ((a, "two"), (b, "zwei")):
        edit(side, l2=text)
        side.commit()
    told = sandbox(home, tmp_path / "tmp").json("overlap", "a", "b")
    assert (told["pairs"], told["checked"], told["total"]) == ([], 0, 1)
    assert "git could not compare a with b" in told["limits"]


def test_it_stops_when_the_time_is_up_and_says_where(home: Repo) -> None:
    told = fits("output/overlaps", home.json("overlap", "--seconds", "0.000001"))
    assert (told["checked"], told["pairs"]) == (0, []) and "the time was up before 3 worktree(s)" in told["limits"][0]
    assert home.run("overlap", "--seconds", "soon").status == 2 and home.run("overlap", "nobody").status == 3


def test_a_bare_clones_home_takes_part_though_it_is_checked_out_nowhere(home: Repo, tmp_path: Path) -> None:
    home.git("clone", "-q", "--bare", str(home.path), str(tmp_path / "bare.git"))
    bare = Near(tmp_path / "bare.git")
    bare.git("worktree", "add", "-q", "-b", "work", str(tmp_path / "work"), "main")
    work = Near(tmp_path / "work")
    edit(home, l2="two")
    home.commit()
    bare.git("fetch", "-q", str(home.path), "main:main")
    edit(work, l2="zwei")
    assert "code.py" in found(work)["work", "main"]


def test_a_claims_warning_names_files_and_lines(home: Repo) -> None:
    a, b = sides(home)
    edit(a, l2="two")
    edit(b, l2="zwei")
    tracker = Tracker(discover(str(a.path)), "", lambda: 0, bytes)
    assert overlaps.with_others(tracker, str(a.path)) == ["a and b would conflict in code.py:2"]
    assert overlaps.with_others(tracker, str(home.path)) == []
    tracker.close()


def test_what_is_told_is_what_a_merge_by_git_then_says(home: Repo) -> None:
    chance = random.Random(20261126)
    a, b = sides(home)
    tracker = Tracker(discover(str(home.path)), "", lambda: 0, bytes)
    outcomes = set()
    for _ in range(8):
        for repo in (a, b):
            repo.git("reset", "-q", "--hard", "main")
            for number in chance.sample(range(1, 13), 3):
                edit(repo, **{f"l{number}": chance.choice(["x", f"new {number}", f"line {number}\nmore"])})
            if chance.random() < 0.5:
                repo.git("commit", "-q", "-a", "-m", "edit", "--allow-empty")
        files = [one for pair in overlaps.find(tracker, ["a", "b"]).pairs for one in pair.files]
        told = {one.path for one in files}
        for repo in (a, b):
            repo.git("commit", "-q", "-a", "-m", "all", "--allow-empty")
        a.git("merge", "-q", "b", check=False)
        assert told == set(a.git("diff", "--name-only", "--diff-filter=U").splitlines())
        assert all(one.lines for one in files)
        outcomes.add(bool(told))
    tracker.close()
    assert outcomes == {True, False}


def test_whoever_claims_is_warned_of_work_that_conflicts(home: Repo) -> None:
    a, b = sides(home)
    edit(a, l2="two")
    edit(b, l2="zwei")
    home.ok("update", "OW-1", "--status", "todo")
    home.git("commit", "-qam", "todo")
    for side in (a, b):
        side.git("stash", "-q")
        side.git("merge", "-q", "main")
        side.git("stash", "pop", "-q")
    assert "warning" not in home.run("claim", "OW-1").err
    home.ok("release", "OW-1")
    claimed = a.run("claim", "OW-1")
    assert claimed.status == 0 and "warning: a and b would conflict in code.py:2" in claimed.err
