"""Lists as CSV, JSON lines and markdown tables: what goes in is what a reader of that format gets out."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.cli import formats
from gittracker.cli.main import find
from gittracker.cli.table import COMMANDS
from tests.cli.test_output import on_terminal
from tests.support import Repo

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(list('",|\\\r\n \t`<')), max_size=20)
_CELLS = st.lists(st.tuples(_TEXT, _TEXT), max_size=4)


@given(_CELLS)
def test_a_csv_reader_gets_every_cell_back(cells: list[tuple[str, str]]) -> None:
    written = "".join(formats.csv(("a", "b"), [{"a": a, "b": b} for a, b in cells]))
    assert [tuple(line) for line in csv.reader(io.StringIO(written, newline=""), strict=True)] == [("a", "b"), *cells]


def test_csv_lines_end_as_the_rfc_has_them_and_one_empty_cell_is_still_a_record() -> None:
    assert formats.csv(("a",), [{"a": None}, {"a": 'x "y"'}]) == ["a\r\n", '""\r\n', '"x ""y"""\r\n']


def cells_of(line: str) -> list[str]:
    """Read a line of a table as GitHub does: pipes part cells unless a backslash that is not escaped stands before."""
    found = re.findall(r"\|((?:\\[\\|]|[^|])*)(?=\|)", line.rstrip("\n"))
    return [re.sub(r"(\\\\)*\\\|", lambda m: m[0][:len(m[0]) // 2 - 1] + "|", cell)[1:-1] for cell in found]


@given(_CELLS)
def test_a_markdown_table_has_every_record_on_one_line_with_as_many_cells_as_its_head(
        cells: list[tuple[str, str]]) -> None:
    lines = formats.markdown(("a", "b"), [{"a": a, "b": b} for a, b in cells])
    assert lines[:2] == ["| a | b |\n", "| --- | --- |\n"]
    assert len(lines) == 2 + len(cells)
    for line, record in zip(lines[2:], cells, strict=True):
        assert line.endswith("|\n")
        assert len(line.splitlines()) == 1
        assert cells_of(line) == ["<br>".join(text.strip().splitlines()) for text in record]


def test_values_that_are_no_text_are_written_as_json_has_them() -> None:
    assert [formats.cell(v) for v in (None, True, 2.5, ["a", 1], [], [{"a": [1]}], "x")] == [
        "", "true", "2.5", "a, 1", "", '[{"a": [1]}]', "x"]


@pytest.fixture
def odd(repo: Repo) -> Repo:
    """Give two tickets, one waiting for the other, with texts that every format must take care of."""
    repo.ok("new", 'a | b, "c" \\| 漢字', "--status", "todo", "--label", "x", "--label", "y", "--description",
            "one\ntwo", "--set", "x_team=core")
    repo.ok("new", "Second", "--depends-on", "OW-1", "--status", "todo")
    repo.ok("comment", "add", "OW-1", "--body", "found, it\nhere")
    return repo


def test_json_lines_are_what_json_lists(odd: Repo) -> None:
    for words, noun in ((("ls",), "tickets"), (("ready",), "tickets"), (("search", "second"), "tickets"),
                        (("comment", "list", "OW-1"), "comments"), (("log",), "entries")):
        listed = odd.json(*words)[noun]
        assert [json.loads(line) for line in odd.ok(*words, "--format", "jsonl").splitlines()] == listed
    assert odd.ok("ls", "--format", "json") == odd.ok("ls", "--json")
    assert odd.ok("ls", "--format", "text") == odd.ok("ls")


def test_tables_have_the_columns_that_were_asked_for(odd: Repo) -> None:
    rows = list(csv.DictReader(io.StringIO(odd.ok("ls", "--format", "csv"), newline="")))
    assert (rows[0]["title"], rows[0]["labels"], rows[1]["assignee"]) == ('a | b, "c" \\| 漢字', "x, y", "")
    chosen = odd.ok("ls", "--format", "csv", "--columns", "slug,x_team,description")
    assert [*csv.reader(io.StringIO(chosen, newline=""))] == [
        ["slug", "x_team", "description"], ["OW-1", "core", "one\ntwo"], ["OW-2", "", ""]]
    assert odd.ok("ls", "--format", "jsonl", "--columns", "slug,x_team").splitlines() == [
        '{"slug": "OW-1", "x_team": "core"}', '{"slug": "OW-2", "x_team": null}']
    assert odd.ok("blocked", "--format", "csv", "--columns", "slug,blockers") == "slug,blockers\nOW-2,OW-1\n"
    assert "| found, it<br>here |" in odd.ok("comment", "list", "OW-1", "--format", "md")
    assert odd.ok("log", "OW-2", "--format", "csv").splitlines()[0] == "entry,at,actor,subject"


def test_what_a_page_leaves_out_is_told_beside_the_table(odd: Repo) -> None:
    done = odd.run("ls", "--limit", "1", "--format", "csv")
    assert len(done.out.splitlines()) == 2
    assert re.fullmatch(r"1 of 2; more with --cursor tik_\w+\n", done.err)
    assert odd.run("ls", "--format", "csv").err == ""


def test_a_form_that_does_not_exist_or_does_not_fit_is_a_usage_error(odd: Repo) -> None:
    for words, said in ((("--format", "xml"), 'there is no format "xml"'), (("--columns", "slug"), "--columns chooses"),
                        (("--format", "csv", "--columns", "slog"), 'there is no column "slog"'),
                        (("--format", "csv", "--columns", ""), 'there is no column ""'),
                        (("--format", "csv", "--json"), "ask for two forms")):
        done = odd.run("ls", *words)
        assert (done.status, done.out) == (2, ""), words
        assert said in done.err
    assert odd.run("ls", "x:y", "--format", "json").error()["code"] == "usage"


def test_a_terminal_gets_no_control_characters_in_any_form(repo: Repo) -> None:
    repo.ok("new", "Plain", "--status", "todo")
    path = repo.file("OW-1")
    path.write_text(path.read_text().replace("title: Plain", r'title: "\e[2J\r\a\u202egnp"'))
    for form in ("csv", "md", "jsonl"):
        got = on_terminal(repo, "ls", "--format", form)
        assert "gnp" in got
        assert not set(got) & set("\x1b\r\x07\u202e")


def test_what_can_be_run_is_listed_in_every_form_too(repo: Repo) -> None:
    (repo.tracker / "hooks.yaml").write_text("steps:\n- command: make\n")
    listed = repo.json("trust", "list")["files"]
    assert [json.loads(line) for line in repo.ok("trust", "list", "--format", "jsonl").splitlines()] == listed
    assert "| .openkit/hooks.yaml | not trusted | hook steps |" in repo.ok("trust", "list", "--format", "md")


def test_findings_can_be_had_in_every_form_but_not_their_mending(repo: Repo) -> None:
    repo.ok("new", "One")
    repo.file("OW-1").write_text(repo.file("OW-1").read_text().replace("status: backlog", "status: none-such"))
    done = repo.run("doctor", "--format", "csv", "--columns", "line,message")
    assert (done.status, done.out) == (7, 'line,message\n1,"status ""none-such"" is not in statuses.yaml"\n')
    refused = repo.run("doctor", "--fix", "--format", "csv")
    assert (refused.status, refused.out) == (2, "")


def test_every_list_can_be_had_in_every_form() -> None:
    lists = [words for words in COMMANDS if words.endswith((" list", " log", " search"))]
    for words in [*lists, "ls", "search", "ready", "blocked", "log", "doctor"]:
        command, _ = find(words.split(" "))
        assert command
        assert {"--format", "--columns"} <= {flag.name for flag in command.flags}, words
