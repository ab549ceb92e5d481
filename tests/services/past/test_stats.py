"""`stats` out of real histories: journals, commits, clones, renames of statuses, branches."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain import times
from tests.support import Repo, environment, make_tracker
from tests.test_schemas import fits

DAY = 86_400
WINDOW = ("--since", "2026-03-02", "--until", "2026-03-29")  # four weeks from Monday on


class Dated:
    """A tracker whose tickets are written by hand and committed at chosen times."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo

    def write(self, number: int, status: str, **more: str) -> None:
        """Write a ticket's file."""
        folder = self.repo.tracker / "tickets" / "0" / f"OW-{number}-{number:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        keys = {"ref": f"tik_{number:032x}", "slug": f"OW-{number}", "title": f"Ticket {number}", "status": status}
        keys.update(more)
        (folder / "ticket.md").write_text("---\n" + "\n".join(f"{k}: {v}\n" for k, v in keys.items()) + "---\n")

    def commit(self, day: str) -> None:
        """Commit everything as if at noon of a day."""
        self.repo.git("add", "-A")
        noon = f"{day}T12:00:00Z"
        self.repo.git("commit", "-q", "-m", day, GIT_AUTHOR_DATE=noon, GIT_COMMITTER_DATE=noon)

    def stats(self, *words: str) -> dict[str, Any]:
        """Run stats as JSON and check it against the schema."""
        found: dict[str, Any] = fits("output/stats", self.repo.json("stats", *words))
        return found


@pytest.fixture
def dated(repo: Repo) -> Dated:
    """Give a tracker whose setup was committed on 1 March 2026."""
    one = Dated(repo)
    one.commit("2026-03-01")
    return one


def column(found: dict[str, Any], name: str) -> list[int]:
    """Give one count of all periods."""
    return [period[name] for period in found["periods"]]


def test_commits_alone_tell_when_work_was_started_closed_and_reopened(dated: Dated) -> None:
    dated.write(1, "todo", assignee="alice")
    dated.write(2, "todo")
    dated.commit("2026-03-03")
    dated.write(1, "in-progress", assignee="alice")
    dated.commit("2026-03-10")
    dated.write(1, "done", assignee="alice")
    dated.write(3, "done", created_at="2026-03-04T12:00:00Z", started_at="2026-03-05T12:00:00Z",
                completed_at="2026-03-12T12:00:00Z")
    dated.commit("2026-03-13")
    dated.write(1, "in-progress", assignee="alice")
    dated.write(2, "cancelled")
    dated.commit("2026-03-17")
    dated.write(1, "done", assignee="alice")
    dated.commit("2026-03-24")
    found = dated.stats(*WINDOW)
    assert column(found, "created") == [3, 0, 0, 0]
    assert column(found, "started") == [1, 1, 1, 0]
    assert column(found, "completed") == [0, 2, 0, 1]
    assert column(found, "dropped") == [0, 0, 1, 0]
    assert column(found, "reopened") == [0, 0, 1, 0]
    assert list(zip(column(found, "done"), column(found, "scope"), strict=True)) == [(0, 3), (2, 3), (1, 2), (2, 2)]
    assert found["cycle_time"] == {"count": 2, "median": 10.5 * DAY, "p85": 14 * DAY, "mean": 10.5 * DAY}
    assert found["lead_time"]["mean"] == (21 + 8) * DAY / 2
    assert {g["name"]: g["completed"] for g in found["by_assignee"]} == {"alice": 1, None: 1}
    assert found["in_progress"] == []
    assert found["limits"] == []


def test_a_commit_of_many_days_is_told_by_the_tickets_own_times(dated: Dated) -> None:
    """One squashed commit says as much as the commands did, one by one."""
    dated.write(1, "done", created_at="2026-03-03T12:00:00Z", started_at="2026-03-09T12:00:00Z",
                completed_at="2026-03-16T12:00:00Z")
    dated.write(2, "todo", created_at="2026-03-10T12:00:00Z")
    dated.commit("2026-03-27")
    dated.write(2, "done", created_at="2026-03-10T12:00:00Z", started_at="2026-03-11T12:00:00Z",
                completed_at="2026-03-18T12:00:00Z")
    dated.commit("2026-03-28")
    found = dated.stats(*WINDOW)
    assert column(found, "created") == [1, 1, 0, 0]
    assert column(found, "started") == [0, 2, 0, 0]
    assert column(found, "completed") == [0, 0, 2, 0]
    assert found["cycle_time"]["median"] == 7 * DAY


