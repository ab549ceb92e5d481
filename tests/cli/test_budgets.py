"""`--budget N`: what matters most in about N tokens, how much more there is, and a cursor that goes on from there."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from gittracker.domain import budget
from tests.support import Repo, make_tracker
from tests.test_schemas import fits

BUDGETS = (30, 60, 90, 150, 400, 1000, 4000, 100_000)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give forty tickets of very different sizes, some waiting for others."""
    repo = make_tracker(tmp_path_factory.mktemp("budget") / "repo")
    random.seed(7)
    words = "upload 漢字 retry | slow \"line\" cache timeout é 🔥 12-34".split()
    lines = []
    for number in range(1, 41):
        text = " ".join(random.choices(words, k=600 if number == 3 else random.choice((0, 5, 60, 600))))
        line = ["new", f"Upload {number} " + " ".join(random.choices(words, k=number % 12)), "--description", text,
                "--priority", random.choice(("high", "medium", "low")), "--status", random.choice(("todo", "backlog"))]
        line += ["--label", "api", "--assignee", "alice"] if number % 3 == 0 else []
        line += ["--depends-on", f"OW-{number - 1}"] if number % 5 == 2 else []
        lines.append(json.dumps(line))
    repo.ok("batch", given="\n".join(lines))
    repo.ok("batch", given="\n".join(json.dumps(["comment", "add", "OW-1", "--body", "found it " * n])
                                     for n in (1, 3, 40, 200, 2)))
    return repo


LISTS = (("ls",), ("search", "upload"), ("ready",), ("blocked",))


@pytest.mark.parametrize("words", LISTS, ids=lambda w: w[0])
def test_a_list_never_costs_more_than_its_budget_and_says_what_it_left_out(full: Repo, words: tuple[str, ...]) -> None:
    total = full.json(*words)["total"]
    for tokens in BUDGETS:
        for form in ("text", "jsonl", "md", "json"):
            done = full.run(*words, "--budget", str(tokens), "--format", form)
            if done.status:
                assert (done.status, tokens) in ((2, 30), (2, 60)), done.err
                assert re.search(r"--budget \d+, or more", done.err)
                continue
            assert budget.tokens(done.out) <= tokens, (tokens, form)
            last = done.out.splitlines()[-1]
            if form == "text":
                left = re.fullmatch(r"(\d+) more, cursor \S+", last)
                shown = len(re.findall("^OW-", done.out, re.M))
            elif form == "md":
                left = re.fullmatch(r"(\d+) more, cursor \S+", last)
                shown = len(re.findall(r"^\| OW-", done.out, re.M))
            elif form == "jsonl":
                left = re.match(r'\{"omitted": (\d+), "cursor": "', last)
                shown = len(done.out.splitlines()) - bool(left)
            else:
                answer = fits("output/tickets_budget", done.json())
                left, shown = re.match(r"([1-9]\d*)", str(answer["omitted"])), len(answer["tickets"])
                assert bool(answer["cursor"]) == bool(left)
            assert shown
            assert shown + (int(left[1]) if left else 0) == total


@pytest.mark.parametrize(("words", "form"), [(("ls", "--sort", "title"), "json"), (("search", "upload"), "json"),
                                             (("ls",), "text")])
def test_the_cursor_goes_on_where_the_budget_ended(full: Repo, words: tuple[str, ...], form: str) -> None:
    everything = [t["slug"] for t in full.json(*words, "--limit", "1000")["tickets"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        got = full.ok(*words, "--budget", "500", "--format", form, *(["--cursor", cursor] if cursor else []))
        if form == "json":
            seen += [t["slug"] for t in json.loads(got)["tickets"]]
            cursor = json.loads(got)["cursor"]
        else:
            seen += re.findall(r"^(OW-\d+)", got, re.M)
            more = re.search(r"cursor (\S+)$", got.rstrip())
            cursor = more[1] if more else None
    assert seen == everything


def test_a_small_budget_trims_fields_by_importance(full: Repo) -> None:
    def first(tokens: int) -> dict[str, Any]:
        found: dict[str, Any] = full.json("ls", "assignee:alice", "--sort", "number", "--budget", str(tokens)
                                          )["tickets"][0]
        return found
    assert set(first(100_000)) == set(full.json("ls", "assignee:alice")["tickets"][0])
    assert "external_links" not in first(5000)
    long = first(2000)
    assert long["labels"] == ["api"]
    assert re.search(r"… \([\d,]+ more characters: gittracker show OW-3\)$", long["description"])
    assert set(first(600)) == {"slug", "title", "status", "priority", "assignee", "labels"}
    assert set(first(120)) == {"slug", "title", "status"}
    searched = full.json("search", "upload", "--budget", "2000")["tickets"][0]
    assert set(searched["matches"][0]) == {"field", "snippet"}


def test_more_of_a_page_is_shown_than_the_usual_limit_where_the_budget_allows_it(full: Repo) -> None:
    full.ok("batch", given='["new","One more"]\n' * 20)
    assert full.ok("ls", "--budget", "5000").count("\nOW-") == 59
    assert full.ok("ls", "--budget", "5000", "--limit", "7").count("\nOW-") == 6


def test_an_empty_list_is_no_error_but_a_budget_that_can_say_nothing_is(full: Repo) -> None:
    assert full.ok("ls", "label:none-such", "--budget", "3") == "no tickets\n"
    done = full.run("ls", "--budget", "4", "--json")
    assert (done.status, done.out, done.error()["code"]) == (2, "", "usage")
    assert done.error()["message"] == "a budget of 4 tokens is too small to show anything"
    needed = re.search(r"--budget (\d+)", done.error()["hint"])
    assert needed
    assert full.json("ls", "--budget", needed[1])["tickets"]
    assert full.run("ls", "--budget", "none").status == 2
    assert "CSV has no place" in full.run("ls", "--budget", "100", "--format", "csv").err
