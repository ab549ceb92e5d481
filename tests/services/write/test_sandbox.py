"""A sandboxed agent reads and writes; what it did is journalled under its name by the next command that may."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandboxes import WAYS, Sandbox, lock, refusal, sandbox
from tests.support import Done, Repo, make_repo, make_tracker
from tests.test_schemas import fits

_BOT = ("--as", "bot:codex-1")


@pytest.fixture
def made(repo: Repo) -> Repo:
    """Give a tracker with one committed ticket."""
    repo.ok("new", "Upload fails", "--label", "backend")
    repo.commit()
    return repo


@pytest.fixture
def box(made: Repo, tmp_path: Path) -> Sandbox:
    """Give a sandboxed agent's view of it."""
    return sandbox(made, tmp_path / "tmp")


def state(repo: Repo) -> dict[str, tuple[int, int, bytes]]:
    """Give all that git's folder holds, with each file's stamps."""
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino, p.read_bytes())
            for p in sorted((repo.path / ".git").rglob("*")) if p.is_file()}


def pending(repo: Repo) -> Path:
    """Give a worktree's pending file."""
    return repo.tracker / "local" / "pending.jsonl"


def entries(repo: Repo, *words: str) -> list[dict[str, Any]]:
    """Give the log's entries of ours, newest first."""
    return [e for e in repo.json("log", *words)["entries"] if e["source"] != "branch"]


def subjects(repo: Repo, *words: str) -> list[tuple[str, str]]:
    """Give who did what, newest first."""
    return [(e["actor"], e["subject"]) for e in entries(repo, *words)]


def check_whole(repo: Repo) -> None:
    """Nothing waits, the journal is sound and holds what the files hold, and the doctor has nothing to say."""
    assert not pending(repo).exists() and not (repo.tracker / "local" / "intent.json").exists()
    journal = Repo(Path(repo.git("rev-parse", "--path-format=absolute", "--git-common-dir")) / "gittracker/journal.git")
    journal.git("fsck", "--full", "--strict")
    number = (Path(repo.git("rev-parse", "--absolute-git-dir")) / "gittracker/worktree").read_text().strip()
    held = {line.split("\t")[1]: line.split()[2]
            for line in journal.git("ls-tree", "-r", f"refs/journal/{number}").splitlines()}
    for path, blob in held.items():
        assert repo.git("hash-object", str(repo.tracker / path)) == blob, path
    assert repo.json("doctor")["problems"] == []
    assert "local" not in repo.git("status", "--porcelain", "--untracked-files=all")


# --- every make of sandbox ---

@pytest.fixture(params=WAYS)
def any_box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    """Give a sandboxed agent's view of a tracker with one committed ticket, in each make of sandbox."""
    way = str(request.param)
    if refusal(way):
        pytest.skip(refusal(way))
    repo = make_tracker(tmp_path / "repo")
    repo.ok("new", "Upload fails")
    repo.commit()
    found = sandbox(repo, tmp_path / "tmp", way)
    if way == "user":
        found.tmp = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
        for path in (repo.tracker, *repo.tracker.rglob("*"), found.tmp):
            os.chown(path, 65534, 65534)
    if way == "modes":
        lock(repo.path / ".git")
    yield found
    lock(repo.path / ".git", False)
    if way == "user":
        shutil.rmtree(found.tmp)


