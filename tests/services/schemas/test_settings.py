"""What is printed of statuses, projects and members fits its schema."""

from __future__ import annotations

from gittracker.formats import yaml_doc
from tests.support import Repo
from tests.test_schemas import fits


def test_statuses_fit(repo: Repo) -> None:
    repo.ok("new", "A")
    made = fits("output/write", repo.json("status", "create", "QA", "--stage", "started", "--max-active-runs", "2"))
    assert fits("output/status", repo.json("status", "show", "qa"))["etag"] == made["receipt"]["new_etag"]
    assert fits("output/statuses", repo.json("status", "list"))["total"] == 7
    assert fits("output/rehearsal", repo.json("status", "reset", "--set", "openkit", "--dry-run"))["changes"]
    assert len(fits("output/write", repo.json("status", "update", "backlog", "--name", "Later"))["also"]) == 1
    assert fits("output/write", repo.json("status", "delete", "later", "--to", "qa"))["status"] is None
    fits("files/statuses", yaml_doc.load((repo.tracker / "statuses.yaml").read_bytes(), ""))
    assert len(fits("output/write", repo.json("status", "reset"))["results"]) > 1
    fits("output/log", repo.json("log"))
    fits("files/statuses", yaml_doc.load((repo.tracker / "statuses.yaml").read_bytes(), ""))
