"""What texts mention is found from both ends: in the text that mentions, and at the record that is mentioned."""

from __future__ import annotations

import json
import os
import pty
import sys
from typing import Any

import pytest

from tests.support import Repo, environment
from tests.test_schemas import fits

MEMBER = "usr_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"


def links(repo: Repo, name: str) -> list[tuple[str, str, int | None]]:
    """Give what mentions a record as (name, field, number)."""
    found = fits("output/backlinks", repo.json("backlinks", name))["backlinks"]
    return [(one["name"], one["field"], one["number"]) for one in found]


def batch(repo: Repo, *lines: list[str]) -> None:
    """Run commands as one entry."""
    repo.ok("batch", given="".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def busy(repo: Repo) -> Repo:
    """Give a tracker whose first ticket is mentioned in every kind of text, once in code."""
    batch(repo,
          ["new", "Retry uploads"],
          ["new", "Resume", "--description", "Needs OW-1.\n\n`OW-1`"],
          ["new", "After OW-1"],
          ["new", "Unrelated", "--description", "```\nOW-1\n```\n\nOW-10, XOW-1, OW-1.5"],
          ["new", "By workpad"],
          ["workpad", "set", "OW-5", "--section", "Plan", "--body", "first ow-1"],
          ["new", "By comments"],
          ["comment", "add", "OW-6", "--body", "nothing here"],
          ["comment", "add", "OW-6", "--body", "see\n\n- OW-1 for the retry"],
          ["epic", "create", "A goal", "--description", "with OW-1"],
          ["epic", "progress", "OW-E1", "--body", "OW-1 is done"],
          ["comment", "add", "OW-E1", "--body", "OW-1?"],
          ["page", "write", "guide/setup", "--title", "Setup", "--body", "By OW-1."],
          ["comment", "add", "OW/guide/setup", "--body", "OW-1!"],
          ["updates", "add", "--status", "on_track", "--title", "OW-1", "--body", "OW-1 is done"],
          ["comment", "add", "OW-1", "--body", "OW-1 itself"])
    return repo


def test_a_ticket_knows_every_text_that_mentions_it(busy: Repo) -> None:
    (update,) = busy.json("updates", "list")["updates"]
    expected = [
        ("OW-2", "description", None), ("OW-3", "title", None), ("OW-5", "workpad", None), ("OW-6", "comment", 2),
        (update["name"], "title", None), (update["name"], "text", None), ("OW-E1", "comment", 1),
        ("OW-E1", "description", None), ("OW-E1", "progress", 1), ("OW/guide/setup", "comment", 1),
        ("OW/guide/setup", "text", None)]
    assert links(busy, "OW-1") == expected
    assert links(busy, busy.json("show", "OW-1")["ref"]) == expected
    found = busy.json("backlinks", "OW-1")["backlinks"][3]
    assert (found["snippet"], found["line"]) == ("- OW-1 for the retry", 3)
    shown = fits("output/ticket", busy.json("show", "OW-1"))
    assert [(one["name"], one["field"], one["number"]) for one in shown["mentioned_in"]] == expected
    assert "mentioned in OW-2, OW-3, OW-5, OW-6, " in busy.ok("show", "OW-1")
    assert "mentioned" not in busy.ok("show", "OW-4")


def test_a_page_is_linked_by_path_file_ref_and_the_paths_it_once_had(busy: Repo) -> None:
    ref = busy.json("page", "show", "guide/setup")["ref"]
    folder = busy.folder("OW-1").name
    batch(busy,
          ["new", "Wiki", "--description", "[[guide/setup]]"],
          ["new", "With project", "--description", "[[OW/Guide/Setup#limits|the limits]]"],
          ["new", "By ref", "--description", ref],
          ["new", "File", "--description", "[it](../../../pages/OW/guide/setup.md)"],
          ["new", "From the top", "--description", "[it](/.openkit/pages/OW/guide/setup.md)"],
          ["new", "Page's path", "--description", "[it](guide/setup.md)"],
          ["new", "Another's", "--description", "[[other/setup]] [x](../setup.md) [[../guide/setup]]"],
          ["page", "write", "guide/intro", "--body", "[next](setup.md)"],
          ["page", "write", "guide/deep/er", "--body", "[[../setup]] and [[setup]]"],
          ["page", "write", "top", "--body", f"[t](../../tickets/0/{folder}/ticket.md) [[guide%2Fsetup]]"])
    expected = [*((f"OW-{n}", "description", None) for n in range(7, 13)), ("OW/guide/deep/er", "text", None),
                ("OW/guide/intro", "text", None)]
    assert links(busy, "guide/setup") == expected
    assert ("OW/top", "text", None) in links(busy, "OW-1")
    busy.ok("page", "move", "guide/setup", "manual/first")
    still = [one for one in expected if one[0] not in ("OW-10", "OW-11", "OW/guide/intro")]
    assert set(links(busy, "manual/first")) >= set(still)
    assert fits("output/page", busy.json("page", "show", "manual/first"))["mentioned_in"]


def test_awkward_names_are_linked_too(repo: Repo) -> None:
    batch(repo,
          ["page", "write", "日本語/設定 (1)", "--body", "x"], ["page", "write", "c++", "--body", "x"],
          ["page", "write", "🎉", "--body", "x"], ["page", "write", "café", "--body", "x"],
          ["new", "One", "--description", "[[日本語/設定 (1)]] [a](<c++.md>)"],
          ["new", "Two", "--description", "[a](%E6%97%A5%E6%9C%AC%E8%AA%9E/%E8%A8%AD%E5%AE%9A%20%281%29.md) [[🎉]]"],
          ["new", "Three", "--description", "[[cafe\u0301]] [[C++]]"])
    assert links(repo, "日本語/設定 (1)") == [("OW-1", "description", None), ("OW-2", "description", None)]
    assert links(repo, "🎉") == [("OW-2", "description", None)]
    assert links(repo, "café") == [("OW-3", "description", None)]
    assert links(repo, "c++") == [("OW-1", "description", None), ("OW-3", "description", None)]


def test_members_epics_comments_and_labels_have_backlinks(busy: Repo) -> None:
    (busy.tracker / "members").mkdir()
    (busy.tracker / "members/alice.md").write_text(f"---\nref: {MEMBER}\n\nusername: alice\n\nname: Alice\n---\n")
    comment = busy.json("comment", "list", "OW-6")["comments"][1]["ref"]
    batch(busy,
          ["new", "For alice", "--description", f"@alice and @[bob], not a@alice.example; {comment}"],
          ["new", "For the epic", "--description", f"OW-E1 {MEMBER}"])
    assert links(busy, "@alice") == [("OW-7", "description", None), ("OW-8", "description", None)]
    assert links(busy, "OW-E1") == [("OW-8", "description", None)]
    assert links(busy, comment) == [("OW-7", "description", None)]
    shown = busy.json("show", "OW-7")["mentions"]
    assert [(one["type"], one["name"], one["ref"]) for one in shown] == [
        ("member", "alice", MEMBER), ("member", "bob", None), ("comment", "OW-6 comment 2", comment)]
    assert fits("output/epic", busy.json("epic", "show", "OW-E1"))["mentioned_in"][0]["name"] == "OW-8"


def test_what_a_text_mentions_is_told_with_its_place(busy: Repo) -> None:
    text = "é OW-3, OW-99 and UTF-8, [[guide/setup|it]] [[nowhere]] @nobody tik_" + "0" * 32
    busy.ok("update", "OW-4", "--description", text)
    shown: list[dict[str, Any]] = fits("output/ticket", busy.json("show", "OW-4"))["mentions"]
    assert [(one["type"], one["name"], one["label"]) for one in shown] == [
        ("ticket", "OW-3", "After OW-1"), ("ticket", "OW-99", None), ("page", "OW/guide/setup", "Setup"),
        ("page", "nowhere", None), ("ticket", "tik_" + "0" * 32, None)]
    assert [text[slice(*one["span"])] for one in shown] == [one["text"] for one in shown]
    assert shown[2]["text"] == "[[guide/setup|it]]"
    assert busy.json("comment", "list", "OW-6")["comments"][1]["mentions"][0]["name"] == "OW-1"


def test_a_ticket_is_mentioned_by_an_old_slug(repo: Repo) -> None:
    batch(repo, ["new", "One"], ["new", "Two", "--description", "after TASK-7, and task-7"])
    path = repo.file("OW-1")
    path.write_text(path.read_text().replace("\ntitle:", "\naliases:\n- TASK-7\n\ntitle:", 1))
    assert links(repo, "OW-1") == [("OW-2", "description", None)]
    assert [one["name"] for one in repo.json("show", "OW-2")["mentions"]] == ["OW-1", "OW-1"]


def test_edits_by_hand_and_by_git_are_seen(busy: Repo) -> None:
    busy.commit()
    busy.git("switch", "-qc", "other")
    batch(busy, ["page", "write", "notes", "--body", "also OW-4"], ["new", "More", "--description", "OW-4"])
    busy.commit()
    busy.git("switch", "-q", "main")
    assert links(busy, "OW-4") == [("OW-7", "description", None), ("OW/notes", "text", None)]  # as the branch has it
    busy.ok("show", "OW-4")
    busy.git("merge", "-q", "other")
    assert "mentioned in OW-7, OW/notes\n" in busy.ok("show", "OW-4")  # git replaced the folder's files
    assert links(busy, "OW-4") == [("OW-7", "description", None), ("OW/notes", "text", None)]
    page = busy.tracker / "pages/OW/notes.md"
    page.write_text(page.read_text().replace("OW-4", "OW-5"))
    busy.ok("comment", "delete", "OW-6", "2")
    assert links(busy, "OW-4") == [("OW-7", "description", None)]
    assert ("OW-6", "comment", 2) not in links(busy, "OW-1")


def test_many_mentions_are_cut_in_show_and_whole_in_backlinks(repo: Repo) -> None:
    batch(repo, ["new", "Popular"], *(["new", f"T{n}", "--description", "see OW-1"] for n in range(60)))
    assert len(links(repo, "OW-1")) == 60
    first = ", ".join(f"OW-{n}" for n in range(2, 12))
    assert f"mentioned in {first} and more: gittracker backlinks OW-1\n" in repo.ok("show", "OW-1")


def test_what_mentions_nothing_says_so(repo: Repo) -> None:
    repo.ok("new", "One")
    assert repo.ok("backlinks", "OW-1") == "nothing mentions OW-1\n"
    assert repo.json("backlinks", "OW-1")["total"] == 0
    assert repo.run("backlinks", "OW-9").status == 3


def test_a_terminal_underlines_mentions_and_titles_slugs(busy: Repo) -> None:
    busy.ok("update", "OW-4", "--description", "See OW-3, `OW-3` and [[guide/setup]].")
    reading, writing = pty.openpty()
    words = [sys.executable, "-m", "gittracker", "-C", str(busy.path), "show", "OW-4"]
    done = os.posix_spawn(sys.executable, words, environment(TERM="xterm"),
                          file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)])
    os.close(writing)
    shown = b""
    while True:
        try:
            part = os.read(reading, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(reading)
    assert os.waitpid(done, 0)[1] == 0
    assert b"See \x1b[4mOW-3\x1b[0m\x1b[2m (After OW-1)\x1b[0m, `OW-3` and \x1b[4m[[guide/setup]]\x1b[0m." in shown
    assert "See OW-3, `OW-3` and [[guide/setup]]." in busy.ok("show", "OW-4")
