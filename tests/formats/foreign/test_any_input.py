"""No parser raises, whatever it is given, and none loses a record without saying so."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import times
from gittracker.domain.foreign import Parsed
from gittracker.formats.foreign import backlog, beads, beans, front, json_lines, moments, openkit, texts, tk
from tests.strategies import ANY_TEXT, AWKWARD, PROPERTY

PARSERS: dict[str, Callable[[str], Parsed]] = {
    "beads": lambda text: beads.read(text, "issues.jsonl"),
    "tk": lambda text: tk.read(text, "t-1.md", "t-1"),
    "beans": lambda text: beans.read(text, "b-1--x.md", "b-1--x"),
    "task": lambda text: backlog.read(text, "tasks/task-1 - x.md", ("tasks",), "task-1 - x"),
    "document": lambda text: backlog.read(text, "docs/x.md", ("docs",), "x"),
    "milestone": lambda text: backlog.read(text, "milestones/m-1 - x.md", ("archive", "milestones"), "m-1 - x")}
KEYS = st.sampled_from(["id", "title", "status", "assignee", "labels", "dependencies", "priority", "created_at",
                        "created", "links", "parent", "comments", "due", "x", "type", "estimated_minutes", "notes"])
LINES = st.one_of(
    st.builds(lambda key, value: f"{key}: {value}", KEYS, ANY_TEXT), st.builds(lambda v: f"  - {v}", ANY_TEXT),
    ANY_TEXT,
    st.sampled_from(["---", "## Notes", "**2026-01-01T10:00:00Z**", "## Comments", "<!-- COMMENTS:BEGIN -->",
                     "<!-- COMMENTS:END -->", "<!-- COMMENT:BEGIN -->", "author: x", "created: 2026-01-01 10:00",
                     "# Title", "```", "\ttab: x", "key: |", "# b-1"]))
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT
                      | st.sampled_from(["2026-01-01T10:00:00Z", "bd-1", "blocks"]),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | ANY_TEXT, inner, max_size=3),
                      max_leaves=8)


def check(parsed: Parsed) -> None:
    """Check what the importer relies on."""
    for one in parsed.records:
        for moment in (one.created_at, one.started_at, one.closed_at, *(remark.at for remark in one.remarks)):
            assert not moment or times.is_moment(moment), moment
        assert not one.due or times.is_date(one.due) or times.is_moment(one.due)
        for word in (one.id, one.title, one.status, one.created_by, *one.people, *one.labels):
            assert word == " ".join(word.split()) and (not word or word.isprintable()), word
        for key, value in one.extra.items():
            assert key.startswith("x_") and key.isascii()
            for text in value if isinstance(value, list) else [value]:
                text.encode()
        one.body.encode()
        assert one.digest


@pytest.mark.parametrize("name", PARSERS)
@PROPERTY
@given(lines=st.lists(LINES, max_size=12), opens=st.booleans())
def test_text_of_any_kind_is_read_or_told(name: str, lines: list[str], opens: bool) -> None:
    text = "\n".join(["---", *lines] if opens else lines)
    parsed = PARSERS[name](text)
    check(parsed)
    assert parsed.records or parsed.anomalies or not text.strip()


@pytest.mark.parametrize("name", PARSERS)
@PROPERTY
@given(data=st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_or_told(name: str, data: bytes) -> None:
    check(PARSERS[name](texts.decode(b"---\nid: a\n" + data)[0]))
    check(PARSERS[name](texts.decode(data)[0]))


@PROPERTY
@given(values=st.dictionaries(KEYS, VALUES, max_size=8))
def test_an_issue_with_any_values_keeps_every_one_of_them(values: dict[str, object]) -> None:
    parsed = beads.read(json.dumps({"id": "bd-1", "title": "Upload", **values}), "issues.jsonl")
    check(parsed)
    assert len(parsed.records) + sum(one.lost for one in parsed.anomalies) == 1


@PROPERTY
@given(values=st.dictionaries(st.sampled_from(["id", "title", "labels", "comments", "attachments", "priority", "url",
                                               "createdAt", "todos", "aiContext", "personal"]), VALUES, max_size=6),
       notes=VALUES, source=st.sampled_from(["local", "jira", "linear"]))
def test_an_issue_of_openkit_with_any_values_is_read(values: dict[str, object], notes: object, source: str) -> None:
    parsed = openkit.read(json.dumps(values), json.dumps(notes), "i/issue.json", source, "LOCAL-1")
    check(parsed)
    assert len(parsed.records) == 1
    for text in ("", "{", "[]", "null"):
        parsed = openkit.read(text, text, "i/issue.json", source, "LOCAL-1")
        assert not parsed.records


@PROPERTY
@given(lines=st.lists(st.sampled_from(['{"id":"a","title":"t"}', "", "<<<<<<< HEAD", "[1]", "{", "null", '"x"',
                                       '{"id":"b","title":"t"} {"id":"c","title":"t"}']), max_size=8))
def test_each_line_of_an_issues_file_is_a_record_or_told(lines: list[str]) -> None:
    parsed = beads.read("\n".join(lines), "issues.jsonl")
    lost = [one for one in parsed.anomalies if one.lost]
    meant = sum(2 if "} {" in line else 1 for line in lines if line)
    assert len(parsed.records) + len(lost) == meant


@PROPERTY
@given(text=ANY_TEXT)
def test_a_moment_is_ours_or_nothing(text: str) -> None:
    found = moments.moment(text)
    assert not found or times.is_moment(found)
    day = moments.day(text)
    assert not day or times.is_date(day) or times.is_moment(day)


@PROPERTY
@given(data=st.binary(max_size=40))
def test_decoding_never_fails_and_says_where_it_guessed(data: bytes) -> None:
    text, lines = texts.decode(data)
    texts.whole(text).encode()
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        assert lines or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    else:
        assert not lines


@pytest.mark.parametrize("value", AWKWARD)
def test_an_unquoted_value_is_never_lost(value: str) -> None:
    """What YAML would refuse, or take for something else, is read line by line."""
    if "\n" in value or "\r" in value or value.strip() in ("", "---", "null", "~", "|", "|-", ">", '"a" # b'):
        return
    found = front.read(f"---\nid: a\ntitle: {value}\n---\n")
    assert found
    kept = json.dumps(found.values, ensure_ascii=False, default=str)
    words = [word for word in value.replace('"', " ").replace("'", " ").replace("\\", " ").split() if word.isalnum()]
    assert all(word in kept for word in words), (value, kept)


def test_a_value_nested_too_deep_is_told_not_followed() -> None:
    deep = "[" * 100_000
    assert json_lines.read(deep, "x")[1][0].lost
    assert json_lines.read('{"id":' + deep, "x")[1][0].lost
    assert front.read(f"---\nid: {deep}\n---\n")
    assert beads.read('{"id":"a","title":"t","metadata":' + "[" * 500 + "]" * 500 + "}", "x").records
