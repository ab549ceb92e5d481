"""Updates: ordered by activity, found by what people remember, edited and deleted without losing what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_repo
from tests.test_schemas import fits, front


def add(repo: Repo, status: str, body: str, *more: str) -> str:
    """Add an update and give its name."""
    return str(repo.json("updates", "add", "--status", status, "--body", body, *more)["update"]["name"])


@pytest.fixture
def told(repo: Repo) -> Repo:
    """Give a tracker with three updates of two projects."""
    (repo.tracker / "projects" / "WEB.md").write_text(
        (repo.tracker / "projects" / "OW.md").read_text().replace("OW", "WEB"))
    add(repo, "on_track", "first")
    add(repo, "at_risk", "second  of\nthree " + "long " * 40, "--project", "web")
    add(repo, "off_track", "third", "--title", "Stuck")
    return repo


def names(repo: Repo, *words: str) -> list[str]:
    """List the updates' headings."""
    return [one["heading"].split(" ")[0] for one in repo.json("updates", "list", *words)["updates"]]


def test_the_newest_activity_comes_first_and_a_comment_is_activity(told: Repo) -> None:
    first = told.json("updates", "list")["updates"][-1]["name"]
    assert names(told) == ["Stuck", "second", "first"]
    file = next(told.tracker.glob(f"updates/{first}/update.md"))
    told.ok("comment", "add", first, "--body", "why?")
    comment = next(file.parent.glob("comments/*.md"))
    comment.write_text(comment.read_text().replace("at: 2", "at: 3"))  # a thousand years later
    listed = fits("output/updates", told.json("updates", "list"))["updates"]
    assert [one["heading"][:5] for one in listed] == ["first", "Stuck", "secon"]
    assert (listed[0]["comment_count"], listed[0]["last_activity_at"][0]) == (1, "3")
    told.ok("comment", "delete", first, "1")
    assert {one["name"]: one["comment_count"] for one in told.json("updates", "list")["updates"]}[first] == 0


def test_lists_are_filtered_and_go_on_page_by_page(told: Repo) -> None:
    assert names(told, "--project", "WEB") == ["second"]
    assert names(told, "--status", "off-track") == ["Stuck"]
    assert told.run("updates", "list", "--project", "X").status == 3
    assert told.run("updates", "list", "--status", "fine").status == 7
    seen: list[str] = []
    cursor: list[str] = []
    for _ in range(3):
        page = told.json("updates", "list", "--limit", "1", *cursor)
        seen += [one["heading"][:5] for one in page["updates"]]
        cursor = ["--cursor", str(page["cursor"])]
    assert (seen, page["cursor"], page["total"]) == (["Stuck", "secon", "first"], None, 3)


def test_an_update_is_found_by_what_people_remember_and_the_newest_without_a_name(told: Repo) -> None:
    shown = fits("output/update", told.json("updates", "show"))
    assert (shown["title"], shown["status"], shown["comments"]) == ("Stuck", "off_track", [])
    for name in (shown["name"], shown["ref"], shown["name"][-4:], shown["name"][-4:].upper(), shown["ref"][:25]):
        assert told.json("updates", "show", name)["ref"] == shown["ref"]
    done = told.run("updates", "show", shown["name"][:8], "--json")
    assert done.status == 5 and done.error()["code"] == "ambiguous" and len(done.error()["candidates"]) == 3


def test_without_a_title_the_heading_is_the_texts_beginning(told: Repo) -> None:
    second = next(one for one in told.json("updates", "list")["updates"] if one["project"] == "WEB")
    assert second["title"] is None
    assert second["heading"].startswith("second of three long") and 90 < len(second["heading"]) <= 100


