"""A tracker of an older format becomes one of the current in one entry; a newer one is refused."""

from __future__ import annotations

import json

import pytest

from gittracker.domain.settings import FORMAT, read_format
from gittracker.services.clone import upgrading
from tests.support import Repo
from tests.test_schemas import fits

OPENKIT = {"startCommand": "npm start", "installCommand": "npm i", "baseBranch": "main", "localIssuePrefix": "WEB"}


def openkit(repo: Repo, config: dict[str, object]) -> None:
    """Make what OpenKit leaves in a repository."""
    repo.tracker.mkdir()
    (repo.tracker / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (repo.tracker / ".gitignore").write_text("# Ignore everything by default\n*\n\n!.gitignore\n!config.json\n")
    issue = repo.tracker / "issues" / "local" / "WEB-1" / "issue.json"
    issue.parent.mkdir(parents=True)
    issue.write_text('{"id": "WEB-1", "title": "Old"}')


def test_openkits_files_become_a_tracker(bare_repo: Repo) -> None:
    openkit(bare_repo, OPENKIT)
    before = bare_repo.run("doctor").out
    assert ".openkit/config.json:1: names no format: gittracker doctor --upgrade" in before
    assert bare_repo.ok("doctor", "--upgrade").endswith("tracker upgraded from format 0 to 1\n")
    config = json.loads((bare_repo.tracker / "config.json").read_text())
    assert config == {**OPENKIT, "tracker": {"format": 1, "project": "WEB", "placement": "in-tree",
                                             "history": "journal"}}
    assert [one["slug"] for one in bare_repo.json("status", "list")["statuses"]] == ["todo", "in-progress", "done"]
    assert json.loads((bare_repo.tracker / "issues/local/WEB-1/issue.json").read_text())["title"] == "Old"
    by_us = [one["subject"] for one in bare_repo.json("log")["entries"] if one["actor"] == "alice-smith"]
    assert by_us == ["tracker upgraded from format 0 to 1"], "what was there before is in an entry of the editor"
    assert bare_repo.ok("doctor").endswith("no problems\n")
    assert bare_repo.ok("new", "First").startswith("WEB-1 created")
    assert ".openkit/tickets/0/" in bare_repo.git("status", "--porcelain", "--untracked-files=all")
    assert bare_repo.ok("doctor", "--upgrade") == "the format is current\n"


def test_an_upgrade_can_be_looked_at_first(bare_repo: Repo) -> None:
    openkit(bare_repo, {**OPENKIT, "localIssuePrefix": "no good"})
    files = {p: p.read_bytes() for p in bare_repo.tracker.rglob("*") if p.is_file()}
    shown = bare_repo.ok("doctor", "--upgrade", "--dry-run")
    assert '+  "tracker": {' in shown and "+++ b/.openkit/statuses.yaml" in shown
    planned = fits("output/mended", bare_repo.json("doctor", "--upgrade", "--dry-run"))
    assert (planned["receipts"], ".openkit/statuses.yaml" in planned["changed"]) == ([], True)
    assert {p: p.read_bytes() for p in bare_repo.tracker.rglob("*") if p.is_file()} == files
    done = fits("output/mended", bare_repo.json("doctor", "--upgrade"))
    assert sorted(done["changed"]) == sorted(planned["changed"])


@pytest.mark.parametrize("named", [None, "one"])
def test_a_tracker_that_names_no_format_gets_one(repo: Repo, named: object) -> None:
    repo.ok("new", "First")
    path = repo.tracker / "config.json"
    config = json.loads(path.read_text())
    if named is None:
        del config["tracker"]["format"]
    else:
        config["tracker"]["format"] = named
    config["tracker"]["types"] = ["bug"]
    path.write_text(json.dumps(config))
    old = path.read_bytes()
    assert repo.run("doctor").status == 7
    repo.ok("doctor", "--upgrade")
    upgraded = json.loads(path.read_text())["tracker"]
    assert upgraded == {**config["tracker"], "format": 1}
    assert repo.json("log")["entries"][0]["subject"] == f"tracker upgraded from format 0 to {FORMAT}"
    assert "names no format" not in repo.run("doctor").out
    repo.ok("undo")
    assert path.read_bytes() == old


@pytest.mark.parametrize("named", [2, "7"])
def test_a_newer_format_is_refused_with_the_command_that_upgrades_the_tool(repo: Repo, named: object) -> None:
    path = repo.tracker / "config.json"
    path.write_text(path.read_text().replace('"format": 1', f'"format": {json.dumps(named)}'))
    text = path.read_bytes()
    for words in (("--upgrade",), ("--upgrade", "--dry-run"), ("--fix",), ("--fix", "--dry-run")):
        done = repo.run("doctor", *words, "--json")
        assert (done.status, done.error()["hint"]) == (7, "pip install --upgrade gittracker"), words
    assert path.read_bytes() == text
    assert repo.run("ls").status == 0, "it can still be read"


@pytest.mark.parametrize("text", ["{broken", "[1]"])
def test_a_broken_configuration_is_not_written_over(repo: Repo, text: str) -> None:
    (repo.tracker / "config.json").write_text(text)
    assert repo.run("doctor", "--upgrade").status == 7
    assert (repo.tracker / "config.json").read_text() == text


def test_there_is_a_step_from_each_format_to_the_next() -> None:
    assert [step.format for step in upgrading.STEPS] == list(range(FORMAT))


@pytest.mark.parametrize(("value", "found"), [
    (1, 1), ("2", 2), (True, 0), (1.0, 0), (-1, 0), (None, 0), ("²", 0), ("", 0), ([1], 0)])
def test_a_format_is_a_number(value: object, found: int) -> None:
    assert read_format(value) == found


def test_a_mending_can_be_looked_at_first(repo: Repo) -> None:
    folder = repo.tracker / "tickets" / "0" / "OW-1"
    folder.mkdir(parents=True)
    (folder / "ticket.md").write_text("---\ntitle: By hand\n---\n")
    shown = repo.ok("doctor", "--fix", "--dry-run")
    assert "+slug: OW-1" in shown
    assert (folder / "ticket.md").read_text() == "---\ntitle: By hand\n---\n"
    assert repo.json("doctor", "--fix", "--dry-run")["changed"] == [".openkit/tickets/0/OW-1/ticket.md"]
    repo.ok("doctor", "--fix")
    assert repo.ok("doctor", "--fix", "--dry-run") == "nothing that can be mended\n"
