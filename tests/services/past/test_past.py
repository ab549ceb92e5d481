"""`show --at` shows any record as it was, at a time or a revision, there or gone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Repo
from tests.test_schemas import fits

LATER = "2099-01-01"


@pytest.fixture
def past(repo: Repo) -> Repo:
    """Give a tracker whose records were committed, then changed, and one removed."""
    repo.ok("epic", "create", "Big", "--description", "Much.", "--label", "x")
    repo.ok("new", "One", "--epic", "OW-E1")
    repo.ok("page", "write", "guide/setup", "--body", "First text.")
    (repo.tracker / "members").mkdir(exist_ok=True)
    (repo.tracker / "members" / "bob.md").write_text("---\nusername: bob\nname: Bob\n---\n")
    repo.commit("base")
    repo.ok("epic", "update", "OW-E1", "--title", "Bigger", "--status", "active")
    repo.ok("update", "OW-1", "--title", "Two")
    return repo


def at(repo: Repo, name: str, moment: str, schema: str = "record_at") -> dict[str, Any]:
    """Show a record of the past as JSON, checked against its schema."""
    found: dict[str, Any] = fits(f"output/{schema}", repo.json("show", name, "--at", moment))
    return found


def test_an_epic_is_shown_as_it_was(past: Repo) -> None:
    then = at(past, "OW-E1", "HEAD")
    assert (then["title"], then["status"], then["body"], then["labels"], then["record"]) == (
        "Big", "planned", "Much.", ["x"], "epic")
    assert then["as_of"] == past.git("rev-parse", "HEAD")
    assert at(past, "OW-E1", LATER)["title"] == "Bigger"
    assert past.ok("show", "OW-E1", "--at", "HEAD").startswith("OW-E1  Big\nas it was at HEAD, unchanged since ")


def test_a_ticket_is_shown_as_before(past: Repo) -> None:
    assert at(past, "OW-1", "HEAD", "ticket_at")["title"] == "One"
    assert at(past, "OW-1", LATER, "ticket_at")["title"] == "Two"


def test_pages_and_members_have_a_past_too(past: Repo) -> None:
    assert at(past, "OW/guide/setup", "HEAD")["body"] == "First text."
    assert at(past, "bob", "HEAD")["username"] == "bob"


def test_what_is_gone_is_shown_as_it_last_was(past: Repo) -> None:
    past.ok("update", "OW-1", "--epic", "none")
    past.ok("epic", "delete", "OW-E1")
    assert at(past, "OW-E1", "HEAD")["title"] == "Big"
    gone = past.run("show", "OW-E1", "--at", LATER, "--json")
    assert (gone.status, gone.error()["message"]) == (3, f'no epic "OW-E1 at {LATER}"')


def test_before_its_time_there_is_no_record(past: Repo) -> None:
    assert past.run("show", "OW-E1", "--at", "1999-01-01").status == 3
    assert past.run("show", "OW-E9", "--at", LATER).status == 3
    assert past.run("show", "OW-E1", "--at", "nonsense").status == 2
