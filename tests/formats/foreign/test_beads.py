"""beads' JSON lines: every field has a place, every edge a meaning."""

from __future__ import annotations

import json
from typing import Any

from gittracker.domain.foreign import Edge, Foreign, Parsed
from gittracker.formats.foreign import beads


def parse(*issues: Any) -> Parsed:
    """Read issues, one a line."""
    return beads.read("\n".join(json.dumps(one) for one in issues), "i.jsonl")


def read(**values: Any) -> Foreign:
    """Read one issue."""
    [record] = parse({"id": "bd-1", "title": "Upload", "priority": 1, **values}).records
    return record


def test_fields_become_fields() -> None:
    one = read(status="in_progress", issue_type="bug", assignee="a/b", labels=["x"], external_ref="gh-9",
               created_at="2025-12-16T06:16:31.196843257-07:00", created_by="mo", started_at="2025-12-17T00:00:00Z",
               due_at="2026-02-01T00:00:00Z", estimated_minutes=90)
    assert (one.status, one.type, one.priority, one.people) == ("in_progress", "bug", "1", ("a/b",))
    assert (one.external_ref, one.created_at, one.created_by) == ("gh-9", "2025-12-16T13:16:31.196843257Z", "mo")
    assert (one.started_at, one.due, one.estimate) == ("2025-12-17T00:00:00Z", "2026-02-01T00:00:00Z", 90)
    assert one.extra == {}


def test_long_texts_become_sections_of_the_description() -> None:
    one = read(description="What.", design="How.", acceptance_criteria="- [ ] it works", notes="So far.")
    assert one.body == "What.\n\n## Design\n\nHow.\n\n## Acceptance Criteria\n\n- [ ] it works\n\n## Notes\n\nSo far."


def test_what_has_no_field_is_kept_under_its_own_name() -> None:
    one = read(close_reason="Done in 1a2b", metadata={"files": ["a.go"], "n": 1.5}, waiters=["x", "y"], ephemeral=True,
               pinned=False, compaction_level=0, sender=None, owner="", future_key=[{"a": 1}])
    assert one.extra == {"x_close_reason": "Done in 1a2b", "x_metadata": '{"files": ["a.go"], "n": 1.5}',
                         "x_waiters": ["x", "y"], "x_ephemeral": "true", "x_future_key": '[{"a": 1}]'}


def test_edges_have_kinds_in_either_spelling() -> None:
    kinds = ["blocks", "parent-child", "parent_child", "related", "relates-to", "duplicates", "waits-for",
             "discovered-from", "made-up"]
    one = read(dependencies=[{"issue_id": "bd-1", "depends_on_id": f"bd-{n}", "type": kind}
                             for n, kind in enumerate(kinds)])
    assert [edge.kind for edge in one.edges] == ["depends_on", "parent", "parent", "related", "related", "duplicates",
                                                 "depends_on", "related", "related"]
    assert [json.loads(text)["type"] for text in one.extra["x_dependencies"]] == [
        "waits-for", "discovered-from", "made-up"]


def test_what_an_edge_says_beyond_its_kind_is_kept() -> None:
    one = read(dependencies=[{"issue_id": "bd-1", "depends_on_id": "bd-2", "type": "blocks", "created_by": "mo"}])
    assert one.edges == (Edge("depends_on", "bd-2", 1),)
    assert json.loads(one.extra["x_dependencies"][0]) == {
        "type": "blocks", "depends_on_id": "bd-2", "created_by": "mo"}


def test_the_output_of_bd_show_is_read_as_well() -> None:
    other = {"id": "bd-2", "title": "other", "dependency_type": "parent-child"}
    text = json.dumps([{"id": "bd-1", "title": "t", "priority": 2, "dependency_count": 1, "dependents": [{"id": "x"}],
                        "dependencies": [other]}], indent=2)
    parsed = beads.read(text, "i.json")
    assert parsed.records[0].edges == (Edge("parent", "bd-2", 2),)
    assert parsed.records[0].extra == {}
    assert (parsed.records[0].line, parsed.anomalies) == (2, [])


def test_comments_have_author_time_and_text() -> None:
    one = read(comments=[{"id": 1, "issue_id": "bd-1", "author": "mo", "text": "hi", "created_at":
                          "2026-01-12T02:16:51Z"}, {"id": "c2", "author": "jo", "text": "x", "created_at": "then"}])
    assert [tuple(remark) for remark in one.remarks] == [("mo", "2026-01-12T02:16:51Z", "hi"), ("jo", "", "x")]


def test_a_tombstone_is_archived_and_keeps_why() -> None:
    one = read(status="tombstone", deleted_at="2026-01-04T23:49:29Z", delete_reason="dup", original_type="bug")
    assert (one.deleted, one.archived, one.stage) == (True, True, "canceled")
    assert one.extra == {"x_deleted_at": "2026-01-04T23:49:29Z", "x_delete_reason": "dup", "x_original_type": "bug"}


def test_a_missing_priority_is_the_one_that_old_versions_left_out() -> None:
    parsed = parse({"id": "bd-1", "title": "t"}, {"id": "bd-2", "title": "t", "priority": "P3"})
    assert [one.priority for one in parsed.records] == ["0", "3"]
    assert [(one.line, one.kind) for one in parsed.anomalies] == [(1, "priority")]


def test_what_is_no_issue_is_told_with_its_line() -> None:
    lines = ['{"id":"bd-1","title":"t","priority":1}', "<<<<<<< HEAD", '{"_type":"memory","key":"k"}', "{bad", "{}"]
    parsed = beads.read("\n".join(lines), "i.jsonl")
    assert len(parsed.records) == 1
    assert [(one.line, one.kind, one.lost) for one in parsed.anomalies] == [
        (2, "conflict-marker", True), (4, "not-json", True), (3, "not-an-issue", True), (5, "not-an-issue", True)]


def test_the_digest_changes_with_the_record_and_not_with_the_order_of_its_keys() -> None:
    one, = beads.read('{"id":"a","title":"t","priority":1}', "x").records
    same, = beads.read('{"priority":1, "title":"t", "id":"a"}', "y").records
    other, = beads.read('{"id":"a","title":"t","priority":2}', "x").records
    assert one.digest == same.digest != other.digest
