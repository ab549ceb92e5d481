"""An export taken into an empty repository gives the same records; into a full one, what is missing there."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, make_tracker
from tests.test_schemas import fits

_SETTINGS = ("config.json", ".gitignore", ".gitattributes")


@pytest.fixture
def full(repo: Repo) -> Repo:
    """Give a tracker with a bit of everything, some of it written by hand."""
    repo.ok("batch", given="\n".join(json.dumps(words) for words in (
        ["new", "Upload = fails", "--label", "a", "--status", "todo", "--set", "x_team=core", "--due", "2027-01-01"],
        ["new", "Parse", "--depends-on", "OW-1", "--estimate", "2.5", "--description", "Long\n\ntext | with = signs"],
        ["comment", "add", "OW-1", "--body", "found it"], ["comment", "add", "OW-1", "--body", "no"],
        ["comment", "delete", "OW-1", "2"], ["workpad", "set", "OW-2", "--section", "Plan", "--body", "1. Do it"],
        ["epic", "create", "Beta"], ["update", "OW-1", "--epic", "OW-E1"], ["ticket", "archive", "OW-2"],
        ["page", "write", "guide/setup", "--body", "How."], ["status", "create", "QA", "--stage", "started"])))
    (repo.folder("OW-1") / "attachments").mkdir()
    (repo.folder("OW-1") / "attachments" / "shot.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00")
    (repo.tracker / "members").mkdir()
    (repo.tracker / "members" / "alice.md").write_text("---\nusername: alice\nname: Al # so\nkind: human\n---\n")
    hand = repo.tracker / "tickets" / "0" / "OW-9-zzzz"
    hand.mkdir()
    (hand / "ticket.md").write_bytes(b"---\r\nref: tik_" + b"9" * 32 + b"\r\nslug: OW-9\r\ntitle: me # so\r\n---\nx")
    (repo.tracker / "policy.yaml").write_text("rules: []\n")
    return repo


def files(repo: Repo) -> dict[str, bytes]:
    """Give the tracker's files, without what belongs to the clone."""
    return {str(p.relative_to(repo.tracker)): p.read_bytes() for p in repo.tracker.rglob("*")
            if p.is_file() and p.name not in _SETTINGS}


def bring(repo: Repo, path: Path, *flags: str) -> Any:
    """Import an export; the totals must add up."""
    report = fits("output/import", repo.json("import", "jsonl", str(path), *flags))
    assert report["seen"] == report["imported"] + report["already"] + report["left_out"]
    return report


def export(repo: Repo, path: Path) -> Path:
    """Export everything to a file."""
    path.unlink(missing_ok=True)
    repo.ok("export", "jsonl", "--output", str(path))
    return path


def test_an_export_into_an_empty_repository_gives_the_same_files(full: Repo, tmp_path: Path) -> None:
    path = export(full, tmp_path / "a.jsonl")
    for line in path.read_text().splitlines():
        fits("output/export", json.loads(line))
    other = make_tracker(tmp_path / "other", "--prefix", "XX")
    report = bring(other, path)
    assert (report["left_out"], report["anomalies"], report["epics"], report["pages"]) == (0, [], 1, 1)
    assert files(other) == files(full)
    assert export(other, tmp_path / "b.jsonl").read_bytes() == path.read_bytes()
    assert [t["slug"] for t in other.json("ls", "--all")["tickets"]] == [
        t["slug"] for t in full.json("ls", "--all")["tickets"]]
    assert other.json("new", "Next")["ticket"]["slug"] == full.json("new", "Next")["ticket"]["slug"]
    assert bring(other, path)["imported"] == 0
    assert len(other.json("log", "--limit", "9")["entries"]) == 3


def test_an_import_of_an_export_can_be_undone_and_tried(full: Repo, tmp_path: Path) -> None:
    path = export(full, tmp_path / "a.jsonl")
    other = make_tracker(tmp_path / "other")
    before = files(other)
    assert bring(other, path, "--dry-run")["imported"] > 10
    assert files(other) == before
    bring(other, path)
    other.ok("undo")
    assert files(other) == before


def test_what_is_here_stays_and_what_is_missing_comes(full: Repo, tmp_path: Path) -> None:
    path = export(full, tmp_path / "a.jsonl")
    other = make_tracker(tmp_path / "other")
    bring(other, path)
    other.ok("update", "OW-1", "--title", "Ours")
    other.ok("ticket", "delete", "OW-2", "--purge")
    report = bring(other, path)
    assert (report["imported"], report["changed"]) == (2, 1), "the ticket and its workpad"
    assert [one["kind"] for one in report["anomalies"]] == ["changed"]
    assert other.json("show", "OW-1")["title"] == "Ours"
    assert bring(other, path, "--update")["updated"] == 1
    assert files(other) == files(full)


