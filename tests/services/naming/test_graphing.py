"""`graph` shows the tickets that were asked for, and what hangs on them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, make_tracker
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make once: OW-1 ← OW-2 ← OW-3 ← OW-4 (each needs the one before), OW-5 part of OW-4, OW-6 alone, OW-7 closed."""
    repo = make_tracker(tmp_path_factory.mktemp("template") / "repo")
    repo.ok("batch", given="""["new", "One", "--label", "api"]
        ["new", "Two", "--depends-on", "OW-1", "--label", "api"]
        ["new", "Three", "--depends-on", "OW-2"]
        ["new", "Four", "--depends-on", "OW-3"]
        ["new", "Five", "--parent", "OW-4", "--label", "api"]
        ["new", "Six"]
        ["new", "Seven", "--status", "done", "--depends-on", "OW-1"]""")
    return repo.path


@pytest.fixture
def linked(template: Path, tmp_path: Path) -> Repo:
    """Give a copy of that repository."""
    shutil.copytree(template, tmp_path / "repo")
    return Repo(tmp_path / "repo")


def graph(repo: Repo, *words: str) -> dict[str, Any]:
    """Run graph as JSON and check it against the schema."""
    found: dict[str, Any] = fits("output/graph", repo.json("graph", *words))
    return found


def names(found: dict[str, Any]) -> list[str]:
    """Give the tickets' names without their prefix."""
    return [node["name"].removeprefix("OW-") for node in found["nodes"]]


def test_without_words_it_is_of_all_open_tickets_that_are_linked(linked: Repo) -> None:
    found = graph(linked)
    assert (sorted(names(found)), found["unlinked"]) == (["1", "2", "3", "4", "5"], 1)
    assert {"from": "OW-5", "field": "parent", "to": "OW-4"} in found["edges"]
    assert sorted(names(graph(linked, "--all"))) == ["1", "2", "3", "4", "5", "7"]


def test_a_named_ticket_comes_with_what_is_linked_to_it_near_first(linked: Repo) -> None:
    assert names(graph(linked, "OW-3"))[0] == "3"
    assert sorted(names(graph(linked, "OW-3"))) == ["1", "2", "3", "4", "5", "7"]
    assert sorted(names(graph(linked, "ow-3", "--depth", "1"))) == ["2", "3", "4"]
    assert names(graph(linked, "OW-6", "--depth", "0")) == ["6"]
    assert names(graph(linked, linked.json("show", "OW-6")["ref"])) == ["6"]
    assert sorted(names(graph(linked, "OW-1", "OW-5", "--depth", "1"))) == ["1", "2", "4", "5", "7"]


def test_a_query_gives_what_it_finds_and_depth_what_is_round_it(linked: Repo) -> None:
    found = graph(linked, "label:api")
    assert (names(found), found["unlinked"]) == (["1", "2"], 1)
    assert sorted(names(graph(linked, "-q", "label:api", "--depth", "1"))) == ["1", "2", "3", "4", "5", "7"]
    assert names(graph(linked, "-label:api", "Thr")) == []
    assert sorted(names(graph(linked, "OW-5", "label:api"))) == ["1", "2", "5"]


def test_an_epics_name_stands_for_its_tickets(linked: Repo) -> None:
    linked.ok("epic", "create", "Big")
    linked.ok("update", "OW-2", "OW-3", "OW-6", "--epic", "OW-E1")
    found = graph(linked, "OW-E1")
    assert (names(found), found["unlinked"]) == (["2", "3"], 1)
    assert linked.run("graph", "OW-E9").status == 3


def test_a_big_graph_is_bounded_and_says_so(linked: Repo) -> None:
    found = graph(linked, "OW-3", "--limit", "2")
    assert (names(found)[0], len(found["nodes"]), found["total"]) == ("3", 2, 6)
    assert found["notes"] == ["2 of 6 tickets are shown: a query, --depth or --limit chooses others"]
    assert "%% 2 of 6 tickets" in linked.ok("graph", "OW-3", "--limit", "2", "--format", "mermaid")


def test_circles_made_by_hand_are_shown_and_told(linked: Repo) -> None:
    path = linked.file("OW-1")
    path.write_text(path.read_text().replace("depends_on:", "depends_on:\n- OW-3"))
    found = graph(linked)
    assert found["circles"] == [{"field": "depends_on", "names": ["OW-1", "OW-3", "OW-2"]}]
    text = linked.ok("graph")
    assert "(circle)" in text
    assert "(depends_on goes in a circle: OW-1 → OW-3 → OW-2 → OW-1)" in text


def test_two_tickets_of_one_slug_have_names_of_their_own(linked: Repo) -> None:
    copy = linked.tracker / "tickets" / "0" / "OW-1-zzzz"
    shutil.copytree(linked.folder("OW-1"), copy)
    text = re.sub(r"tik_[0-9a-f]{32}", f"tik_{'f' * 32}", (copy / "ticket.md").read_text(), count=1)
    (copy / "ticket.md").write_text(text.replace("depends_on:", "depends_on:\n- OW-2"))
    found = graph(linked, "OW-2", "--depth", "1")
    assert {n["name"] for n in found["nodes"] if n["name"].startswith("OW-1")} == {
        "OW-1-zzzz", next(p.name for p in (linked.tracker / "tickets" / "0").glob("OW-1-*") if p.name != "OW-1-zzzz")}


@pytest.mark.parametrize(("words", "status"), [
    (["OW-99"], 3), (["--depth", "-1"], 2), (["--limit", "0"], 2), (["--format", "md"], 2), (["nonsense:x"], 2),
    (["--format", "mermaid", "--json"], 2)])
def test_bad_words_are_errors(linked: Repo, words: list[str], status: int) -> None:
    assert linked.run("graph", *words).status == status
