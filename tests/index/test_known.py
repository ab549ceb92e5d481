"""Many tickets read at once leave the same rows, events and notes as one read after the other, and as a new index."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gittracker.domain import ids
from gittracker.domain.comment import Comment
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services.tracker import Tracker, open_tracker
from gittracker.store import layout
from tests.support import Repo

_COUNT = 14  # more than are asked for one by one

ROWS = {
    "ticket": "SELECT {ticket} FROM ticket t ORDER BY folder",
    "comment": "SELECT t.folder, c.name, c.etag, c.ref, c.deleted, c.text FROM comment c JOIN ticket t "
               "ON t.id = c.ticket ORDER BY 1, 2",
    "words": "SELECT t.folder, d.title, d.description, d.comments, d.workpad FROM doc d JOIN ticket t ON t.id = d.id "
             "ORDER BY 1",
    "found": "SELECT t.folder FROM words w JOIN ticket t ON t.id = w.rowid WHERE words MATCH 'zebra' ORDER BY 1",
    "edge": "SELECT t.folder, e.field, e.target, e.target_ref FROM edge e JOIN ticket t ON t.id = e.ticket "
            "ORDER BY 1, 2, 3",
    "alias": "SELECT t.folder, a.name FROM alias a JOIN ticket t ON t.id = a.ticket ORDER BY 1, 2",
    "tally": "SELECT * FROM tally WHERE count <> 0 ORDER BY 2, 3, 4",
    "problem": "SELECT path, line, message FROM problem ORDER BY 1, 2, 3",
    "workpads": "SELECT key FROM meta WHERE key LIKE 'workpad:%' ORDER BY 1",
}
TOLD = {
    "event": "SELECT type, ref, slug, changes, source FROM event ORDER BY slug, type, ref, changes",
    "outside": "SELECT path FROM outside ORDER BY 1",
}


def ref_of(number: int) -> str:
    """Give a ticket's ref."""
    return f"tik_{number:032x}"


def ticket_of(number: int) -> Ticket:
    """Make a ticket; each but the first waits for the one before."""
    return Ticket(ref=ref_of(number), slug=f"OW-{number}", title=f"Ticket {number}", status="todo", priority="high",
                  depends_on=(ref_of(number - 1),) if number > 1 else (), body=f"Text {number}.\n\nzebra")


def folder_of(top: Path, number: int) -> Path:
    """Give a ticket's folder."""
    return top / ".openkit" / layout.ticket_folder(f"OW-{number}", ref_of(number))


def remark(folder: Path, number: int, text: str) -> None:
    """Write a comment."""
    made = Comment(ref=ids.make_ref("cmt", f"{number:032x}"), by="bob", at="2026-10-02T10:00:00Z", body=text)
    (folder / "comments").mkdir(exist_ok=True)
    (folder / "comments" / f"20261002T100000Z-{number:04d}.md").write_bytes(entity_md.render(made))


def edit(folder: Path, old: str, new: str) -> None:
    """Edit a ticket's file."""
    text = (folder / "ticket.md").read_text()
    assert old in text
    (folder / "ticket.md").write_text(text.replace(old, new))


def break_it(folder: Path) -> None:
    """Leave a file that can't be read."""
    (folder / "ticket.md").write_text("---\ntitle: x\nno end")


def change_remarks(folder: Path) -> None:
    """Add a comment, change one, remove one."""
    remark(folder, 3, "third")
    remark(folder, 1, "first, but other")
    (folder / "comments" / "20261002T100000Z-0002.md").unlink()


def move(folder: Path) -> None:
    """Give a ticket's folder another name."""
    folder.rename(folder.with_name("OW-11-moved"))


CHANGES: dict[int, Callable[[Path], Any]] = {
    1: lambda folder: edit(folder, "status: todo", "status: done"),
    2: lambda folder: edit(folder, "priority: high", "priority: urgent\n\nx_wave: 2"),
    3: change_remarks,
    4: break_it,
    5: lambda folder: (folder / "workpad.md").write_text("## Plan\n\nfirst this\n"),
    6: lambda folder: (folder / "workpad.md").unlink(),
    7: shutil.rmtree,
    8: lambda folder: edit(folder, "slug: OW-8", "slug: OW-80\n\naliases:\n- OW-8"),
    9: lambda folder: folder.joinpath("ticket.md").write_bytes(entity_md.render(ticket_of(9))),  # it was broken
    10: lambda folder: edit(folder, ref_of(9), "OW-1"),
    11: move,
    12: lambda folder: edit(folder, "zebra", "lion"),
    13: lambda folder: edit(folder, "status: todo", "status: unknown"),
    14: lambda folder: None,
}


