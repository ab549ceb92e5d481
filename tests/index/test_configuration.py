"""The configuration reaches the index, and a broken one stops writes, not reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support import Repo


def _set(repo: Repo, **values: object) -> None:
    path = repo.tracker / "config.json"
    config = json.loads(path.read_text())
    config["tracker"].update(values)
    path.write_text(json.dumps(config, indent=2))


def test_changed_priorities_reorder_the_tickets_that_are_there(repo: Repo) -> None:
    repo.ok("new", "a", "--priority", "low")
    repo.ok("new", "b", "--priority", "urgent")
    assert [t["slug"] for t in repo.json("ls")["tickets"]] == ["OW-2", "OW-1"]
    _set(repo, priorities=["low", "medium", "urgent"])
    assert [t["slug"] for t in repo.json("ls")["tickets"]] == ["OW-1", "OW-2"]
    assert [t["slug"] for t in repo.json("ls", "priority:low")["tickets"]] == ["OW-1"]


@pytest.mark.parametrize(("name", "text"), [
    ("statuses.yaml", "<<<<<<< HEAD\n- slug: x\n"), ("statuses.yaml", "nothing: here\n"), ("config.json", "{\n")])
def test_a_broken_configuration_keeps_its_last_good_values_for_readers_and_stops_writers(
        repo: Repo, name: str, text: str) -> None:
    (repo.tracker / "statuses.yaml").write_text("- {slug: inbox, name: Inbox, stage: unstarted, default: true}\n"
                                                "- {slug: shipped, name: Shipped, stage: completed}\n")
    repo.ok("new", "a")
    (repo.tracker / name).write_text(text)
    assert repo.json("show", "OW-1")["stage"] == "unstarted"
    assert repo.json("ready")["total"] == 1
    refused = repo.run("done", "OW-1")
    assert refused.status == 7 and name in refused.err
    assert name in repo.run("doctor").out
    assert "status: inbox" in repo.file("OW-1").read_text()


def test_a_ticket_that_goes_while_the_statuses_change_is_gone(repo: Repo) -> None:
    repo.ok("batch", given='["new","a"]\n["new","b"]\n')
    repo.ok("ls")
    (repo.tracker / "statuses.yaml").write_text("- {slug: inbox, name: Inbox, stage: unstarted, default: true}\n")
    shutil.rmtree(repo.folder("OW-1"))
    assert [t["slug"] for t in repo.json("ls")["tickets"]] == ["OW-2"]


def test_a_stage_that_is_none_is_a_finding(repo: Repo) -> None:
    (repo.tracker / "statuses.yaml").write_text("- {slug: inbox, name: Inbox, stage: unstarteed}\n")
    assert 'stage "unstarteed" of inbox is none of' in repo.run("doctor").out


def test_a_tracker_that_travels_with_the_code_can_have_a_commit_a_command(repo: Repo) -> None:
    repo.commit()
    (repo.path / "code.py").write_text("pass\n")
    repo.git("add", "code.py")
    _set(repo, history="branch")
    repo.ok("new", "Upload fails")
    assert repo.git("log", "-1", "--format=%s") == "openkit: OW-1 created: Upload fails"
    assert repo.git("status", "--porcelain").splitlines() == [" M .openkit/config.json", "A  code.py"]


def test_members_and_projects_are_shown_from_whatever_file_names_them(repo: Repo) -> None:
    (repo.tracker / "members").mkdir()
    (repo.tracker / "members" / "bob.md").write_text("---\nusername: robert\nemail: r@example.com\nkind: human\n---\n")
    (repo.tracker / "projects" / "OW.md").rename(repo.tracker / "projects" / "ow.md")
    assert repo.json("member", "show", "Robert")["email"] == "r@example.com"
    assert repo.json("member", "list")["members"][0]["username"] == "robert"
    assert repo.json("project", "show", "ow")["key"] == "OW"


def test_the_user_is_whoever_git_says_now(repo: Repo, tmp_path: Path) -> None:
    nobody = {"GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": "", "GIT_COMMITTER_NAME": "", "GIT_COMMITTER_EMAIL": ""}
    for number, name in enumerate(("aa", "bb"), 1):
        repo.ok("new", "x", env={**nobody, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name",
                                 "GIT_CONFIG_VALUE_0": name})
        assert repo.json("show", f"OW-{number}")["created_by"] == name
    included = tmp_path / "included"
    (tmp_path / "global").write_text(f"[include]\n\tpath = {included}\n")
    for number, name in enumerate(("first", "second-one"), 3):
        included.write_text(f"[user]\n\tname = {name}\n")
        repo.ok("new", "x", env={**nobody, "GIT_CONFIG_GLOBAL": str(tmp_path / "global")})
        assert repo.json("show", f"OW-{number}")["created_by"] == name
