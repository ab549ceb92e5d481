"""Backlog.md's files: sections, comments, places, front matter that YAML refuses."""

from __future__ import annotations

from gittracker.domain.foreign import EPIC, PAGE, Edge, Foreign, Remark
from gittracker.formats.foreign import backlog

TASK = """---
id: BACK-12.3
title: 'CLI: list, show'
status: In Progress
assignee:
  - '@codex'
  - '@claude'
reporter: '@alex'
created_date: '2026-08-07 17:25'
labels: [cli, "a, b"]
dependencies:
  - task-9
parent_task_id: BACK-12
priority: high
milestone: m-1
references:
  - https://example.com/1
  - src/cli.ts
ordinal: 2000
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
List and show.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [x] #1 It lists
- [ ] #2 It shows
<!-- AC:END -->

## Comments

<!-- COMMENTS:BEGIN -->
author: @codex
created: 2026-08-08 10:00
---
A rule stays:

---

below it.
---

author: @claude
created: 2026-08-08 11:00
---
Second.
---
<!-- COMMENTS:END -->

## Final Summary

<!-- SECTION:FINAL_SUMMARY:BEGIN -->
Done.
<!-- SECTION:FINAL_SUMMARY:END -->
"""


def read(text: str, *place: str, name: str = "back-12.3 - CLI") -> Foreign:
    """Read a file that holds one record."""
    [record] = backlog.read(text, "f.md", place or ("tasks",), name).records
    return record


def test_a_task_is_read_whole() -> None:
    one = read(TASK)
    assert (one.id, one.title, one.status, one.priority, one.milestone) == (
        "BACK-12.3", "CLI: list, show", "In Progress", "high", "m-1")
    assert (one.people, one.created_by, one.created_at) == (("codex", "claude"), "alex", "2026-08-07T17:25:00Z")
    assert one.labels == ("cli", "a, b")
    assert one.edges == (Edge("depends_on", "task-9", 11), Edge("parent", "BACK-12", 13))
    assert one.urls == ("https://example.com/1",)
    assert one.extra == {"x_ordinal": "2000", "x_references": ["src/cli.ts"]}


def test_markers_go_and_every_section_stays() -> None:
    assert read(TASK).body == ("List and show.\n\n## Acceptance Criteria\n- [x] #1 It lists\n- [ ] #2 It shows\n\n"
                               "## Final Summary\n\nDone.")


def test_comments_are_taken_out_with_their_rules() -> None:
    assert read(TASK).remarks == (
        Remark("codex", "2026-08-08T10:00:00Z", "A rule stays:\n\n---\n\nbelow it."),
        Remark("claude", "2026-08-08T11:00:00Z", "Second."))


def test_comments_of_newer_versions_have_markers_of_their_own() -> None:
    text = ("---\nid: a-1\n---\n## Description\nx\n\n## Comments\n<!-- COMMENTS:BEGIN -->\n<!-- COMMENT:BEGIN -->\n"
            "index: 1\nauthor: bo\ncreated: 2026-01-01 09:00\n\nHello\n---\nworld\n<!-- COMMENT:END -->\n"
            "<!-- COMMENTS:END -->\n")
    one = read(text)
    assert (one.body, one.remarks) == ("x", (Remark("bo", "2026-01-01T09:00:00Z", "Hello\n---\nworld"),))


def test_comments_that_cannot_be_told_apart_stay_in_the_text() -> None:
    text = "---\nid: a-1\n---\n## Comments\n<!-- COMMENTS:BEGIN -->\nno header\n<!-- COMMENTS:END -->\n"
    parsed = backlog.read(text, "f.md", ("tasks",), "a-1")
    assert "no header" in parsed.records[0].body
    assert [one.kind for one in parsed.anomalies] == ["comment"]


def test_markers_inside_code_are_text() -> None:
    text = "---\nid: a-1\n---\n```\n<!-- AC:BEGIN -->\n```\n"
    assert read(text).body == "```\n<!-- AC:BEGIN -->\n```"


def test_an_unquoted_name_is_read_and_told() -> None:
    parsed = backlog.read("---\nid: BACK-1\ntitle: \"a: b\"\nassignee: @MrLesk\nlabels: [\"x\", @y]\n---\n", "f.md",
                          ("completed",), "back-1 - a")
    [one] = parsed.records
    assert (one.title, one.people, one.labels) == ("a: b", ("MrLesk",), ("x", "@y"))
    assert [(a.line, a.kind) for a in parsed.anomalies] == [(4, "front-matter")]


def test_places_say_what_a_file_is() -> None:
    assert read("---\nid: m-1\ntitle: Beta\n---\n", "milestones").noun == EPIC
    assert read("---\nid: doc-1\ntitle: Guide\n---\n", "docs", "setup").place == ("docs", "setup")
    assert read("# Words\n", "docs", name="words").noun == PAGE
    assert read("---\nid: a-1\n---\n", "archive", "tasks").archived
    draft = read("---\nid: draft-1\n---\n", "drafts")
    assert (draft.stage, draft.labels) == ("backlog", ("draft",))


def test_a_readme_is_no_task() -> None:
    for place in (("tasks",), ("docs",), ()):
        parsed = backlog.read("# Tasks\n\nwords\n", "readme.md", place, "readme")
        assert not parsed.records and parsed.anomalies[0].lost


def test_a_task_without_front_matter_is_known_by_its_name() -> None:
    parsed = backlog.read("Only words.\n", "f.md", ("tasks",), "task-7 - Fix-the-thing")
    [one] = parsed.records
    assert (one.id, one.title, one.body) == ("task-7", "Fix the thing", "Only words.")
    assert parsed.anomalies
