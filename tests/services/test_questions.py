"""Questions keep their ticket from being started until somebody has answered, wherever that was."""

from __future__ import annotations

import json
from pathlib import Path

from tests.index.test_tallies import check
from tests.support import Repo
from tests.test_schemas import fits


def ready(repo: Repo) -> list[str]:
    """List what is ready by slug."""
    return [one["slug"] for one in repo.json("ready")["tickets"]]


def test_a_question_is_counted_through_every_way_in_which_it_can_be_settled(repo: Repo) -> None:
    for number in range(1, 4):
        repo.ok("new", f"Ticket {number}", "--status", "todo")
    repo.ok("update", "OW-3", "--depends-on-add", "OW-1")
    made = fits("output/write", repo.json("ask", "OW-1", "--body", "Which port?"))
    assert (made["comment"]["question"], made["ticket"]["ready"], made["ticket"]["open_questions"]) == (True, False, 1)
    check(repo, 1)
    repo.ok("reindex")
    check(repo, 1)
    answered = repo.json("answer", "OW-1", "--body", "4040")
    assert answered["comment"]["answers"] == made["comment"]["ref"]
    check(repo, 2)
    repo.ok("comment", "delete", "OW-1", "2")
    check(repo, 1)
    repo.ok("undo")
    check(repo, 2)
    file = repo.path / made["comment"]["path"]
    text = file.read_text()
    (repo.path / answered["comment"]["path"]).unlink()
    repo.json("show", "OW-1")
    check(repo, 1)
    file.write_text(text.replace("question: true", "question: false"))
    repo.json("show", "OW-1")
    check(repo, 2)
    file.write_text(text)
    repo.json("show", "OW-1")
    repo.ok("comment", "delete", "OW-1", "1")
    check(repo, 2)
    repo.ok("ask", "OW-2", "--body", "For whom?")
    repo.ok("done", "OW-1", "OW-2")
    check(repo, 1)
    assert repo.json("questions")["total"] == 0
    assert fits("output/questions", repo.json("questions", "--all"))["total"] == 1
    repo.ok("ticket", "delete", "OW-2", "--purge")
    check(repo, 1)
    assert repo.json("questions", "--all")["total"] == 0


def test_two_worktrees_answer_and_git_merges_both_answers(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "Serve", "--status", "todo")
    repo.ok("ask", "OW-1", "--body", "Which port?", "--as", "bot:codex")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    assert ready(repo) == ready(other) == []
    other.ok("answer", "OW-1", "--body", "4040")
    assert ready(repo) == ready(other) == ["OW-1"]  # an answer counts everywhere before it is merged
    assert not repo.json("ready", "--here")["tickets"]
    assert fits("output/comments", repo.json("comment", "list", "OW-1"))["total"] == 2
    done = repo.run("answer", "OW-1", "1", "--body", "80", "--as", "bob")
    assert done.status == 0 and "answered before, by alice-smith" in done.err
    for top in (repo, other):
        top.commit()
    repo.git("merge", "-q", "feature", "-m", "both")
    assert sorted(one["body"] for one in repo.json("comment", "list", "OW-1")["comments"]) == ["4040", "80",
                                                                                            "Which port?"]
    assert ready(repo) == ready(other) == ["OW-1"]
    assert [one["slug"] for one in repo.json("ready", "--here")["tickets"]] == ["OW-1"]
    check(repo, 1)
    repo.ok("reindex")
    check(repo, 1)


def test_a_question_asked_in_a_worktree_keeps_the_ticket_from_being_claimed_in_another(repo: Repo,
                                                                                      tmp_path: Path) -> None:
    repo.ok("new", "First", "--status", "todo", "--priority", "high")
    repo.ok("new", "Second", "--status", "todo")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    other = Repo(tmp_path / "other")
    other.ok("ask", "OW-1", "--body", "Which one?")
    assert repo.json("claim", "--next", "--as", "bot:a")["ticket"]["slug"] == "OW-2"
    assert repo.run("claim", "--next", "--as", "bot:b", "--json").error()["code"] == "nothing_ready"
    done = repo.run("claim", "OW-1", "--as", "bot:b")
    assert done.status == 0 and "OW-1 has 1 open question(s)" in done.err
    repo.ok("release", "OW-1", "--as", "bot:b")
    repo.ok("answer", "OW-1", "--body", "This one.")  # from home, where the question's file is not
    assert repo.json("claim", "--next", "--as", "bot:b")["ticket"]["slug"] == "OW-1"


