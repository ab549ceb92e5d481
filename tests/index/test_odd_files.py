"""Files that are no plain files, or not what they should be, hide nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import Repo, make_repo


@pytest.mark.parametrize("kind", ["folder", "loop", "pipe", "link"])
def test_an_odd_ticket_file_is_a_problem_and_the_rest_is_listed(repo: Repo, tmp_path: Path, kind: str) -> None:
    repo.ok("new", "good")
    folder = repo.tracker / "tickets" / "0" / "OW-3-odd0"
    folder.mkdir()
    path = folder / "ticket.md"
    if kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        (tmp_path / "secret").write_text("---\ntitle: secret\n---\n")
        path.symlink_to(tmp_path / "secret")
    out = repo.ok("ls")
    assert "good" in out and "secret" not in out and "1 file(s) with problems" in out
    assert "OW-3-odd0/ticket.md: not a plain file" in repo.run("doctor").out
    repo.ok("update", "OW-1", "--priority", "high")


def test_an_odd_comment_is_a_problem_and_is_not_shown(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "good")
    repo.ok("comment", "add", "OW-1", "--body", "kept")
    (tmp_path / "secret").write_text("sesame")
    comments = repo.folder("OW-1") / "comments"
    (comments / "link.md").symlink_to(tmp_path / "secret")
    (comments / "folder.md").mkdir()
    out = repo.ok("show", "OW-1")
    assert "kept" in out and "sesame" not in out and "not a plain file" in out
    assert repo.json("search", "kept")["total"] == 1


def test_conflict_markers_in_a_description_are_a_problem_with_their_line(repo: Repo) -> None:
    repo.ok("new", "good", "--description", "one")
    path = repo.file("OW-1")
    path.write_text(path.read_text() + "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")
    line = path.read_text().split("\n").index("<<<<<<< HEAD") + 1
    assert f"ticket.md:{line}: git conflict markers in the description" in repo.run("doctor").out
    assert repo.json("show", "OW-1")["title"] == "good"


def test_one_broken_ticket_does_not_stop_a_commit(repo: Repo) -> None:
    repo.ok("new", "good")
    (repo.tracker / "tickets" / "0" / "OW-9-bad0").mkdir()
    (repo.tracker / "tickets" / "0" / "OW-9-bad0" / "ticket.md").write_bytes(b"\xff")
    repo.ok("commit")
    assert repo.git("status", "--porcelain") == ""
    assert "Ticket: OW-9" in repo.git("log", "-1", "--format=%B")


def test_a_repository_that_ignores_the_tracker_is_told(bare_repo: Repo) -> None:
    (bare_repo.path / ".gitignore").write_text(".openkit/\n")
    bare_repo.ok("init", "--prefix", "OW")
    refused = bare_repo.run("commit")
    assert refused.status == 5 and ".gitignore:1:.openkit/" in refused.err
    assert "git ignores the tracker's files" in bare_repo.run("doctor").out


def test_a_linked_tracker_folder_is_refused(repo: Repo, tmp_path: Path) -> None:
    other = make_repo(tmp_path / "other")
    (other.path / ".openkit").symlink_to(repo.tracker)
    assert other.run("ls").status == 4


def test_a_folder_that_is_gone_is_no_place_to_work(repo: Repo) -> None:
    import subprocess
    import sys

    from tests.support import environment
    gone = repo.path / "gone"
    code = f"import os; os.mkdir({str(gone)!r}); os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n" \
           "from gittracker.wiring import run; import sys; sys.argv[1:] = ['ls']; run()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env=environment())
    assert done.returncode == 4 and "no longer exists" in done.stderr


def test_a_linked_ticket_edited_by_hand_is_shown_as_it_is_now(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("new", "two")
    repo.ok("ticket", "link", "OW-1", "related", "OW-2")
    path = repo.file("OW-2")
    path.write_text(path.read_text().replace("title: two", "title: new name"))
    assert "related to OW-2 new name" in repo.ok("show", "OW-1")


def test_fresh_reads_what_no_stamp_betrays(repo: Repo) -> None:
    repo.ok("new", "one")
    repo.ok("workpad", "set", "OW-1", "--body", "alpha")
    repo.ok("search", "alpha")
    path = repo.folder("OW-1") / "workpad.md"
    with path.open("r+") as file:
        file.write("gamma")
    assert repo.json("search", "gamma", "--fresh")["total"] == 1


def test_a_slip_in_a_priority_is_an_error_not_an_empty_list(repo: Repo) -> None:
    repo.ok("new", "one")
    slip = repo.run("ls", "priority:>=hihg")
    assert slip.status == 2 and "urgent, high" in slip.err
