"""Real trackers come in whole: no crash, no dropped record, and a doctor whose findings make sense."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, make_tracker

DATA = Path(__file__).parents[4] / "shared" / "data"
CORPORA = {"backlog": "backlogmd", "beads": "beads/issues-most-live.jsonl", "beans": "beans", "tk": "tk"}
# What each leaves for the doctor; the sources have these faults.
FINDINGS = {"backlog": ['depends_on names "task-0", which is not here']}


class Brought:
    """A corpus that was imported once for all tests of this file."""

    def __init__(self, repo: Repo, source: str, path: Path, report: Any) -> None:
        self.repo = repo
        self.source = source
        self.path = path
        self.report = report


def take(source: str, name: str, folder: Path) -> Brought:
    """Import a corpus into a fresh tracker."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real trackers are not beside the project: {path}")
    repo = make_tracker(folder / source, "--prefix", "BACK" if source == "backlog" else "OW")
    return Brought(repo, source, path, repo.json("import", source, str(path)))


@pytest.fixture(scope="module", params=CORPORA)
def brought(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Give each corpus in turn."""
    return take(request.param, CORPORA[request.param], tmp_path_factory.mktemp("corpus"))


def test_every_record_is_imported_or_told(brought: Brought) -> None:
    report = brought.report
    assert report["seen"] == report["imported"] + report["left_out"]
    if brought.path.is_file():
        assert report["seen"] == len(brought.path.read_text().splitlines())
    else:
        files = [p for p in brought.path.rglob("*") if p.is_file()]
        assert report["seen"] == len(files)
        told = {Path(one["path"]).resolve() for one in report["anomalies"] if one["lost"]}
        assert all(p.name.lower() in ("readme.md", "config.yml", "dot-beans.yml") for p in told)
    assert brought.repo.json("ls", "--all")["total"] == report["imported"] - report["epics"] - report["pages"]


def test_every_old_id_is_an_alias(brought: Brought) -> None:
    records = {one["id"]: one["name"] for one in brought.report["records"]}
    assert len(records) == brought.report["imported"]
    shown = brought.repo.json("ls", "--all", "--limit", "5000")["tickets"]
    known = {name.lower() for ticket in shown for name in (ticket["slug"], *ticket["aliases"])}
    left = {old for old in records if old.lower() not in known}
    assert {old for old in left if not re.match(r"(m|doc|decision)-", old)} == set()
    some = list(records)[:: max(1, len(records) // 5)]
    for old in some:
        if old not in left:
            assert brought.repo.json("show", old)["slug"] == records[old]


def test_a_second_run_adds_nothing(brought: Brought) -> None:
    again = brought.repo.json("import", brought.source, str(brought.path))
    assert (again["imported"], again["changed"], again["entry"]) == (0, 0, None)
    assert again["already"] == brought.report["imported"]


def test_the_doctor_finds_what_the_source_has_and_nothing_else(brought: Brought) -> None:
    found = [p["message"] for p in brought.repo.json_whatever("doctor")["problems"]]
    assert found == FINDINGS.get(brought.source, [])


def test_an_export_into_an_empty_repository_gives_the_same_records(brought: Brought, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    brought.repo.ok("export", "jsonl", "-o", str(first))
    other = make_tracker(tmp_path / "other", "--prefix", "XX")
    report = other.json("import", "jsonl", str(first))
    assert (report["left_out"], report["anomalies"]) == (0, [])
    other.ok("export", "jsonl", "-o", str(second))
    assert second.read_bytes() == first.read_bytes()
    ours, theirs = ({p.relative_to(repo.tracker): p.read_bytes() for p in repo.tracker.rglob("*.md")}
                    for repo in (brought.repo, other))
    assert ours == theirs and len(ours) > brought.report["imported"]


def test_the_text_of_every_issue_is_in_its_ticket(tmp_path: Path) -> None:
    """Field by field against the source, read without any code of ours."""
    path = DATA / CORPORA["beads"]
    brought = take("beads", CORPORA["beads"], tmp_path)
    tickets = {one["x_source"].partition(":")[2]: one
               for one in brought.repo.json("ls", "--all", "--limit", "5000")["tickets"]}
    refs = {old: one["ref"] for old, one in tickets.items()}
    for line in path.read_text().splitlines():
        issue = json.loads(line)
        one = tickets[issue["id"]]
        assert one["title"] == " ".join(issue["title"].split())
        assert issue.get("description", "").strip("\n").replace("\r\n", "\n") in one["description"]
        assert issue.get("notes", "").strip("\n") in one["description"]
        assert (one["assignee"] or "") == issue.get("assignee", "")
        assert (one["created_by"] or "") == issue.get("created_by", "")
        assert one["labels"] == sorted(set(issue.get("labels") or []))
        assert one["archived"] == (issue["status"] == "tombstone")
        assert (one["completed_at"] is not None) == (issue["status"] == "closed")
        assert one["priority"] == ("urgent", "high", "medium", "low", "none")[issue["priority"]]
        assert one.get("x_close_reason", "") == issue.get("close_reason", "")
        assert one["comment_count"] == len(issue.get("comments") or [])
        blockers = {refs[d["depends_on_id"]] for d in issue.get("dependencies") or [] if d["type"] == "blocks"}
        assert set(one["depends_on"]) == blockers
