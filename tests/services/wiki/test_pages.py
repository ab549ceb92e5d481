"""Pages: found by path, moved with all that is theirs, merged by git, and never lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import Repo


def page(repo: Repo, path: str) -> Path:
    """Give a page's file by its full path."""
    return repo.tracker / "pages" / f"{path}.md"


def names(repo: Repo, *words: str) -> list[str]:
    """List the pages that a search finds."""
    return [one["name"] for one in repo.json("page", "list", *words)["pages"]]


@pytest.fixture
def wiki(repo: Repo) -> Repo:
    """Give a tracker with a guide, a page below it, and a comment and a file beside that."""
    repo.ok("batch", given='["page","write","guide","--title","Guide","--body","Begin here."]\n'
            '["page","write","guide/setup","--title","Setup","--body","One.\\n\\nTwo.\\n\\nThree."]\n'
            '["comment","add","OW/guide/setup","--body","good"]\n')
    (repo.tracker / "pages/OW/guide/setup.files").mkdir()
    (repo.tracker / "pages/OW/guide/setup.files/plan.png").write_bytes(b"\x89PNG\xff\x00")
    return repo


def test_a_path_is_lower_case_and_its_first_part_may_name_the_project(wiki: Repo) -> None:
    for path in ("guide/setup", "Guide/SETUP.md", "OW/guide/setup", "ow/guide/setup", "setup", "OW/guide/set"):
        assert wiki.json("page", "show", path)["name"] == "OW/guide/setup"
    ref = wiki.json("page", "show", "guide/setup")["ref"]
    assert ref.startswith("sbn_")
    digits = ref[4:]
    dashed = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    assert {wiki.json("page", "show", name)["name"] for name in (ref, ref[:30], dashed)} == {"OW/guide/setup"}
    assert wiki.run("page", "show", "gui").status == 5  # guide, or guide/setup


def test_a_path_that_begins_another_makes_a_page_of_its_own(wiki: Repo) -> None:
    wiki.ok("page", "write", "gui", "--body", "not the guide")
    assert names(wiki) == ["OW/gui", "OW/guide", "OW/guide/setup"]


def test_a_page_belongs_to_the_project_that_is_named(wiki: Repo) -> None:
    (wiki.tracker / "projects/WEB.md").write_text("---\nref: prj_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f\n\nkey: WEB\n---\n")
    wiki.ok("page", "write", "WEB/guide", "--body", "the web's")
    wiki.ok("page", "write", "about", "--project", "web", "--body", "about the web")
    assert names(wiki, "--project", "WEB") == ["WEB/about", "WEB/guide"]
    assert wiki.json("page", "show", "guide")["body"] == "Begin here."
    assert wiki.run("page", "write", "OW/x", "--project", "WEB", "--body", "y").status == 2
    wiki.ok("page", "move", "OW/guide", "WEB/manual")
    assert wiki.json("page", "show", "guide/setup")["name"] == "WEB/manual/setup"


@pytest.mark.parametrize("path", [
    "", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", "a/..", ".hidden", "a/.git", "con", "a/nul.txt", "a\\b", "a:b",
    "a?", "a\nb", "a\x00b", "x" * 181, "/".join("abcdefghijklm"), "a.comments", "a.files/b", "a.md/b", " a", "a ", "a.",
    "a/git~1", "-a", "OW/", "ow/../../x", "a.comments.md"])
def test_a_path_that_no_file_can_have_is_refused(bare_repo: Repo, path: str) -> None:
    bare_repo.ok("init", "--prefix", "OW")
    done = bare_repo.run("page", "write", "--body", "x", "--json", "--", path) if "\x00" not in path else None
    if done:
        assert done.status == 2, done.out
        assert done.error()["hint"]
    assert not (bare_repo.tracker / "pages").exists()
    assert sorted(p.name for p in bare_repo.path.iterdir()) == [".git", ".openkit"]


