"""A search shows where it found its words: the field, and one line of it with the words marked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.index import snippets
from gittracker.index.db import Index, open_index
from tests.cli.test_output import columns, on_terminal
from tests.support import Repo
from tests.test_schemas import fits

_WORDS = st.sampled_from(["upload", "Uploads", "ÜPLOAD", "漢字", "slow", "line\n", "a\t", "…", "`x`", "\u2028",
                          "word" * 30])
_TEXTS = st.lists(_WORDS, max_size=60).map(" ".join)


def _index(title: str, description: str, comments: list[str]) -> Index:
    """Make an index in memory with one row of words, as a ticket's are."""
    index = open_index("", "memory")
    index.complete()
    for number, text in enumerate(comments):
        index.run("INSERT INTO comment VALUES (1, ?, '', '', '', ?, 0, ?, 0, '', x'')", f"{number:03}.md",
                  f"{number:03}", text)
    words = (title, description, "\n\n".join(comments), "")
    index.run("INSERT INTO words(rowid, title, description, comments, workpad) VALUES (1, ?, ?, ?, ?)", *words)
    index.run("INSERT INTO doc VALUES (1, ?, ?, ?, ?)", *words)
    return index


@given(_TEXTS, _TEXTS, st.lists(_TEXTS, max_size=4), st.integers(10, 120))
def test_a_snippet_is_one_short_line_whose_hits_are_the_words(
        title: str, description: str, comments: list[str], width: int) -> None:
    index = _index(title, description, comments)
    found = snippets.found(index, '"upload" *', [1], width)
    texts = {"title": title, "description": description, "comment": "\n\n".join(comments)}
    having = [field for field, text in texts.items() if re.search("[uü]pload", text, re.I)]
    assert [match.field for match in found.get(1, [])] == having
    for match in found.get(1, []):
        assert len(match.snippet.splitlines()) == 1
        assert len(match.snippet) <= max(width, len("uploads")) + 2
        assert match.hits
        for start, end in match.hits:
            assert re.fullmatch("[uü]ploads?", match.snippet[start:end], re.I)
        text = comments[match.comment - 1] if match.comment else texts[match.field]
        assert match.snippet.strip("…").strip() in " ".join(text.split()) or "…" in text


def test_the_line_with_the_most_different_words_is_chosen() -> None:
    text = "upload " + "filler " * 40 + "upload upload " + "filler " * 40 + "a slow upload again " + "filler " * 40
    match, = snippets.found(_index("", text, []), '"upload" * "slow" *', [1])[1]
    assert "a slow upload again" in match.snippet
    assert [match.snippet[a:b] for a, b in match.hits] == ["slow", "upload"]
    assert match.snippet.startswith("…filler")
    assert match.snippet.endswith("filler…")


def test_a_phrase_over_two_lines_is_one_hit() -> None:
    match, = snippets.found(_index("", "on a slow\n   line it stops", []), '"slow line" *', [1])[1]
    assert (match.snippet, match.hits) == ("on a slow line it stops", [(5, 14)])


def test_rows_that_do_not_have_the_words_have_no_matches() -> None:
    index = _index("upload", "", [])
    assert snippets.found(index, '"nothing" *', [1]) == {}
    assert snippets.found(index, '"upload" *', []) == {}
    assert snippets.found(index, '"upload" *', [2]) == {}


def test_a_page_may_have_as_many_rows_as_a_limit_allows() -> None:
    found = snippets.found(_index("upload", "", []), '"upload" *', list(range(1, 100_001)))
    assert list(found) == [1]


@pytest.fixture
def found(repo: Repo) -> Repo:
    """Give tickets that have a word in each place."""
    repo.ok("new", "Upload fails on a slow line", "--status", "todo")
    repo.ok("new", "Second", "--description", "A long text. " * 30 + "The\nuploads stop. " + "And more. " * 30)
    for body in ("nothing here", "a typo: upload", "found: upload", "nothing either"):
        repo.ok("comment", "add", "OW-2", "--body", body)
    repo.ok("comment", "delete", "OW-2", "2")
    repo.ok("workpad", "set", "OW-1", "--body", "## Plan\n\n- mend the upload\n")
    return repo


def test_json_names_the_field_the_comment_and_the_places(found: Repo) -> None:
    first, second = sorted(fits("output/tickets", found.json("search", "upload"))["tickets"], key=lambda t: t["slug"])
    assert first["matches"] == [
        {"field": "title", "comment": None, "snippet": "Upload fails on a slow line", "hits": [[0, 6]]},
        {"field": "workpad", "comment": None, "snippet": "## Plan - mend the upload", "hits": [[19, 25]]}]
    description, comment = second["matches"]
    assert "long text. The uploads stop. And more." in description["snippet"]
    assert comment == {"field": "comment", "comment": 3, "snippet": "found: upload", "hits": [[7, 13]]}
    assert "matches" not in found.json("ls", "upload")["tickets"][0]
    assert [t["matches"] for t in found.json("search", "status:todo")["tickets"]] == [[]]


def test_only_the_rows_of_the_page_have_lines_under_them(found: Repo) -> None:
    shown = found.ok("search", "upload", "--sort", "number", "--limit", "1")
    assert shown.splitlines()[:3] == [
        "OW-1  todo  medium  Upload fails on a slow line", "    title: Upload fails on a slow line",
        "    workpad: ## Plan - mend the upload"]
    assert "OW-2" not in shown
    assert "    comment 3: found: upload\n" in found.ok("search", "upload")


def test_a_terminal_gets_the_words_marked_in_lines_that_fit(found: Repo) -> None:
    assert "title: \x1b[0m\x1b[1;33mUpload\x1b[0m fails" in on_terminal(found, "search", "upload", width=80)
    for width in (40, 80, 200):
        lines = on_terminal(found, "search", "upload", width=width).splitlines()
        assert max(map(columns, lines)) <= width
        description, = (line for line in lines if "description:" in line)
        assert "\x1b[1;33muploads" in description
    assert "\x1b" not in on_terminal(found, "search", "upload", NO_COLOR="1")


def test_tables_say_where_the_words_were_found(found: Repo) -> None:
    shown = found.ok("search", "upload", "--format", "md", "--columns", "slug,found", "--sort", "number")
    assert "| OW-1 | title: Upload fails on a slow line<br>workpad: ## Plan - mend the upload |" in shown
