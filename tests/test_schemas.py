"""The schemas are current, and what the tool writes and prints fits them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from gittracker.formats import frontmatter, yaml_doc
from tests.support import Repo

SCHEMAS = Path(__file__).parents[1] / "schemas"


def fits(name: str, value: Any) -> Any:
    """Check a value against a schema; the failure names the place."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
              for e in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)]
    assert not errors, errors
    return value


def front(path: Path) -> Any:
    """Read a file's front matter as an editor's YAML library would."""
    return yaml_doc.load("".join(frontmatter.split(path.read_bytes()).lines).encode(), path.name)


@pytest.fixture
def busy(repo: Repo) -> Repo:
    """Give a tracker with a bit of everything."""
    repo.ok("new", "Upload fails", "--status", "todo", "--type", "bug", "--label", "a", "--label", "b", "--estimate",
            "2.5", "--due", "2027-01-01", "--description", "It stops.", "--set", "x_team=core")
    repo.ok("new", "no", "--depends-on", "OW-1", "--status", "todo", "--budget-usd", "3")
    repo.ok("comment", "add", "OW-1", "--body", "found it")
    repo.ok("comment", "add", "OW-1", "--body", "typo")
    repo.ok("comment", "edit", "OW-1", "2", "--body", "no typo")
    repo.ok("comment", "delete", "OW-1", "2")
    members = repo.tracker / "members"
    members.mkdir()
    (members / "alice.md").write_text("---\nref: usr_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f\n\nusername: alice\n\n"
                                      "name: Alice Smith\n\nkind: human\n\nemail: alice@example.com\n\nrole: admin\n"
                                      "---\n")
    return repo


def test_the_schemas_are_current() -> None:
    made = runpy.run_path(str(SCHEMAS / "generate.py"))["texts"]()
    there = {p.relative_to(SCHEMAS).as_posix(): p.read_text(encoding="utf-8") for p in SCHEMAS.glob("*/*.json")}
    assert there == made, "run python schemas/generate.py"


def test_each_schema_is_itself_valid() -> None:
    for path in SCHEMAS.glob("*/*.json"):
        Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("statuses", ["openase", "openweave", "openkit"])
def test_the_files_that_init_makes_fit(bare_repo: Repo, statuses: str) -> None:
    bare_repo.ok("init", "--prefix", "OW", "--statuses", statuses)
    fits("files/statuses", yaml_doc.load((bare_repo.tracker / "statuses.yaml").read_bytes(), "statuses.yaml"))
    fits("files/config", json.loads((bare_repo.tracker / "config.json").read_text()))
    fits("files/project", front(bare_repo.tracker / "projects" / "OW.md"))


def test_the_files_that_commands_write_fit(busy: Repo) -> None:
    busy.ok("done", "OW-1")
    busy.ok("ticket", "archive", "OW-2")
    for slug in ("OW-1", "OW-2"):
        fits("files/ticket", front(busy.file(slug)))
    comments = sorted((busy.folder("OW-1") / "comments").iterdir())
    assert len(comments) == 2
    for path in comments:
        fits("files/comment", front(path))
    fits("files/member", front(busy.tracker / "members" / "alice.md"))


def test_a_record_is_printed_with_the_members_that_its_schema_names(busy: Repo) -> None:
    shown = fits("output/ticket", busy.json("show", "OW-1"))
    named = json.loads((SCHEMAS / "output" / "ticket.json").read_text())["properties"]
    assert set(shown) == {*named, "x_team"}
    assert shown["estimate"] == 2.5
    assert shown["labels"] == ["a", "b"]
    past = fits("output/ticket_at", busy.json("show", "OW-1", "--at", "2099-01-01"))
    assert set(past) == {*json.loads((SCHEMAS / "output" / "ticket_at.json").read_text())["properties"], "x_team"}


def test_a_ticket_made_by_hand_without_ref_fits_as_well(busy: Repo) -> None:
    folder = busy.tracker / "tickets" / "0" / "OW-9"
    folder.mkdir()
    (folder / "ticket.md").write_text("---\ntitle: By hand\nstatus: Todo\nx_list: [a, b]\n---\n")
    assert fits("output/ticket", busy.json("show", "OW-9"))["ref"] is None
    problems = busy.run("doctor", "--json")
    assert fits("output/problems", problems.json())["total"]
    assert problems.status == 7


