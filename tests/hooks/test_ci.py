"""The CI examples: their steps are run, with real git, against a pull request from a fork that means no good."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gittracker.formats import yaml_doc
from tests.support import Done, Repo, environment, make_tracker

FOLDER = Path(__file__).parents[2] / "hooks" / "ci"
CHECK, COMMENT, REPORT = FOLDER / "tracker-check.yml", FOLDER / "tracker-comment.yml", FOLDER / "tracker-report"
# Stands for GitHub's program: it notes what it was asked, and answers with what lies in its folder.
_GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_FOLDER/asked"
for word in "$@"; do case $word in body=@*) cp "${word#body=@}" "$GH_FOLDER/body" ;; esac; done
case "$*" in
    *"/pulls "*) cat "$GH_FOLDER/pulls" ;;
    *"--paginate"*) cat "$GH_FOLDER/comments" ;;
esac
"""


def steps(path: Path) -> dict[str, dict[str, Any]]:
    """Give the steps of a workflow that have a name."""
    workflow = yaml_doc.load(path.read_bytes(), path.name)
    return {step["name"]: step for job in workflow["jobs"].values() for step in job["steps"] if "name" in step}


class Hub:
    """A base repository, a clone of it as CI makes one, and a fork with a pull request number 7."""

    def __init__(self, folder: Path) -> None:
        self.base = make_tracker(folder / "base")
        self.base.ok("new", "Upload fails", "--status", "todo")
        self.base.commit("first")
        self.base.git("clone", "-q", "--bare", str(self.base.path), str(folder / "hub.git"))
        self.hub = folder / "hub.git"
        self.base.git("clone", "-q", str(self.hub), str(folder / "fork"))
        self.base.git("clone", "-q", str(self.hub), str(folder / "ci"))
        self.fork, self.ci = Repo(folder / "fork"), Repo(folder / "ci")
        self.temp = folder / "temp"
        self.temp.mkdir()
        (folder / "bin").mkdir()
        for name, text in (("gh", _GH), ("gittracker", f'#!/bin/sh\nexec "{sys.executable}" -m gittracker "$@"\n')):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        self.env = environment(PATH=f"{folder / 'bin'}:{environment()['PATH']}", RUNNER_TEMP=str(self.temp),
                               GH_FOLDER=str(self.temp), GITHUB_OUTPUT=str(self.temp / "output"),
                               GITHUB_STEP_SUMMARY=str(self.temp / "summary"), REPO="owner/name", NUMBER="7")

    def propose(self) -> None:
        """Commit what the fork has, as the pull request."""
        self.fork.commit("proposal")
        self.fork.git("push", "-q", "-f", "origin", "HEAD:refs/pull/7/head")
        self.env.update(BASE=self.base.git("rev-parse", "HEAD"), HEAD=self.fork.git("rev-parse", "HEAD"))

    def run(self, step: dict[str, Any], **env: str) -> Done:
        """Run a step's script as GitHub does."""
        done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=self.ci.path, capture_output=True, text=True,
                              check=False, env={**self.env, **env})
        return Done(done.returncode, done.stdout, done.stderr)

    def text(self, name: str) -> str:
        """Give a file of the run's folder, empty where it is absent."""
        file = self.temp / name
        return file.read_text() if file.exists() else ""


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """Give a base, a fork and a CI run's clone."""
    return Hub(tmp_path)


def test_a_pull_request_is_told_in_the_summary_and_none_of_its_files_is_on_the_disk(hub: Hub) -> None:
    hub.fork.ok("update", "OW-1", "--status", "done")
    (hub.fork.path / "gittracker").mkdir()
    (hub.fork.path / "gittracker" / "__init__.py").write_text("open('evil', 'w')")
    (hub.fork.path / ".gitattributes").write_text("* diff=evil filter=evil\n")
    hub.propose()
    done = hub.run(steps(CHECK)["Report"])
    assert done.status == 0, done.err
    assert "1 ticket closed" in hub.text("summary")
    assert sorted(p.name for p in hub.ci.path.iterdir()) == [".git", ".openkit"]
    assert hub.ci.git("status", "--porcelain") == ""


def test_a_pull_request_that_breaks_the_tracker_is_red(hub: Hub) -> None:
    hub.fork.file("OW-1").write_text("---\ntitle: a\n<<<<<<< x\n=======\n>>>>>>> y\n---\n")
    hub.propose()
    done = hub.run(steps(CHECK)["Report"])
    assert (done.status, "ticket.md:3: git conflict markers" in done.out) == (7, True)


def test_a_pull_request_without_tracker_changes_says_nothing(hub: Hub) -> None:
    (hub.fork.path / "code").write_text("x")
    hub.propose()
    assert hub.run(steps(CHECK)["Report"]).status == 0
    assert hub.run(steps(COMMENT)["Compare"]).status == 0
    (hub.temp / "comments").write_text("")
    assert hub.run(steps(COMMENT)["Comment"]).status == 0
    assert (hub.text("summary"), hub.text("comment.md"), hub.text("body")) == ("", "", "")


