"""An import is one entry that can be undone, adds nothing twice, keeps every record, and tells what is odd."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.services.importing import sources
from tests.services.importing.sources import edge, issue, task
from tests.support import Repo, make_tracker
from tests.test_schemas import fits


def bring(repo: Repo, source: str, path: Path, *flags: str) -> Any:
    """Import with --json; the totals must add up."""
    report = fits("output/import", repo.json("import", source, str(path), *flags))
    assert report["seen"] == report["imported"] + report["already"] + report["left_out"]
    assert report["left_out"] == sum(one["lost"] for one in report["anomalies"])
    return report


def kinds(report: Any) -> list[tuple[str, int]]:
    """Give the anomalies as (kind, line)."""
    return [(one["kind"], one["line"]) for one in report["anomalies"]]


def test_old_ids_find_the_tickets_and_links_lead_to_them(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(
        tmp_path, issue("bd-0088", dependencies=[edge("bd-x.1"), edge("bd-x", "parent-child"),
                                                 edge("bd-7", "related")]),
        issue("bd-x"), issue("bd-x.1", created_at="2025-10-01T10:00:00Z"),
        issue("bd-7", comments=[{"author": "mo", "text": "seen", "created_at": "2025-11-02T10:00:00.5Z"}]))
    report = bring(repo, "beads", path)
    assert (report["imported"], report["links"], report["comments"], report["anomalies"]) == (4, 3, 1, [])
    shown = repo.json("show", "BD-0088")
    assert shown["aliases"] == ["bd-0088"]
    slugs = {one["id"]: one["name"] for one in report["records"]}
    assert slugs == {"bd-x.1": "OW-1", "bd-0088": "OW-2", "bd-x": "OW-3", "bd-7": "OW-4"}, "the oldest is the first"
    refs = {old: repo.json("show", old)["ref"] for old in slugs}
    assert (shown["depends_on"], shown["parent"], shown["related"]) == (
        [refs["bd-x.1"]], refs["bd-x"], [refs["bd-7"]])
    comment = repo.json("comment", "list", "bd-7")["comments"][0]
    assert (comment["by"], comment["at"], comment["body"]) == ("mo", "2025-11-02T10:00:00.5Z", "seen")
    assert repo.json("doctor")["problems"] == []


def test_an_import_is_one_entry_and_undo_takes_all_of_it_back(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Here before")
    before = sorted(p.relative_to(repo.path) for p in repo.tracker.rglob("*"))
    path = sources.write(tmp_path / "b", {
        "backlog/tasks/task-1 - A.md": task("task-1", milestone="m-1"),
        "backlog/milestones/m-1 - Beta.md": "---\nid: m-1\ntitle: Beta\n---\n",
        "backlog/docs/doc-1 - Guide.md": "---\nid: doc-1\ntitle: Guide\n---\nHow.\n"})
    report = bring(repo, "backlog", path)
    assert (report["imported"], report["epics"], report["pages"]) == (3, 1, 1)
    entry = repo.json("log", "--limit", "1")["entries"][0]
    assert (entry["entry"], entry["subject"]) == (report["entry"], "import of 3 record(s) from backlog")
    assert repo.json("show", "task-1")["epic"] == repo.json("epic", "show", "OW-E1")["ref"]
    assert (repo.tracker / "pages" / "OW" / "docs" / "guide.md").is_file()
    assert "How." in repo.ok("page", "show", "doc-1")
    repo.ok("undo")
    assert sorted(p.relative_to(repo.path) for p in repo.tracker.rglob("*")) == before
    assert bring(repo, "backlog", path)["imported"] == 3


def test_a_second_run_adds_nothing_and_says_what_changed_since(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(tmp_path, issue("bd-1"), issue("bd-2", dependencies=[edge("bd-1")]))
    bring(repo, "beads", path)
    repo.ok("update", "bd-1", "--label-add", "mine")
    again = bring(repo, "beads", path)
    assert (again["imported"], again["already"], again["changed"], again["entry"]) == (0, 2, 0, None)
    assert "nothing new" in repo.ok("import", "beads", str(path))
    sources.beads(tmp_path, issue("bd-1", title="Renamed", labels=["theirs"], comments=[
        {"author": "mo", "text": "new", "created_at": "2025-11-02T10:00:00Z"}]),
        issue("bd-2", dependencies=[edge("bd-1")]), issue("bd-3", dependencies=[edge("bd-2")]))
    third = bring(repo, "beads", path)
    assert (third["imported"], third["already"], third["changed"], third["updated"]) == (1, 2, 1, 0)
    assert kinds(third) == [("changed", 1)]
    assert repo.json("show", "bd-1")["title"] == "Title of bd-1"
    assert repo.json("show", "bd-3")["depends_on"] == [repo.json("show", "bd-2")["ref"]]
    fourth = bring(repo, "beads", path, "--update")
    assert (fourth["changed"], fourth["updated"], fourth["comments"]) == (1, 1, 1)
    shown = repo.json("show", "bd-1")
    assert (shown["title"], shown["labels"], shown["comment_count"]) == ("Renamed", ["theirs"], 1)
    fifth = bring(repo, "beads", path, "--update")
    assert (fifth["changed"], fifth["entry"]) == (0, None)


def test_a_dry_run_prints_the_same_report_and_writes_nothing(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(tmp_path, issue("bd-1", status="weird"), issue("bd-1"), "{bad")
    before = {p: p.stat().st_mtime_ns for p in repo.path.rglob("*") if "cache" not in p.parts}
    dry = bring(repo, "beads", path, "--dry-run")
    assert {p: p.stat().st_mtime_ns for p in repo.path.rglob("*") if "cache" not in p.parts} == before
    real = bring(repo, "beads", path)
    assert {**dry, "dry_run": False, "entry": real["entry"], "entries": real["entries"]} == real
    assert "nothing was written" in repo.ok("import", "beads", str(path), "--dry-run")


def test_both_records_of_one_id_are_kept_and_the_live_one_has_it(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(tmp_path, issue("bd-1", status="tombstone", title="[Deleted]"), issue("bd-1"),
                         issue("bd-2", dependencies=[edge("bd-1")]))
    report = bring(repo, "beads", path)
    assert (report["imported"], report["archived"], kinds(report)) == (3, 1, [("duplicate-id", 1)])
    live, gone = repo.json("show", "bd-1"), repo.json("show", "bd-1~2")
    assert (live["title"], live["archived"]) == ("Title of bd-1", False)
    assert (gone["title"], gone["archived"], gone["stage"]) == ("[Deleted]", True, "canceled")
    assert repo.json("show", "bd-2")["depends_on"] == [live["ref"]]
    assert bring(repo, "beads", path)["already"] == 3


def test_what_leads_nowhere_is_kept_told_and_found_by_the_doctor(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "A ticket of our own")
    path = sources.beads(
        tmp_path, issue("bd-1", dependencies=[edge("gone-1"), edge("OW-1"), edge("bd-1")]),
        issue("bd-2", dependencies=[edge("bd-3")]), issue("bd-3", dependencies=[edge("bd-2")]),
        issue("bd-4", dependencies=[edge("bd-1", "parent-child"), edge("bd-2", "parent-child")]))
    report = bring(repo, "beads", path)
    assert sorted(kinds(report)) == [("cycle", 2), ("dangling", 1), ("dangling", 1), ("second-parent", 4),
                                     ("self-link", 1)]
    one = repo.json("show", "bd-1")
    assert one["depends_on"] == ["gone-1"]
    assert one["x_depends_on"] == ["OW-1", "bd-1"], "what would be taken for another ticket, or is the ticket itself"
    problems = repo.json_whatever("doctor")["problems"]
    assert sorted(p["message"].partition(":")[0] for p in problems) == [
        "depends_on goes in a circle", 'depends_on names "gone-1", which is not here']
    sources.beads(tmp_path, issue("gone-1"))
    assert bring(repo, "beads", path)["links"] == 1
    assert repo.json("show", "bd-1")["depends_on"] == [repo.json("show", "gone-1")["ref"]], "it came later"


def test_statuses_types_and_priorities_are_read_by_meaning_or_as_given(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(
        tmp_path, issue("bd-1", status="in_review", issue_type="enhancement", priority=0),
        issue("bd-2", status="hooked", issue_type="molecule", priority=4), issue("bd-3", status="gibberish"),
        issue("bd-4", status="closed", closed_at="2025-12-01T00:00:00Z", close_reason="duplicate"))
    report = bring(repo, "beads", path)
    rows = {(row["what"], row["old"]): (row["new"], row["why"]) for row in report["words"]}
    assert rows["status", "in_review"] == ("in-review", "same name")
    assert rows["status", "hooked"] == ("in-progress", "stage")
    assert rows["status", "gibberish"] == ("backlog", "unknown")
    assert rows["type", "enhancement"] == ("feature", "stage")
    assert rows["type", "molecule"] == ("task", "unknown")
    two = repo.json("show", "bd-2")
    assert (two["priority"], two["x_status"], two["x_type"], two.get("x_priority")) == (
        "none", "hooked", "molecule", None)
    four = repo.json("show", "bd-4")
    assert (four["completed_at"], four["resolution"]) == ("2025-12-01T00:00:00Z", "duplicate")
    other = make_tracker(tmp_path / "other", "--statuses", "openkit")
    given = bring(other, "beads", path, "--status", "gibberish=In Progress", "--type", "molecule=chore",
                  "--priority", "2=urgent")
    assert ("status", "gibberish", "in-progress", "given") in {
        (r["what"], r["old"], r["new"], r["why"]) for r in given["words"]}
    assert (other.json("show", "bd-2")["type"], other.json("show", "bd-3")["priority"]) == ("chore", "urgent")
    for flags in (["--status", "x"], ["--status", "x=nonsense"], ["--type", "x=nonsense"], ["--project", "NO"]):
        assert other.run("import", "beads", str(path), *flags).status in (2, 3, 7)


def test_numbers_stay_where_the_ids_are_slugs_of_the_project(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo", "--prefix", "BACK")
    path = sources.write(tmp_path / "b", {f"tasks/back-{n} - A.md": task(f"BACK-{n}") for n in ("3", "12", "3.1")}
                         | {"completed/back-12 - B.md": task("BACK-12", "The other", status="Done")})
    report = bring(repo, "backlog", path)
    assert repo.json("show", "BACK-12")["title"] == "The other", "tasks sort behind completed ones"
    assert {one["id"]: one["name"] for one in report["records"]} == {
        "BACK-3": "BACK-3", "BACK-12": "BACK-12", "BACK-3.1": "BACK-13", "BACK-12~2": "BACK-14"}
    assert repo.json("show", "BACK-3.1")["slug"] == "BACK-13"
    repo.ok("new", "The next")
    assert repo.json("show", "BACK-15")["title"] == "The next"


def test_a_name_that_is_taken_gets_a_number_and_new_slugs_keep_clear_of_aliases(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Ours")
    report = bring(repo, "beads", sources.beads(tmp_path, issue("ow-1"), issue("OW-4"), issue("ow-x"), issue("ow-y")))
    assert kinds(report) == [("taken-id", 1)]
    assert repo.json("show", "ow-1")["title"] == "Ours"
    assert repo.json("show", "ow-1~2")["title"] == "Title of ow-1"
    assert repo.json("show", "OW-4")["slug"] == "OW-3", "the old id, not the next number"
    assert repo.json("new", "Next")["ticket"]["slug"] == "OW-7"


def test_loose_ids_of_backlog_are_found_and_told(repo: Repo, tmp_path: Path) -> None:
    path = sources.write(tmp_path / "b", {
        "tasks/back-7.01 - A.md": task("BACK-7.01"), "drafts/draft-8 - D.md": task("DRAFT-8"),
        "tasks/back-8 - B.md": task("BACK-8", dependencies="[task-7.1, 8]", parent_task_id="task-99")})
    report = bring(repo, "backlog", path)
    assert sorted(one["kind"] for one in report["anomalies"]) == ["dangling", "loose-id", "loose-id", "self-link"]
    shown = repo.json("show", "BACK-8")
    assert (shown["depends_on"], shown["parent"]) == ([repo.json("show", "BACK-7.01")["ref"]], "task-99")
    assert repo.json("show", "DRAFT-8")["stage"] == "backlog"


def test_a_draft_on_a_board_without_a_backlog_is_not_ready(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo", "--statuses", "openkit")
    bring(repo, "backlog", sources.write(tmp_path / "b", {"drafts/draft-1 - D.md": task("DRAFT-1")}))
    shown = repo.json("show", "DRAFT-1")
    assert (shown["approval"], shown["ready"], shown["labels"]) == ("unapproved", False, ["draft"])


def test_the_configuration_of_backlog_says_what_its_statuses_mean(repo: Repo, tmp_path: Path) -> None:
    path = sources.write(tmp_path / "b", {
        "backlog/config.yml": 'statuses: ["Inbox", "Cooking", "Served"]\n', "backlog/tasks/t-1 - A.md":
        task("t-1", status="Cooking"), "backlog/tasks/t-2 - B.md": task("t-2", status="Served")})
    rows = {row["old"]: row["new"] for row in bring(repo, "backlog", path)["words"] if row["what"] == "status"}
    assert rows == {"Cooking": "in-progress", "Served": "done"}


def test_odd_files_are_left_aside_with_their_reason(repo: Repo, tmp_path: Path) -> None:
    path = sources.write(tmp_path / "t", {
        ".tickets/a-1.md": "---\nid: a-1\n---\n# One\n", ".tickets/empty.md": "", ".tickets/readme.md": "# words\n",
        ".tickets/x.png": b"\x89PNG", ".tickets/latin.md": "---\nid: a-2\n---\n# Gr\xfc\xdfe\n".encode("latin-1"),
        ".tickets/crlf.md": b"\xef\xbb\xbf---\r\nid: a-3\r\n---\r\n# Three\r\n\r\nText\r\n"})
    os.symlink("/etc/passwd", path / ".tickets" / "link.md")
    os.mkfifo(path / ".tickets" / "pipe.md")
    report = bring(repo, "tk", path)
    assert (report["imported"], report["left_out"]) == (3, 5)
    reasons = {Path(one["path"]).name: one["message"] for one in report["anomalies"]}
    assert "symbolic link" in reasons["link.md"] and "plain file" in reasons["pipe.md"]
    assert reasons["empty.md"] == "an empty file" and "Latin-1" in reasons["latin.md"]
    assert repo.json("show", "a-2")["title"] == "Grüße"
    assert repo.json("show", "a-3")["description"] == "Text"


def test_a_source_that_is_none_is_an_error_with_a_next_step(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in ("backlog", "beads", "beans", "openkit", "tk"):
        done = repo.run("import", source, str(tmp_path / "empty"), "--json")
        assert (done.status, done.error()["code"]) == (2, "usage"), source
        assert repo.run("import", source, str(tmp_path / "gone")).status == 3
    assert "usage" in repo.run("import").out


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "not json at all", '"a"', "\x00\x01"])
def test_a_file_that_holds_no_issue_adds_nothing(repo: Repo, tmp_path: Path, text: str) -> None:
    path = sources.write(tmp_path, {"issues.jsonl": text}) / "issues.jsonl"
    done = repo.run("import", "beads", str(path), "--json")
    assert done.status in (0, 2), done.err
    if done.status == 0:
        assert json.loads(done.out)["imported"] == 0
    assert repo.json("ls")["total"] == 0


def test_a_huge_record_and_odd_text_come_through_whole(repo: Repo, tmp_path: Path) -> None:
    body = "# Head\n\n" + "long line of text " * 3000 + "\n---\nid: fake\n---\n\ttab\u2028end"
    path = sources.beads(tmp_path, issue("bd 1/ä.b", title="a\nb\tc \ud83d\ude00 " + "x" * 600, description=body,
                                         labels=["a, b", " ", "ü"], assignee="Jo \"x\" <jo@x>"))
    report = bring(repo, "beads", path)
    assert report["imported"] == 1
    shown = repo.json("show", "bd 1/ä.b")
    assert shown["description"] == body
    assert shown["title"].startswith("a b c 😀 xxx") and len(shown["title"]) == 608
    assert (shown["labels"], shown["assignee"]) == (["a, b", "ü"], 'Jo "x" <jo@x>')
    assert repo.json("doctor")["problems"] == []


def test_openkit_issues_come_with_notes_and_files_and_private_notes_stay(repo: Repo, tmp_path: Path) -> None:
    local = {"id": "LOCAL-3", "title": "Upload", "description": "It stops.", "status": "in-progress",
             "priority": "high", "labels": ["a"],
             "createdAt": "2026-01-02T03:04:05.678Z", "updatedAt": "2026-01-03T00:00:00Z"}
    notes = {"linkedWorktreeId": "LOCAL-3", "personal": {"content": "secret"},
             "aiContext": {"content": "Mind the cap."}, "todos": [{"id": "1", "text": "Measure", "checked": True},
                                                                 {"id": "2", "text": "Mend", "checked": False}],
             "gitPolicy": {"agentCommits": "deny"}}
    jira = {"key": "PROJ-7", "summary": "From Jira", "status": "In Progress", "priority": "Highest", "type": "Story",
            "reporter": "Jo", "assignee": None, "created": "2026-01-01T00:00:00.000+0100", "url": "https://j/PROJ-7",
            "comments": [{"id": "1", "author": "Mo", "body": "yes", "created": "2026-01-02T00:00:00.000+0000"}]}
    linear = {"source": "linear", "identifier": "ENG-5", "title": "From Linear", "status": "Backlog", "priority": 2,
              "labels": [{"name": "ui", "color": "#fff"}], "attachments": [{"title": "PR", "url": "https://g/1"}]}
    base = sources.write(tmp_path / "other", {
        ".openkit/issues/local/LOCAL-3/issue.json": json.dumps(local), ".openkit/issues/local/.counter": "3",
        ".openkit/issues/local/LOCAL-3/notes.json": json.dumps(notes),
        ".openkit/issues/local/LOCAL-3/attachments/a:b.png": b"\x89PNG",
        ".openkit/issues/local/LOCAL-4/task.json": json.dumps({**local, "id": "LOCAL-4"}),
        ".openkit/issues/local/LOCAL-5/notes.json": "{}", ".openkit/issues/local/LOCAL-6/issue.json": "{broken",
        ".openkit/issues/jira/PROJ-7/issue.json": json.dumps(jira),
        ".openkit/issues/linear/ENG-5/issue.json": json.dumps(linear)})
    report = bring(repo, "openkit", base)
    assert (report["seen"], report["imported"], report["files"], report["comments"]) == (6, 4, 1, 1)
    assert sorted(one["kind"] for one in report["anomalies"]) == ["not-json", "other-file", "private"]
    one = repo.json("show", "LOCAL-3")
    assert one["description"] == ("It stops.\n\n## Extra Context\n\nMind the cap.\n\n## Todos\n\n"
                                  "- [x] Measure\n- [ ] Mend")
    assert (one["status"], one["priority"], one["created_at"]) == ("in-progress", "high", "2026-01-02T03:04:05.678Z")
    assert (one["x_linkedWorktreeId"], one["x_gitPolicy"]) == ("LOCAL-3", '{"agentCommits": "deny"}')
    assert "secret" not in "".join(p.read_text(errors="replace") for p in repo.tracker.rglob("*.md"))
    assert (repo.folder(one["slug"]) / "attachments" / "a-b.png").read_bytes() == b"\x89PNG"
    two = repo.json("show", "PROJ-7")
    assert (two["external_ref"], two["external_links"], two["priority"], two["type"], two["created_by"]) == (
        "PROJ-7", ["https://j/PROJ-7"], "urgent", "feature", "Jo")
    three = repo.json("show", "ENG-5")
    assert (three["priority"], three["labels"], three["external_links"]) == ("high", ["ui"], ["https://g/1"])
    assert bring(repo, "openkit", base)["imported"] == 0
    alone = base / ".openkit" / "issues" / "local" / "LOCAL-3" / "issue.json"
    assert bring(make_tracker(tmp_path / "r2"), "openkit", alone)["seen"] == 1


def test_an_alias_that_two_tickets_have_is_found_by_the_doctor(repo: Repo, tmp_path: Path) -> None:
    """As after a merge of two branches that imported the same tracker."""
    bring(repo, "beads", sources.beads(tmp_path, issue("bd-1"), issue("bd-2"), issue("ow-3")))
    file = repo.file("OW-2")
    file.write_text(file.read_text().replace("- bd-2", "- BD-1\n- ow-1"))
    messages = [p["message"] for p in repo.json_whatever("doctor")["problems"]]
    assert sorted(messages) == ['the alias "BD-1" names OW-1 too',
                                'the alias "bd-1" names OW-2 too',
                                'the alias "ow-1" names OW-1 too']