def test_lists_fit(busy: Repo) -> None:
    assert fits("output/tickets", busy.json("ls"))["cursor"] is None
    assert fits("output/tickets", busy.json("ls", "--limit", "1"))["cursor"]
    assert fits("output/tickets", busy.json("ready"))["backlog"] == 0
    assert fits("output/tickets", busy.json("blocked"))["blockers"] == {"OW-2": ["OW-1"]}
    assert fits("output/tickets", busy.json("search", "upload"))["total"] == 1
    assert fits("output/comments", busy.json("comment", "list", "OW-1", "--deleted"))["total"] == 2
    fits("output/problems", busy.json("doctor"))
    fits("output/ticket", busy.json("next"))


def test_every_answer_of_a_write_fits(busy: Repo) -> None:
    assert fits("output/write", busy.json("new", "Third"))["ticket"]["slug"] == "OW-3"
    unchanged = fits("output/write", busy.json("update", "OW-1", "--status", "todo"))
    assert unchanged["receipt"]["entry"] is None
    assert fits("output/write", busy.json("comment", "add", "OW-1", "--body", "more"))["comment"]["body"] == "more"
    assert len(fits("output/write", busy.json("done", "OW-1", "OW-2"))["results"]) == 2
    fits("output/write", busy.json("workpad", "set", "OW-1", "--body", "plan"))
    gone = fits("output/write", busy.json("ticket", "delete", "OW-3", "--purge"))
    assert (gone["ticket"], gone["receipt"]["new_etag"]) == (None, None)
    fits("output/write", busy.json("undo"))
    fits("output/write", busy.json("batch", given='["new","Fourth"]\n["done","OW-3"]\n'))


def test_the_log_fits(busy: Repo) -> None:
    busy.ok("update", "OW-1", "--label-remove", "a", "--estimate", "none", "--title", "Upload stops")
    busy.ok("ticket", "archive", "OW-2")
    busy.ok("undo")
    busy.commit()
    commit, undo, undone, *_ = fits("output/log", busy.json("log"))["entries"]
    assert (commit["source"], undo["undoes"]) == ("branch", [undone["entry"]])
    assert {c["field"] for c in fits("output/log", busy.json("log", "OW-1"))["entries"][0]["changes"]} == {
        "labels", "estimate", "title"}


@pytest.mark.parametrize(("words", "status"), [
    (["show", "OW-99"], 3), (["ls", "--limit", "x"], 2), (["ls", "--nonsense"], 2), (["nonsense"], 2),
    (["update", "OW-1", "--status", "nonsense"], 3), (["update", "OW-1", "--due", "soon"], 7),
    (["update", "OW-1", "--title", "x", "--if-match", "0" * 40], 5), (["show", "OW-"], 5),
    (["ticket", "link", "OW-1", "depends_on", "OW-2"], 5)])
def test_errors_fit(busy: Repo, words: list[str], status: int) -> None:
    done = busy.run(*words, "--json")
    assert (done.status, done.out) == (status, "")
    assert fits("output/error", json.loads(done.err))["error"]["hint"]


def test_epics_fit(busy: Repo) -> None:
    made = fits("output/write", busy.json("epic", "create", "A goal"))
    assert made["epic"]["slug"] == "OW-E1"
    told = fits("output/write", busy.json("epic", "progress", "OW-E1", "--body", "begun"))
    assert (told["progress"]["body"], told["epic"]["name"]) == ("begun", "OW-E1")
    fits("output/epic", busy.json("epic", "show", "OW-E1"))
    assert fits("output/epics", busy.json("epic", "list"))["total"] == 1
    fits("files/epic", front(next(busy.tracker.glob("epics/*/epic.md"))))
    fits("files/progress", front(next(busy.tracker.glob("epics/*/progress/*.md"))))


def test_skills_and_harnesses_fit(busy: Repo) -> None:
    made = fits("output/write", busy.json("skill", "create", "land", "--description", "x", "--body", "y"))
    assert made["skill"]["name"] == "land"
    assert fits("output/skills", busy.json("skill", "list"))["total"] == 1
    fits("output/skill", busy.json("skill", "show", "land"))
    fits("files/skill", front(busy.tracker / "skills" / "land" / "SKILL.md"))
    busy.ok("harness", "create", "coder", "--body", "Do {{ ticket.nothing }}.")
    assert fits("output/harnesses", busy.json("harness", "list"))["total"] == 1
    fits("output/harness", busy.json("harness", "show", "coder"))
    assert fits("output/findings", busy.json("harness", "validate"))["errors"] == 0
    assert fits("output/findings", busy.json("skill", "validate"))["findings"] == []