def test_a_sandboxed_agent_reads_and_writes_and_gits_folder_stays_as_it_was(any_box: Sandbox) -> None:
    box, repo = any_box, Repo(any_box.path)
    before = state(repo)
    assert box.json("ls")["total"] == box.json("search", "upload")["total"] == 1
    first = fits("output/write", box.json("update", "OW-1", "--status", "todo", *_BOT))["receipt"]
    made = box.json("new", "Second", *_BOT)
    assert (first["entry"], first["event"], made["ticket"]["slug"]) == (None, None, "OW-2")
    assert len(first["pending"]) == 40 and first["pending"] != made["receipt"]["pending"]
    box.ok("comment", "add", "OW-2", "--body", "remark ü", *_BOT)
    for words in (["show", "OW-1"], ["ready"], ["log"], ["recover"], ["doctor"],
                  ["show", "OW-2", "--at", "2099-01-01"]):
        assert box.run(*words).status == 0, words
    shown = fits("output/log", box.json("log", "OW-1"))["entries"]
    assert shown[0]["source"] == "pending" and shown[0]["entry"] == first["pending"]
    assert box.json("comment", "list", "OW-2")["comments"][0]["body"] == "remark ü"
    assert state(repo) == before
    assert any(box.tmp.rglob("*.db"))
    if box.way == "modes":
        lock(repo.path / ".git", False)
    repo.ok("new", "Third", "--as", "alice")
    assert subjects(repo)[:4] == [("alice", "OW-3 created: Third"), ("bot:codex-1", "OW-2 comment added"),
                                  ("bot:codex-1", "OW-2 created: Second"),
                                  ("bot:codex-1", "OW-1 status backlog → todo")]
    assert {e["source"] for e in entries(repo)} == {"journal"}
    assert not any(actor in ("editor", "git") for actor, _ in subjects(repo))
    check_whole(repo)


def test_a_sandbox_without_sockets_or_network_works(made: Repo, tmp_path: Path) -> None:
    box = sandbox(made, tmp_path / "tmp")
    if not box.refuse_sockets():
        pytest.skip("this kernel filters no system calls")
    for words in (["ls"], ["update", "OW-1", "--status", "todo"], ["log"], ["batch"]):
        done = box.run(*words, given='["new","Two"]\n["done","OW-1"]\n' if words == ["batch"] else "")
        assert done.status == 0, (words, done.err)
    assert [one["title"] for one in made.json("ls")["tickets"]] == ["Two"]


# --- reading ---

def test_two_sandboxes_see_each_others_writes_with_one_tmpdir_and_with_two(made: Repo, tmp_path: Path) -> None:
    first, beside = sandbox(made, tmp_path / "one"), sandbox(made, tmp_path / "one")
    other = sandbox(made, tmp_path / "two")
    first.ok("update", "OW-1", "--title", "Upload is slow")
    for one in (beside, other):
        assert one.json("show", "OW-1")["title"] == "Upload is slow"
        assert entries(one)[0]["subject"] == "OW-1 title Upload fails → Upload is slow"
    other.ok("comment", "add", "OW-1", "--body", "from two")
    beside.ok("new", "Second")
    assert [e["source"] for e in entries(first, "OW-1")][:2] == ["pending", "pending"]
    assert first.json("show", "OW-1")["comment_count"] == 1 and other.json("ls")["total"] == 2
    made.ok("ticket", "archive", "OW-2")
    assert first.json("ls")["total"] == other.json("ls")["total"] == 1
    assert [e["source"] for e in entries(other)] == ["journal"] * 6
    check_whole(made)


def test_an_index_in_tmpdir_that_is_stale_and_cant_be_written_is_not_believed(box: Sandbox, made: Repo) -> None:
    assert box.json("ls")["total"] == 1
    database, = box.tmp.rglob("*.db")
    left = database.read_bytes()
    made.ok("new", "Second")
    made.ok("update", "OW-1", "--title", "Upload is slow")
    database.parent.chmod(0o500)
    if os.getuid() == 0:  # whom no mode stops
        shutil.rmtree(database.parent)
        database.parent.write_text("in the way")
    assert box.json("ls")["total"] == 2
    assert box.json("show", "OW-1")["title"] == "Upload is slow"
    box.ok("update", "OW-1", "--status", "todo")
    if os.getuid() == 0:
        database.parent.unlink()
        database.parent.mkdir(mode=0o700)
    database.parent.chmod(0o700)
    database.write_bytes(left)
    assert box.json("show", "OW-1")["status"] == "todo"