def test_revisions_say_who_wrote_what_and_a_deleted_text_is_still_there(told: Repo) -> None:
    name = told.json("updates", "show")["name"]
    told.ok("updates", "edit", name, "--body", "unstuck", "--status", "on_track", "--as", "bot:codex-1")
    told.ok("comment", "add", name, "--body", "well")
    told.ok("comment", "edit", name, "1", "--body", "well done")
    told.ok("updates", "delete", name[-4:])
    found = fits("output/revisions", told.json("updates", "revisions", name))["revisions"]
    assert [(one["number"], one["by"], one["status"], one["title"], one["body"]) for one in found] == [
        (1, "alice-smith", "off_track", "Stuck", "third"), (2, "bot:codex-1", "on_track", "Stuck", "unstuck"),
        (3, "alice-smith", "on_track", None, "")]
    remarks = fits("output/revisions", told.json("updates", "revisions", name, "--comment", "1"))["revisions"]
    assert [one["body"] for one in remarks] == ["well", "well done"]
    shown = told.json("updates", "show", name)
    assert (shown["deleted_by"], shown["comment_count"], shown["body"]) == ("alice-smith", 1, "")
    assert names(told) == ["second", "first"] and len(names(told, "--deleted")) == 3
    assert told.run("updates", "edit", name, "--body", "again").status == 5
    fits("files/update", front(next(told.tracker.glob(f"updates/{name}/update.md"))))


def test_revisions_of_an_update_that_came_by_git_are_those_of_the_commits(told: Repo, tmp_path: Path) -> None:
    name = told.json("updates", "show")["name"]
    told.commit("weekly")
    told.ok("updates", "edit", name, "--body", "later")
    told.commit("later")
    clone = make_repo(tmp_path / "clone")
    clone.git("pull", "-q", str(told.path), "main")
    found = clone.json("updates", "revisions", name)["revisions"]
    assert [(one["by"], one["body"]) for one in found] == [("Alice Smith", "third"), ("Alice Smith", "later")]
    clone.ok("updates", "edit", name, "--body", "latest", "--as", "bob")
    assert [one["by"] for one in clone.json("updates", "revisions", name)["revisions"]][2:] == ["bob"]


def test_an_edit_that_says_nothing_new_changes_nothing(told: Repo) -> None:
    before = told.json("updates", "show")
    done = told.json("updates", "edit", before["name"], "--status", "off track", "--body", "third\n")
    assert done["receipt"]["entry"] is None
    assert told.json("updates", "show") == before


def test_deleting_and_adding_can_be_undone(told: Repo) -> None:
    name = told.json("updates", "show")["name"]
    told.ok("updates", "delete", name)
    told.ok("undo")
    assert told.json("updates", "show")["title"] == "Stuck"
    add(told, "on_track", "a slip")
    told.ok("undo")
    assert names(told) == ["Stuck", "second", "first"]


def test_two_branches_that_each_tell_something_merge_with_plain_git(told: Repo) -> None:
    name = told.json("updates", "show")["name"]
    told.commit("told")
    told.git("switch", "-q", "-c", "other")
    told.ok("updates", "edit", name, "--status", "at_risk")
    add(told, "on_track", "there")
    told.commit("there")
    told.git("switch", "-q", "main")
    told.ok("comment", "add", name, "--body", "here too")
    add(told, "on_track", "here")
    told.commit("here")
    told.git("merge", "-q", "--no-edit", "other")
    assert sorted(names(told)) == ["Stuck", "first", "here", "second", "there"]
    assert (told.json("updates", "show", name)["status"], told.json("updates", "show", name)["comment_count"]) == (
        "at_risk", 1)


def test_a_batch_names_the_update_that_it_made(repo: Repo) -> None:
    first = add(repo, "on_track", "first")
    repo.ok("batch", given=f'["updates","edit","{first[-4:]}","--status","at_risk"]\n'
            f'["updates","edit","{first}","--title","Late"]\n["comment","add","{first}","--body","why?"]\n')
    shown = repo.json("updates", "show", first)
    assert (shown["status"], shown["title"], shown["comment_count"]) == ("at_risk", "Late", 1)
