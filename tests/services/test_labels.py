"""Labels are counted, put on and taken off, and renamed or deleted everywhere in one entry."""

from __future__ import annotations

import json

import pytest

from tests.services.write.test_races import check_index, racing
from tests.support import Repo
from tests.test_schemas import fits


@pytest.fixture
def labelled(repo: Repo) -> Repo:
    """Give a tracker with labels on an open, a closed and an archived ticket and on an epic."""
    lines = [["new", "A", "--label", "api", "--label", "ui"], ["new", "B", "--label", "api"], ["done", "OW-2"],
             ["new", "C", "--label", "api", "--label", "Late"], ["ticket", "archive", "OW-3"],
             ["new", "D", "--type", "bug"], ["epic", "create", "E", "--label", "api"]]
    repo.ok("batch", given="\n".join(map(json.dumps, lines)))
    return repo


def labels(repo: Repo) -> dict[str, list[str]]:
    """Give every ticket's labels, as its file has them."""
    return {name: repo.json("show", name)["labels"] for name in ("OW-1", "OW-2", "OW-3", "OW-4")}


def test_labels_are_counted(labelled: Repo) -> None:
    found = fits("output/labels", labelled.json("label", "list"))
    assert {one["label"]: (one["open"], one["total"]) for one in found["labels"]} == {
        "api": (1, 3), "Late": (0, 1), "ui": (1, 1)}
    assert labelled.ok("label", "list") == ("api       1 open      3 in all\nLate      0 open      1 in all\n"
                                            "ui        1 open      1 in all\n")
    assert labelled.json("label", "list", "is:closed")["labels"] == [{"label": "api", "open": 0, "total": 1}]
    assert labelled.json("label", "list", "-label:ui", "-q", "label:api")["labels"][0]["total"] == 2
    assert labelled.ok("label", "list", "type:bug") == "no labels\n"
    assert labelled.ok("label", "list", "--format", "csv").splitlines()[:2] == [
        "label,open,total", "api,1,3"]


def test_labels_are_put_on_and_taken_off(labelled: Repo) -> None:
    assert labelled.ok("label", "add", "late", "OW-1", "OW-4") == "OW-1 labels +late\nOW-4 labels +late\n"
    assert labelled.ok("label", "add", "late", "OW-4") == "OW-4 has nothing to change\n"
    assert fits("output/write", labelled.json("label", "remove", "LATE", "OW-3"))["ticket"]["labels"] == ["api"]
    assert labelled.ok("label", "remove", "nothing", "OW-3") == "OW-3 has nothing to change\n"
    assert labels(labelled) == {"OW-1": ["api", "late", "ui"], "OW-2": ["api"], "OW-3": ["api"], "OW-4": ["late"]}
    labelled.ok("undo")
    labelled.ok("undo")
    assert labels(labelled)["OW-3"] == ["Late", "api"] and labels(labelled)["OW-4"] == []


def test_a_label_is_renamed_on_closed_and_archived_tickets_and_epics_too_and_an_undo_brings_it_back(
        labelled: Repo) -> None:
    before = labels(labelled)
    rehearsed = fits("output/rehearsal", labelled.json("label", "rename", "api", "backend", "--dry-run"))
    assert len(rehearsed["changes"]) == 4 and labels(labelled) == before
    told = fits("output/write", labelled.json("label", "rename", "api", "backend"))
    assert [one["receipt"]["slug"] for one in told["results"]] == ["OW-1", "OW-2", "OW-3", "OW-E1"]
    assert labels(labelled) == {"OW-1": ["backend", "ui"], "OW-2": ["backend"], "OW-3": ["Late", "backend"], "OW-4": []}
    assert labelled.json("epic", "show", "OW-E1")["labels"] == ["backend"]
    assert labelled.json("log")["entries"][0]["subject"] == (
        "label api renamed to backend on 3 ticket(s) and 1 epic(s)")
    check_index(labelled)
    labelled.ok("undo")
    assert labels(labelled) == before and labelled.json("epic", "show", "OW-E1")["labels"] == ["api"]