def test_a_question_or_an_answer_by_hand_in_a_worktree_is_seen_from_another(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "First", "--status", "todo")
    repo.ok("ask", "OW-1", "--body", "Which one?")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "other"))
    asked = next((tmp_path / "other").glob(".openkit/tickets/*/OW-1-*/comments/*.md"))
    ref = asked.read_text().split("ref: ")[1].split("\n")[0]
    assert ready(repo) == ready(repo) == []
    answer = asked.with_name(asked.name.replace(".md", "x.md"))
    answer.write_text(f"---\nby: bob\nat: 2099-01-01T00:00:00Z\nanswers: {ref}\n---\nThis one.\n")
    assert ready(repo) == ["OW-1"]
    answer.unlink()
    assert ready(repo) == []


def test_a_batch_that_asks_does_not_claim_what_it_asked_about(repo: Repo) -> None:
    repo.ok("new", "First", "--status", "todo", "--priority", "high")
    repo.ok("new", "Second", "--status", "todo")
    lines = [["ask", "OW-1", "--body", "Which one?"], ["claim", "--next"]]
    found = repo.json("batch", given="\n".join(map(json.dumps, lines)))["results"]
    assert found[-1]["ticket"]["slug"] == "OW-2"
    lines = [["answer", "OW-1", "--body", "This one."], ["release", "OW-2"], ["ask", "OW-2", "--body", "And here?"],
             ["answer", "OW-2", "--body", "Yes."]]
    repo.ok("batch", given="\n".join(map(json.dumps, lines)))
    assert ready(repo) == ["OW-1", "OW-2"]


def test_events_tell_what_was_asked_and_answered_by_a_command_and_by_hand(repo: Repo) -> None:
    repo.ok("new", "Serve", "--status", "todo")
    ref = repo.json("ask", "OW-1", "--body", "Which port?")["comment"]["ref"]
    folder = repo.file("OW-1").parent / "comments"
    (folder / "20261126T100000Z-zzzz.md").write_text(
        "---\nref: cmt_01a219b2424d7136b946f19f6c736dca\n\nby: bob\n\nat: 2099-11-26T10:00:00Z\n\n"
        f"answers: {ref}\n---\n80\n")
    assert ready(repo) == ["OW-1"]
    found = [one for one in repo.json("events")["events"] if one["type"] == "comment.created"]
    assert [one["changes"] for one in found] == [{"body": [None, "Which port?"], "question": [None, True]},
                                                 {"body": [None, "80"], "answers": [None, ref]}]
    (folder / "20261126T100001Z-zzzz.md").write_text("---\nquestion: true\n---\nBy hand, without a ref?\n")
    assert repo.run("claim", "--next", "--as", "bot:a", "--json").error()["code"] == "nothing_ready"
    assert ready(repo) == [] and "no ref" in repo.run("answer", "OW-1", "--body", "Yes.").err


def test_the_next_holder_and_a_primer_are_told_what_is_open(repo: Repo) -> None:
    repo.ok("new", "Serve", "--status", "todo")
    repo.ok("claim", "OW-1", "--as", "bot:a")
    repo.ok("ask", "OW-1", "--body", "Which port?", "--as", "bot:a")
    repo.ok("ask", "OW-1", "--body", "Which host?", "--as", "bot:a")
    repo.ok("answer", "OW-1", "1", "--body", "4040")
    repo.ok("release", "OW-1", "--force", "--as", "bob")
    packet = fits("output/handoff", repo.json("handoff", "show", "OW-1"))
    assert [one["body"] for one in packet["questions"]] == ["Which host?"] and len(packet["comments"]) == 3
    assert "# Open question by bot:a" in repo.ok("handoff", "show", "OW-1")
    primer = fits("output/prime", repo.json("prime"))
    assert primer["questions"] == 1 and primer["blocked"][0]["waits_for"] == ["an answer"]
    assert "open question #2, by bot:a: Which host?" in repo.ok("prime", "--for", "OW-1")


def test_what_is_exported_and_imported_still_waits_for_its_answer(repo: Repo, tmp_path: Path) -> None:
    repo.ok("new", "First", "--status", "todo")
    repo.ok("new", "Second", "--status", "todo")
    for slug in ("OW-1", "OW-2"):
        repo.ok("ask", slug, "--body", "Which one?")
    repo.ok("answer", "OW-2", "--body", "This one.")
    lines = repo.ok("export", "jsonl")
    (tmp_path / "all.jsonl").write_text(lines)
    (tmp_path / "new").mkdir()
    other = Repo(tmp_path / "new")
    other.git("init", "-q", "-b", "main")
    other.ok("init", "--prefix", "OW")
    other.ok("import", "jsonl", str(tmp_path / "all.jsonl"))
    assert ready(other) == ["OW-2"]
    assert [one["slug"] for one in other.json("questions")["questions"]] == ["OW-1"]
