"""The tracker works wherever git does, adopts what is there, and stays out of git's way."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import Repo, make_repo, make_tracker


def check_works(repo: Repo) -> None:
    """Write, read, log, undo and commit."""
    made = repo.json("new", "Upload fails", "--label", "backend")
    slug = made["ticket"]["slug"]
    assert made["receipt"]["new_etag"] == repo.git("hash-object", str(repo.file(slug)))
    repo.ok("comment", "add", slug, "--body", "remark")
    repo.ok("update", slug, "--status", "todo")
    repo.ok("undo")
    assert repo.json("show", slug)["status"] == "backlog"
    assert [one["slug"] for one in repo.json("ls")["tickets"]] == [slug]
    assert repo.json("log", slug)["entries"][0]["subject"].startswith("undo of ")
    repo.ok("commit")
    assert repo.git("status", "--porcelain", "--", ".openkit") == ""
    assert repo.json("show", slug, "--at", "HEAD")["title"] == "Upload fails"
    assert repo.json("doctor")["problems"] == []


def journal_refs(common: Path) -> list[str]:
    """List the journals of a clone."""
    return Repo(common / "gittracker/journal.git").git("for-each-ref", "--format=%(refname)").splitlines()


def test_init_in_a_repository_without_commits(bare_repo: Repo) -> None:
    bare_repo.ok("init", "--prefix", "OW")
    check_works(bare_repo)


def test_init_in_a_repository_with_commits(bare_repo: Repo) -> None:
    (bare_repo.path / "code.py").write_text("pass\n")
    bare_repo.commit()
    bare_repo.ok("init")
    check_works(bare_repo)
    assert bare_repo.git("log", "--format=%s", "-1", "--", "code.py") == "work"


def test_init_from_a_subfolder_makes_the_tracker_at_the_top(bare_repo: Repo) -> None:
    below = bare_repo.path / "src" / "deep"
    below.mkdir(parents=True)
    Repo(below).ok("init", "--prefix", "OW")
    assert bare_repo.tracker.is_dir() and not (below / ".openkit").exists()
    Repo(below).ok("new", "From below")
    assert bare_repo.json("ls")["total"] == 1


def test_no_tracker_and_no_repository_are_told_with_the_command_that_helps(bare_repo: Repo, tmp_path: Path) -> None:
    refused = bare_repo.run("ls", "--json")
    assert refused.status == 4 and refused.error()["hint"] == "gittracker init"
    outside = tmp_path / "outside"
    outside.mkdir()
    refused = Repo(outside).run("ls", "--json")
    assert refused.status == 4 and refused.error()["hint"] == "git init"


def test_linked_worktrees_each_have_their_own_journal_and_share_the_numbers(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "On main")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.ok("new", "On the topic")
    assert linked.json("show", "OW-2")["title"] == "On the topic"
    assert repo.json("new", "On main again")["ticket"]["slug"] == "OW-3"
    refs = journal_refs(repo.path / ".git")
    assert len(refs) == 2
    subjects = {tuple(Repo(repo.path / ".git/gittracker/journal.git").git("log", "--format=%s", ref).splitlines())
                for ref in refs}
    assert ("openkit: OW-2 created: On the topic",) in subjects
    told = [e["subject"] for e in linked.json("log")["entries"] if e["source"] == "journal"]
    assert told[:2] == ["OW-3 created: On main again", "OW-2 created: On the topic"]  # what every worktree did
    assert {one["slug"] for one in repo.json("ls", "--here")["tickets"]} == {"OW-1", "OW-3"}
    linked.ok("undo")
    assert {one["slug"] for one in repo.json("ls")["tickets"]} == {"OW-1", "OW-3"}
    assert {one["slug"] for one in linked.json("ls")["tickets"]} == {"OW-1", "OW-3"}
    assert [one["slug"] for one in linked.json("ls", "--here")["tickets"]] == ["OW-1"]


def test_init_in_a_linked_worktree(bare_repo: Repo, tmp_path: Path) -> None:
    (bare_repo.path / "code.py").write_text("pass\n")
    bare_repo.commit()
    bare_repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.ok("init", "--prefix", "OW")
    assert not bare_repo.tracker.exists()
    check_works(linked)


def test_a_submodule_has_its_own_tracker(repo: Repo, tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner")
    (inner.path / "lib.py").write_text("pass\n")
    inner.commit()
    repo.ok("new", "Of the outer one")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "lib")
    module = Repo(repo.path / "lib")
    assert module.run("ls").status == 4
    module.ok("init", "--prefix", "LIB")
    check_works(module)
    assert module.json("ls")["tickets"][0]["slug"] == "LIB-1"
    assert [one["title"] for one in repo.json("ls")["tickets"]] == ["Of the outer one"]
    assert journal_refs(repo.path / ".git/modules/lib")


def test_a_bare_repository_with_worktrees(bare_repo: Repo, tmp_path: Path) -> None:
    (bare_repo.path / "code.py").write_text("pass\n")
    bare_repo.commit()
    bare_repo.git("clone", "-q", "--bare", str(bare_repo.path), str(tmp_path / "project.git"))
    bare = Repo(tmp_path / "project.git")
    bare.git("worktree", "add", "-q", str(tmp_path / "one"), "main")
    refused = bare.run("ls", "--json")
    assert refused.status == 4 and "worktree add" in refused.error()["hint"]
    work = Repo(tmp_path / "one")
    work.ok("init", "--prefix", "OW")
    check_works(work)
    assert journal_refs(bare.path)


@pytest.mark.parametrize("mode", ["--cone", "--no-cone"])
def test_a_sparse_checkout(mode: str, bare_repo: Repo) -> None:
    for name in ("here", "there"):
        (bare_repo.path / name).mkdir()
        (bare_repo.path / name / "code.py").write_text("pass\n")
    bare_repo.commit()
    bare_repo.git("sparse-checkout", "set", mode, "here")
    assert not (bare_repo.path / "there").exists()
    bare_repo.ok("init", "--prefix", "OW")
    check_works(bare_repo)
    assert "there/code.py" in bare_repo.git("ls-tree", "-r", "--name-only", "HEAD")


def test_a_sparse_checkout_without_the_tracker_loses_nothing(repo: Repo) -> None:
    (repo.path / "here").mkdir()
    (repo.path / "here" / "code.py").write_text("pass\n")
    repo.ok("new", "Upload fails")
    repo.commit()
    repo.git("sparse-checkout", "set", "here")
    assert repo.run("ls").status == 4
    repo.git("sparse-checkout", "disable")
    assert repo.json("recover")["lost"] == []
    assert repo.json("ls")["total"] == 1


def test_a_tracker_whose_files_are_only_left_out_is_brought_back_and_not_made_anew(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    repo.git("clone", "-q", "--sparse", str(repo.path), str(tmp_path / "sparse"))
    sparse = Repo(tmp_path / "sparse")
    error = sparse.run("ls", "--json").error()
    assert "in its last commit" in error["message"] and error["hint"] == "git sparse-checkout add .openkit"
    sparse.git(*error["hint"].split()[1:])
    sparse.ok("ls")
    shutil.rmtree(repo.tracker)
    error = repo.run("ls", "--json").error()
    assert error["hint"] == "git checkout HEAD -- .openkit"
    repo.git(*error["hint"].split()[1:])
    repo.ok("ls")


def test_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    for title in ("One", "Two"):
        repo.ok("new", title)
        repo.commit()
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    assert clone.json("new", "Three")["ticket"]["slug"] == "OW-3"
    clone.ok("update", "OW-1", "--status", "todo")
    assert "OW-1 status backlog → todo" in {entry["subject"] for entry in clone.json("log", "OW-1")["entries"]}


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", "--object-format=sha256")
    repo.ok("init", "--prefix", "OW")
    check_works(repo)
    assert len(repo.json("show", "OW-1")["etag"]) == 64
    etag = repo.json("show", "OW-1")["etag"]
    repo.ok("update", "OW-1", "--priority", "high", "--if-match", etag)
    repo.git("clean", "-q", "-fdx")
    Repo(repo.path / ".git/gittracker/journal.git").git("fsck", "--strict")


# --- adopting, and running again ---

@pytest.mark.parametrize("ignore", ["*\n!.gitignore\n!config.json\n", "*\n!.gitignore\n!config.json"])
def test_init_adopts_an_openkit_folder(ignore: str, bare_repo: Repo) -> None:
    old = bare_repo.tracker
    (old / "cache" / "deep").mkdir(parents=True)
    private = {"secret.txt": "mine", "cache/deep/note.md": "mine too", "config.local.json": "{}", "local/notes.md": "x"}
    (old / "local").mkdir()
    for name, text in private.items():
        (old / name).write_text(text)
    (old / ".gitignore").write_text(ignore)
    config = {"version": 2, "agents": {"codex": ["a", "ü"]}, "theme": None}
    (old / "config.json").write_text(json.dumps(config, ensure_ascii=False))
    bare_repo.commit()
    bare_repo.ok("init", "--prefix", "OW")
    bare_repo.ok("new", "Upload fails")
    bare_repo.ok("comment", "add", "OW-1", "--body", "remark")
    for name, text in private.items():
        assert (old / name).read_text() == text
    written = json.loads((old / "config.json").read_text())
    assert {key: written[key] for key in config} == config and written["tracker"]["format"] == 1
    assert list(written)[:3] == list(config)
    bare_repo.git("add", "-A")
    tracked = set(bare_repo.git("ls-files", ".openkit").splitlines())
    assert {f".openkit/{name}" for name in private}.isdisjoint(tracked)
    visible = {str(p.relative_to(bare_repo.path)) for p in old.rglob("*") if p.is_file()}
    assert visible - {f".openkit/{name}" for name in private} == tracked
    assert any(path.endswith("/ticket.md") for path in tracked) and any("/comments/" in path for path in tracked)
    check_second_init(bare_repo)


def check_second_init(repo: Repo) -> None:
    """A second init changes no byte and makes no entry."""
    before = {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()}
    entries = repo.json("log")["entries"]
    assert "nothing to do" in repo.ok("init")
    assert {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()} == before
    assert repo.json("log")["entries"] == entries


@pytest.mark.parametrize("statuses", ["openase", "openweave", "openkit"])
def test_a_second_init_changes_nothing(statuses: str, bare_repo: Repo) -> None:
    bare_repo.ok("init", "--prefix", "OW", "--statuses", statuses)
    (bare_repo.tracker / "config.json").write_text(
        (bare_repo.tracker / "config.json").read_text().replace('"tracker"', '"mine": 1,\n  "tracker"'))
    (bare_repo.tracker / ".gitignore").open("a").write("more\n")
    check_second_init(bare_repo)


def test_init_mends_attributes_and_ignores_that_lack_lines(repo: Repo) -> None:
    (repo.tracker / ".gitattributes").write_text("*.png binary\n")
    (repo.tracker / ".gitignore").write_text("mine/")
    repo.ok("init")
    assert (repo.tracker / ".gitattributes").read_text().startswith("*.png binary\n* -text\n")
    assert (repo.tracker / ".gitignore").read_text().startswith("mine/\nconfig.local.json\n")
    check_second_init(repo)


def test_init_refuses_a_broken_configuration_and_leaves_it_alone(bare_repo: Repo) -> None:
    bare_repo.tracker.mkdir()
    (bare_repo.tracker / "config.json").write_text('{"version": 2,')
    refused = bare_repo.run("init", "--json")
    assert refused.status == 7 and refused.error()["path"] == "config.json"
    assert [p.name for p in bare_repo.tracker.iterdir()] == ["config.json"]
    assert (bare_repo.tracker / "config.json").read_text() == '{"version": 2,'


def test_a_newer_format_is_read_and_never_written(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    path = repo.tracker / "config.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    before = {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()}
    assert repo.json("ls")["total"] == 1 and repo.json("show", "OW-1")["title"] == "Upload fails"
    for words in (["new", "Another"], ["update", "OW-1", "--status", "todo"], ["undo"], ["init", "--prefix", "NEW"],
                  ["comment", "add", "OW-1", "--body", "x"], ["doctor", "--fix"], ["recover", "OW-1"]):
        refused = repo.run(*words, "--json")
        assert refused.status == 7, words
        assert refused.error()["code"] == "invalid_data" and "format 2" in refused.error()["message"]
    assert {p: p.read_bytes() for p in repo.tracker.rglob("*") if p.is_file()} == before


# --- beside git ---

_HOOK = """#!/bin/sh
echo "$GIT_DIR|$GIT_INDEX_FILE" > "{seen}"
"{python}" -m gittracker comment add OW-1 --body "from the hook" > "{out}" 2>&1 || exit 1
"""


def test_called_from_a_hook_it_does_not_touch_the_commit_under_way(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    repo.commit()
    hook = repo.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK.format(seen=tmp_path / "seen", out=tmp_path / "out", python=sys.executable))
    hook.chmod(0o755)
    (repo.path / "code.py").write_text("pass\n")
    repo.git("add", "code.py")
    other = make_tracker(tmp_path / "other")
    done = repo.git("commit", "-q", "-m", "code", GIT_DIR=str(repo.path / ".git"),
                    GIT_INDEX_FILE=str(repo.path / ".git/index"))
    assert done == ""
    assert (tmp_path / "seen").read_text().strip("\n").count(str(repo.path / ".git")) >= 1
    assert repo.git("show", "--format=", "--name-only", "HEAD") == "code.py"
    assert repo.json("show", "OW-1")["comment_count"] == 1
    # The variables name one repository, -C another: the folder decides.
    redirected = {"GIT_DIR": str(repo.path / ".git"), "GIT_WORK_TREE": str(repo.path),
                  "GIT_INDEX_FILE": str(repo.path / ".git/index")}
    elsewhere = json.loads(other.ok("new", "Elsewhere", "--json", env=redirected))
    assert elsewhere["ticket"]["slug"] == "OW-1"
    assert repo.json("ls")["total"] == 1 and other.json("ls")["total"] == 1


def test_commit_keeps_what_is_staged_elsewhere_staged_and_commits_only_the_tracker(repo: Repo) -> None:
    (repo.path / "code.py").write_text("pass\n")
    (repo.path / "half.py").write_text("one\n")
    repo.commit()
    (repo.path / "code.py").write_text("staged\n")
    repo.git("add", "code.py")
    (repo.path / "code.py").write_text("staged and changed again\n")
    (repo.path / "half.py").write_text("not staged\n")
    (repo.path / "new.py").write_text("untracked\n")
    repo.ok("new", "Upload fails")
    done = repo.json("commit", "--message", "openkit: plan")
    assert done["commit"] == repo.git("rev-parse", "HEAD")
    assert repo.git("status", "--porcelain").splitlines() == ["MM code.py", " M half.py", "?? new.py"]
    assert repo.git("show", ":code.py") == "staged"
    names = repo.git("show", "--format=%s%n%(trailers:key=Ticket,valueonly)", "--name-only").splitlines()
    assert names[0] == "openkit: plan" and "OW-1" in names
    assert all(name.startswith(".openkit/") for name in names if "/" in name)
    assert repo.json("commit") == {"commit": None, "paths": []}


def test_commit_takes_deletions_and_edits_by_hand_along(repo: Repo) -> None:
    repo.ok("new", "One")
    repo.ok("new", "Two")
    repo.commit()
    repo.ok("ticket", "delete", "OW-1", "--purge")
    path = repo.file("OW-2")
    path.write_text(path.read_text().replace("assignee:\n", "assignee: carol\n"))
    repo.ok("commit")
    assert repo.git("status", "--porcelain") == ""
    assert "OW-1" not in repo.git("ls-tree", "-r", "--name-only", "HEAD")


def test_commit_runs_the_users_hooks_and_tells_when_one_refuses(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    (repo.path / "code.py").write_text("pass\n")
    repo.git("add", "code.py")
    hook = repo.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no: say why' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = repo.git("status", "--porcelain")
    refused = repo.run("commit", "--json")
    assert refused.status == 6 and "no: say why" in refused.error()["message"]
    assert repo.git("rev-list", "--all") == ""
    assert repo.git("status", "--porcelain") == before
    hook.write_text("#!/bin/sh\necho \"hooked: $(cat $1)\" > $1\n")
    repo.ok("commit", "-m", "plan")
    assert repo.git("log", "-1", "--format=%s") == "hooked: plan"


@pytest.mark.parametrize("under_way", ["merge", "rebase", "cherry-pick"])
def test_commit_is_refused_while_git_is_in_the_middle_of_something(under_way: str, repo: Repo) -> None:
    code = repo.path / "code.py"
    code.write_text("one\n")
    repo.commit()
    repo.git("switch", "-q", "-c", "topic")
    code.write_text("two\n")
    repo.commit()
    repo.git("switch", "-q", "main")
    code.write_text("three\n")
    repo.commit()
    repo.git(under_way, "topic", check=False)
    repo.ok("new", "Upload fails")
    before = repo.git("rev-parse", "HEAD")
    refused = repo.run("commit", "--json")
    assert refused.status == 5 and refused.error()["code"] == "conflict"
    assert repo.git("rev-parse", "HEAD") == before
    assert repo.json("show", "OW-1")["title"] == "Upload fails"


# --- preconditions ---

def test_if_match_lets_the_right_etag_pass_and_refuses_a_stale_one_with_the_current(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    first = repo.json("show", "OW-1")["etag"]
    assert first == repo.git("hash-object", str(repo.file("OW-1")))
    receipt = repo.json("update", "OW-1", "--status", "todo", "--if-match", first)["receipt"]
    assert receipt["old_etag"] == first
    before = repo.file("OW-1").read_bytes()
    for words in (["update", "OW-1", "--status", "done"], ["comment", "add", "OW-1", "--body", "x"], ["done", "OW-1"],
                  ["ticket", "archive", "OW-1"], ["ticket", "delete", "OW-1", "--purge"],
                  ["workpad", "set", "OW-1", "--body", "x"]):
        refused = repo.run(*words, "--if-match", first, "--json")
        assert refused.status == 5, words
        error: dict[str, Any] = refused.error()
        assert (error["code"], error["etag"]) == ("stale_etag", receipt["new_etag"]), words
        assert repo.file("OW-1").read_bytes() == before
    assert not (repo.folder("OW-1") / "comments").exists()
    repo.ok("ticket", "delete", "OW-1", "--purge", "--if-match", receipt["new_etag"])


def test_an_edit_by_hand_makes_the_etag_stale(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    etag = repo.json("show", "OW-1")["etag"]
    path = repo.file("OW-1")
    path.write_text(path.read_text().replace("assignee:\n", "assignee: carol\n"))
    assert repo.run("update", "OW-1", "--status", "todo", "--if-match", etag).status == 5
    assert repo.json("show", "OW-1")["assignee"] == "carol"


def test_an_idempotency_key_replays_its_command_and_refuses_another(repo: Repo) -> None:
    first = repo.json("new", "Upload fails", "--idempotency-key", "k")
    assert repo.json("new", "Upload fails", "--idempotency-key", "k")["receipt"] == first["receipt"]
    refused = repo.run("new", "Another", "--idempotency-key", "k", "--json")
    assert refused.status == 5 and '"k"' in refused.error()["message"]
    refused = repo.run("comment", "add", "OW-1", "--body", "x", "--idempotency-key", "k", "--json")
    assert refused.status == 5
    assert repo.json("ls")["total"] == 1
    below = repo.path / "src"
    below.mkdir()
    assert "done before" in Repo(below).ok("new", "Upload fails", "--idempotency-key", "k")
    assert repo.json("ls")["total"] == 1


def test_a_moved_repository_goes_on(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Upload fails")
    shutil.move(repo.path, tmp_path / "moved")
    moved = Repo(tmp_path / "moved")
    assert moved.json("new", "Second")["ticket"]["slug"] == "OW-2"
    assert len(moved.json("log")["entries"]) == 3
    assert len(journal_refs(moved.path / ".git")) == 1
    assert not os.path.exists(repo.path)
