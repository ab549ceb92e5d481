"""A ticket that was moved to another project has a new slug, an old one that still works, and its old folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.services.write.test_races import check_index, racing
from tests.support import Repo
from tests.test_schemas import fits


def batch(repo: Repo, *commands: list[str]) -> list[str]:
    """Run commands as one entry; gives the slugs of their records."""
    told = json.loads(repo.ok("batch", "--json", given="\n".join(map(json.dumps, commands))))
    return [one["receipt"]["slug"] for one in told["results"]]


@pytest.fixture
def two(repo: Repo) -> Repo:
    """Give a tracker with the projects OW and WEB, and OW-1 and OW-2, which waits for it."""
    batch(repo, ["project", "create", "WEB"], ["new", "A", "--status", "todo", "--label", "x"],
          ["new", "B", "--depends-on", "OW-1", "--status", "todo"])
    return repo


@pytest.fixture
def far(two: Repo) -> Repo:
    """Give a tracker whose OW-101, in the second shard, is committed."""
    batch(two, *(["new", f"T{n}"] for n in range(3, 102)))
    two.commit()
    return two


def test_a_moved_ticket_is_found_by_every_name_it_ever_had(two: Repo) -> None:
    folder, ref = two.folder("OW-1"), two.json("show", "OW-1")["ref"]
    moved = fits("output/write", two.json("ticket", "move", "ow-1", "--project", "web"))["ticket"]
    assert (moved["slug"], moved["aliases"], moved["ref"]) == ("WEB-1", ["OW-1"], ref)
    assert folder.is_dir() and moved["path"] == f".openkit/tickets/0/{folder.name}/ticket.md"
    for name in ("WEB-1", "web-1", "OW-1", "ow-1", folder.name, folder.name.lower(), ref, ref[:-1], "WEB-"):
        assert two.json("show", name)["slug"] == "WEB-1", name
    assert two.ok("ls", "project:WEB").startswith("WEB-1  todo") and two.json("ls", "project:OW")["total"] == 1
    assert two.json("blocked")["blockers"] == {"OW-2": ["WEB-1"]}
    told = [one["subject"] for one in two.json("log", "web-1")["entries"]]
    assert told[0] == "OW-1 moved to WEB: WEB-1" and told == [
        one["subject"] for one in two.json("log", "OW-1")["entries"]]
    assert two.ok("ticket", "move", "WEB-1", "--project", "WEB") == "WEB-1 has nothing to change\n"
    assert two.run("doctor").out == "no problems\n"
    check_index(two)


def test_numbers_are_given_once_whatever_moves(two: Repo) -> None:
    two.ok("ticket", "move", "OW-1", "OW-2", "--project", "WEB")
    assert batch(two, ["new", "C"], ["new", "D", "--project", "WEB"]) == ["OW-3", "WEB-3"]
    two.ok("ticket", "move", "WEB-1", "--project", "OW")
    assert two.json("show", "OW-4")["aliases"] == ["OW-1", "WEB-1"] and two.json("show", "web-1")["slug"] == "OW-4"
    shutil.rmtree(two.path / ".git" / "gittracker")  # a fresh clone has no counters
    assert batch(two, ["new", "E"], ["new", "F", "--project", "WEB"],
                 ["ticket", "move", "OW-4", "--project", "WEB"]) == ["OW-5", "WEB-4", "WEB-5"]


def test_an_undo_brings_the_slug_back_and_keeps_what_came_later(two: Repo) -> None:
    entry = two.json("ticket", "move", "OW-1", "OW-2", "--project", "WEB")["results"][0]["receipt"]["entry"]
    batch(two, ["update", "WEB-1", "--title", "A later"], ["comment", "add", "OW-2", "--body", "hi"])
    two.ok("undo", entry)
    shown = two.json("show", "OW-1")
    assert (shown["slug"], shown["aliases"], shown["title"]) == ("OW-1", [], "A later")
    assert two.run("show", "WEB-1").status == 3 and two.json("show", "OW-2")["comment_count"] == 1
    again = two.json("ticket", "move", "OW-1", "--project", "WEB")
    assert again["ticket"]["slug"] == "WEB-3"
    two.ok("ticket", "move", "WEB-3", "--project", "OW")
    refused = two.run("undo", again["receipt"]["entry"])
    assert refused.status == 5 and "slug of" in refused.err and "was changed later by" in refused.err


@pytest.mark.parametrize(("words", "status", "part"), [
    (["OW-1"], 2, "no project was named"), (["OW-1", "--project", "XX"], 3, 'no project "XX"'),
    (["OW-9", "--project", "WEB"], 3, 'no ticket "OW-9"'),
    (["OW-1", "OW-9", "--project", "WEB"], 3, 'no ticket "OW-9"'),
    (["OW-77", "--project", "WEB"], 7, "has no ref yet"),
    (["OW-1", "--project", "WEB", "--if-match", "0" * 40], 5, "is at etag")])
def test_what_cannot_be_moved_is_refused_and_nothing_changes(two: Repo, words: list[str], status: int,
                                                             part: str) -> None:
    (two.tracker / "tickets/0/OW-77").mkdir()
    (two.tracker / "tickets/0/OW-77/ticket.md").write_text("---\ntitle: by hand\n---\n")
    done = two.run("ticket", "move", *words)
    assert (done.status, part in done.err) == (status, True), done.err
    assert two.json("show", "OW-1")["slug"] == "OW-1"


def test_preconditions_keys_and_batches_hold_for_moves(two: Repo) -> None:
    etag = two.json("show", "OW-1")["etag"]
    keyed = ["ticket", "move", "OW-1", "--project", "WEB", "--if-match", etag, "--idempotency-key", "k", "--json"]
    assert json.loads(two.ok(*keyed)) == json.loads(two.ok(*keyed))
    batch(two, ["ticket", "move", "OW-2", "--project", "WEB"], ["update", "OW-2", "--priority", "high"],
          ["update", "web-2", "--label-add", "y"], ["new", "C", "--depends-on", "WEB-2"],
          ["ticket", "move", "WEB-2", "--project", "OW"], ["done", "ow-2"])
    shown = two.json("show", "OW-4")
    assert (shown["aliases"], shown["priority"], shown["labels"], shown["stage"]) == (
        ["OW-2", "WEB-2"], "high", ["y"], "completed")


def test_moves_and_creates_that_race_get_numbers_of_their_own(two: Repo) -> None:
    done = racing(two, [["ticket", "move", "OW-1", "--project", "WEB"], ["ticket", "move", "OW-1", "--project", "WEB"],
                        ["ticket", "move", "OW-2", "--project", "WEB"], ["new", "C", "--project", "WEB"],
                        ["update", "OW-1", "--priority", "low"]])
    assert [status for status, _, _ in done] == [0] * 5, done
    found = two.json("ls")["tickets"]
    assert sorted(one["slug"] for one in found) == ["WEB-1", "WEB-2", "WEB-3"]
    assert two.json("show", "OW-1")["priority"] == "low" and len(two.json("show", "OW-1")["aliases"]) == 1
    check_index(two)


def test_a_ticket_in_another_shard_than_its_number_is_as_fresh_as_any(far: Repo) -> None:
    folder = far.folder("OW-101")
    assert far.ok("ticket", "move", "OW-101", "--project", "WEB") == "OW-101 moved to WEB: WEB-1\n"
    assert folder.parent.name == "1"
    path = folder / "ticket.md"
    path.write_text(path.read_text().replace("title: T101", "title: By hand"))
    assert far.json("show", "WEB-1")["title"] == "By hand"
    path.write_text(path.read_text().replace("By hand", "Again"))
    assert far.json("show", "OW-101")["title"] == "Again" and far.json("ls", "project:WEB")["total"] == 1
    (folder / "comments").mkdir()
    (folder / "comments" / "20261122T100000Z-k3f9.md").write_text("---\nby: bob\nat: 2026-11-22T10:00:00Z\n---\nhi\n")
    assert far.json("show", "web-1")["comment_count"] == 1
    shutil.move(folder, far.path / "away")
    assert far.run("show", "WEB-1").status == 3
    shutil.move(far.path / "away", folder)
    assert far.json("show", "WEB-1")["title"] == "Again"


def clone_of(repo: Repo, path: Path) -> Repo:
    """Clone a repository; the clone has a state of its own."""
    repo.git("clone", "-q", str(repo.path), str(path))
    return Repo(path)


def test_a_slug_that_two_clones_gave_while_apart_is_told_at_once(far: Repo, tmp_path: Path) -> None:
    other = clone_of(far, tmp_path / "other")
    other.ok("new", "Theirs", "--project", "WEB")
    other.ok("ls")
    other.commit()
    far.ok("ticket", "move", "OW-101", "--project", "WEB")
    far.commit()
    assert other.json("show", "WEB-1")["title"] == "Theirs"
    other.git("pull", "-q", "--no-rebase", "--no-edit", str(far.path), "main")
    names = sorted(path.parent.name for path in other.tracker.glob("tickets/*/*/ticket.md")
                   if "slug: WEB-1\n" in path.read_text())
    shown, written = other.run("show", "WEB-1", "--json"), other.run("update", "web-1", "--title", "x", "--json")
    assert (shown.status, shown.error()["code"], sorted(shown.error()["candidates"])) == (5, "ambiguous", names)
    assert sorted(written.error()["candidates"]) == names
    assert [name in other.ok("ls", "project:WEB") for name in names] == [True, True]
    assert all(f"another ticket is WEB-1 too; name it {name}" in other.run("doctor").out for name in names)
    assert other.json("show", "OW-101")["title"] == "T101"
    assert other.ok("ticket", "move", names[0], "--project", "OW").endswith("moved to OW: OW-102\n")
    assert other.json("show", "WEB-1")["title"] == "Theirs"
    assert other.json("show", names[0])["aliases"] == ["OW-101", f"WEB-1-{names[0][-4:]}"]
    assert other.run("doctor").out.endswith("no problems\n")


def test_a_number_that_a_pull_brought_in_an_old_folder_is_not_given_again(far: Repo, tmp_path: Path) -> None:
    other = clone_of(far, tmp_path / "other")
    other.ok("ls")
    far.ok("ticket", "move", "OW-101", "--project", "WEB")
    far.commit()
    other.git("pull", "-q", "--no-edit", str(far.path), "main")
    assert other.ok("new", "C", "--project", "WEB") == "WEB-2 created: C\n"
    assert other.ok("new", "D") == "OW-102 created: D\n"


def test_a_move_merges_with_edits_of_another_branch_by_plain_git(two: Repo) -> None:
    two.commit()
    two.git("checkout", "-q", "-b", "side")
    two.ok("ticket", "move", "OW-1", "--project", "WEB")
    two.commit()
    two.git("checkout", "-q", "main")
    assert two.json("show", "OW-1", "--here")["slug"] == "OW-1" and two.run("show", "WEB-1", "--here").status == 3
    batch(two, ["update", "OW-1", "--title", "New title", "--label-add", "y"],
          ["comment", "add", "OW-1", "--body", "a"])
    two.commit()
    two.git("merge", "-q", "--no-edit", "side")
    shown = two.json("show", "web-1")
    assert (shown["title"], shown["labels"], shown["aliases"], shown["comment_count"]) == (
        "New title", ["x", "y"], ["OW-1"], 1)


def test_what_is_lost_of_a_moved_ticket_comes_back_by_its_new_name(two: Repo) -> None:
    two.ok("ticket", "move", "OW-1", "--project", "WEB")
    two.commit()
    two.ok("comment", "add", "WEB-1", "--body", "hi")
    shutil.rmtree(two.folder("OW-1") / "comments")
    assert two.ok("recover") == "WEB-1: 1 comment(s): gittracker recover WEB-1\n"
    assert "1 lost comment(s): gittracker recover WEB-1" in two.ok("show", "OW-1")
    two.ok("recover", "WEB-1")
    assert two.json("show", "WEB-1")["comment_count"] == 1
    two.ok("ticket", "move", "OW-2", "--project", "WEB")
    two.git("rm", "-q", "-r", "--cached", ".openkit/tickets")
    two.git("commit", "-q", "--amend", "-m", "without")
    two.git("commit", "-q", "--allow-empty", "-m", "more")
    shutil.rmtree(two.folder("OW-2"))
    assert two.ok("recover") == "WEB-2: the whole ticket: gittracker recover WEB-2\n"
    assert "WEB-2 recovered: 1 file(s)" in two.ok("recover", "web-2")
    assert two.json("show", "OW-2")["slug"] == "WEB-2"


def test_a_moved_ticket_that_is_purged_is_logged_and_purged_by_any_of_its_names(two: Repo) -> None:
    two.ok("ticket", "move", "OW-1", "--project", "WEB")
    two.ok("ticket", "delete", "WEB-1", "--purge", "--force")
    for name in ("WEB-1", "OW-1"):
        assert "WEB-1 deleted" in two.json("log", name)["entries"][0]["subject"]
    two.ok("undo")
    assert two.json("show", "WEB-1")["aliases"] == ["OW-1"]
    two.ok("ticket", "delete", "WEB-1", "--purge", "--force")
    assert two.ok("purge", "--history", "WEB-1").startswith("WEB-1 purged from")
    assert two.run("log", "WEB-1").status == 3 and two.run("log", "OW-1").status == 3


def test_the_doctor_reads_and_mends_moved_tickets(two: Repo) -> None:
    two.ok("ticket", "move", "OW-1", "--project", "WEB")
    path = two.folder("OW-2") / "ticket.md"
    path.write_text(path.read_text().replace(two.json("show", "OW-1")["ref"], "ow-1"))
    assert two.json("blocked")["blockers"] == {"OW-2": ["WEB-1"]}
    two.ok("doctor", "--fix")
    assert two.json("show", "OW-2")["depends_on"] == [two.json("show", "WEB-1")["ref"]]
    moved = two.folder("OW-1") / "ticket.md"
    moved.write_text(moved.read_text().replace("slug: WEB-1\n\n", ""))
    assert "no slug" in two.run("doctor").out
    two.ok("doctor", "--fix")
    assert two.json("show", "OW-1")["slug"] == "OW-1" and two.run("doctor").out == "no problems\n"


def test_a_project_is_free_to_go_once_its_tickets_have_moved(two: Repo) -> None:
    assert two.run("project", "delete", "OW").status == 5
    two.ok("ticket", "move", "OW-1", "OW-2", "--project", "WEB")
    two.ok("project", "delete", "OW")
    assert two.json("show", "OW-2")["slug"] == "WEB-2" and two.run("doctor").out == "no problems\n"
    two.ok("project", "create", "OW")
    assert two.ok("new", "C", "--project", "OW") == "OW-3 created: C\n"
