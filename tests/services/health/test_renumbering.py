"""Of tickets that came to share a slug the oldest keeps it; the others get a number and stay found as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.near import Near
from tests.services.write.test_races import check_index
from tests.support import Repo, make_tracker
from tests.templates import copy


def apart(repo: Repo, path: Path, *titles: str) -> Repo:
    """Clone a tracker, make tickets in both while they are apart, and merge the clone's into the tracker."""
    repo.git("clone", "-q", str(repo.path), str(path))
    other = Near(path)
    for title in titles:
        repo.ok("new", f"{title} here")
    for title in titles:
        other.ok("new", f"{title} there")
    other.commit()
    repo.commit()
    repo.git("pull", "-q", "--no-rebase", "--no-edit", str(path), "main")
    return other


@pytest.fixture(scope="module")
def clashing(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a tracker in which OW-2 and OW-3 are two tickets each, the younger ones made in another clone."""
    folder = tmp_path_factory.mktemp("template")
    repo = Near(make_tracker(folder / "repo").path)
    repo.ok("new", "One")
    repo.commit()
    apart(repo, folder / "other", "A", "B")
    return repo


@pytest.fixture
def both(clashing: Repo, tmp_path: Path) -> Repo:
    """Give a copy of it."""
    return copy(clashing, tmp_path / "repo")


@pytest.fixture
def repo(repo: Repo) -> Repo:
    """Give a tracker whose commands need no process each."""
    return Near(repo.path)


def names(repo: Repo) -> dict[str, str]:
    """Give slugs by title."""
    return {one["title"]: one["slug"] for one in repo.json("ls", "--all")["tickets"]}


def test_the_doctor_gives_the_younger_of_two_tickets_with_one_slug_a_free_number(both: Repo) -> None:
    shown = sorted(path.parent.name for path in both.tracker.glob("tickets/*/*/ticket.md")
                   if " there" in path.read_text())
    told = both.json_whatever("doctor")["problems"]
    assert [one["fixable"] for one in told] == [True] * 4
    assert "2 file(s)" in both.ok("doctor", "--fix")
    assert names(both) == {"One": "OW-1", "A here": "OW-2", "B here": "OW-3", "A there": "OW-4", "B there": "OW-5"}
    assert both.json("show", shown[0])["slug"] == "OW-4" and both.json("show", "OW-4")["aliases"] == shown[:1]
    assert both.json("show", "OW-2")["title"] == "A here"
    assert both.run("doctor").out == "no problems\n"
    assert both.ok("doctor", "--fix") == "nothing that can be mended\n"
    check_index(both)


def test_a_renumbering_is_one_entry_that_can_be_undone(both: Repo) -> None:
    both.ok("doctor", "--fix")
    entry = next(one for one in both.json("log")["entries"] if "renumbered: OW-4" in one["subject"])
    assert "renumbered: OW-5" in entry["subject"]
    assert both.ok("new", "Next") == "OW-6 created: Next\n"
    both.ok("undo", entry["entry"])
    assert sorted(names(both).values()) == ["OW-1", "OW-2", "OW-2", "OW-3", "OW-3", "OW-6"]
    both.ok("doctor", "--fix")
    assert both.json("show", "OW-7")["title"] == "A there" and both.run("doctor").out == "no problems\n"


def test_a_dry_run_shows_the_numbers_and_gives_none(both: Repo) -> None:
    before = names(both)
    assert "+slug: OW-4" in both.ok("doctor", "--fix", "--dry-run")
    assert names(both) == before


def test_the_older_one_that_moves_away_leaves_the_slug_to_the_younger(both: Repo) -> None:
    both.ok("project", "create", "WEB")
    older = next(path.parent for path in both.tracker.glob("tickets/*/*/ticket.md") if "A here" in path.read_text())
    both.ok("ticket", "move", older.name, "--project", "WEB")
    assert both.json("show", "OW-2")["title"] == "A there"
    assert both.json("show", "WEB-1")["aliases"] == [older.name]
    both.ok("doctor", "--fix")
    assert both.run("doctor").out == "no problems\n"


def test_an_alias_that_is_another_tickets_slug_is_made_its_own_tickets_again(repo: Repo) -> None:
    for title in ("A", "B", "C"):
        repo.ok("new", title)
    for slug, alias in (("OW-2", "ow-1"), ("OW-3", "old-name"), ("OW-2", "old-name")):
        path = repo.file(slug)
        text = path.read_text()
        path.write_text(text.replace("aliases:\n", f"aliases:\n- {alias}\n") if "aliases:" in text
                        else text.replace("\ntitle:", f"\naliases:\n- {alias}\n\ntitle:"))
    assert "the alias" in repo.run("doctor").out
    repo.ok("doctor", "--fix")
    assert repo.json("show", "OW-1")["title"] == "A" and repo.json("show", "old-name")["title"] == "B"
    assert repo.json("show", "OW-2")["aliases"] == [repo.folder("OW-2").name.replace("OW-2", "OW-1"), "old-name"]
    assert repo.run("doctor").out == "no problems\n"


def test_a_copy_of_a_ticket_is_left_to_people(repo: Repo) -> None:
    repo.ok("new", "A")
    original = repo.folder("OW-1")
    copy = original.parent / "OW-1-copy"
    copy.mkdir()
    (copy / "ticket.md").write_bytes((original / "ticket.md").read_bytes())
    told = repo.json_whatever("doctor")["problems"]
    assert told and not any(one["fixable"] for one in told)
    before = (copy / "ticket.md").read_bytes()
    repo.ok("doctor", "--fix")
    assert (copy / "ticket.md").read_bytes() == before


def test_a_file_by_hand_with_a_taken_slug_gets_a_ref_and_a_number(repo: Repo) -> None:
    repo.ok("new", "A")
    folder = repo.tracker / "tickets/0/OW-1-hand"
    folder.mkdir()
    (folder / "ticket.md").write_text("---\nslug: OW-1\ntitle: By hand\n---\n")
    repo.ok("doctor", "--fix")
    assert names(repo) == {"A": "OW-1", "By hand": "OW-2"}
    assert repo.json("show", "OW-1-hand")["slug"] == "OW-2" and repo.run("doctor").out == "no problems\n"
