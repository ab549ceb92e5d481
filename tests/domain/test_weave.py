"""The three-way merge of lines, by example."""

from __future__ import annotations

import pytest

from gittracker.domain.weave import Clash, joined, weave


def woven(base: str, ours: str, theirs: str) -> str:
    """Merge words, a letter a line; a clash is shown as {ours|theirs}."""
    return "".join(f"{{{''.join(one.ours)}|{''.join(one.theirs)}}}" if isinstance(one, Clash) else "".join(one)
                   for one in weave(list(base), list(ours), list(theirs)))


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), [
    ("abcde", "Abcde", "abcdE", "AbcdE"), ("abcde", "bcde", "abcd", "bcd"), ("abcde", "abcdex", "abcdex", "abcdex"),
    ("abcde", "Xbcde", "Ybcde", "{X|Y}bcde"), ("abcde", "Abcde", "aBcde", "{Ab|aB}cde"),
    ("", "xay", "xby", "x{a|b}y"), ("abc", "", "abC", "{|abC}"), ("abcdef", "aXYdef", "aXZdef", "aX{Y|Z}def"),
    ("abcdefg", "Abcdefg", "abcXefG", "AbcXefG"), ("ab", "a", "b", "{a|b}"),
])
def test_lines_that_one_side_changed_are_taken_and_others_clash(base: str, ours: str, theirs: str,
                                                              merged: str) -> None:
    assert woven(base, ours, theirs) == merged


def test_a_merge_with_a_clash_has_no_lines() -> None:
    assert joined(weave(["a"], ["b"], ["c"])) is None
    assert joined(weave(["a"], ["b"], ["a"])) == ["b"]