@pytest.mark.parametrize("path", ["日本語/設定", "größe", "a b/c d", "c++", "100%", "release 1.2", "emoji 🎉"])
def test_awkward_paths_work_all_the_way(repo: Repo, path: str) -> None:
    repo.ok("page", "write", path, "--body", "text of it")
    repo.ok("comment", "add", f"OW/{path}", "--body", "ok")
    shown = repo.json("page", "show", path)
    assert (shown["name"], shown["comments"][0]["body"]) == (f"OW/{path}", "ok")
    repo.commit()
    page(repo, f"OW/{path}").write_text(page(repo, f"OW/{path}").read_text() + "more\n")
    repo.ok("page", "move", path, "elsewhere/" + path)
    assert repo.json("page", "show", path)["body"] == "text of it\nmore"
    told = repo.json("page", "log", path)["revisions"]
    assert [one["by"] for one in told] == ["alice-smith", "editor", "alice-smith"]


def test_two_ways_of_unicode_name_one_page(repo: Repo) -> None:
    repo.ok("page", "write", "caf\u00e9", "--body", "one")
    repo.ok("page", "write", "cafe\u0301", "--body", "two")
    assert [one["name"] for one in repo.json("page", "list")["pages"]] == ["OW/caf\u00e9"]


def test_paths_that_a_file_system_takes_for_one_are_refused(repo: Repo) -> None:
    repo.ok("page", "write", "straße/a", "--body", "one")
    done = repo.run("page", "write", "strasse/b", "--body", "two", "--json")
    assert (done.status, done.error()["code"]) == (5, "conflict")
    repo.ok("page", "write", "other", "--body", "x")
    assert repo.run("page", "move", "other", "STRASSE/c").status == 5


