"""One YAML scalar on one line: what we write, every YAML reader reads back as the same text."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given

from gittracker.formats import scalars, yaml_doc
from tests.strategies import ANY_TEXT, AWKWARD, PROPERTY

_PURE: Any = yaml.SafeLoader
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_reads_back(text: str) -> None:
    """Read what is written for `text` with every loader, as a value, an item and inside a flow list."""
    plain, inner = scalars.write(text), scalars.write(text, flow=True)
    for line, expected in ((f"k: {plain}\n", {"k": text}), (f"- {plain}\n", [text]),
                           (f"k: [{inner}, end]\n", {"k": [text, "end"]})):
        for loader in (_PURE, _FAST):
            assert yaml.load(line, Loader=loader) == expected, line
        assert yaml_doc.load(line.encode(), "") == expected, line


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_value_is_the_same_text_for_yaml_1_1_and_1_2(text: str) -> None:
    check_reads_back(text)


@PROPERTY
@given(ANY_TEXT)
def test_any_text_is_the_same_for_yaml_1_1_and_1_2(text: str) -> None:
    check_reads_back(text)


@PROPERTY
@given(ANY_TEXT)
def test_our_own_reader_reads_what_we_write_or_leaves_it_to_yaml(text: str) -> None:
    value, known = scalars.read(scalars.write(text))
    assert value == text or not known


@pytest.mark.parametrize("text", ["Upload fails", "in-progress", "tik_0199", "bot:codex-1", "OW-43", "a/b.c", "50 %",
                                  "C#", "it's", "été", "日本語", "1st", "-".join("abc"), "e5", "nope"])
def test_an_ordinary_value_is_written_without_quotes(text: str) -> None:
    assert scalars.write(text) == text
    assert scalars.read(text) == (text, True)


@pytest.mark.parametrize(("raw", "value"), [
    ("", None), ("~", None), ("null", None), ("NULL", None), ("# note", None), ("~ # note", None),
    ("no", "no"), ("1.10", "1.10"), ("12:30", "12:30"), ("2026-11-22", "2026-11-22"), ("a # note", "a"), ("a#b", "a#b"),
    ("-5", "-5"), (":a", ":a"), ("?a", "?a"), ("''", ""), ("'it''s'", "it's"), ("'a' # it's", "a"), ('"a"', "a"),
    ('"a" # "b"', "a"), ("'''a'''", "'a'"), ("[]", []), ("[a, b]", ["a", "b"]), ("[ a ]", ["a"]),
])
def test_a_plain_or_quoted_value_is_read_without_yaml(raw: str, value: object) -> None:
    assert scalars.read(raw) == (value, True)


@pytest.mark.parametrize("raw",
                         ["|", ">-", "&a b", "*a", "!!int 3", "{a: b}", "a: b", "a:", '"a\\n"', "'a", '"a', "'a' b",
                                 "'a'b", "'a'#b", "[a, [b]]", "[a", "['a']", "[~]", "- a", "@a", "`a`", "%a", "a\tb",
                                 "a\xa0",
                                 "'a\u2028b'", "'''", "? a"])
def test_what_only_yaml_can_tell_is_left_to_it(raw: str) -> None:
    assert scalars.read(raw)[1] is False


@pytest.mark.parametrize(("line", "comment"), [
    ("a: b", ""), ("a: b # c", " # c"), ("a: b  # c # d", "  # c # d"), ("a: b#c", ""), ("a: # c", " # c"),
    ("a:  # c", "  # c"),
    ("a: 'b # c' # d", " # d"), ("a: 'it''s # c' # d's", " # d's"), ('a: "b # c"', ""), ('a: "b\\" # c"', ""),
    ('a: "b\\\\" # c', " # c"), ('a: "b" # say "c"', ' # say "c"'), ("a: [b, c] # [d]", " # [d]"),
])
def test_the_comment_behind_a_value_is_found(line: str, comment: str) -> None:
    assert scalars.comment(line) == comment
