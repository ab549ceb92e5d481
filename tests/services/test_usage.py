"""The usage ledger: exact sums by whatever tells them apart, budgets, and files that people and branches change."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support import Repo
from tests.test_schemas import fits


@pytest.fixture
def spent(repo: Repo) -> Repo:
    """Give a tracker with an epic, three tickets, and reports on two of them."""
    repo.ok("batch", given="\n".join(json.dumps(line) for line in (
        ["epic", "create", "Uploads never fail"],
        ["new", "Retry", "--epic", "OW-E1", "--budget-usd", "1"], ["new", "Resume", "--epic", "OW-E1"],
        ["new", "Other"],
        ["usage", "add", "OW-1", "--input-tokens", "1000", "--output-tokens", "9", "--cost-usd", "0.1", "--model", "a"],
        ["usage", "add", "OW-1", "--input-tokens", "2000", "--cost-usd", "0.2", "--model", "b", "--seconds", "90"],
        ["usage", "add", "OW-3", "--cost-usd", "0", "--model", "a"])))
    return repo


def reports(repo: Repo, slug: str) -> list[Path]:
    """List the files of a ticket's reports."""
    return sorted((repo.folder(slug) / "usage").iterdir())


def cost(repo: Repo, *words: str) -> str | None:
    """Sum what the reports cost."""
    found: str | None = repo.json("usage", "show", *words)["total"]["cost_usd"]
    return found


def by(repo: Repo, what: str, *words: str) -> dict[str | None, tuple[int, str | None]]:
    """Sum input tokens and money for each of something."""
    found = fits("output/usage", repo.json("usage", "show", "--by", what, *words))
    return {one[what]: (one["input_tokens"], one["cost_usd"]) for one in found["groups"]}


def test_sums_are_told_apart_by_ticket_epic_model_and_day(spent: Repo) -> None:
    assert by(spent, "ticket") == {"OW-1": (3000, "0.3"), "OW-3": (0, "0")}
    assert by(spent, "epic") == {"OW-E1": (3000, "0.3"), None: (0, "0")}
    assert by(spent, "model") == {"a": (1000, "0.1"), "b": (2000, "0.2")}
    assert list(by(spent, "project")) == ["OW"]
    day, = by(spent, "day")
    assert day and reports(spent, "OW-1")[0].name.startswith(day.replace("-", ""))
    both = spent.json("usage", "show", "--by", "ticket,model,ticket")
    assert [(one["ticket"], one["model"]) for one in both["groups"]] == [("OW-1", "b"), ("OW-1", "a"), ("OW-3", "a")]


def test_sums_are_of_what_was_asked_for(spent: Repo) -> None:
    spent.ok("usage", "add", "OW-2", "--cost-usd", "5", "--as", "bot:codex-1")
    assert cost(spent) == "5.3"
    assert cost(spent, "--ticket", "ow-1") == "0.3"
    assert cost(spent, "--epic", "OW-E1") == "5.3"
    assert cost(spent, "--epic", "OW-E1", "--actor", "@me") == "0.3"
    assert cost(spent, "--actor", "bot:codex-1", "--model", "a") is None
    assert cost(spent, "--model", "A") == "0.1"
    assert cost(spent, "--since", "1d") == cost(spent, "--until", "2999-01-01") == "5.3"
    assert cost(spent, "--since", "2999-01-01") is cost(spent, "--until", "2020-01-01T10:00") is None
    for words, status in ((("--ticket", "OW-9"), 3), (("--epic", "OW-E9"), 3), (("--project", "NO"), 3),
                          (("--since", "9999-99-99"), 2), (("--until", "0001-01-01T00:00+14:00"), 2)):
        assert spent.run("usage", "show", *words).status == status


def test_a_day_as_until_includes_its_last_second(spent: Repo) -> None:
    for path in reports(spent, "OW-1"):
        path.write_text(path.read_text().replace(json.loads(path.read_text())["at"], "2026-11-22T23:59:59Z"))
    assert cost(spent, "--ticket", "OW-1", "--until", "2026-11-22", "--since", "2026-11-22") == "0.3"
    assert cost(spent, "--ticket", "OW-1", "--until", "2026-11-22T23:59:58Z") is None


def test_many_small_amounts_add_up_exactly(repo: Repo) -> None:
    repo.ok("new", "Long run")
    amounts = [f"0.{n:09d}" for n in range(1, 200, 3)] + ["0.1"] * 30
    repo.ok("batch", given="\n".join(json.dumps(["usage", "add", "OW-1", "--cost-usd", text]) for text in amounts))
    assert Decimal(str(cost(repo))) == sum(map(Decimal, amounts))
    assert len(reports(repo, "OW-1")) == len(amounts)


def test_a_budget_is_watched_within_a_batch_too(spent: Repo) -> None:
    steps = (["add", "OW-1", "--cost-usd", "0.6"], ["add", "OW-1", "--cost-usd", "0.1"], ["remove", "OW-1", "1"],
             ["add", "OW-1", "--cost-usd", "0.05"])
    said = spent.ok("batch", given="\n".join(json.dumps(["usage", *words]) for words in steps)).splitlines()
    assert [line.partition("; ")[2] for line in said] == [
        "$0.90 of $1.00 spent", "budget exceeded: $1.00 of $1.00 spent", "", "$0.95 of $1.00 spent"]
    made = fits("output/write", spent.json("usage", "add", "OW-1", "--cost-usd", "9"))
    assert (made["usage"]["cost_usd"], made["usage"]["budget"]["exceeded"]) == ("9", True)
    shown = fits("output/usage", spent.json("usage", "show", "--ticket", "OW-1", "--model", "b"))
    assert (shown["total"]["cost_usd"], shown["budget"]["left_usd"]) == ("0.2", "-8.95")
    spent.ok("update", "OW-1", "--budget-usd", "20.5")
    assert "$9.95 of $20.50 spent" in spent.ok("show", "OW-1")