def test_a_renamed_status_starts_and_closes_nothing(dated: Dated) -> None:
    dated.write(1, "in-progress")
    dated.write(2, "done")
    dated.commit("2026-03-03")
    rules = dated.repo.tracker / "statuses.yaml"
    text = rules.read_text().replace("slug: done", "slug: shipped").replace("name: Done", "name: Shipped")
    rules.write_text(text.replace("slug: in-progress", "slug: doing").replace("name: In Progress", "name: Doing"))
    dated.write(1, "doing")
    dated.write(2, "shipped")
    dated.commit("2026-03-10")
    dated.write(1, "Shipped")
    dated.commit("2026-03-17")
    found = dated.stats(*WINDOW)
    assert (column(found, "started"), column(found, "completed"), column(found, "reopened")) == (
        [1, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0])
    assert not [text for text in found["limits"] if "statuses.yaml" in text]


def test_a_status_that_no_list_names_is_told_by_the_tickets_times(dated: Dated) -> None:
    dated.write(1, "wobbly", started_at="2026-03-03T12:00:00Z")
    dated.commit("2026-03-03")
    dated.write(1, "todo")
    dated.commit("2026-03-10")
    found = dated.stats(*WINDOW)
    assert column(found, "started") == [1, 0, 0, 0]
    assert any('wobbly' in text for text in found["limits"])


def test_a_plain_clone_agrees_with_the_clone_that_has_the_journal(repo: Repo, tmp_path: Path) -> None:
    repo.ok("batch", given="""["new", "One", "--status", "todo"]
        ["new", "Two", "--status", "in-progress"]
        ["new", "Three"]""")
    repo.ok("update", "OW-1", "--status", "in-progress")
    repo.commit()
    repo.ok("done", "OW-1", "OW-2")
    repo.ok("ticket", "archive", "OW-3")
    repo.commit()
    subprocess.run(["git", "clone", "-q", str(repo.path), str(tmp_path / "clone")], check=True, env=environment())
    here, there = (Dated(r).stats("--by", "month") for r in (repo, Repo(tmp_path / "clone")))
    assert here["limits"] == []
    assert any("no journal" in text for text in there["limits"])
    for name in ("created", "started", "completed", "dropped", "reopened", "scope", "done"):
        assert column(here, name) == column(there, name), name
    assert column(here, "completed") == [2]
    assert (here["cycle_time"], here["by_type"]) == (there["cycle_time"], there["by_type"])


def test_what_the_journal_told_is_not_counted_again_with_its_commit(repo: Repo) -> None:
    repo.ok("new", "One", "--status", "todo")
    repo.ok("update", "OW-1", "--status", "in-progress")
    repo.git("add", "-A")
    repo.ok("done", "OW-1")
    repo.git("commit", "-q", "-m", "what was staged: in progress")
    found = Dated(repo).stats("--by", "day")
    assert (sum(column(found, "completed")), sum(column(found, "reopened")), sum(column(found, "started"))) == (1, 0, 1)


def test_branches_side_by_side_undo_nothing(dated: Dated) -> None:
    """Commits of two branches lie between each other in time: each counts by what it changed itself."""
    dated.write(1, "todo")
    dated.commit("2026-03-02")
    dated.repo.git("checkout", "-q", "-b", "side")
    dated.write(1, "in-progress")
    dated.commit("2026-03-09")
    dated.repo.git("checkout", "-q", "main")
    dated.write(1, "todo", title="Another title")
    dated.commit("2026-03-10")
    dated.repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", GIT_AUTHOR_DATE="2026-03-11T12:00:00Z")
    found = dated.stats(*WINDOW)
    assert (column(found, "started"), sum(column(found, "reopened"))) == ([0, 1, 0, 0], 0)
    assert found["in_progress"] == [{"status": "in-progress", "stage": "started", "count": 1}]


def test_edits_by_hand_count_and_what_is_not_committed_counts_now(dated: Dated) -> None:
    dated.write(1, "todo")
    dated.commit("2026-03-03")
    dated.write(1, "done")
    dated.write(2, "todo", created_at="2026-03-10T12:00:00Z")
    found = dated.stats("--since", "2026-03-02")
    assert (sum(column(found, "completed")), found["periods"][-1]["done"]) == (1, 1)
    assert column(found, "created")[:2] == [1, 1]


def test_deleted_tickets_leave_the_scope_and_those_of_other_branches_are_not_there(dated: Dated) -> None:
    dated.write(1, "todo")
    dated.write(2, "todo")
    dated.commit("2026-03-03")
    dated.repo.git("rm", "-q", "-r", ".openkit/tickets/0/OW-1-0001")
    dated.commit("2026-03-10")
    dated.repo.git("checkout", "-q", "-b", "side")
    dated.write(3, "todo")
    dated.commit("2026-03-11")
    dated.repo.git("checkout", "-q", "main")
    found = dated.stats(*WINDOW)
    assert (column(found, "created"), column(found, "scope")) == ([2, 0, 0, 0], [2, 1, 1, 1])
    assert column(dated.stats(*WINDOW, "slug:OW-2"), "created") == [1, 0, 0, 0]