def opened(top: Path) -> Tracker:
    """Open a tracker as a daemon does."""
    tracker = open_tracker(str(top), "alice", time.time_ns, os.urandom)
    tracker.is_watcher = True
    return tracker


def rows(top: Path, questions: dict[str, str], *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """Read the newest index."""
    path = max((top / ".git/gittracker/cache").glob("index-*.db"), key=lambda p: int(p.stem.split(".")[-1]))
    with closing(sqlite3.connect(path)) as index:
        columns = [row[1] for row in index.execute("PRAGMA table_info(ticket)") if row[1] not in ("id", *but)]
        return {name: index.execute(sql.replace("{ticket}", ", ".join(columns))).fetchall()
                for name, sql in questions.items()}


@pytest.fixture
def work(repo: Repo) -> Repo:
    """Give a tracker whose tickets' files were seen, and journalled in part."""
    for number in range(1, _COUNT + 1):
        folder = folder_of(repo.path, number)
        folder.mkdir(parents=True)
        (folder / "ticket.md").write_bytes(entity_md.render(ticket_of(number)))
    for number in (1, 2):
        remark(folder_of(repo.path, 3), number, f"remark {number}")
    (folder_of(repo.path, 6) / "workpad.md").write_text("## Plan\n")
    break_it(folder_of(repo.path, 9))
    repo.ok("update", "OW-2", "--label-add", "a")
    repo.ok("ls")
    repo.ok("ls")
    return repo


def test_tickets_read_at_once_leave_what_is_left_when_each_is_read_alone(work: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(work.path, other, symlinks=True)
    with closing(opened(other)) as tracker:
        for number, change in CHANGES.items():
            folder = folder_of(other, number)
            change(folder)
            tracker.scanner.refresh_folders([folder.relative_to(other / ".openkit").as_posix()])
    with closing(opened(work.path)) as tracker:
        for number, change in CHANGES.items():
            change(folder_of(work.path, number))
        tracker.refresh(deep=True)
    assert rows(work.path, ROWS, "updated_at") == rows(other, ROWS, "updated_at")
    together, alone = rows(work.path, TOLD), rows(other, TOLD)
    moved = ("ticket.created", "ticket.deleted")  # a folder's new name is seen after its old one where each is alone
    assert together["outside"] == alone["outside"]
    assert [one for one in together["event"] if one[0] not in moved] == [
        one for one in alone["event"] if one[0] not in moved]
    assert len(together["event"]) > 10


def test_tickets_read_at_once_leave_what_a_new_index_has(work: Repo) -> None:
    del (changes := dict(CHANGES))[4]  # of which a new index has no last good row
    with closing(opened(work.path)) as tracker:
        for number, change in changes.items():
            change(folder_of(work.path, number))
        tracker.refresh(deep=True)
    kept = rows(work.path, ROWS)
    work.ok("reindex")
    assert rows(work.path, ROWS) == kept


def test_tickets_dated_at_once_by_a_commit_are_dated_as_in_a_new_index(work: Repo) -> None:
    before = rows(work.path, {"dates": "SELECT folder, updated_at FROM ticket"})
    work.git("add", "-A")
    work.git("commit", "-qm", "all of them", GIT_AUTHOR_DATE="2026-01-02T03:04:05Z",
             GIT_COMMITTER_DATE="2026-01-02T03:04:05Z")
    with closing(opened(work.path)) as tracker:
        for _ in range(2):
            tracker.refresh(deep=True)
    kept = rows(work.path, ROWS)
    work.ok("reindex")
    assert rows(work.path, ROWS) == kept
    dates = rows(work.path, {"dates": "SELECT folder, updated_at FROM ticket"})
    assert dates != before
    assert sum(date == "2026-01-02T03:04:05Z" for _, date in dates["dates"]) > _COUNT // 2
