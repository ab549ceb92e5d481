"""Conflict markers are put round clashes, and a text with some is read as either side."""

from __future__ import annotations

import pytest
from hypothesis import given

from gittracker.domain.lines import split
from gittracker.domain.weave import weave
from gittracker.formats.conflicts import marked, sides
from tests.strategies import LINES, PROPERTY


@PROPERTY
@given(LINES, LINES, LINES)
def test_what_was_marked_reads_as_either_side(base: str, ours: str, theirs: str) -> None:
    """A last line without its end gets one where a marker follows."""
    pieces = weave(split(base), split(ours), split(theirs))
    text = marked(pieces)
    both = sides(text)
    for side, name in enumerate(("ours", "theirs")):
        wanted = "".join("".join(getattr(piece, name, piece)) for piece in pieces)
        assert (both[side] if both else text).rstrip("\n") == wanted.rstrip("\n")


@pytest.mark.parametrize(("text", "ours", "theirs"), [
    ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> work\nd\n", "a\nb\nd\n", "a\nc\nd\n"),
    ("<<<<<<< HEAD\r\nb\r\n=======\r\n>>>>>>> work\r\n", "b\r\n", ""),
    ("<<<<<<< ours\nb\n||||||| base\na\n=======\nc\n>>>>>>> theirs\n", "b\n", "c\n"),
    ("T\n=======\n<<<<<<< x\n1\n=======\n2\n>>>>>>> y\nT\n=======\n", "T\n=======\n1\nT\n=======\n",
     "T\n=======\n2\nT\n=======\n"),
])
def test_every_style_of_gits_is_read(text: str, ours: str, theirs: str) -> None:
    assert sides(text) == (ours, theirs)


@pytest.mark.parametrize("text", ["", "a\n", "<<<<<<< a\nb\n", "<<<<<<< a\nb\n=======\nc\n", ">>>>>>> a\n", "=======\n",
                                  "<<<<<<<< a\nb\n=======\nc\n>>>>>>>> d\n", " <<<<<<< a\n=======\n >>>>>>> b\n"])
def test_a_text_without_a_whole_conflict_has_no_sides(text: str) -> None:
    assert sides(text) is None
