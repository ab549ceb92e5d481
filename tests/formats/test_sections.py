"""Markdown by sections: one is set, and every byte of the others stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import sections
from tests.strategies import PROPERTY

PARTS = st.lists(st.sampled_from(["", "text", "## Plan", "## Notes", "##  Odd ", "# Top", "### Deep", "```", "~~~",
                                  "````", "```python", "    ## code", "##none", "a\u2028## b", "x\x0c## y"]),
                                  max_size=10)
TEXTS = st.builds(lambda lines, eol, end: eol.join(lines) + end, PARTS, st.sampled_from(["\n", "\r\n"]),
                  st.sampled_from(["", "\n", "\n\n"]))
BODIES = st.lists(st.sampled_from(["done", "", "- [x] a", "### b"]), min_size=1, max_size=4).map("\n".join)
WORKPAD = "intro\n\n## Plan\n\n1. a\n\n## Progress\n\nhalf\n\n## Notes\n\nx\n"


@PROPERTY
@given(TEXTS)
def test_the_parts_are_the_whole_text(text: str) -> None:
    assert "".join(part for _, part in sections.split(text)) == text


@PROPERTY
@given(TEXTS, BODIES, st.booleans(), st.sampled_from(["Plan", "notes", "Progress"]))
def test_the_other_sections_stay_byte_for_byte(text: str, body: str, append: bool, name: str) -> None:
    before = sections.split(text)
    after = sections.split(sections.replace(text, name, body, append))
    if not is_closed(text):
        return
    place = next((n for n, (heading, _) in enumerate(before) if heading.lower() == name.lower()), None)
    if place is None:
        assert after[-1][0] == name
        assert "".join(part for _, part in after[:-1]).startswith(text)
    else:
        assert [part for n, (_, part) in enumerate(after) if n != place] == [
            part for n, (_, part) in enumerate(before) if n != place]


def is_closed(text: str) -> bool:
    """Tell whether no code fence is open at the end."""
    eol = "\n" if text.endswith("\n") else "\n\n"
    return sections.split(text + eol + "## Last")[-1][0] == "Last"


@PROPERTY
@given(TEXTS.filter(is_closed), BODIES.map(lambda b: b.strip("\n")).filter(bool))
def test_a_section_that_was_set_reads_back(text: str, body: str) -> None:
    assert sections.find(sections.replace(text, "Progress", body), "progress") == body


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_section_is_replaced_in_place_with_the_files_line_ends(eol: str) -> None:
    found = sections.replace(WORKPAD.replace("\n", eol), "progress", "all\ndone")
    assert found == WORKPAD.replace("half", "all\ndone").replace("\n", eol)


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_text_is_appended_to_a_section(eol: str) -> None:
    found = sections.replace(WORKPAD.replace("\n", eol), "Progress", "more\n", append=True)
    assert found == WORKPAD.replace("half", "half\nmore").replace("\n", eol)
    assert sections.find(found, "Progress") == "half\nmore"


def test_a_new_section_comes_last_with_a_blank_line_before_it() -> None:
    assert sections.replace("intro", "Plan", "a") == "intro\n\n## Plan\n\na\n"
    assert sections.replace("intro\n", "Plan", "a") == "intro\n\n## Plan\n\na\n"
    assert sections.replace("intro\n\n", "Plan", "a") == "intro\n\n## Plan\n\na\n"
    assert sections.replace("", "Plan", "a") == "## Plan\n\na\n"


CODE = ("```\n## no\n```\n", "~~~\n## no\n~~~\n", "````\n```\n## no\n````\n", "```\n~~~\n## no\n```\n",
        "```sh\n```python\n## no\n```\n", "``` a\n## no\n`````\n", "  ```\n## no\n  ```\n")


@pytest.mark.parametrize("code", CODE)
def test_a_heading_in_a_code_block_is_no_section(code: str) -> None:
    text = f"## Plan\n\n{code}\n## Notes\n\nx\n"
    assert [heading for heading, _ in sections.split(text)] == ["Plan", "Notes"]
    assert sections.find(text, "Plan") == code.strip("\n")


def test_code_in_a_line_opens_no_block() -> None:
    assert [h for h, _ in sections.split("```a``` b\n## Plan\n")] == ["", "Plan"]


def test_a_section_that_is_absent_is_none() -> None:
    assert sections.find(WORKPAD, "Validation") is None
    assert sections.find(WORKPAD, "Plan") == "1. a"
