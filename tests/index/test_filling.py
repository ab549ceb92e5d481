"""A new index is filled once, whatever the board shows otherwise than home's files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support import Repo


def counts(repo: Repo) -> list[int]:
    """Count tickets and their texts in the newest index, whose words must be those of the texts."""
    path = max((repo.path / ".git/gittracker/cache").glob("index-*.db"), key=lambda p: int(p.stem.rpartition(".")[2]))
    with closing(sqlite3.connect(path)) as index:
        index.execute("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")
        return [index.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("ticket", "doc")]


def test_a_ticket_that_another_worktree_changed_is_there_once_and_stays_searchable(repo: Repo, tmp_path: Path) -> None:
    for number in range(1, 4):
        repo.ok("new", f"Ticket {number}", "--description", "plain")
    repo.commit()
    repo.git("worktree", "add", "-q", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    for number in (1, 2):
        file = other.file(f"OW-{number}")
        file.write_text(file.read_text().replace("plain", "overlaid"))
    for top in (repo, other):
        top.ok("reindex")
        assert counts(repo) == [3, 3]
    for number in (1, 2):
        file = other.file(f"OW-{number}")
        file.write_text(file.read_text().replace("overlaid", "changed again"))
    assert repo.json("search", "changed")["total"] == 2
    assert repo.json("search", "overlaid")["total"] == 0
    assert counts(repo) == [3, 3]
