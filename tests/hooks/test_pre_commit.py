"""The hook that refuses commits which would break the tracker, with real git."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import Done, Repo, environment, make_tracker, path_with_program
from tests.test_schemas import fits

HOOK = Path(__file__).parents[2] / "hooks" / "pre-commit"
MARKERS = "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> other\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return path_with_program(tmp_path_factory.mktemp("bin"))


@pytest.fixture
def hooked(tmp_path: Path) -> Repo:
    """Give a tracker with two tickets, all of it committed, and the hook."""
    repo = make_tracker(tmp_path / "repo")
    lines = (["new", "First", "--status", "todo"], ["new", "Second"], ["comment", "add", "OW-1", "--body", "hi"])
    repo.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))
    repo.commit("first")
    shutil.copy(HOOK, repo.path / ".git" / "hooks" / "pre-commit")
    return repo


def commit(repo: Repo, path: str, *words: str, **env: str) -> Done:
    """Commit what is staged."""
    done = subprocess.run(["git", "commit", "-q", "-m", "work", *words], cwd=repo.path, capture_output=True, text=True,
                          check=False, env=environment(PATH=path, **env))
    return Done(done.returncode, done.stdout, done.stderr)


def put(repo: Repo, name: str, text: str) -> Path:
    """Write a file of the tracker and stage it."""
    file = repo.tracker / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    repo.git("add", "-A")
    return file


def test_a_broken_file_is_refused_with_its_line_and_how_to_go_on(hooked: Repo, path: str) -> None:
    file = hooked.file("OW-1")
    whole = file.read_text()
    name = file.relative_to(hooked.tracker).as_posix()
    put(hooked, name, whole.replace("labels:", "labels: [a"))
    done = commit(hooked, path)
    assert done.status == 1
    assert re.search(rf"^\.openkit/{name}:\d+: broken YAML", done.err, re.M), done.err
    assert "mend the lines above, 'git add' the files and commit again" in done.err
    put(hooked, name, whole + "More.\n")
    assert commit(hooked, path).status == 0


@pytest.mark.parametrize(("name", "text", "says"), [
    ("tickets/0/OW-7-abcd/ticket.md", "no front matter", 'ticket.md:1: no front matter: the first line is not "---"'),
    ("tickets/0/OW-7-abcd/ticket.md", "---\ntitle: a\ntitle: b\n---\n", 'ticket.md:3: the key "title" stands twice'),
    ("tickets/0/OW-7-abcd/ticket.md", f"---\ntitle: a\n{MARKERS}---\n", "ticket.md:3: git conflict markers"),
    ("tickets/0/OW-7-abcd/ticket.md", f"---\ntitle: a\n---\nText\n{MARKERS}", "ticket.md:5: git conflict markers"),
    ("tickets/0/OW-7-abcd/comments/20261122T100000Z-abcd.md", "---\nby: a\n", "without a closing"),
    ("tickets/0/OW-7-abcd/workpad.md", f"## Plan\n{MARKERS}", "workpad.md:2: git conflict markers"),
    ("epics/OW-E1-abcd/epic.md", "---\ntitle: [a\n---\n", "epic.md:3: broken YAML"),
    ("pages/OW/guide.md", "---\nunclosed: 'a\n---\n", "guide.md:3: broken YAML"),
    ("skills/lint/SKILL.md", "---\nname: {a\n---\n", "SKILL.md:"),
    ("config.json", '{\n  "tracker": {\n', "config.json:3: broken JSON"),
    ("statuses.yaml", "- [a\n", "statuses.yaml:2: "),
    ("hooks.yaml", "a: &a 1\nb: *a\n", "hooks.yaml:2: YAML aliases are not read"),
    ("conversations/1.jsonl", '{"a": 1}\n{"b"\n', "1.jsonl:2: broken JSON"),
    ("tickets/0/OW-7-abcd/usage/20261122T100000Z-abcd.json", "{", "broken JSON")])
def test_what_would_break_a_reader_is_refused(hooked: Repo, path: str, name: str, text: str, says: str) -> None:
    put(hooked, name, text)
    done = commit(hooked, path)
    assert (done.status, says in done.err) == (1, True), done.err


@pytest.mark.parametrize(("name", "text"), [
    ("tickets/0/OW-7-abcd/ticket.md", "---\ntitle: By hand\ndue: soon\nstatus: nowhere\n---\n"),
    ("tickets/0/OW-7-abcd/attachments/a.md", MARKERS), ("pages/OW/a.files/b.yaml", "- [a"),
    ("skills/lint/scripts/x.json", "{"), ("scripts/branch-name.mjs", MARKERS),
    ("tickets/0/OW-7-abcd/notes.txt", MARKERS),
    ("pages/OW/a.md", "---\ntitle: a\n---\n<<<<<<< is how a conflict begins\n=======\n"),
    ("tickets/0/OW-7-abcd/ticket.md", "---\ntitle: a\n---\n>>>>>>> x\n=======\n<<<<<<< y\n")])
def test_what_breaks_nobody_is_left_to_the_doctor(hooked: Repo, path: str, name: str, text: str) -> None:
    put(hooked, name, text)
    assert commit(hooked, path).status == 0


def test_a_ref_that_two_files_have_is_refused(hooked: Repo, path: str) -> None:
    copy = hooked.tracker / "tickets" / "0" / "OW-3-abcd"
    shutil.copytree(hooked.folder("OW-1"), copy)
    hooked.git("add", "-A")
    done = commit(hooked, path)
    assert done.status == 1
    lines = [line for line in done.err.splitlines() if "the ref of" in line]
    assert [line.partition(":")[0] for line in lines] == [
        ".openkit/" + next((copy / "comments").iterdir()).relative_to(hooked.tracker).as_posix(),
        ".openkit/tickets/0/OW-3-abcd/ticket.md"]
    shutil.rmtree(copy)
    shutil.move(hooked.folder("OW-1"), copy)
    hooked.git("add", "-A")
    done = commit(hooked, path)
    assert done.status == 0, done.err
    for name in ("OW-8-abcd", "OW-9-abcd"):
        put(hooked, f"tickets/0/{name}/ticket.md", f"---\nref: tik_{'0' * 32}\ntitle: Twin\n---\n")
    assert "the ref of .openkit/tickets/0/OW-8-abcd/ticket.md" in commit(hooked, path).err


def test_a_text_that_speaks_of_a_ref_is_no_record_of_it(hooked: Repo, path: str) -> None:
    ref = hooked.json("show", "OW-1")["ref"]
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", f"---\ntitle: a\n---\nref: {ref}\n")
    assert commit(hooked, path).status == 0


def test_what_is_staged_counts_and_not_what_is_on_disk(hooked: Repo, path: str) -> None:
    file = hooked.file("OW-1")
    whole = file.read_text()
    file.write_text(whole + "More.\n")
    hooked.git("add", "-A")
    file.write_text("broken")
    assert commit(hooked, path).status == 0
    hooked.git("add", "-A")
    file.write_text(whole)
    assert commit(hooked, path).status == 1


def test_a_commit_of_named_paths_is_checked_by_those_paths(hooked: Repo, path: str) -> None:
    """For `git commit PATH` and `-a` git gives hooks an index of their own."""
    broken, good = hooked.file("OW-1"), hooked.file("OW-2")
    broken.write_text("broken")
    good.write_text(good.read_text() + "More.\n")
    hooked.git("add", str(broken))
    assert commit(hooked, path, "--", str(good)).status == 0
    assert commit(hooked, path, "--", str(broken)).status == 1
    hooked.git("reset", "-q")
    assert commit(hooked, path, "-a").status == 1
    os.chdir(hooked.path)
    done = subprocess.run(["git", "commit", "-qm", "x", "-a"], cwd=hooked.tracker, capture_output=True, text=True,
                          check=False, env=environment(PATH=path))
    assert (done.returncode, "OW-1" in done.stderr) == (1, True), "from a folder below"


def test_other_files_are_none_of_its_business(hooked: Repo, path: str, tmp_path: Path) -> None:
    (hooked.path / "code.md").write_text(MARKERS)
    hooked.git("add", "-A")
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("git", "sh"):
        (bare / name).symlink_to(shutil.which(name) or "")
    assert commit(hooked, str(bare)).err == "", "gittracker is not even looked for"


def test_the_first_commit_of_all_is_checked_too(tmp_path: Path, path: str) -> None:
    repo = make_tracker(tmp_path / "repo")
    shutil.copy(HOOK, repo.path / ".git" / "hooks" / "pre-commit")
    put(repo, "tickets/0/OW-1-abcd/ticket.md", "broken")
    assert commit(repo, path).status == 1
    put(repo, "tickets/0/OW-1-abcd/ticket.md", "---\ntitle: a\n---\n")
    done = commit(repo, path)
    assert done.status == 0, done.err


def test_it_works_in_a_linked_worktree(hooked: Repo, path: str, tmp_path: Path) -> None:
    hooked.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    other = Repo(tmp_path / "other")
    put(other, "tickets/0/OW-7-abcd/ticket.md", "broken")
    assert commit(other, path).status == 1
    assert commit(other, path, "--no-verify").status == 0


def test_as_pre_merge_commit_it_checks_a_merge(hooked: Repo, path: str) -> None:
    """Each side is fine by itself: both copied one ticket."""
    shutil.copy(HOOK, hooked.path / ".git" / "hooks" / "pre-merge-commit")
    hooked.git("config", "gittracker.precommit", "false")
    for branch, name in (("one", "OW-8-abcd"), ("two", "OW-9-abcd")):
        hooked.git("checkout", "-q", "-b", branch, "main")
        put(hooked, f"tickets/0/{name}/ticket.md", f"---\nref: tik_{'0' * 32}\ntitle: Twin\n---\n")
        hooked.git("commit", "-q", "-m", branch)
    hooked.git("config", "gittracker.precommit", "true")
    done = subprocess.run(["git", "merge", "-q", "--no-edit", "one"], cwd=hooked.path, capture_output=True, text=True,
                          check=False, env=environment(PATH=path))
    assert (done.returncode, "the ref of .openkit/tickets/0/OW-9-abcd/ticket.md" in done.stderr) == (1, True)


def test_a_check_that_cannot_be_done_stops_nobody(hooked: Repo, path: str, tmp_path: Path) -> None:
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken")
    (tmp_path / "bin").mkdir()
    for name in ("git", "sh"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or "")
    done = commit(hooked, str(tmp_path / "bin"))
    assert (done.status, "gittracker is not on the path" in done.err) == (0, True)
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken still")
    (tmp_path / "bin" / "gittracker").write_text("#!/bin/sh\necho kaputt >&2\nexit 1\n")
    (tmp_path / "bin" / "gittracker").chmod(0o755)
    done = commit(hooked, str(tmp_path / "bin"))
    assert (done.status, done.err) == (0, "kaputt\nwhat this commit changes in the tracker was not checked\n")


def test_it_can_be_switched_off(hooked: Repo, path: str) -> None:
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken")
    hooked.git("config", "gittracker.precommit", "false")
    assert commit(hooked, path).status == 0


def test_a_hook_that_is_there_can_call_it(hooked: Repo, path: str) -> None:
    hook = hooked.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(f'#!/bin/sh\necho mine >&2\n"{HOOK}" "$@" || exit\necho more >&2\n')
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken")
    done = commit(hooked, path)
    assert (done.status, "mine" in done.err, "more" in done.err) == (1, True, False)
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "---\ntitle: a\n---\n")
    assert "more" in commit(hooked, path).err


def test_a_link_in_place_of_a_record_is_refused(hooked: Repo, path: str) -> None:
    file = hooked.file("OW-1")
    file.rename(hooked.path / "elsewhere.md")
    file.symlink_to(hooked.path / "elsewhere.md")
    hooked.git("add", "-A")
    done = commit(hooked, path)
    assert (done.status, "a link, which the tracker does not follow" in done.err) == (1, True)


def test_findings_can_be_had_as_json(hooked: Repo) -> None:
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken")
    done = hooked.run("doctor", "--staged", "--json")
    found = fits("output/problems", json.loads(done.out))["problems"]
    assert (done.status, [(one["path"], one["line"]) for one in found]) == (
        7, [(".openkit/tickets/0/OW-7-abcd/ticket.md", 1)])
    hooked.git("reset", "-q")
    assert hooked.ok("doctor", "--staged") == "no problems\n"
    assert hooked.run("doctor", "--staged", "--fix").status == 2


def test_the_hook_changes_nothing(hooked: Repo, path: str) -> None:
    put(hooked, "tickets/0/OW-7-abcd/ticket.md", "broken")
    before = hooked.git("status", "--porcelain"), hooked.git("ls-files", "--stage")
    assert commit(hooked, path).status == 1
    assert (hooked.git("status", "--porcelain"), hooked.git("ls-files", "--stage")) == before
