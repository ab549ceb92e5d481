"""Conflicts are listed and settled in the middle of what git does, and only their files are told to git."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from tests.support import Repo, make_tracker
from tests.test_schemas import fits

BODY = "One.\n\nTwo.\n\nThree."
EARLY, LATE = "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"


def edit(repo: Repo, at: str = EARLY, **changes: object) -> None:
    """Change OW-1's fields in its file and commit at a time."""
    file = repo.file("OW-1")
    file.write_bytes(entity_md.patch(Ticket, file.read_bytes(), changes))
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", f"at {at}", GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Make a tracker with two branches that disagree on OW-1's status (`work` is later) and text (main is later)."""
    repo = make_tracker(tmp_path_factory.mktemp("made") / "repo")
    repo.ok("new", "Upload fails", "--status", "todo", "--description", BODY)
    repo.ok("new", "Other")
    (repo.path / "code.txt").write_text("one\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "start", GIT_AUTHOR_DATE=EARLY, GIT_COMMITTER_DATE=EARLY)
    repo.git("checkout", "-q", "-b", "work")
    edit(repo, EARLY, body=BODY.replace("Two", "II"), labels=("x",))
    edit(repo, LATE, status="in-review")
    repo.git("checkout", "-q", "main")
    edit(repo, EARLY, status="done", priority="urgent", labels=("y",))
    edit(repo, LATE, body=BODY.replace("Two", "2"))
    return repo


@pytest.fixture
def forked(made: Repo, tmp_path: Path) -> Repo:
    """Give a copy of it."""
    shutil.copytree(made.path, tmp_path / "forked", symlinks=True)
    return Repo(tmp_path / "forked")


@pytest.fixture
def merging(forked: Repo) -> Repo:
    """Give it with the merge of work into main stopped."""
    assert "CONFLICT" in forked.git("merge", "work", check=False)
    return forked


def listed(repo: Repo) -> dict[str, Any]:
    """List the conflicts, by the schema."""
    found: dict[str, Any] = fits("output/resolve", repo.json("resolve"))
    return found


def fields(repo: Repo, *names: str) -> list[Any]:
    """Give values of OW-1's file, which must be whole."""
    ticket, findings = entity_md.read(Ticket, repo.file("OW-1").read_bytes())
    assert not findings
    return [getattr(ticket, name) for name in names]


def unmerged(repo: Repo) -> str:
    """List what git has unmerged."""
    return repo.git("diff", "--name-only", "--diff-filter=U")


def test_what_is_in_conflict_is_listed_by_field_and_side(merging: Repo) -> None:
    found = listed(merging)
    assert (found["operation"], found["ours"]["name"], found["theirs"]["name"]) == ("merge", "main", "work")
    [one] = found["conflicts"]
    assert (one["record"], one["kind"]) == ("OW-1", "content")
    assert one["disputes"] == [{"field": "status", "ours": "done", "theirs": "in-review"},
                               {"field": "body", "ours": BODY.replace("Two", "2"), "theirs": BODY.replace("Two", "II")}]


def test_a_name_is_told_with_its_conflicts_and_others_without(merging: Repo) -> None:
    one = fits("output/resolve", merging.json("resolve", "OW-1"))
    assert (one["type"], one["conflicts"][0]["disputes"][0]["field"]) == ("ticket", "status")
    assert "conflicts" not in fits("output/resolve", merging.json("resolve", "OW-2"))
    text = merging.ok("resolve", "OW-1")
    assert "status: ours done | theirs in-review" in text and "ours is main, theirs is work" in text
    assert fits("output/resolve", merging.json("resolve", "OW-1", "OW-2"))["total"] == 2


@pytest.mark.parametrize(("flags", "status", "text"), [
    (("--ours",), "done", "2"), (("--theirs",), "in-review", "II"), (("--board",), "in-review", "2"),
    (("--theirs", "--set", "status=todo"), "todo", "II"),
    (("--set", "status=Todo", "--set", "body=New"), "todo", None)])
def test_a_choice_settles_what_is_disputed_and_nothing_else(merging: Repo, flags: tuple[str, ...], status: str,
                                                           text: str | None) -> None:
    merging.ok("resolve", "OW-1", *flags)
    assert fields(merging, "status", "body") == [status, BODY.replace("Two", text) if text else "New"]
    assert fields(merging, "priority", "labels") == ["urgent", ("x", "y")]
    assert unmerged(merging) == ""
    assert (merging.path / ".git" / "MERGE_HEAD").exists()  # the merge is the user's to conclude
    assert listed(merging)["total"] == 0
    merging.git("commit", "-q", "--no-edit")


def test_what_the_board_showed_is_what_its_choice_gives(forked: Repo, tmp_path: Path) -> None:
    """Of a text in dispute too, which has what either side changed elsewhere in it."""
    forked.git("worktree", "add", "-q", str(tmp_path / "other"), "work")
    edit(Repo(tmp_path / "other"), LATE, body=BODY.replace("Two", "II").replace("One", "1"), due="2027-01-01")
    edit(forked, EARLY, body=BODY.replace("Two", "2").replace("Three", "3"))
    shown = [forked.json("show", "OW-1")[name] for name in ("status", "description", "labels", "priority", "due")]
    assert "1." in shown[1] and "3." in shown[1]
    forked.git("merge", "work", check=False)
    forked.ok("resolve", "--all", "--board")
    assert fields(forked, "status", "body", "labels", "priority", "due") == [*shown[:2], tuple(shown[2]), *shown[3:]]


def test_one_field_can_be_settled_before_the_other(merging: Repo) -> None:
    done = merging.run("resolve", "OW-1", "--set", "status=done")
    assert (done.status, "still in conflict" in done.err) == (0, True)
    assert [one["field"] for one in listed(merging)["conflicts"][0]["disputes"]] == ["body"]
    assert unmerged(merging)
    merging.ok("resolve", "OW-1", "--theirs")
    assert (fields(merging, "status", "body"), unmerged(merging)) == (["done", BODY.replace("Two", "II")], "")


def test_edits_round_the_markers_stay_and_a_file_settled_by_hand_is_only_added(merging: Repo) -> None:
    file = merging.file("OW-1")
    file.write_text(file.read_text().replace("Three.", "Three!"))
    merging.ok("resolve", "OW-1", "--ours")
    assert fields(merging, "body") == [BODY.replace("Two", "2").replace("Three.", "Three!")]
    merging.git("checkout", "-q", "-m", "--", str(file))
    ours = merging.git("show", f":2:{file.relative_to(merging.path)}").encode() + b"\n"
    file.write_bytes(entity_md.patch(Ticket, ours, {"status": "backlog"}))
    assert listed(merging)["conflicts"][0]["kind"] == "edited"
    merging.ok("resolve", "OW-1", "--theirs")
    assert (fields(merging, "status"), unmerged(merging)) == (["backlog"], "")


def test_the_settling_is_one_entry_that_can_be_undone(merging: Repo) -> None:
    before = merging.file("OW-1").read_bytes()
    receipt = merging.json("resolve", "OW-1", "--theirs")["results"][0]["receipt"]
    assert receipt["entry"] and receipt["slug"] == "OW-1"
    entry = merging.json("log", "--limit", "1")["entries"][0]
    assert entry["subject"] == "OW-1 conflict settled, status: theirs, body: theirs"
    merging.ok("undo")
    assert merging.file("OW-1").read_bytes() == before


def test_only_the_settled_files_are_added(merging: Repo) -> None:
    (merging.path / "code.txt").write_text("two\n")
    other = merging.file("OW-2")
    other.write_text(other.read_text().replace("Other", "Another"))
    merging.ok("resolve", "--all", "--board")
    assert merging.git("diff", "--name-only").split("\n") == [str(other.relative_to(merging.path)), "code.txt"]


@pytest.mark.parametrize(("begin", "operation", "ours", "theirs", "driver"), [
    (("rebase", "main"), "rebase", "main", "work, its commit", True),
    (("rebase", "main"), "rebase", "main", "work, its commit", False),
    (("cherry-pick", "main"), "cherry-pick", "work", "commit", True),
    (("stash", "pop"), None, "main", "the stash", False),
    (("revert", "HEAD~1"), "revert", "work", "what was before", True)],
    ids=lambda value: value[0] if isinstance(value, tuple) else str(value) if isinstance(value, bool) else "")
def test_the_sides_have_their_names_whatever_git_does(forked: Repo, begin: tuple[str, ...], operation: str | None,
                                                      ours: str, theirs: str, driver: bool) -> None:
    if not driver:
        forked.git("config", "--remove-section", "merge.gittracker")
    forked.git("checkout", "-q", "work")
    if begin[0] == "revert":
        edit(forked, LATE, body=BODY.replace("Two", "zwei"))
        begin = ("revert", "--no-edit", "HEAD~2")
    if begin[0] == "stash":
        file = forked.file("OW-1")
        file.write_bytes(entity_md.patch(Ticket, file.read_bytes(), {"body": BODY.replace("Two", "zwei")}))
        forked.git("stash", "-q")
        forked.git("checkout", "-q", "main")
    forked.git(*begin, check=False)
    found = listed(forked)
    assert (found["operation"], found["ours"]["name"]) == (operation, ours)
    assert found["theirs"]["name"].startswith(theirs)
    assert [one["field"] for one in found["conflicts"][0]["disputes"]] == ["body"]
    forked.ok("resolve", "OW-1", "--theirs")
    assert unmerged(forked) == ""
    assert fields(forked, "body") == [{"rebase": BODY.replace("Two", "II"), "cherry-pick": BODY.replace("Two", "2"),
                                       "revert": BODY, "stash": BODY.replace("Two", "zwei")}[begin[0]]]
    if begin[0] == "rebase":
        assert "CONFLICT" in forked.git("rebase", "--continue", check=False, GIT_EDITOR="true")
        forked.ok("resolve", "--all", "--board")
        forked.git("rebase", "--continue", GIT_EDITOR="true")
        assert fields(forked, "status", "labels") == ["in-review", ("x", "y")]


def test_without_the_driver_what_only_touches_is_no_dispute(forked: Repo) -> None:
    forked.git("config", "--remove-section", "merge.gittracker")
    forked.git("merge", "work", check=False)
    assert [one["field"] for one in listed(forked)["conflicts"][0]["disputes"]] == ["status", "body"]
    forked.ok("resolve", "--all", "--ours")
    assert fields(forked, "status", "priority", "labels") == ["done", "urgent", ("x", "y")]


@pytest.mark.parametrize(("gone_on", "way"), [("main", "--ours"), ("main", "--theirs"), ("main", "--board"),
                                              ("work", "--theirs"), ("work", "--board")])
def test_a_ticket_that_one_side_deleted_goes_or_stays(forked: Repo, gone_on: str, way: str) -> None:
    forked.git("checkout", "-q", gone_on)
    shutil.rmtree(forked.folder("OW-1"))
    forked.git("add", "-A")
    forked.git("commit", "-q", "-m", "gone", GIT_AUTHOR_DATE="2026-11-03T10:00:00Z")
    forked.git("checkout", "-q", "main")
    forked.git("merge", "work", check=False)
    [one] = listed(forked)["conflicts"]
    side = "ours" if gone_on == "main" else "theirs"
    assert (one["kind"], one["disputes"]) == (f"deleted by {side}", [
        {"field": None, "ours": "changed", "theirs": "changed", side: "deleted"}])
    forked.ok("resolve", "OW-1", way)
    stays = way != f"--{side}"  # and on the board what somebody still works on is there
    assert bool(list(forked.tracker.glob("tickets/*/OW-1-*/ticket.md"))) == stays
    assert unmerged(forked) == ""


def test_what_both_added_settles_by_field(forked: Repo) -> None:
    file = forked.file("OW-1")
    for branch in ("main", "work"):
        forked.git("checkout", "-q", "--orphan", f"{branch}-alone", branch)
        forked.git("commit", "-q", "-m", "alone")
    forked.git("merge", "--allow-unrelated-histories", "main-alone", check=False)
    [one] = listed(forked)["conflicts"]
    assert (one["kind"], [d["field"] for d in one["disputes"]]) == ("both added", ["status", "priority", "body"])
    forked.ok("resolve", str(file.relative_to(forked.path)), "--theirs")
    assert fields(forked, "status", "labels") == ["done", ("x", "y")]


def test_markers_that_were_left_in_a_file_are_found_and_settled(forked: Repo) -> None:
    file = forked.file("OW-1")
    file.write_text(file.read_text().replace("status: done\n", "<<<<<<< HEAD\nstatus: done\n=======\nstatus: todo\n"
                                             ">>>>>>> work\n"))
    forked.commit("oh")
    [one] = listed(forked)["conflicts"]
    assert (one["kind"], one["disputes"]) == ("left over", [{"field": "status", "ours": "done", "theirs": "todo"}])
    done = forked.run("resolve", "OW-1", "--board", "--json")
    assert (done.status, done.error()["hint"]) == (5, "gittracker resolve OW-1 --ours, or --theirs")
    forked.ok("resolve", "--all", "--theirs")
    assert fields(forked, "status") == ["todo"]
    assert forked.git("diff", "--cached", "--name-only") == ""  # git knows of no conflict, so nothing is staged


def test_a_text_that_shows_markers_is_settled_only_by_name(forked: Repo) -> None:
    shown = "As git has it:\n\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs"
    forked.ok("update", "OW-2", "--description", shown)
    assert listed(forked)["conflicts"][0]["kind"] == "left over"
    forked.ok("resolve", "--all", "--ours")
    assert shown in forked.file("OW-2").read_text()
    forked.ok("resolve", "OW-2", "--ours")
    assert forked.file("OW-2").read_text().endswith("As git has it:\n\na\n")


@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_side_that_shows_markers_itself_is_taken_whole(forked: Repo, way: str) -> None:
    shown = BODY.replace("Two", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\nTwo")
    forked.git("checkout", "-q", "work")
    edit(forked, body=shown)
    forked.git("checkout", "-q", "main")
    assert "CONFLICT" in forked.git("merge", "work", check=False)
    forked.ok("resolve", "OW-1", f"--{way}")
    assert fields(forked, "body") == [shown if way == "theirs" else BODY.replace("Two", "2")]


def test_a_workpad_and_a_comment_in_conflict_are_their_tickets(forked: Repo) -> None:
    forked.git("checkout", "-q", "main~2")
    forked.ok("workpad", "set", "OW-2", "--body", "start")
    forked.ok("comment", "add", "OW-2", "--body", "start")
    forked.commit("start")
    forked.git("checkout", "-q", "-b", "other")
    for branch in ("other", "third"):
        forked.git("checkout", "-q", *(["-b"] if branch == "third" else []), branch)
        for file in (forked.folder("OW-2") / "workpad.md", *forked.folder("OW-2").glob("comments/*")):
            file.write_text(file.read_text().replace("start", branch))
        forked.commit(branch)
        forked.git("checkout", "-q", "other~1" if branch == "other" else "other")
    forked.git("merge", "third", check=False)
    found = listed(forked)["conflicts"]
    assert [one["record"] for one in found] == ["OW-2", "OW-2"]
    forked.ok("resolve", "OW-2", "--theirs")
    assert forked.ok("workpad", "show", "OW-2").strip() == "third"
    assert forked.json("comment", "list", "OW-2")["comments"][0]["body"] == "third"
    assert unmerged(forked) == ""


@pytest.mark.parametrize(("words", "status", "says"), [
    (("OW-1", "--ours", "--theirs"), 2, "can't both"), (("--all",), 2, "needs a choice"),
    (("--ours",), 2, "name the records"), (("OW-1", "--all", "--ours"), 2, "name the records"),
    (("OW-2", "--ours"), 3, "no conflict"), (("OW-9", "--ours"), 3, "no conflict"),
    (("OW-1", "--set", "due=2027-01-01"), 2, "not in dispute"), (("OW-1", "--set", "status=odd"), 3, "odd"),
    (("OW-1", "--set", "status"), 2, "not FIELD=VALUE"), (("OW-8",), 3, "no record")])
def test_what_can_not_be_settled_is_told_and_nothing_changes(merging: Repo, words: tuple[str, ...], status: int,
                                                            says: str) -> None:
    before = merging.file("OW-1").read_bytes()
    done = merging.run("resolve", *words)
    assert (done.status, says in done.err, done.err.count("hint: ")) == (status, True, 1)
    assert merging.file("OW-1").read_bytes() == before
    assert unmerged(merging)


@pytest.mark.parametrize("name", ["title", "priority", "type"])
def test_what_no_ticket_can_be_without_is_not_settled_by_nothing(forked: Repo, name: str) -> None:
    words = {"title": ("One", "Two"), "priority": ("low", "high"), "type": ("bug", "chore")}[name]
    forked.git("checkout", "-q", "work")
    edit(forked, **{name: words[0]})
    forked.git("checkout", "-q", "main")
    edit(forked, **{name: words[1]})
    assert "CONFLICT" in forked.git("merge", "work", check=False)
    assert forked.run("resolve", "OW-1", "--set", f"{name}=", "--json").error()["code"] == "usage"
    forked.ok("resolve", "OW-1", "--set", f"{name}={words[0]}", "--ours")
    assert fields(forked, name) == [words[0]]


def test_a_busy_git_index_is_told_and_the_files_are_written(merging: Repo) -> None:
    lock = merging.path / ".git" / "index.lock"
    lock.write_text("")
    done = merging.run("resolve", "OW-1", "--ours")
    assert (done.status, "git add" in done.err) == (4, True)
    assert fields(merging, "status") == ["done"]
    lock.unlink()
    merging.ok("resolve", "OW-1", "--ours")
    assert unmerged(merging) == ""


def test_without_conflicts_there_is_nothing_to_settle(forked: Repo) -> None:
    assert forked.ok("resolve") == "no conflicts\n"
    assert forked.ok("resolve", "--all", "--board") == "nothing to change\n"


def test_what_the_board_shows_is_taken_in_whatever_order_branches_of_one_second_are_merged(
        repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.commit()
    for name in ("eve", "zoe"):
        repo.git("worktree", "add", "-q", "-b", name, str(tmp_path / name))
        edit(Repo(tmp_path / name), LATE, title=f"What {name} wants")
    shown = repo.json("show", "OW-1")["title"]
    assert shown in ("What eve wants", "What zoe wants")
    for order in (("zoe", "eve"), ("eve", "zoe")):
        trial = Repo(tmp_path / f"{order[0]}-first")
        repo.git("worktree", "add", "-q", "--detach", str(trial.path), "main")
        for name in order:
            trial.git("merge", "-q", "--no-ff", "-m", name, name, check=False, GIT_AUTHOR_DATE=LATE)
        trial.ok("resolve", "OW-1", "--board")
        assert trial.json("show", "OW-1", "--here")["title"] == shown, order
        repo.git("worktree", "remove", "--force", str(trial.path))
