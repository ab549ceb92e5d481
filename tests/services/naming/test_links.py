"""Links lead somewhere, and one that doesn't can be removed."""

from __future__ import annotations

import pytest

from tests.support import Repo


@pytest.fixture
def linked(repo: Repo) -> Repo:
    """Give three tickets, of which the first and the third link to the second."""
    for title in ("Upload", "Parse", "Show"):
        repo.ok("new", title)
    repo.ok("update", "OW-1", "--depends-on-add", "OW-2")
    repo.ok("update", "OW-3", "--parent", "OW-2")
    return repo


def test_a_ticket_that_others_link_to_is_not_purged_and_they_are_named(linked: Repo) -> None:
    done = linked.run("ticket", "delete", "OW-2", "--purge")
    assert done.status == 5
    assert "OW-1 (depends_on)" in done.err and "OW-3 (parent)" in done.err
    assert "gittracker ticket unlink OW-1 depends_on OW-2" in done.err
    assert linked.file("OW-2").is_file()


def test_force_purges_a_ticket_with_the_links_to_it_in_one_entry(linked: Repo) -> None:
    before = len(linked.json("log")["entries"])
    linked.ok("ticket", "delete", "OW-2", "--purge", "--force")
    assert linked.json("show", "OW-1")["depends_on"] == []
    assert linked.json("show", "OW-3")["parent"] is None
    assert len(linked.json("log")["entries"]) == before + 1
    assert linked.json("doctor")["problems"] == []


def test_tickets_that_link_to_each_other_go_together(linked: Repo) -> None:
    linked.ok("ticket", "delete", "OW-2", "OW-1", "OW-3", "OW-2", "--purge")
    assert linked.json("ls")["total"] == 0


@pytest.mark.parametrize("words", [
    ["update", "OW-1", "--depends-on-remove", "OW-9"], ["ticket", "unlink", "OW-1", "depends_on", "OW-9"],
    ["ticket", "unlink", "OW-3", "parent", "OW-9"]], ids=" ".join)
def test_a_link_to_what_never_was_can_not_be_removed(words: list[str], linked: Repo) -> None:
    assert linked.run(*words).status == 3


def test_a_link_to_a_ticket_that_is_gone_can_be_removed_as_it_stands(linked: Repo) -> None:
    ref = linked.json("show", "OW-2")["ref"]
    file = linked.file("OW-2")
    file.unlink()
    file.parent.rmdir()
    linked.ok("ticket", "unlink", "OW-1", "depends_on", ref)
    linked.ok("ticket", "unlink", "OW-3", "parent", ref)
    assert (linked.json("show", "OW-1")["depends_on"], linked.json("show", "OW-3")["parent"]) == ([], None)
