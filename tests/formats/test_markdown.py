"""Text from a file does nothing in a comment on a pull request: no HTML, no mention, no link, no broken table."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import markdown

NASTY = st.lists(st.sampled_from(["<", ">", "&", "@all", "#12", "GH-3", "gh-4", "`", "```", "|", "*", "_", "~~~", "\\",
                                  "https://github.com/a/b/issues/1", "www.example.com", "a", " ", "\n", "</details>",
                                  "<!--", "-->", "$x$", "[a](b)", "\u202e", "\x1b[31m", "&#64;x", "a@b.c", "!1", "%2",
                                  "\ue000", "é", "漢"]), max_size=12).map("".join)


@given(NASTY)
def test_a_line_of_text_has_no_html_and_calls_nobody(text: str) -> None:
    for shown in (markdown.inline(text), markdown.html(text)):
        assert not re.search(r"[<>\n\x1b\u202e]", shown)
        assert not re.search(r"&(?!(amp|lt|gt|#8203);)", shown)
        assert not re.search(r"[@#!%](?=\w)", shown.replace("&#8203;", "\u200b"))
        assert not re.search(r"\bGH-\d|\bwww\.|://", shown, re.IGNORECASE)


@given(NASTY)
def test_a_cell_of_a_table_keeps_its_bounds(text: str) -> None:
    shown = markdown.inline(text)
    assert not re.search(r"(?<!\\)(\\\\)*[|`*_\[\]~$]", shown)
    assert "|" not in markdown.code(text)


@given(NASTY)
def test_text_in_a_block_does_not_get_out_of_it(text: str) -> None:
    block = markdown.fence(text)
    first, *inner, last = block.split("\n")
    assert first == last + "text"
    assert not any(line.strip().startswith(last) for line in inner)


@given(NASTY)
def test_a_code_span_ends_where_it_should(text: str) -> None:
    shown = markdown.code(text)
    marks = re.match("`*", shown)[0] if shown else ""  # type: ignore[index]
    inner = shown[len(marks):-len(marks)] if marks else ""
    assert marks not in inner if marks else not inner
    assert "\n" not in shown


def test_what_was_meant_is_still_read() -> None:
    assert markdown.inline("Upload: 100 % of a-b (x) is 5 # of 7") == "Upload: 100 % of a-b (x) is 5 # of 7"
    assert markdown.inline("a | b") == "a \\| b"
    assert markdown.fence("a\n\nb") == "```text\na\n\nb\n```"


def test_a_long_text_is_cut_at_a_line_and_says_so() -> None:
    block = markdown.fence("line\n" * 100, most=42)
    assert block.count("line") == 8
    assert "more characters" in block
