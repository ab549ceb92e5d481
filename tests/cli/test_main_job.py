"""The main job, end to end."""

from __future__ import annotations

from tests.support import Repo


def test_a_ticket_goes_from_new_to_done(repo: Repo) -> None:
    repo.ok("new", "Upload fails", "--status", "todo", "--priority", "high")
    repo.ok("new", "Release notes", "--status", "todo", "--depends-on", "OW-1")
    assert [t["slug"] for t in repo.json("ready")["tickets"]] == ["OW-1"]
    repo.ok("update", "OW-1", "--status", "In Progress", "--as", "bot:codex-1")
    repo.ok("comment", "add", "OW-1", "--body", "found it")
    repo.ok("done", "OW-1")
    shown = repo.json("show", "ow-1")
    assert (shown["status"], shown["stage"], shown["comment_count"]) == ("done", "completed", 1)
    assert [t["slug"] for t in repo.json("ready")["tickets"]] == ["OW-2"]
    assert "status: in-progress → done" in repo.ok("log", "OW-1")
