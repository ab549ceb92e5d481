"""Our export gives every file back byte for byte, and a table that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.ticket import Ticket
from gittracker.formats import csv_text, entity_md, transfer
from tests.strategies import ANY_TEXT, PROPERTY, tickets


def through(noun: str, path: str, data: bytes) -> bytes:
    """Write a file as a line and read it again."""
    line = transfer.write(transfer.of_file(noun, path, data))
    assert line.endswith("\n") and line.count("\n") == 1
    line.encode()
    return transfer.to_file(json.loads(line))[1]


@PROPERTY
@given(ticket=tickets())
def test_a_ticket_comes_back_as_it_was(ticket: Ticket) -> None:
    data = entity_md.render(ticket)
    assert through("ticket", "tickets/0/OW-1-aaaa/ticket.md", data) == data


@PROPERTY
@given(data=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode(errors="replace")),
       noun=st.sampled_from(["ticket", "comment", "epic", "page", "usage", "attachment", "workpad", "file", "harness"]))
def test_any_file_comes_back_as_it_was(data: bytes, noun: str) -> None:
    assert through(noun, "x", data) == data
    edited = b"---\ntitle: a   # why\nunknown: [1, 2]\n\nstatus:   Todo\n---\n" + data
    assert through(noun, "x", edited) == edited


@PROPERTY
@given(line=st.dictionaries(st.sampled_from(["type", "record", "raw", "text", "base64", "body", "extra"]), st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT | st.sampled_from(["ticket", "comment"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["title", "ref", "labels", "estimate", "archived", "text", "x_a"]), inner, max_size=3),
    max_leaves=6)))
def test_a_line_of_any_kind_is_read_or_refused(line: dict[str, Any]) -> None:
    try:
        transfer.to_file(line)
    except ValueError:
        return


def test_a_record_stands_in_the_open() -> None:
    ticket = Ticket(ref="tik_" + "0" * 32, slug="OW-1", title="Upload", labels=("a",), estimate=2.5, archived=True,
                    extra={"x_team": "core", "x_list": ["1", "2"]}, body="Text")
    line = transfer.of_file("ticket", "p", entity_md.render(ticket))
    assert (line["type"], line["record"]["title"], line["record"]["labels"], line["record"]["estimate"]) == (
        "ticket", "Upload", ["a"], 2.5)
    assert (line["record"]["archived"], line["record"]["due"], line["body"]) == (True, None, "Text")
    assert line["extra"] == {"x_team": "core", "x_list": ["1", "2"]}
    assert "raw" not in line
    assert transfer.to_file({"type": "ticket", "record": line["record"], "extra": {"x_n": 1}})[0] == ticket.replace(
        extra={"x_n": "1"}, body="")


@PROPERTY
@given(rows=st.lists(st.lists(ANY_TEXT, min_size=2, max_size=4), max_size=4))
def test_a_table_is_read_back_by_any_reader_and_begins_no_formula(rows: list[list[str]]) -> None:
    text = "".join(map(csv_text.row, rows))
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[csv_text.unguarded(cell) for cell in row] for row in read] == rows
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("text", ["=1+1", "@x", "'quoted", "-5", "\tx"])
def test_a_guarded_cell_has_one_apostrophe_more(text: str) -> None:
    [[cell, _]] = csv.reader(io.StringIO(csv_text.row([text, "x"]), newline=""))
    assert cell == "'" + text
