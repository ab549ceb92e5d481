"""What is kept counted is what a count of the rows gives, whatever came, went, or began and ceased to wait."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support import Repo

_WAITS = ("SELECT count(*) FROM edge e LEFT JOIN ticket b ON b.ref = e.target_ref AND b.worktree = t.worktree WHERE "
          "e.ticket = t.id AND e.field = 'depends_on' AND (b.id IS NULL OR b.stage NOT IN ('completed', 'canceled'))")
_OPEN = ("SELECT count(*) FROM comment q WHERE q.ticket = t.id AND q.question AND NOT q.deleted AND NOT EXISTS ("
         "SELECT 1 FROM comment a WHERE a.ticket = t.id AND a.answers = q.ref AND NOT a.deleted)")


def newest(repo: Repo) -> Path:
    """Give the file of the newest index."""
    return max((repo.path / ".git/gittracker/cache").glob("index-*.db"), key=lambda p: int(p.stem.rpartition(".")[2]))


def check(repo: Repo, ready: int) -> None:
    """Hold all that is kept against the rows, and what `ready` counts against what is expected."""
    found = repo.json("ready", "--all")
    assert len(found["tickets"]) == found["total"] == repo.json("ready")["total"] == ready
    assert repo.json("ls")["total"] == len(repo.json("ls")["tickets"])
    with closing(sqlite3.connect(newest(repo))) as index:
        kept = index.execute("SELECT * FROM tally WHERE count <> 0 ORDER BY 1, 2, 3, 4").fetchall()
        counted = index.execute(
            "SELECT worktree, archived, stage, waits = 0 AND questions = 0 AND (approval = 'approved' OR approval = '' "
            "AND worktree NOT IN (SELECT worktree FROM gate)), count(*) FROM ticket "
            "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4").fetchall()
        assert kept == counted
        assert index.execute(f"SELECT slug FROM ticket t WHERE waits <> ({_WAITS})").fetchall() == []
        assert index.execute(f"SELECT slug FROM ticket t WHERE questions <> ({_OPEN})").fetchall() == []


def test_what_waits_is_counted_through_every_way_that_a_ticket_can_change(repo: Repo, tmp_path: Path) -> None:
    for number in range(1, 6):
        repo.ok("new", f"Ticket {number}", "--status", "todo")
    repo.ok("update", "OW-2", "--depends-on-add", "OW-1")
    repo.ok("update", "OW-3", "--depends-on-add", "OW-1", "--depends-on-add", "OW-2")
    check(repo, 3)
    repo.ok("reindex")
    check(repo, 3)
    repo.ok("done", "OW-1")
    check(repo, 3)
    file = repo.file("OW-4")
    file.write_text(file.read_text().replace("\ndepends_on:\n", "\ndepends_on:\n- OW-5\n- OW-9\n"))
    check(repo, 2)
    repo.ok("new", "Ticket 6", "--status", "todo")
    repo.ok("ticket", "delete", "OW-5")
    repo.ok("claim", "OW-6")
    check(repo, 1)
    shutil.rmtree(repo.file("OW-2").parent)
    check(repo, 0)
    file = repo.file("OW-3")
    file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith("- tik_")))
    check(repo, 1)
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "other"))
    Repo(tmp_path / "other").ok("update", "OW-3", "--status", "backlog")
    check(repo, 0)


def test_a_status_that_gets_another_stage_frees_what_waited_for_it(repo: Repo) -> None:
    repo.ok("new", "First", "--status", "in-review")
    repo.ok("new", "Second", "--status", "todo", "--depends-on", "OW-1")
    check(repo, 0)
    statuses = repo.tracker / "statuses.yaml"
    text = statuses.read_text()
    place = text.index("slug: in-review")
    statuses.write_text(text[:place] + text[place:].replace("stage: started", "stage: completed", 1))
    check(repo, 1)


def test_a_policy_that_asks_for_approval_counts_only_what_was_approved(repo: Repo, tmp_path: Path) -> None:
    for number in range(1, 5):
        repo.ok("new", f"Ticket {number}", "--status", "todo")
    policy = repo.tracker / "policy.yaml"
    policy.write_text("approval: required\n")
    check(repo, 0)
    assert repo.json("ticket", "approve", "OW-1", "OW-2")["results"][0]["ticket"]["ready"]
    check(repo, 2)
    repo.ok("ticket", "approve", "OW-2", "--withdraw")
    check(repo, 1)
    repo.ok("reindex")
    check(repo, 1)
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    (other.tracker / "policy.yaml").write_text("approval: optional\n")  # which is home's to say
    other.ok("ticket", "approve", "OW-3")
    check(repo, 2)
    assert other.json("ready")["total"] == 2
    done = other.run("claim", "OW-4", "--json")
    assert done.status == 6 and "not approved" in done.error()["message"]
    policy.unlink()
    check(repo, 3)
    repo.ok("reindex")
    check(repo, 3)