def test_a_label_can_be_joined_to_another_and_put_into_another_case(labelled: Repo) -> None:
    labelled.ok("label", "rename", "ui", "api")
    assert labels(labelled)["OW-1"] == ["api"]
    assert labelled.ok("label", "rename", "LATE", "late") == "label Late renamed to late on 1 ticket(s)\n"
    assert labels(labelled)["OW-3"] == ["api", "late"]
    assert labelled.ok("label", "rename", "late", "late") == "nothing to change\n"


def test_a_label_is_deleted_everywhere(labelled: Repo) -> None:
    before = labels(labelled)
    assert labelled.ok("label", "delete", "api") == "label api deleted from 3 ticket(s) and 1 epic(s)\n"
    assert labels(labelled) == {"OW-1": ["ui"], "OW-2": [], "OW-3": ["Late"], "OW-4": []}
    assert [one["label"] for one in labelled.json("label", "list")["labels"]] == ["Late", "ui"]
    labelled.ok("undo")
    assert labels(labelled) == before


@pytest.mark.parametrize(("words", "status", "part"), [
    (["rename", "nothing", "x"], 3, 'no label "nothing"'), (["delete", "nothing"], 3, 'no label "nothing"'),
    (["rename", "api", "a,b"], 2, "has a comma"), (["rename", "api", " "], 2, "is empty"),
    (["rename", "api", "a\nb"], 2, "not one line"), (["add", "a,b", "OW-1"], 2, "has a comma"),
    (["add", "x", "OW-1", "OW-9"], 3, 'no ticket "OW-9"'), (["remove", "api", "OW-9"], 3, 'no ticket "OW-9"'),
    (["rename", "api", "x", "--if-match", "0" * 40], 2, "not about one record"),
    (["add", "x", "OW-1", "--if-match", "0" * 40], 5, "is at etag"), (["list", "nonsense:x"], 2, "no key")])
def test_what_cannot_be_is_refused_and_nothing_changes(labelled: Repo, words: list[str], status: int,
                                                       part: str) -> None:
    before = labels(labelled)
    done = labelled.run("label", *words)
    assert (done.status, part in done.err, "hint: " in done.err) == (status, True, True), done.err
    assert labels(labelled) == before


def test_a_broken_file_stops_a_rename_and_is_named(labelled: Repo) -> None:
    path = labelled.file("OW-2")
    path.write_text(path.read_text().replace("title: B", "title: [B"))
    done = labelled.run("label", "rename", "api", "backend")
    assert done.status == 7 and "ticket.md:" in done.err
    assert labelled.json("show", "OW-1")["labels"] == ["api", "ui"]


def test_keys_and_batches_hold_for_labels(labelled: Repo) -> None:
    keyed = ["label", "rename", "api", "x", "--idempotency-key", "k", "--json"]
    assert labelled.ok(*keyed) == labelled.ok(*keyed)
    lines = [["new", "F", "--label", "x"], ["label", "add", "y", "OW-4"], ["label", "rename", "x", "y"],
             ["label", "rename", "y", "z"], ["epic", "create", "G", "--label", "z"], ["label", "delete", "z"]]
    labelled.ok("batch", given="\n".join(map(json.dumps, lines)))
    assert labelled.json("show", "OW-5")["labels"] == [] and labels(labelled)["OW-4"] == []
    assert labelled.json("epic", "show", "OW-E2")["labels"] == []


def test_renames_that_race_leave_one_name(labelled: Repo) -> None:
    done = racing(labelled, [["label", "rename", "api", "one"], ["label", "rename", "api", "two"],
                             ["label", "delete", "ui"], ["label", "add", "api", "OW-4"]])
    outcomes = [status for status, _, _ in done]
    assert outcomes[2:] == [0, 0] and set(outcomes[:2]) <= {0, 3} and 0 in outcomes[:2], done
    found = labels(labelled)
    for name in ("OW-1", "OW-2", "OW-3"):
        assert len({"one", "two"} & set(found[name])) == 1 and "api" not in found[name]
    assert "ui" not in found["OW-1"]
    check_index(labelled)