def test_the_comment_is_made_once_and_then_kept_up_to_date(hub: Hub) -> None:
    hub.fork.ok("new", "Ping @everyone <b>bold</b> #1", "--status", "todo")
    hub.propose()
    assert hub.run(steps(COMMENT)["Compare"]).status == 0
    (hub.temp / "comments").write_text("")
    assert hub.run(steps(COMMENT)["Comment"]).status == 0
    assert "--method POST repos/owner/name/issues/7/comments" in hub.text("asked")
    body = hub.text("body")
    assert body.startswith("<!-- gittracker diff -->\n**Tracker: 1 ticket created**")
    assert "@everyone" not in body and "<b>" not in body
    (hub.temp / "comments").write_text("4711\n")
    assert hub.run(steps(COMMENT)["Comment"]).status == 0
    assert "--method PATCH repos/owner/name/issues/comments/4711" in hub.text("asked")
    (hub.temp / "comment.md").write_text("")
    assert hub.run(steps(COMMENT)["Comment"]).status == 0
    assert hub.text("body") == "<!-- gittracker diff -->\nThe tracker stays as it is.\n"


@pytest.mark.parametrize("branch", ["main", "$(touch evil)", "a'b\";touch evil;#", "x&state=closed"])
def test_a_branchs_name_is_never_a_command(hub: Hub, branch: str) -> None:
    (hub.temp / "pulls").write_text("7 " + "a" * 40 + "\n")
    done = hub.run(steps(COMMENT)["Find the pull request"], OWNER="stranger", BRANCH=branch, HEAD="b" * 40)
    assert done.status == 0, done.err
    assert f"head=stranger:{branch} --jq" in hub.text("asked")
    assert hub.text("output") == f"number=7\nbase={'a' * 40}\n"
    (hub.temp / "pulls").write_text("")
    (hub.temp / "output").unlink()
    assert hub.run(steps(COMMENT)["Find the pull request"], OWNER="o", BRANCH=branch, HEAD="b" * 40).status == 0
    assert hub.text("output") == ""
    assert not (hub.ci.path / "evil").exists()


@pytest.mark.parametrize("path", [CHECK, COMMENT], ids=lambda path: path.stem)
def test_a_workflow_gives_strangers_nothing_to_use(path: Path) -> None:
    workflow = yaml_doc.load(path.read_bytes(), path.name)
    assert "pull_request_target" not in workflow["on"]
    granted = [job.get("permissions", workflow["permissions"]) for job in workflow["jobs"].values()]
    for job, rights in zip(workflow["jobs"].values(), granted, strict=True):
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        scripts = [step["run"] for step in job["steps"] if "run" in step]
        assert not [script for script in scripts if "${{" in script], "an expression could be a command"
        if "write" in rights.values():
            assert not [one for one in uses if "checkout" in one], "who can write reads no repository"
            assert not [script for script in scripts if "git " in script or "gittracker diff" in script.replace(
                "<!-- gittracker diff -->", "")]
        for step in job["steps"]:
            assert "head" not in str(step.get("with", {}).get("ref", "")), "the proposal is checked out"
    assert workflow["permissions"] in ({}, {"contents": "read"})


def report(hub: Hub, *args: str) -> Done:
    """Run the script for any CI."""
    done = subprocess.run([str(REPORT), *args], cwd=hub.ci.path, capture_output=True, text=True, check=False,
                          env=hub.env)
    return Done(done.returncode, done.stdout, done.stderr)


def test_the_script_for_any_ci_says_the_same(hub: Hub) -> None:
    hub.fork.ok("update", "OW-1", "--assignee", "bob")
    hub.propose()
    hub.ci.git("fetch", "-q", "origin", "refs/pull/7/head:proposal")
    done = report(hub, "origin/main", "proposal")
    assert (done.status, done.err) == (0, "no problems\n")
    assert "assignee: none → bob" in done.out
    hub.fork.file("OW-1").write_text("broken")
    hub.propose()
    hub.ci.git("fetch", "-q", "-f", "origin", "refs/pull/7/head:proposal")
    done = report(hub, "origin/main", "proposal")
    assert (done.status, "ticket.md:1: no front matter" in done.err) == (7, True)
    assert done.out.startswith("<!-- gittracker diff -->")
    assert report(hub, "origin/main", "origin/main").out == ""
    assert [report(hub, *args).status for args in ((), ("main", "--output=x"), ("none", "main"))] == [2, 3, 3]
    assert hub.ci.git("status", "--porcelain") == ""


def test_what_a_run_is_asked_for_is_known_to_the_other(hub: Hub) -> None:
    check, comment = (yaml_doc.load(path.read_bytes(), path.name) for path in (CHECK, COMMENT))
    assert comment["on"]["workflow_run"]["workflows"] == [check["name"]]
    assert json.dumps(comment["jobs"]["comment"]["permissions"]) == '{"pull-requests": "write"}'