def test_a_link_that_leads_out_of_the_tracker_is_not_written_behind(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (repo.tracker / "pages").mkdir()
    (repo.tracker / "pages/OW").symlink_to(tmp_path / "outside")
    done = repo.run("page", "write", "guide", "--body", "x", "--json")
    assert (done.status, done.error()["path"]) == (7, "pages/OW")
    assert not list((tmp_path / "outside").iterdir())


def test_a_write_with_an_etag_meets_the_page_as_it_was_read(wiki: Repo) -> None:
    etag = wiki.json("page", "show", "guide")["etag"]
    made = wiki.json("page", "write", "guide", "--body", "Mine.", "--if-match", etag)
    assert (made["page"]["body"], made["receipt"]["old_etag"]) == ("Mine.", etag)
    assert wiki.run("page", "write", "guide", "--body", "Theirs.", "--if-match", etag).status == 5
    assert wiki.run("page", "write", "unwritten", "--body", "x", "--if-match", etag).status == 5
    assert names(wiki) == ["OW/guide", "OW/guide/setup"]


def test_of_two_writes_at_once_with_one_etag_one_wins(wiki: Repo) -> None:
    etag = wiki.json("page", "show", "guide")["etag"]
    running = [wiki.start("page", "write", "guide", "--body", f"by {n}", "--if-match", etag) for n in range(4)]
    ends = [process.wait() for process in running]
    for process in running:
        process.communicate()
    assert sorted(ends) == [0, 5, 5, 5]
    assert wiki.json("page", "show", "guide")["body"] == f"by {ends.index(0)}"


def test_appends_at_once_are_all_kept(wiki: Repo) -> None:
    running = [wiki.start("page", "append", "journal", "--body", f"entry {n}") for n in range(5)]
    assert [process.wait() for process in running] == [0] * 5
    for process in running:
        process.communicate()
    assert sorted(wiki.json("page", "show", "journal")["body"].split("\n\n")) == [f"entry {n}" for n in range(5)]


def test_a_move_takes_comments_files_and_what_is_below_along(wiki: Repo) -> None:
    before = {name: wiki.json("page", "show", name)["ref"] for name in ("guide", "guide/setup")}
    wiki.ok("page", "move", "guide", "manual/start")
    assert [one["actor"] for one in wiki.json("log")["entries"]][:2] == ["alice-smith", "editor"]  # one, and the file
    assert {name: wiki.json("page", "show", name)["ref"] for name in ("guide", "guide/setup")} == before
    moved = wiki.json("page", "show", "guide/setup")
    assert (moved["name"], moved["aliases"]) == ("OW/manual/start/setup", ["OW/guide/setup"])
    assert moved["comments"][0]["body"] == "good"
    assert (wiki.tracker / "pages/OW/manual/start/setup.files/plan.png").read_bytes() == b"\x89PNG\xff\x00"
    assert not (wiki.tracker / "pages/OW/guide").exists()
    wiki.ok("page", "move", "manual/start", "guide")
    assert wiki.json("page", "show", "guide/setup")["aliases"] == ["OW/manual/start/setup"]


def test_a_page_can_move_below_its_own_path_and_a_folder_into_another(wiki: Repo) -> None:
    wiki.ok("page", "move", "guide", "guide/old")
    assert names(wiki) == ["OW/guide/old", "OW/guide/old/setup"]
    wiki.ok("page", "write", "guide", "--new", "--body", "A new one.")
    assert wiki.json("page", "show", "guide")["body"] == "A new one."
    assert wiki.json("page", "show", "guide/old")["body"] == "Begin here."


def test_a_write_to_an_old_path_reaches_the_moved_page_unless_a_new_one_is_asked_for(wiki: Repo) -> None:
    wiki.ok("page", "move", "guide/setup", "manual")
    wiki.ok("page", "append", "guide/setup", "--body", "Four.")
    assert names(wiki) == ["OW/guide", "OW/manual"]
    assert wiki.json("page", "show", "manual")["body"].endswith("Four.")
    wiki.ok("page", "write", "guide/setup", "--new", "--body", "Another.")
    assert names(wiki) == ["OW/guide", "OW/guide/setup", "OW/manual"]
    assert wiki.json("page", "show", "guide/setup")["body"] == "Another."
    assert [one["name"] for one in wiki.json("page", "log", "manual")["revisions"]][::-1] == [
        "OW/guide/setup", "OW/manual", "OW/manual"]


def test_a_batch_goes_on_with_what_it_moved_and_deleted(wiki: Repo) -> None:
    wiki.ok("batch", given='["page","move","guide","manual"]\n["page","append","guide/setup","--body","Four."]\n'
            '["comment","add","OW/guide/setup","--body","moved"]\n["page","move","guide","book"]\n'
            '["page","delete","book"]\n["page","write","guide","--body","New."]\n')
    assert names(wiki) == ["OW/book/setup", "OW/guide"]
    shown = wiki.json("page", "show", "book/setup")
    assert (shown["body"][-5:], [one["body"] for one in shown["comments"]]) == ("Four.", ["good", "moved"])
    assert shown["aliases"] == ["OW/guide/setup", "OW/manual/setup"]


def test_a_move_onto_a_page_changes_nothing(wiki: Repo) -> None:
    wiki.ok("page", "write", "manual/setup", "--body", "mine")
    before = {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()}
    done = wiki.run("page", "move", "guide", "manual", "--json")
    assert (done.status, done.error()["name"]) == (5, "OW/manual/setup")
    assert {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()} == before


def test_undo_brings_a_moved_page_back_and_refuses_where_it_would_leave_something(wiki: Repo) -> None:
    before = {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()}
    wiki.ok("page", "move", "guide", "manual")
    wiki.ok("undo")
    assert {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()} == before
    wiki.ok("page", "move", "guide", "manual")
    move = wiki.json("log")["entries"][0]["entry"]
    wiki.ok("comment", "add", "OW/manual", "--body", "more")
    assert wiki.run("undo", move).status == 5
    assert names(wiki) == ["OW/manual", "OW/manual/setup"]


def test_a_deleted_page_comes_back_by_undo_and_by_recover(wiki: Repo) -> None:
    before = {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()}
    wiki.ok("page", "delete", "guide", "--recursive")
    assert names(wiki) == []
    assert not (wiki.tracker / "pages").exists()
    wiki.ok("undo")
    assert {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()} == before
    wiki.ok("page", "delete", "guide", "--recursive")
    assert wiki.json("recover")["lost"] == []  # what was deleted on purpose is not lost
    for name in ("OW/guide/setup", "OW/guide"):
        wiki.ok("recover", name)
    assert {p: p.read_bytes() for p in (wiki.tracker / "pages").rglob("*") if p.is_file()} == before


def test_a_page_that_git_took_away_is_lost_and_comes_back(wiki: Repo) -> None:
    wiki.git("clean", "-fdxq", ".openkit/pages")
    assert sorted(one["what"] for one in wiki.json("recover")["lost"]) == ["comment", "page", "page"]
    wiki.ok("recover", "OW/guide/setup")
    assert wiki.json("page", "show", "guide/setup")["comments"][0]["body"] == "good"


def test_branches_that_edit_one_page_merge_with_plain_git(wiki: Repo) -> None:
    wiki.commit()
    wiki.git("switch", "-qc", "other")
    wiki.ok("page", "write", "guide/setup", "--body", "One.\n\nTwo.\n\nThree, and more.", "--label-add", "b")
    wiki.commit()
    wiki.git("switch", "-q", "main")
    wiki.ok("page", "write", "guide/setup", "--body", "One, first.\n\nTwo.\n\nThree.", "--title", "Set up")
    wiki.commit()
    wiki.git("merge", "-q", "--no-edit", "other")
    shown = wiki.json("page", "show", "guide/setup")
    assert shown["body"] == "One, first.\n\nTwo.\n\nThree, and more."
    assert (shown["title"], shown["labels"]) == ("Set up", ["b"])


def test_an_edit_on_a_branch_follows_a_page_that_moved_on_another(wiki: Repo) -> None:
    wiki.ok("page", "append", "guide/setup", "--body", "\n\n".join(f"Paragraph {n} of the setup." for n in range(20)))
    wiki.commit()
    wiki.git("switch", "-qc", "other")
    wiki.ok("page", "append", "guide/setup", "--body", "Last.")
    wiki.commit()
    wiki.git("switch", "-q", "main")
    refused = wiki.run("page", "move", "guide", "manual", "--json")  # the board would go on to show the branch's
    assert (refused.status, refused.error()["code"]) == (5, "conflict")
    wiki.ok("page", "move", "guide", "manual", "--force")
    wiki.commit()
    wiki.git("merge", "-q", "--no-edit", "other")
    assert wiki.json("page", "show", "guide/setup")["body"].endswith("Last.")
    assert names(wiki) == ["OW/manual", "OW/manual/setup"]


def test_a_page_written_by_hand_needs_no_front_matter(repo: Repo) -> None:
    path = page(repo, "OW/notes")
    path.parent.mkdir(parents=True)
    path.write_text("# Notes\n\nBy hand.\n")
    shown = repo.json("page", "show", "notes")
    assert (shown["ref"], shown["body"], shown["updated_by"]) == (None, "# Notes\n\nBy hand.", "editor")
    assert "a page without a ref" in repo.run("doctor").out
    repo.ok("page", "append", "notes", "--body", "By tool.")
    shown = repo.json("page", "show", "notes")
    assert shown["ref"].startswith("sbn_") and shown["body"] == "# Notes\n\nBy hand.\n\nBy tool."
    assert repo.run("doctor").status == 0
    assert [one["by"] for one in repo.json("page", "log", "notes")["revisions"]] == ["alice-smith", "editor"]


def test_the_doctor_gives_a_page_by_hand_its_ref(repo: Repo) -> None:
    page(repo, "OW/notes").parent.mkdir(parents=True)
    page(repo, "OW/notes").write_text("# Notes\n")
    repo.ok("doctor", "--fix")
    assert repo.json("page", "show", "notes")["ref"].startswith("sbn_")
    assert repo.json("page", "show", "notes")["body"] == "# Notes"
    assert repo.run("doctor").status == 0


def test_a_broken_page_keeps_its_last_good_row_and_hides_no_other(wiki: Repo) -> None:
    wiki.ok("page", "list")
    good = page(wiki, "OW/guide").read_text()
    page(wiki, "OW/guide").write_text("---\ntitle: [\n---\nx")
    page(wiki, "OW/broken").write_bytes(b"---\n\xff\xfe\n---\n")
    assert names(wiki) == ["OW/guide", "OW/guide/setup"]
    assert {p["path"] for p in wiki.run("doctor", "--json").json()["problems"]} == {
        ".openkit/pages/OW/guide.md", ".openkit/pages/OW/broken.md"}
    assert wiki.run("page", "write", "broken", "--body", "x").status == 7
    assert wiki.run("page", "write", "guide", "--body", "x").status == 7
    page(wiki, "OW/guide").write_text(good)
    assert wiki.json("page", "show", "guide")["title"] == "Guide"


def test_an_edit_keeps_what_others_wrote_meanwhile(wiki: Repo) -> None:
    work = f'{sys.executable} -m gittracker -C "{wiki.path}" page write guide/setup --title Meanwhile >/dev/null'
    editor = f"sh -c '{work} && sed -i s/Two/2/ \"$0\"'"
    wiki.ok("page", "edit", "guide/setup", env={"EDITOR": editor})
    shown = wiki.json("page", "show", "guide/setup")
    assert (shown["title"], shown["body"]) == ("Meanwhile", "One.\n\n2.\n\nThree.")
    done = wiki.run("page", "edit", "guide/setup", "--json", env={"EDITOR": "sed -i s/^ref:.*/ref:/"})
    assert (done.status, "your text is in" in done.error()["hint"]) == (5, True)
    assert not list((wiki.path / ".git/gittracker/state/drafts").glob("guide*"))


def test_a_revision_is_named_by_number_entry_time_and_commit(wiki: Repo) -> None:
    wiki.commit()
    wiki.ok("page", "write", "guide", "--body", "Begin there.")
    every = wiki.json("page", "log", "guide")["revisions"]
    assert [(one["number"], one["added"], one["removed"]) for one in every][:1] == [(2, 1, 1)]
    for word in ("1", every[-1]["entry"], every[-1]["entry"][:8], "HEAD"):
        assert wiki.json("page", "show", "guide", "--at", word)["body"] == "Begin here.", word
    assert wiki.json("page", "show", "guide", "--at", "2999-01-01")["body"] == "Begin there."
    assert wiki.run("page", "show", "guide", "--at", "1999-01-01").status == 3
    found = wiki.json("page", "diff", "guide", "HEAD")
    assert [line for line in found["diff"] if line[:1] in "+-"][2:] == ["-Begin here.", "+Begin there."]
    assert wiki.json("page", "diff", "guide", "2", "1")["from"]["number"] == 2


def test_the_tree_shows_each_page_once_with_the_folders_between(wiki: Repo) -> None:
    wiki.ok("page", "write", "a/b/c", "--body", "deep")
    found = wiki.json("page", "tree")
    assert found["total"] == 3
    (top,) = found["tree"]
    assert [(one["path"], one["is_page"]) for one in top["children"]] == [("OW/a", False), ("OW/guide", True)]
    assert wiki.json("page", "tree", "a")["tree"][0]["children"][0]["children"][0]["path"] == "OW/a/b/c"
    assert wiki.json("page", "tree", "OW")["total"] == 3