def test_the_list_numbers_reports_and_a_wrong_one_goes_and_comes_back(spent: Repo) -> None:
    found = fits("output/usage_reports", spent.json("usage", "list", "OW-1"))["reports"]
    assert [one["number"] for one in found] == [1, 2]
    for name in (found[1]["ref"], found[1]["name"], "2", found[1]["ref"][:30]):
        spent.ok("usage", "remove", "OW-1", name)
        assert cost(spent, "--ticket", "OW-1") == "0.1"
        assert spent.run("usage", "remove", "OW-1", name).status == 3
        spent.ok("undo")
        assert cost(spent, "--ticket", "OW-1") == "0.3"
    spent.ok("usage", "remove", "OW-1", "1", "--if-match", spent.json("show", "OW-1")["etag"])
    assert not reports(spent, "OW-1")[1:]
    (spent.folder("OW-1") / "usage").rename(spent.path / "gone")
    assert cost(spent, "--ticket", "OW-1") is None
    spent.ok("recover", "OW-1")
    assert cost(spent, "--ticket", "OW-1") == "0.2"


def test_adding_is_undone_and_logged(spent: Repo) -> None:
    spent.ok("usage", "add", "OW-1", "--input-tokens", "7", "--as", "bob")
    entry = spent.json("log", "OW-1", "--limit", "1")["entries"][0]
    assert (entry["actor"], entry["subject"]) == ("bob", "OW-1 usage added: 7 in; $0.30 of $1.00 spent")
    assert [change["record"] for change in entry["changes"]] == ["usage"]
    spent.ok("undo", "--as", "bob")
    assert spent.json("usage", "show")["total"]["input_tokens"] == 3000


def test_an_edit_by_hand_counts_and_a_broken_report_keeps_its_last_good_values(spent: Repo) -> None:
    first = next(path for path in reports(spent, "OW-1") if "1000" in path.read_text())
    good = first.read_text()
    assert cost(spent) == "0.3"
    first.write_text(good.replace("1000", "1500").replace('"0.1"', "0.25"))
    assert spent.json("usage", "show", "--ticket", "OW-1")["total"]["input_tokens"] == 3500
    assert (before := cost(spent)) == "0.45"
    beside = first.with_suffix(".swp")
    beside.write_text(good.replace("1000", "-1"))
    beside.rename(first)
    assert cost(spent) == before
    problem, = spent.run("doctor", "--json").json()["problems"]
    assert problem["path"].endswith(first.name) and problem["line"] == 5 and "input_tokens" in problem["message"]
    number = len(spent.json("usage", "list", "OW-1")["reports"])
    assert number == 2
    spent.ok("usage", "remove", "OW-1", first.stem)
    assert not spent.json("doctor")["problems"]


def test_odd_things_in_the_folder_are_no_reports(spent: Repo) -> None:
    folder = spent.folder("OW-1") / "usage"
    (folder / "notes.txt").write_text("see above")
    (folder / "dir.json").mkdir()
    (folder / "link.json").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe.json")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.json"))).write_text("{}")
    assert cost(spent) == "0.3"
    told = {p["path"].rpartition("/")[2] for p in spent.run("doctor", "--json").json()["problems"]}
    assert {"dir.json", "link.json", "pipe.json"} <= told
    other = spent.folder("OW-2") / "usage"
    other.symlink_to(folder)
    assert cost(spent, "--ticket", "OW-2") is None
    assert "usage" not in spent.ok("show", "OW-2").replace("/usage", "")


def test_two_branches_that_each_report_merge_with_plain_git(spent: Repo) -> None:
    spent.commit("begun")
    spent.git("switch", "-q", "-c", "other")
    spent.ok("usage", "add", "OW-1", "--cost-usd", "0.25")
    spent.commit("there")
    spent.git("switch", "-q", "main")
    assert cost(spent) == "0.55"  # the board has the branch's
    spent.ok("usage", "add", "OW-1", "--cost-usd", "0.5")
    spent.commit("here")
    spent.git("merge", "-q", "--no-edit", "other")
    assert cost(spent) == "1.05"
    assert len(spent.json("usage", "list", "OW-1")["reports"]) == 4
    spent.git("reset", "-q", "--hard", "HEAD~1")
    spent.git("branch", "-q", "-D", "other")
    assert cost(spent) == "0.8"


def test_reports_made_at_once_all_count(spent: Repo) -> None:
    running = [spent.start("usage", "add", "OW-1", "--cost-usd", f"0.{n}") for n in range(1, 7)]
    for process in running:
        process.communicate()
    assert [process.returncode for process in running] == [0] * 6
    assert cost(spent, "--ticket", "OW-1") == "2.4"


def test_a_ticket_that_is_gone_takes_its_reports_along(spent: Repo) -> None:
    spent.ok("ticket", "delete", "OW-1", "--purge")
    assert by(spent, "ticket") == {"OW-3": (0, "0")}
    spent.ok("undo")
    assert cost(spent) == "0.3"


def test_the_files_fit_their_schema(spent: Repo) -> None:
    spent.ok("usage", "add", "OW-2", "--seconds", "5", "--note", "no \"tokens\"", "--cached-input-tokens", "3",
             "--cache-creation-tokens", "4", "--reasoning-tokens", "5", "--provider", "p", "--run", "r")
    for slug in ("OW-1", "OW-2", "OW-3"):
        for path in reports(spent, slug):
            fits("files/usage", json.loads(path.read_text()))
    assert "5 reasoning" in spent.ok("usage", "list", "OW-2")