def test_a_query_and_a_project_choose_tickets(dated: Dated) -> None:
    for number, label in ((1, "api"), (2, "web"), (3, "api")):
        dated.write(number, "done", labels=label, completed_at="2026-03-10T12:00:00Z",
                    created_at="2026-03-03T12:00:00Z")
    dated.commit("2026-03-20")
    assert column(dated.stats(*WINDOW, "label:api"), "completed") == [0, 2, 0, 0]
    assert column(dated.stats(*WINDOW, "-q", "-label:api", "--project", "ow"), "completed") == [0, 1, 0, 0]
    assert dated.repo.run("stats", "--project", "XX").status == 3


def test_a_shallow_clone_counts_what_it_can_and_says_so(dated: Dated, tmp_path: Path) -> None:
    dated.write(1, "todo", created_at="2026-03-03T12:00:00Z")
    dated.commit("2026-03-03")
    dated.write(1, "done", created_at="2026-03-03T12:00:00Z", completed_at="2026-03-18T12:00:00Z")
    dated.commit("2026-03-20")
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{dated.repo.path}", str(tmp_path / "shallow")],
                   check=True, env=environment(), capture_output=True)
    found = Dated(Repo(tmp_path / "shallow")).stats(*WINDOW)
    assert (column(found, "created"), column(found, "completed")) == ([1, 0, 0, 0], [0, 0, 1, 0])
    assert any("shallow" in text for text in found["limits"])


def test_versions_are_read_once(dated: Dated) -> None:
    """What a version says is kept by its blob; the second run asks git for none, even where it no longer could."""
    dated.write(1, "todo")
    dated.commit("2026-03-03")
    dated.write(1, "done")
    dated.commit("2026-03-10")
    first = dated.stats(*WINDOW)
    old = dated.repo.git("rev-parse", "HEAD~1:.openkit/tickets/0/OW-1-0001/ticket.md")
    (dated.repo.path / ".git" / "objects" / old[:2] / old[2:]).unlink()
    assert dated.stats(*WINDOW) == first
    dated.repo.ok("reindex")
    assert column(dated.stats(*WINDOW), "created") == [0, 1, 0, 0]


def test_a_version_that_cannot_be_read_is_passed_over(dated: Dated) -> None:
    dated.write(1, "todo")
    dated.commit("2026-03-03")
    path = dated.repo.file("OW-1")
    path.write_text("<<<<<<< HEAD\n")
    dated.commit("2026-03-10")
    dated.write(1, "done")
    dated.commit("2026-03-17")
    found = dated.stats(*WINDOW)
    assert (column(found, "completed"), sum(column(found, "reopened"))) == ([0, 0, 1, 0], 0)


def test_periods_are_days_weeks_or_months_of_the_local_zone(dated: Dated) -> None:
    dated.write(1, "todo", created_at="2026-03-04T23:30:00Z")
    dated.commit("2026-03-20")
    days = dated.stats("--by", "day", "--since", "2026-03-03", "--until", "2026-03-06")
    assert (len(days["periods"]), column(days, "created")) == (4, [0, 1, 0, 0])
    env = {"TZ": "Europe/Berlin"}
    berlin = dated.repo.run("stats", "--by", "day", "--since", "2026-03-03", "--until", "2026-03-06", "--json", env=env)
    assert [p["created"] for p in berlin.json()["periods"]] == [0, 0, 1, 0]
    assert berlin.json()["periods"][0]["start"] == "2026-03-02T23:00:00Z"
    months = dated.stats("--by", "month", "--since", "2026-01-15", "--until", "2026-03-31")
    assert [p["start"][:10] for p in months["periods"]] == ["2026-01-15", "2026-02-01", "2026-03-01"]
    assert times.since_1970(months["periods"][-1]["end"]) == times.since_1970("2026-04-01")


@pytest.mark.parametrize(("words", "status"), [
    (["--by", "hour"], 2), (["--since", "whenever"], 2), (["--since", "2026-03-02", "--until", "2026-03-01"], 2),
    (["--by", "day", "--since", "1980-01-01"], 2), (["nonsense:x"], 2)])
def test_bad_words_are_errors(repo: Repo, words: list[str], status: int) -> None:
    assert repo.run("stats", *words).status == status


def test_an_empty_tracker_has_nothing_to_tell(tmp_path: Path) -> None:
    repo = make_tracker(tmp_path / "r")
    found = Dated(repo).stats()
    assert (len(found["periods"]), found["cycle_time"]["median"], found["by_type"]) == (1, None, [])
    assert "none was completed" in repo.ok("stats")
