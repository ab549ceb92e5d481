"""What the commands for pages print fits its schemas."""

from __future__ import annotations

from tests.support import Repo
from tests.test_schemas import fits, front


def test_pages_fit(repo: Repo) -> None:
    made = fits("output/write", repo.json("page", "write", "guide/setup", "--body", "One.", "--label-add", "a"))
    assert made["page"]["name"] == "OW/guide/setup"
    said = fits("output/write", repo.json("comment", "add", "OW/guide/setup", "--body", "ok"))
    assert (said["page"]["labels"], said["comment"]["body"]) == (["a"], "ok")
    repo.ok("page", "write", "guide/setup", "--body", "Two.")
    shown = fits("output/page", repo.json("page", "show", "guide/setup"))
    assert (shown["updated_by"], shown["comments"][0]["body"]) == ("alice-smith", "ok")
    assert fits("output/pages", repo.json("page", "list", "two"))["pages"][0]["snippet"] == "Two."
    assert fits("output/page_tree", repo.json("page", "tree"))["total"] == 1
    assert fits("output/page_log", repo.json("page", "log", "guide/setup"))["total"] == 2
    assert fits("output/page_at", repo.json("page", "show", "guide/setup", "--at", "1"))["body"] == "One."
    assert fits("output/page_diff", repo.json("page", "diff", "guide/setup"))["diff"][-1] == "+Two."
    fits("output/write", repo.json("page", "move", "guide", "manual"))
    gone = fits("output/write", repo.json("page", "delete", "manual/setup"))
    assert gone["receipt"]["new_etag"] is None


def test_a_pages_file_fits_moved_or_by_hand(repo: Repo) -> None:
    repo.ok("page", "write", "guide", "--body", "One.", "--title", "no", "--label-add", "1.10")
    repo.ok("page", "move", "guide", "manual")
    fits("files/page", front(repo.tracker / "pages/OW/manual.md"))
    (repo.tracker / "pages/OW/notes.md").write_text("# Notes\n")
    assert fits("output/page", repo.json("page", "show", "notes"))["ref"] is None