def test_the_clones_own_index_is_not_written_by_a_sandbox_that_may_not(made: Repo, tmp_path: Path) -> None:
    """Landlock lets access(2) say yes and refuses the write."""
    box = sandbox(made, tmp_path / "tmp", "landlock")
    made.ok("new", "Second")
    cache, = (made.path / ".git/gittracker/cache").glob("*.db")
    before = cache.read_bytes()
    made.file("OW-1").write_text(made.file("OW-1").read_text().replace("Upload fails", "Upload is slow"))
    assert box.run("ls").out.count("Upload is slow") == 1
    assert cache.read_bytes() == before


def test_a_fresh_clone_is_read_and_written_before_it_has_a_journal(made: Repo, tmp_path: Path) -> None:
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    box = sandbox(clone, tmp_path / "tmp")
    assert box.json("show", "OW-1")["title"] == "Upload fails"
    assert box.json("new", "Second", *_BOT)["ticket"]["slug"] == "OW-2"
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    assert not (clone.path / ".git/gittracker").exists()
    assert subjects(clone) == [("bot:codex-1", "OW-1 status backlog → todo"), ("bot:codex-1", "OW-2 created: Second")]
    assert not (clone.path / ".git/gittracker/journal.git").exists()
    clone.ok("new", "Third", "--as", "alice")
    assert subjects(clone) == [("alice", "OW-3 created: Third"), ("bot:codex-1", "OW-1 status backlog → todo"),
                               ("bot:codex-1", "OW-2 created: Second")]
    check_whole(clone)


