"""Values as an editor's libraries read them, each with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md, frontmatter, located, yaml_doc

FRONT = b"""---
title: '2024'
estimate: 3
x_flag: true

labels:
- one
- 2
parent:
- a: b
  c: d
---
body: 5
"""


def test_front_matter_is_typed_and_has_lines() -> None:
    found = located.front_matter(FRONT, "t.md")
    assert found.value == {"title": "2024", "estimate": 3, "x_flag": True, "labels": ["one", 2],
                           "parent": [{"a": "b", "c": "d"}]}
    lines = {("title",): 2, ("estimate",): 3, ("labels",): 6, ("labels", 1): 8, ("parent", 0, "c"): 11, (): 2,
             ("labels", 7): 6, ("none",): 2}
    assert {place: found.line(place) for place in lines} == lines


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_json_file_has_lines_too_even_with_tabs(end: str) -> None:
    text = end.join(["{", '\t"tracker": {', '\t\t"format": 1,', '\t\t"types": ["a",', '\t\t "b"]', "\t}", "}"])
    found = located.document(text.encode(), "config.json")
    assert found.value == {"tracker": {"format": 1, "types": ["a", "b"]}}
    assert (found.line(("tracker", "format")), found.line(("tracker", "types", 1))) == (3, 5)


def test_a_yaml_list_has_the_lines_of_its_items() -> None:
    found = located.document(b"# c\n- slug: a\n  name: A\n- slug: b\n", "statuses.yaml")
    assert (found.line((0, "name")), found.line((1,)), found.line((1, "none"))) == (3, 4, 4)


def test_json_that_yaml_cannot_read_has_at_least_its_first_line() -> None:
    assert located.document(b'{"a": "\\ud800"}', "x.json").line(("a",)) == 1


@pytest.mark.parametrize(("data", "path", "line"), [
    (b"---\na: b\na: c\n---\n", "t.md", 3), (b"---\na: [b\n---\n", "t.md", 3), (b"{\n  1", "x.json", 2),
    (b"- [a\n", "x.yaml", 2), (b"[" * 100_000, "x.json", 1), (b"no front", "t.md", 1)])
def test_what_cannot_be_read_is_an_error_with_a_line(data: bytes, path: str, line: int) -> None:
    with pytest.raises(InvalidDataError) as error:
        (located.front_matter if path.endswith(".md") else located.document)(data, path)
    assert error.value.line == line


TEXTS = st.one_of(st.text(max_size=12), st.sampled_from([
    "3", "1.5", "true", "No", "null", "~", "0x1f", "1e3", ".5", "-", "2027-01-31", "'q'", "+1", "12:30", "0o7", ".inf",
    "yes"]))


@given(st.dictionaries(st.sampled_from(["title", "assignee", "x_a", "x_b"]), TEXTS), st.lists(TEXTS, max_size=3))
def test_the_fast_way_reads_what_yaml_reads(texts: dict[str, str], labels: list[str]) -> None:
    ticket = Ticket(labels=tuple(sorted({one for one in labels if one})), estimate=2.5,
                    title=texts.pop("title", ""), assignee=texts.pop("assignee", ""), extra=dict(texts))
    data = entity_md.render(ticket)
    text = "".join(frontmatter.split(data).lines).encode()
    assert json.dumps(located.front_matter(data, "t.md").value) == json.dumps(yaml_doc.load(text, "t.md"))


@given(st.dictionaries(st.sampled_from(["title", "a", "b"]), st.text("0123456789.eE+-xotruefalsn~ '\"", max_size=6)))
def test_what_is_typed_by_hand_is_read_as_yaml_reads_it(raws: dict[str, str]) -> None:
    text = "".join(f"{key}: {raw}\n" for key, raw in raws.items())
    try:
        expected = yaml_doc.load(text.encode(), "t.md") or {}
        frontmatter.parse(f"---\n{text}---\n".encode())
    except InvalidDataError:
        return
    found = located.front_matter(f"---\n{text}---\n".encode(), "t.md").value
    assert repr(found) == repr(expected)
