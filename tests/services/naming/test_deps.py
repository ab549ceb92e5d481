"""What a ticket waits for is drawn as a tree, both ways, and circles made by hand are found."""

from __future__ import annotations

import json

import pytest

from tests.support import Repo
from tests.test_schemas import fits


@pytest.fixture
def linked(repo: Repo) -> Repo:
    """Give OW-1, which waits for OW-2 and OW-3, which both wait for OW-4, which is done, and waits for OW-5."""
    lines = [*(["new", f"T{n}", "--status", "todo"] for n in range(1, 6)),
             ["ticket", "link", "OW-1", "depends_on", "OW-2", "OW-3"], ["ticket", "link", "OW-2", "depends_on", "OW-4"],
             ["ticket", "link", "OW-3", "depends_on", "OW-4"], ["ticket", "link", "OW-4", "depends_on", "OW-5"],
             ["done", "OW-4"], ["update", "OW-3", "--status", "in-review"]]
    repo.ok("batch", given="\n".join(map(json.dumps, lines)))
    return repo


def test_a_tree_shows_stages_and_marks_what_stands_above(linked: Repo) -> None:
    assert linked.ok("deps", "tree", "ow-1") == (
        "OW-1  todo (unstarted)  T1\n├─ OW-2  todo (unstarted)  T2\n│  └─ OW-4  done (completed)  T4\n"
        "│     └─ OW-5  todo (unstarted)  T5\n└─ OW-3  in-review (started)  T3\n"
        "   └─ OW-4  done (completed)  T4  (see above)\n")
    assert linked.ok("deps", "tree", "OW-5", "--up", "--depth", "1") == (
        "OW-5  todo (unstarted)  T5\n└─ OW-4  done (completed)  T4  (goes on: --depth)\n")
    assert linked.ok("deps", "tree", "OW-5") == "OW-5  todo (unstarted)  T5\nit waits for nothing\n"
    assert linked.ok("deps", "tree", "OW-1", "--up") == "OW-1  todo (unstarted)  T1\nnothing waits for it\n"


def test_a_tree_as_json_is_flat_and_says_what_stands_under_what(linked: Repo) -> None:
    found = fits("output/deps_tree", linked.json("deps", "tree", "OW-5", "--up"))
    assert (found["ticket"], found["direction"], found["total"]) == ("OW-5", "up", 5)
    assert [(one["name"], one["depth"], one["under"], one["mark"]) for one in found["lines"]] == [
        ("OW-5", 0, None, None), ("OW-4", 1, "OW-5", None), ("OW-2", 2, "OW-4", None), ("OW-1", 3, "OW-2", None),
        ("OW-3", 2, "OW-4", None), ("OW-1", 3, "OW-3", "again")]


def test_circles_and_links_to_nothing_are_shown_and_end(linked: Repo) -> None:
    assert fits("output/deps_cycles", linked.json("deps", "cycles")) == {"cycles": [], "total": 0}
    assert linked.ok("deps", "cycles") == "no circles\n"
    path = linked.file("OW-5")
    path.write_text(path.read_text().replace("depends_on:\n", "depends_on:\n- OW-1\n- OW-77\n"))
    assert linked.ok("deps", "tree", "OW-4") == (
        "OW-4  done (completed)  T4\n└─ OW-5  todo (unstarted)  T5\n   ├─ OW-77  not here\n"
        "   └─ OW-1  todo (unstarted)  T1\n      ├─ OW-2  todo (unstarted)  T2\n"
        "      │  └─ OW-4  done (completed)  T4  (a circle)\n      └─ OW-3  in-review (started)  T3\n"
        "         └─ OW-4  done (completed)  T4  (a circle)\n")
    missing = fits("output/deps_tree", linked.json("deps", "tree", "OW-5", "--depth", "1"))["lines"][1]
    assert (missing["name"], missing["ref"], missing["title"], missing["stage"]) == ("OW-77", None, None, None)
    done = linked.run("deps", "cycles")
    assert (done.status, done.out) == (7, "OW-1 → OW-2 → OW-4 → OW-5 → OW-1\nOW-1 → OW-3 → OW-4 → OW-5 → OW-1\n")
    found = fits("output/deps_cycles", json.loads(linked.run("deps", "cycles", "--json").out))
    assert [one["name"] for one in found["cycles"][0]] == ["OW-1", "OW-2", "OW-4", "OW-5"]


@pytest.mark.parametrize(("words", "status", "part"), [
    (["OW-9"], 3, 'no ticket "OW-9"'), (["OW-1", "--up", "--down"], 2, "can't both be given"),
    (["OW-1", "--depth", "-1"], 2, "no number"), (["OW-1", "--depth", "1001"], 2, "no number")])
def test_what_cannot_be_drawn_is_refused(linked: Repo, words: list[str], status: int, part: str) -> None:
    done = linked.run("deps", "tree", *words)
    assert (done.status, part in done.err) == (status, True), done.err