def test_a_tracker_is_set_up_in_a_sandbox(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    repo.tracker.mkdir()  # Landlock allows what is there
    box = sandbox(repo, tmp_path / "tmp")
    box.ok("init", "--prefix", "OW")
    box.ok("new", "Upload fails")
    repo.ok("done", "OW-1")
    assert [subject for _, subject in subjects(repo)] == [
        "OW-1 status backlog → done", "OW-1 created: Upload fails", "tracker set up"]
    check_whole(repo)


# --- what writes promise ---

def test_etags_and_keys_mean_what_they_mean_elsewhere(box: Sandbox, made: Repo) -> None:
    etag = box.json("show", "OW-1")["etag"]
    asked = ["update", "OW-1", "--status", "todo", "--if-match", etag, "--idempotency-key", "run-1", *_BOT, "--json"]
    first = box.run(*asked)
    assert first.status == 0 and box.run(*asked).json() == first.json()
    assert first.json()["receipt"]["new_etag"] == box.json("show", "OW-1")["etag"] == made.git(
        "hash-object", str(made.file("OW-1")))
    stale = box.run("update", "OW-1", "--status", "done", "--if-match", etag, "--json")
    assert (stale.status, stale.error()["code"]) == (5, "stale_etag")
    other = box.run("update", "OW-1", "--status", "done", "--idempotency-key", "run-1", "--json")
    assert (other.status, other.error()["code"]) == (5, "conflict")
    nothing = ["update", "OW-1", "--status", "todo", "--idempotency-key", "run-2", "--json"]
    assert box.run(*nothing).json()["receipt"] == box.run(*nothing).json()["receipt"]
    assert len(pending(made).read_bytes().splitlines()) == 2
    again = json.loads(made.ok(*asked))["receipt"]  # from outside, which journals it first
    assert {**again, "entry": None, "event": None, "pending": None} == {**first.json()["receipt"], "pending": None}
    assert again["entry"] == entries(made)[0]["entry"]
    assert json.loads(made.ok(*nothing))["receipt"]["entry"] is None
    assert box.run(*asked).json()["receipt"] == again
    assert len(entries(made)) == 3
    check_whole(made)


def test_a_batch_waits_as_one_entry(box: Sandbox, made: Repo) -> None:
    lines = '["new","Second","--depends-on","OW-1"]\n["update","OW-1","--status","todo"]\n["done","OW-9"]\n'
    assert box.run("batch", given=lines).status == 3
    assert not pending(made).exists() and box.json("ls")["total"] == 1
    results = fits("output/write", box.json("batch", given=lines.replace("OW-9", "OW-2")))["results"]
    assert [one["ticket"]["slug"] for one in results] == ["OW-2", "OW-1"]
    assert len({one["receipt"]["pending"] for one in results}) == 1 and results[0]["receipt"]["pending"]
    for line in pending(made).read_text().splitlines():
        fits("files/pending", json.loads(line))
    made.ok("new", "Third")
    assert entries(made)[1]["subject"] == "OW-2 created: Second; OW-1 status backlog → todo; OW-2 status backlog → done"
    check_whole(made)


def test_a_number_is_given_out_once_in_a_clone(made: Repo, tmp_path: Path) -> None:
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    one, two = sandbox(made, tmp_path / "tmp1"), sandbox(linked, tmp_path / "tmp2")
    assert one.json("new", "Two")["ticket"]["slug"] == "OW-2"
    one.ok("ticket", "delete", "OW-2", "--purge")
    assert one.json("new", "Three")["ticket"]["slug"] == "OW-3"
    assert two.json("new", "Four")["ticket"]["slug"] == "OW-4"
    made.git("worktree", "add", "-q", str(tmp_path / "third"))
    assert Repo(tmp_path / "third").json("new", "Five")["ticket"]["slug"] == "OW-5"
    assert made.json("new", "Six")["ticket"]["slug"] == "OW-6"
    one.ok("ticket", "delete", "OW-3", "--purge")
    linked.ok("ticket", "archive", "OW-4")
    assert made.json("new", "Seven")["ticket"]["slug"] == "OW-7"
    assert two.json("new", "Eight")["ticket"]["slug"] == "OW-8"
    made.ok("ticket", "archive", "OW-1")
    linked.ok("ticket", "archive", "OW-8")
    check_whole(made)
    check_whole(linked)


def test_tickets_of_two_sandboxes_that_took_one_number_are_told_apart_after_the_merge(
        made: Repo, tmp_path: Path) -> None:
    """Where neither could know of the other: as after work in two clones."""
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    sandbox(made, tmp_path / "tmp1").ok("new", "Mine")
    away = tmp_path / "away"
    made.tracker.rename(away)  # the other worktree's file system is not there for a moment
    sandbox(linked, tmp_path / "tmp2", "mount").ok("new", "Theirs")
    away.rename(made.tracker)
    clash = made.run("show", "OW-2", "--json")  # the board says so before any merge
    assert (clash.status, clash.error()["code"]) == (5, "ambiguous")
    for repo in (made, linked):
        repo.ok("update", repo.folder("OW-2").name, "--status", "todo")
        repo.commit()
    made.git("merge", "-q", "linked")
    clash = made.run("show", "OW-2", "--json")
    assert (clash.status, clash.error()["code"]) == (5, "ambiguous")
    assert len(clash.error()["candidates"]) == 2


# --- undo and recovery ---

def test_a_pending_entry_can_be_undone_and_that_be_undone(box: Sandbox, made: Repo) -> None:
    first = box.json("update", "OW-1", "--status", "todo", *_BOT)["receipt"]["pending"]
    box.ok("comment", "add", "OW-1", "--body", "by somebody else", "--as", "bob")
    undone = box.json("undo", *_BOT)["receipt"]["pending"]
    assert box.json("show", "OW-1")["status"] == "backlog"
    box.ok("undo", undone[:12], *_BOT)
    assert box.json("show", "OW-1")["status"] == "todo"
    assert box.run("undo", *_BOT).status == 0  # what was done stands again, and can be undone again
    assert box.run("undo", *_BOT).status == 3
    made.ok("undo", "--as", "bob")
    journalled = entries(made)
    updated, commented, undo_of_it = (journalled[n]["entry"] for n in (5, 4, 3))
    assert [e["undoes"] for e in journalled[:5]] == [[commented], [updated], [undo_of_it], [updated], []]
    assert journalled[3]["subject"] == f"undo of {updated[:10]}: OW-1 status backlog → todo"
    assert first not in {e["entry"] for e in journalled}
    assert made.run("undo", first[:10], "--as", "bob").err.startswith("error: there is nothing left to undo of ")
    check_whole(made)


def test_an_undo_in_a_sandbox_of_what_the_journal_holds(box: Sandbox, made: Repo) -> None:
    made.ok("update", "OW-1", "--priority", "high", *_BOT)
    target = entries(made)[0]["entry"]
    box.ok("undo", *_BOT)
    assert box.json("show", "OW-1")["priority"] == "medium"
    made.ok("new", "next")
    assert entries(made)[1]["undoes"] == [target]
    check_whole(made)


def test_what_is_lost_while_it_waits_is_recovered(box: Sandbox, made: Repo) -> None:
    box.ok("comment", "add", "OW-1", "--body", "precious")
    shutil.rmtree(made.folder("OW-1") / "comments")
    assert [one["what"] for one in box.json("recover")["lost"]] == ["comment"]
    box.ok("recover", "OW-1")
    assert box.json("comment", "list", "OW-1")["comments"][0]["body"] == "precious"
    shutil.rmtree(made.folder("OW-1") / "comments")
    box.ok("recover", "OW-1", "--forget")
    for line in pending(made).read_text().splitlines():
        fits("files/pending", json.loads(line))
    assert box.json("recover")["lost"] == []
    made.ok("new", "next")
    assert made.json("recover")["lost"] == []
    assert [subject for _, subject in subjects(made, "OW-1")][:2] == ["OW-1 forgot 1 lost file(s)",
                                                                      "OW-1 comment added"]


# --- edits round it ---

def test_an_editors_edits_before_between_and_after_are_journalled_where_they_happened(box: Sandbox, made: Repo) -> None:
    def edit(old: str, new: str) -> None:
        text = made.file("OW-1").read_text()
        assert old in text
        made.file("OW-1").write_text(text.replace(old, new))
    edit("Upload fails", "Upload stops")
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    edit("Upload stops", "Upload stalls")
    box.ok("update", "OW-1", "--priority", "high", *_BOT)
    edit("Upload stalls", "Upload hangs")
    made.ok("update", "OW-1", "--label-add", "net", "--as", "alice")
    told = [(e["actor"], {c["field"]: c["new"] for c in e["changes"]}) for e in entries(made, "OW-1")]
    assert told[:6] == [("alice", {"labels": ["backend", "net"]}), ("editor", {"title": "Upload hangs"}),
                        ("bot:codex-1", {"priority": "high"}), ("editor", {"title": "Upload stalls"}),
                        ("bot:codex-1", {"status": "todo"}), ("editor", {"title": "Upload stops"})]
    check_whole(made)


def test_what_git_brought_is_not_taken_for_an_edit(box: Sandbox, made: Repo) -> None:
    made.git("checkout", "-q", "-b", "side")
    made.file("OW-1").write_text(made.file("OW-1").read_text().replace("medium", "low"))
    made.commit()
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    made.ok("new", "next")
    assert "editor" not in {actor for actor, _ in subjects(made)}
    check_whole(made)


@pytest.mark.parametrize("words", [
    ["update", "OW-1", "--label-add", "x"], ["commit"], ["undo"], ["doctor", "--fix"], ["recover", "OW-1"],
    ["workpad", "set", "OW-1", "--body", "plan"]], ids=" ".join)
def test_any_command_that_may_write_journals_what_waits(words: list[str], box: Sandbox, made: Repo) -> None:
    box.ok("comment", "add", "OW-1", "--body", "hello", *_BOT)
    made.file("OW-1").write_text(made.file("OW-1").read_text().replace("due:\n\n", ""))
    made.run(*words)
    assert ("bot:codex-1", "OW-1 comment added") in subjects(made)
    assert not pending(made).exists()


def test_reading_commands_show_what_waits_and_journal_nothing(box: Sandbox, made: Repo) -> None:
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    before = pending(made).read_bytes()
    kept = {path: one for path, one in state(made).items() if "/cache/" not in path}
    assert subjects(made)[0] == ("bot:codex-1", "OW-1 status backlog → todo")
    assert "(pending)" in made.ok("log", "OW-1")
    for words in (["ls"], ["show", "OW-1"], ["recover"], ["doctor"], ["search", "upload"]):
        assert made.run(*words).status == 0
    assert pending(made).read_bytes() == before
    assert {path: one for path, one in state(made).items() if "/cache/" not in path} == kept


def test_the_event_of_a_pending_write_leaves_when_it_is_journalled(box: Sandbox, made: Repo) -> None:
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    made.ok("comment", "add", "OW-1", "--body", "hello", "--as", "alice")
    cache, = (made.path / ".git/gittracker/cache").glob("*.db")
    with sqlite3.connect(cache) as index:
        told = index.execute("SELECT type, slug, actor, changes FROM event ORDER BY seq DESC LIMIT 2").fetchall()
    assert [one[:3] for one in told] == [("comment.created", "OW-1", "alice"),
                                         ("ticket.updated", "OW-1", "bot:codex-1")]
    assert json.loads(told[1][3]) == {"status": ["backlog", "todo"]}


# --- what a sandbox can't do ---

def check_refusal(done: Done, *roots: Path) -> None:
    """The error says what the sandbox would have to allow."""
    assert done.status == 6
    error = fits("output/error", json.loads(done.err))["error"]
    assert (error["code"], error["writable_roots"]) == ("sandboxed", [str(root) for root in roots])
    assert error["hint"] == f"add to the sandbox's writable roots: {' '.join(map(str, roots))}"


def test_what_needs_gits_own_folder_says_which_to_allow(box: Sandbox, made: Repo, tmp_path: Path) -> None:
    git = made.path / ".git"
    box.ok("update", "OW-1", "--status", "todo")
    check_refusal(box.run("commit", "--json"), git)
    check_refusal(box.run("purge", "--history", "OW-1", "--json"), git / "gittracker")
    assert made.git("status", "--porcelain", ".openkit").startswith(" M")
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = sandbox(Repo(tmp_path / "linked"), tmp_path / "tmp")
    check_refusal(linked.run("purge", "--history", "OW-1", "--json"), git / "gittracker",
                  git / "worktrees/linked/gittracker")
    check_refusal(linked.run("commit", "--json"), git)
    (linked.tracker / "hooks.yaml").write_text("hooks: []\n")
    check_refusal(linked.run("trust", ".openkit/hooks.yaml", "--as", "alice", "--json"), git / "gittracker",
                  git / "worktrees/linked/gittracker")


def test_with_the_named_folder_allowed_writes_are_journalled_at_once(made: Repo, tmp_path: Path) -> None:
    box = sandbox(made, tmp_path / "tmp", "landlock")
    box.allowed = [made.path / ".git/gittracker"]
    assert box.json("update", "OW-1", "--status", "todo")["receipt"]["entry"] == entries(made)[0]["entry"]
    assert not pending(made).exists()


def test_an_editor_in_a_sandbox_keeps_its_draft_beside_the_files(box: Sandbox, made: Repo, tmp_path: Path) -> None:
    editor = tmp_path / "tmp" / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/Upload fails/Upload is slow/; s/status: backlog/status: nonsense/" "$1"\n')
    editor.chmod(0o755)
    refused = box.run("ticket", "edit", "OW-1", env={"EDITOR": str(editor)})
    assert refused.status == 3 and "your text is in " in refused.err
    draft = Path(refused.err.strip().rpartition("your text is in ")[2])
    assert draft.parent == made.tracker / "local" / "drafts" and "Upload is slow" in draft.read_text()
    editor.write_text(editor.read_text().replace("nonsense", "todo"))
    box.ok("ticket", "edit", "OW-1", env={"EDITOR": str(editor)})
    assert made.json("show", "OW-1")["title"] == "Upload is slow"
    assert [one.name for one in draft.parent.iterdir()] == [draft.name]


# --- pending files that no command left like that ---

def test_a_torn_line_and_nonsense_are_problems_with_their_numbers_and_the_rest_is_journalled(
        box: Sandbox, made: Repo) -> None:
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    box.ok("comment", "add", "OW-1", "--body", "hello", *_BOT)
    first, second = pending(made).read_bytes().splitlines(keepends=True)
    escaping = json.dumps({**json.loads(first), "id": "0" * 40,
                           "changes": [{"path": "../../../etc/passwd", "text": "x"}]}).encode() + b"\n"
    pending(made).write_bytes(b"nonsense\n" + first + escaping + first + second[:-40])
    for reader in (made, box):
        found = {p["line"]: p["message"] for p in reader.run("doctor", "--json").json()["problems"]}
        assert {n: message.partition(";")[0] for n, message in found.items()} == {
            1: "no pending entry: not JSON",
            3: 'no pending entry: "../../../etc/passwd" is no path of the tracker',
            4: "no pending entry: another line has its id", 5: "a torn line"}
        assert reader.run("log").status == 0
    box.ok("workpad", "set", "OW-1", "--body", "plan", *_BOT)
    made.ok("new", "next")
    told = subjects(made)
    assert told.count(("bot:codex-1", "OW-1 status backlog → todo")) == 1
    assert [actor for actor, subject in told if "workpad" in subject] == ["bot:codex-1"]
    assert [actor for actor, subject in told if "comments/" in subject] == ["editor"]  # whose line was torn
    assert len(pending(made).read_bytes().splitlines()) == 4
    assert made.run("doctor", "--json").json()["total"] == 3  # what was there twice the journal has
    made.ok("new", "and so on")
    assert len(pending(made).read_bytes().splitlines()) == 3
    assert len(subjects(made)) == len(told) + 1


@pytest.mark.parametrize("data", [b"\n\n", b"[]\n", b"null\n", b'{"id": 1}\n', b"\xff\xfe\n", b"[" * 100_000 + b"\n"])
def test_no_pending_file_stops_a_command(data: bytes, made: Repo) -> None:
    (made.tracker / "local").mkdir()
    pending(made).write_bytes(data)
    assert made.run("log").status == 0
    assert made.run("doctor").status in (0, 7)
    made.ok("update", "OW-1", "--status", "todo")


def test_a_pending_file_that_comes_with_a_clone_is_not_believed(made: Repo, box: Sandbox, tmp_path: Path) -> None:
    box.ok("update", "OW-1", "--status", "todo", "--as", "linus")
    intent = made.tracker / "local/intent.json"
    intent.write_text(json.dumps({"changes": [{"path": "config.json", "before": {}, "after": {"text": "owned"}}],
                                  "lines": {"text": "x\n"}}))
    made.git("add", "-f", ".openkit/local")
    made.commit()
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.ok("new", "Second")
    assert "linus" not in {e["actor"] for e in entries(clone) if e["source"] == "journal"}
    assert (clone.tracker / "config.json").read_text() != "owned"
    assert "tracked by git" in clone.run("doctor").out


@pytest.mark.parametrize("name", ["lock", "pending.jsonl", "intent.json"])
def test_a_link_in_the_place_of_a_private_file_leads_nowhere(
        name: str, made: Repo, box: Sandbox, tmp_path: Path) -> None:
    victim = tmp_path / "tmp" / "victim"
    victim.write_text("mine")
    (made.tracker / "local").mkdir()
    (made.tracker / "local" / name).symlink_to(victim)
    for one in (box, made):
        one.run("update", "OW-1", "--status", "todo", "--json")
    assert victim.read_text() == "mine"


def test_a_link_in_the_place_of_the_private_folder_is_refused(made: Repo, box: Sandbox, tmp_path: Path) -> None:
    (made.tracker / "local").symlink_to(tmp_path / "tmp")
    done = box.run("update", "OW-1", "--status", "todo", "--json")
    assert (done.status, done.error()["code"]) == (7, "invalid_data")
    assert not (tmp_path / "tmp" / "lock").exists()


def test_a_purge_takes_what_waits_in_other_worktrees_too(made: Repo, tmp_path: Path) -> None:
    made.ok("new", "Has a secret")
    made.commit()
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = sandbox(Repo(tmp_path / "linked"), tmp_path / "tmp")
    linked.ok("comment", "add", "OW-2", "--body", "hunter2", *_BOT)
    linked.ok("update", "OW-1", "--status", "todo", *_BOT)
    made.ok("ticket", "delete", "OW-2", "--purge")
    made.ok("purge", "--history", "OW-2")
    assert "hunter2" not in pending(linked).read_text()
    shutil.rmtree(linked.folder("OW-2") / "comments")
    Repo(linked.path).ok("new", "next")
    journal = Repo(made.path / ".git/gittracker/journal.git")
    assert "openkit: OW-2 purged" in journal.git("log", "--all", "--format=%s").splitlines()
    assert "hunter2" not in journal.git("log", "--all", "-p")
    assert [s for _, s in subjects(Repo(linked.path))][:2] == ["OW-3 created: next", "OW-1 status backlog → todo"]


# --- audit, seeds, choice ---

def test_an_audit_takes_what_waits_for_what_it_says_and_that_it_waits(box: Sandbox, made: Repo) -> None:
    box.ok("update", "OW-1", "--status", "todo", *_BOT)
    box.ok("new", "Second", *_BOT)
    for repo in (made, box):
        audit = repo.json("audit", "verify")
        assert audit["findings"] == []
        assert [text for text in audit["limits"] if text.startswith("2 entries of sandboxed commands still wait")]
    made.ok("new", "Third")
    audit = made.json("audit", "verify")
    assert audit["findings"] == [] and not [text for text in audit["limits"] if "wait" in text]


def test_an_index_of_ones_own_begins_with_the_clones_and_is_brought_up_to_date(made: Repo, tmp_path: Path) -> None:
    made.ok("comment", "add", "OW-1", "--body", "zebrafish")
    cache, = (made.path / ".git/gittracker/cache").glob("*.db")
    with sqlite3.connect(cache) as index:
        index.execute("INSERT INTO meta VALUES ('planted', 1)")
    made.file("OW-1").write_text(made.file("OW-1").read_text().replace("Upload fails", "Upload is slow"))
    box = sandbox(made, tmp_path / "tmp")
    assert box.json("show", "OW-1")["title"] == "Upload is slow"
    assert box.json("search", "zebrafish")["total"] == 1
    own, = box.tmp.rglob("*.db")
    with sqlite3.connect(own) as index:
        assert index.execute("SELECT value FROM meta WHERE key = 'planted'").fetchall() == [(1,)]
    own.unlink()
    cache.write_bytes(cache.read_bytes()[:8192] + b"broken" * 1000)
    assert box.json("search", "zebrafish")["total"] == 1
    assert box.json("show", "OW-1")["title"] == "Upload is slow"


def test_a_sandbox_can_be_chosen(made: Repo) -> None:
    chosen = {"GITTRACKER_SANDBOXED": "1"}
    made.ok("update", "OW-1", "--status", "todo", env=chosen)
    assert "(pending)" in made.ok("log", "--limit", "1")
    (made.tracker / "hooks.yaml").write_text("hooks: []\n")
    for words in (["commit"], ["purge", "--history", "OW-1"], ["trust", ".openkit/hooks.yaml"],
                  ["trust", "revoke", "--all"]):
        done = made.run(*words, "--as", "alice", "--json", env=chosen)
        assert (done.status, done.error()["code"]) == (6, "sandboxed"), words
    made.ok("commit")
    check_whole(made)


def test_what_two_worktrees_changed_is_read_and_written_in_a_sandbox_too(made: Repo, tmp_path: Path) -> None:
    made.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "linked"))
    made.ok("update", "OW-1", "--title", "Upload is slow")
    Repo(tmp_path / "linked").ok("update", "OW-1", "--label-add", "net")
    box = sandbox(made, tmp_path / "tmp")
    shown = box.json("show", "OW-1")
    assert (shown["title"], shown["labels"]) == ("Upload is slow", ["backend", "net"])
    box.ok("comment", "add", "OW-1", "--body", "seen")
    assert made.json("show", "OW-1")["comment_count"] == 1