def test_a_slug_that_is_taken_is_given_anew_with_all_that_belongs_to_it(full: Repo, tmp_path: Path) -> None:
    path = export(full, tmp_path / "a.jsonl")
    other = make_tracker(tmp_path / "other", "--statuses", "openkit")
    other.ok("new", "A first ticket of its own")
    report = bring(other, path)
    assert [one["kind"] for one in report["anomalies"]] == ["changed", "taken-id"], "the project, and OW-1"
    folder = full.folder("OW-1").name
    moved = other.json("show", folder)
    assert (moved["title"], moved["slug"], moved["comment_count"]) == ("Upload = fails", "OW-10", 1)
    assert other.json("show", "OW-2")["depends_on"] == [moved["ref"]]
    assert (other.folder("OW-10") / "attachments" / "shot.png").is_file()
    assert "qa" in {one["slug"] for one in other.json("status", "list")["statuses"]}
    assert other.json("show", "OW-1")["title"] == "A first ticket of its own"
    again = bring(other, path)
    assert (again["imported"], again["left_out"]) == (0, 0)


def test_a_query_takes_its_tickets_and_what_they_use(full: Repo, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in full.ok("export", "jsonl", "label:a").splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds == ["gittracker", "settings", "statuses", "project", "epic", "ticket", "attachment", "comment",
                     "comment"]
    assert [one["slug"] for one in lines[2]["record"]] == ["todo"]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    other = make_tracker(tmp_path / "other")
    bring(other, path)
    assert other.json("show", "OW-1")["epic"] == full.json("show", "OW-1")["epic"]


@pytest.mark.parametrize("line", [
    {"type": "file", "path": "../../outside", "text": "x"}, {"type": "file", "path": "/etc/x", "text": "x"},
    {"type": "file", "path": "config.json", "text": "{}"}, {"type": "file", "path": "local/x", "text": "x"},
    {"type": "file", "path": ".gitattributes", "text": "x"}, {"type": "file", "path": "a\\..\\b", "text": "x"},
    {"type": "file", "path": "a/CON", "text": "x"}, {"type": "file", "path": "a\x00b", "text": "x"},
    {"type": "ticket", "path": "epics/x/epic.md", "text": "x"}, {"type": "file", "path": ["x"], "text": "x"},
    {"type": "file", "path": "x.yaml", "text": 1}, {"type": "file", "path": "x.yaml", "base64": "?"},
    {"type": "ticket", "record": {"title": "no ref"}}, {"type": "ticket", "record": {"estimate": "much"}},
    {"type": "comment", "path": "tickets/0/OW-1-aaaa/comments/x.md", "record": []}, {"path": "x"}, {}],
    ids=lambda line: str(line)[:40])
def test_a_line_that_can_be_no_file_of_ours_is_told_and_nothing_is_written(repo: Repo, tmp_path: Path,
                                                                          line: dict[str, Any]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"type":"gittracker","version":1}\n' + json.dumps(line) + "\n")
    before = files(repo)
    report = bring(repo, path)
    assert (report["imported"], report["left_out"]) == (0, 1)
    assert report["anomalies"][0]["line"] == 2
    assert files(repo) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.jsonl", "repo"]


def test_only_an_export_of_this_version_is_read(repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    for text, status in (('{"id":"bd-1"}\n', 2), ("", 2), ('{"type":"gittracker","version":2}\n', 7)):
        path.write_text(text)
        done = repo.run("import", "jsonl", str(path), "--json")
        assert (done.status, bool(done.error()["hint"])) == (status, True)
    folder = tmp_path / "none"
    folder.mkdir()
    assert repo.run("import", "jsonl", str(folder)).status == 2


def test_a_ticket_needs_no_path(repo: Repo, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"type":"gittracker","version":1}\n{"type":"ticket","record":{"ref":"tik_' + "7" * 32
                    + '","slug":"OW-7","title":"Made by a script","status":"todo","labels":["b","a"]}}\n')
    assert bring(repo, path)["imported"] == 1
    shown = repo.json("show", "OW-7")
    assert (shown["title"], shown["labels"]) == ("Made by a script", ["a", "b"])
    assert repo.json("doctor")["problems"] == []


def test_the_table_has_a_row_a_ticket_and_loses_nothing(full: Repo) -> None:
    rows = list(csv.DictReader(io.StringIO(full.ok("export", "csv").replace("\n", "\r\n"), newline="")))
    assert [row["slug"] for row in rows] == ["OW-1", "OW-2", "OW-9"]
    assert (rows[1]["depends_on"], rows[1]["estimate"], rows[1]["archived"]) == ("OW-1", "2.5", "true")
    assert (rows[0]["x_team"], rows[0]["epic"], rows[0]["title"]) == ("core", "OW-E1", "Upload = fails")
    only = full.ok("export", "csv", "label:a").splitlines()
    assert len(only) == 2


def test_the_report_has_a_section_a_status(full: Repo, tmp_path: Path) -> None:
    text = full.ok("export", "md")
    assert "## Todo" in text and "## Archived" in text and "- **OW-1** Upload = fails" in text
    done = full.run("export", "md", "--output", str(tmp_path / "r.md"))
    assert (done.status, (tmp_path / "r.md").read_text()) == (0, text)
    again = full.run("export", "md", "--output", str(tmp_path / "r.md"), "--json")
    assert (again.status, "--force" in again.error()["hint"]) == (5, True)
    assert full.json("export", "md", "-o", str(tmp_path / "r.md"), "--force")["lines"] > 5
    assert full.run("export", "md", "-o", str(tmp_path / "no" / "r.md")).status == 4


def test_a_reader_that_stops_is_no_error(full: Repo) -> None:
    process = full.start("export", "jsonl")
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=30) in (0, 1)
    assert subprocess.run(["true"], check=False).returncode == 0
