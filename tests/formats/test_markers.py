"""A section in somebody else's file comes, changes and goes; every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import markers

TEXT = "## Tickets\n\n- one\n- two\n"
# Files of every kind: any line end, none at the end, a byte order mark, no UTF-8.
PIECES = st.sampled_from([b"\n", b"\r\n", b"\r", b"", b"# Title", b"caf\xe9", "größe".encode(), b"  ", b"\t- a",
                          b"<!-- gittracker:x -->", b"text <!-- gittracker:end --> inside", b"```", b"---"])
FILES = st.builds(lambda bom, pieces: bom + b"".join(pieces), st.sampled_from([b"", b"\xef\xbb\xbf"]),
                  st.lists(PIECES, max_size=12))


@given(FILES)
def test_what_was_put_and_removed_leaves_the_file_as_it_was(data: bytes) -> None:
    assert markers.find(data, "x") is None
    with_section = markers.put(data, TEXT, None)
    section = markers.find(with_section, "x")
    assert section and section.is_ours
    assert markers.remove(with_section, section) == data


@given(FILES)
def test_putting_again_changes_nothing_and_new_text_only_the_section(data: bytes) -> None:
    first = markers.put(data, TEXT, None)
    assert markers.put(first, TEXT, markers.find(first, "x")) == first
    second = markers.put(first, "other\n", markers.find(first, "x"))
    assert second == markers.put(data, "other\n", None)
    assert b"one" not in second.removeprefix(data)


@given(FILES, FILES)
def test_what_stands_before_and_behind_the_section_stays(before: bytes, after: bytes) -> None:
    data = before + b"\n<!-- gittracker:begin -->\n<!-- gittracker:end -->\n" + after
    updated = markers.put(data, TEXT, markers.find(data, "x"))
    section = markers.find(updated, "x")
    assert section
    assert updated[:section.start] == before + b"\n"
    assert updated[section.stop:] == b"\n" + after


def test_the_section_has_the_files_line_ends() -> None:
    assert markers.put(b"a\r\nb\r\n", TEXT, None).count(b"\r\n") == markers.put(b"a\r\nb\r\n", TEXT, None).count(b"\n")
    assert b"\r" not in markers.put(b"a\nb\n", TEXT, None)


def test_text_that_somebody_wrote_right_behind_the_section_stays_apart_from_what_is_before() -> None:
    data = markers.put(b"before\n", TEXT, None) + b"behind\n"
    section = markers.find(data, "x")
    assert section and markers.remove(data, section) == b"before\n\nbehind\n"


def test_an_edit_between_the_markers_is_seen_and_line_ends_are_none() -> None:
    data = markers.put(b"", TEXT, None)
    section = markers.find(data.replace(b"\n", b"\r\n"), "x")
    assert section and section.is_ours
    section = markers.find(data.replace(b"two", b"three"), "x")
    assert section and not section.is_ours
    section = markers.find(b"<!-- gittracker:begin -->\nmine\n<!-- gittracker:end -->", "x")
    assert section and not section.is_ours


@pytest.mark.parametrize(("text", "line", "says"), [
    ("a\n<!-- gittracker:begin 0 -->\nb\n", 2, "has no end"),
    ("a\n<!-- gittracker:end -->\n", 2, "no begin marker before"),
    ("<!-- gittracker:end -->\n<!-- gittracker:begin -->\n", 1, "no begin marker before"),
    ("<!-- gittracker:begin -->\n<!-- gittracker:begin x -->\n<!-- gittracker:end -->", 2, "stands twice"),
    ("<!-- gittracker:begin -->\n<!-- gittracker:end -->\n\n  <!-- gittracker:end -->\r\n", 4, "stands twice"),
    ("a\0b", 1, "not a text file")])
def test_markers_that_do_not_fit_are_an_error_with_a_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InvalidDataError, match=says) as error:
        markers.find(text.encode(), "AGENTS.md")
    assert (error.value.path, error.value.line) == ("AGENTS.md", line)
