"""One ticket, its comments or its history within a budget: the most important first, and how to see the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gittracker.cli import budgeted
from gittracker.cli.main import Cli
from gittracker.domain import budget
from gittracker.domain.errors import UsageError
from gittracker.services import comments, views
from tests.support import Repo, make_tracker
from tests.test_schemas import fits


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Give a ticket with every kind of field, many links, a long description and comments of all sizes."""
    repo = make_tracker(tmp_path_factory.mktemp("budgeted") / "repo")
    text = 'It "stops" after five seconds.\n漢字 and 🔥 too.\n' * 60
    repo.ok("new", "Upload fails | on a \"slow\" line 漢字", "--status", "todo", "--label", "a", "--due", "2027-01-01",
            "--set", "x_team=core", "--assignee", "alice", "--description", text)
    repo.ok("batch", given="\n".join([
        *(json.dumps(["new", f"Waits {n}", "--status", "todo", "--related", "OW-1"]) for n in range(6)),
        *(json.dumps(["comment", "add", "OW-1", "--body", f"number {n}: " + "found it " * 3 ** (n % 6)])
          for n in range(1, 10)),
        json.dumps(["comment", "delete", "OW-1", "4"])]))
    for status in ("in-progress", "todo", "in-progress"):
        repo.ok("update", "OW-1", "--status", status)
    return repo


def _cli(repo: Repo, **more: object) -> Cli:
    args = {"json": False, "folder": str(repo.path), "acting": None, **more}
    return Cli(args, lambda: 1_800_000_000_000_000_000, lambda n: b"x" * n)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tokens=st.integers(1, 3500))
def test_a_ticket_never_costs_more_than_its_budget(rich: Repo, tokens: int) -> None:
    cli = _cli(rich, budget=str(tokens))
    row = cli.tracker.get("OW-1")
    newest = comments.listed(cli.tracker, row)[::-1]
    for write in (lambda: budgeted._text(cli, row, newest),
                  lambda: budgeted._json(cli, row, [views.comment(one) for one in newest])):
        try:
            text = write()
        except UsageError as error:
            needed = int(error.hint.split()[1].rstrip(","))
            assert tokens < needed < 120
            cli.budget = needed
            assert budget.tokens(write()) <= needed
            cli.budget = tokens
            continue
        assert budget.tokens(text) <= tokens
        if text.startswith("{"):
            _check_json(json.loads(text), len(newest))
        else:
            assert text.startswith("OW-1  ")
        assert tokens < 400 or budget.tokens(text) > tokens * 0.8 or '"comments": 0}' in text or "more" not in text


def _check_json(told: dict[str, object], comments: int) -> None:
    shown = fits("output/ticket_budget", told)
    assert (shown["slug"], shown["title"][:6]) == ("OW-1", "Upload")
    numbers = [one["number"] for one in shown["comments"]]
    assert numbers == [9, 8, 7, 6, 5, 3, 2, 1][:len(numbers)]
    assert len(numbers) + shown["omitted"]["comments"] == comments
    assert (shown["cursor"] is None) == (not shown["omitted"]["comments"])


def test_what_fits_whole_is_whole(rich: Repo) -> None:
    told = rich.json("show", "OW-1", "--budget", "100000")
    assert told["omitted"] == {"fields": 0, "characters": 0, "comments": 0}
    assert {k: v for k, v in told.items() if k not in ("comments", "omitted", "cursor")} == rich.json("show", "OW-1")
    text = rich.ok("show", "OW-1", "--budget", "100000")
    assert "more" not in text
    assert text.index("number 9") < text.index("number 1")


def test_a_small_budget_shows_the_fields_then_the_description_then_the_newest_comment(rich: Repo) -> None:
    lines = rich.ok("show", "OW-1", "--budget", "400").splitlines()
    assert lines[0] == 'OW-1  Upload fails | on a "slow" line 漢字'
    assert lines[1] == "In Progress · medium · task · alice · #a"
    assert lines.count('It "stops" after five seconds.') > 5
    note, = (line for line in lines if "more characters: gittracker show OW-1)" in line)
    newest = next(line for line in lines if line.startswith("#"))
    assert newest.startswith("#9 ")
    assert lines.index(note) < lines.index(newest)
    more = re.fullmatch(r"(\d) more comment\(s\), cursor (\d): gittracker comment list OW-1 --cursor (\d)", lines[-1])
    assert more
    assert more[2] == more[3]


def test_the_cursor_of_comments_leads_to_the_rest(rich: Repo) -> None:
    first = rich.json("show", "OW-1", "--budget", "600")
    seen: list[int] = [one["number"] for one in first["comments"]]
    cursor: str | None = first["cursor"]
    while cursor:
        words = ("comment", "list", "OW-1", "--budget", "250", "--cursor", cursor)
        page = fits("output/comments_budget", rich.json(*words))
        seen += [one["number"] for one in page["comments"]]
        assert page["omitted"] + len(page["comments"]) == page["total"]
        cursor = page["cursor"]
    assert first["comments"]
    assert seen == [9, 8, 7, 6, 5, 3, 2, 1]
    assert [c["number"] for c in rich.json("comment", "list", "OW-1", "--cursor", "4")["comments"]] == [1, 2, 3]
    wrong = rich.run("comment", "list", "OW-1", "--cursor", "tik_1")
    assert (wrong.status, wrong.out) == (2, "")
    assert 'the cursor "tik_1" is no number of a comment' in wrong.err


@pytest.mark.parametrize("words", [("comment", "list", "OW-1"), ("log",), ("next", "-q", "Waits")])
def test_comments_and_history_stay_within_their_budget(rich: Repo, words: tuple[str, ...]) -> None:
    forms = [("--json",)] if words[0] == "next" else [("--format", f) for f in ("json", "jsonl", "md")]
    for tokens in (120, 400, 1500):
        for form in ((), *forms):
            done = rich.run(*words, "--budget", str(tokens), *form)
            if done.status:
                assert (done.status, tokens) == (2, 120)
                continue
            assert budget.tokens(done.out) <= tokens
            assert done.out.count("\n") > 1


def test_the_log_is_written_briefly_and_goes_on_behind_its_cursor(rich: Repo) -> None:
    everything = [e["entry"] for e in rich.json("log", "--limit", "1000")["entries"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        more = ["--cursor", cursor] if cursor else []
        page = fits("output/log_budget", rich.json("log", "--budget", "110", *more))
        seen += [e["entry"] for e in page["entries"]]
        assert page["omitted"] == len(everything) - len(seen)
        cursor = page["cursor"]
    assert [e[:10] for e in everything] == [e[:10] for e in seen]
    assert re.fullmatch(r"\d more, cursor [0-9a-f]{10}", rich.ok("log", "--budget", "110").splitlines()[-1])
    fits("output/log_budget", rich.json("log", "--budget", "100000"))


def test_a_budget_and_the_past_do_not_go_together(rich: Repo) -> None:
    done = rich.run("show", "OW-1", "--at", "2099-01-01", "--budget", "100")
    assert (done.status, done.out) == (2, "")
    assert "without a budget" in done.err


def test_lost_comments_and_problems_are_told_within_any_budget(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "repo")
    repo.ok("new", "One", "--description", "text " * 500)
    repo.ok("comment", "add", "OW-1", "--body", "gone")
    next((repo.folder("OW-1") / "comments").iterdir()).unlink()
    shown = repo.ok("show", "OW-1", "--budget", "100")
    assert "1 lost comment(s): gittracker recover OW-1" in shown
    assert budget.tokens(shown) <= 100
