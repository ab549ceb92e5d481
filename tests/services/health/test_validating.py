"""Every file of a tracker is held against its schema."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gittracker.services.health import validating
from tests.support import Repo
from tests.test_schemas import SCHEMAS, fits


def findings(repo: Repo) -> list[tuple[str, int, str]]:
    """Give what doctor --schemas finds."""
    done = repo.run("doctor", "--schemas", "--json")
    found = fits("output/problems", done.json())["problems"]
    assert done.status == (7 if found else 0)
    return [(one["path"].rpartition("/")[2], one["line"], one["message"]) for one in found]


@pytest.mark.parametrize("statuses", ["openase", "openweave", "openkit"])
def test_what_the_tool_writes_fits(bare_repo: Repo, statuses: str) -> None:
    repo = bare_repo
    repo.ok("init", "--prefix", "OW", "--statuses", statuses)
    lines = [["new", "no", "--label", "1.10", "--estimate", "2.5", "--due", "2027-01-01", "--set", "x_n=5",
              "--set", "x_t=yes", "--assignee", "true", "--budget-usd", "3"],
             ["new", "2024", "--depends-on", "OW-1"], ["comment", "add", "OW-1", "--body", "a: b"],
             ["workpad", "set", "OW-1", "--body", "plan"], ["done", "OW-2"]]
    repo.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))
    repo.ok("epic", "create", "12:30")
    repo.ok("ticket", "archive", "OW-1")
    (repo.folder("OW-1") / "attachments").mkdir()
    (repo.folder("OW-1") / "attachments" / "ticket.md").write_text("not ours")
    assert findings(repo) == []


def test_what_does_not_fit_is_told_with_its_line(repo: Repo) -> None:
    repo.ok("new", "Upload fails", "--label", "a")
    repo.ok("comment", "add", "OW-1", "--body", "hi")
    file = repo.file("OW-1")
    text = file.read_text()
    number = text.split("\n").index("- a") + 1
    file.write_text(text.replace("- a", "- a\n- a\n- [b]").replace("due:", "due: soon").replace("estimate:\n\n", ""))
    comment = next((repo.folder("OW-1") / "comments").iterdir())
    comment.write_text(comment.read_text().replace("at: 2", "at: in 2"))
    config = repo.tracker / "config.json"
    config.write_text(config.read_text().replace('"in-tree"', '"elsewhere"').replace("1", '"one"'))
    (repo.tracker / "statuses.yaml").write_text(
        "- slug: todo\n  name: Todo\n  stage: unstarted\n  max_active_runs: -1\n")
    (repo.tracker / "members").mkdir()
    (repo.tracker / "members" / "al.md").write_text("broken")
    found = {(name, line): message for name, line, message in findings(repo)}
    assert found["ticket.md", number + 1] == '"a" stands twice in labels'
    assert found["ticket.md", number + 2] == "labels[2] is a list; expected text"
    assert found["ticket.md", 2] == "estimate is missing"
    assert any(message.startswith('due is "soon"; expected') for message in found.values())
    assert any(name == comment.name and line == 6 and "expected a UTC time" in message
               for (name, line), message in found.items())
    assert found["config.json", 3].startswith('tracker.format is "one"; expected a whole number')
    assert found["config.json", 5] == 'tracker.placement is "elsewhere"; expected one of in-tree, side-branch'
    assert found["statuses.yaml", 4].endswith("expected 0 or more")
    assert found["al.md", 1].startswith("no front matter")


def test_the_schemas_that_are_printed_are_those_that_are_checked(repo: Repo) -> None:
    listed = [one["name"] for one in fits("output/schemas", repo.json("schema"))["schemas"]]
    assert sorted(listed) == sorted(p.stem for p in (SCHEMAS / "files").glob("*.json"))
    for name, schema in validating.every().items():
        Draft202012Validator.check_schema(schema)
        assert schema == json.loads((SCHEMAS / "files" / f"{name}.json").read_text())
    assert json.loads(repo.ok("schema", "ticket")) == validating.schema("ticket")


def test_every_schema_is_held_against_some_file(repo: Repo) -> None:
    known = validating.every()
    paths = ["config.json", "statuses.yaml", "policy.yaml", "tickets/0/OW-1-abcd/ticket.md", "projects/OW.md",
             "members/a.md",
             "tickets/0/OW-1-abcd/comments/20261122T100000Z-abcd.md", "epics/OW-E1-abcd/epic.md", "pages/OW/a.md",
             "epics/OW-E1-abcd/progress/20261122T100000Z-abcd.md", "updates/20261122T100000Z-abcd/update.md",
             "skills/lint/SKILL.md", "tickets/0/OW-1-abcd/usage/20261122T100000Z-abcd.json"]
    # What waits in a sandbox is this machine's, no file of the tracker.
    assert {validating.name_of(path, known) for path in paths} - {""} == set(known) - {"pending"}
    assert validating.name_of("harnesses/coding.md", known) == ""


def test_the_schemas_can_be_written_for_an_editor(repo: Repo, tmp_path: Path) -> None:
    written = fits("output/schemas", repo.json("schema", "--write", ".openkit/local/schemas"))["written"]
    assert {Path(one).stem for one in written} == set(validating.every())
    assert json.loads((repo.tracker / "local" / "schemas" / "ticket.json").read_text()) == validating.every()["ticket"]
    assert repo.git("status", "--porcelain", "--", ".openkit/local") == ""
    assert repo.run("schema", "ticket", "--write", str(tmp_path)).status == 2
    assert repo.run("schema", "nothing").status == 3
    subprocess.run(["rm", "-r", str(repo.tracker)], check=True)
    assert repo.ok("schema", "ticket").startswith("{"), "a schema needs no tracker"
