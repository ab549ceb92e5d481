"""What a command takes as text is stored as it is, or refused with the reason."""

from __future__ import annotations

import pytest

from tests.support import Repo

_ESC = "\x1b[31mred"


@pytest.mark.parametrize("words", [
    ["new", _ESC], ["new", "a\nb"], ["update", "OW-1", "--title", _ESC], ["update", "OW-1", "--label-add", _ESC],
    ["update", "OW-1", "--assignee", _ESC], ["update", "OW-1", "--reviewer-add", "a\x7f"],
    ["update", "OW-1", "--external-ref", "\x85x\x85y"], ["update", "OW-1", "--set", f"x_team={_ESC}"],
    ["done", "OW-1", "--resolution", "a\u2028b"], ["new", "x", "--as", _ESC],
    ["new", "x", "--idempotency-key", "a\x07b"], ["new", "x", "--description", f"fine\n{_ESC}"],
    ["update", "OW-1", "--description", "a\x00b"], ["comment", "add", "OW-1", "--body", _ESC],
    ["comment", "edit", "OW-1", "1", "--body", _ESC], ["workpad", "set", "OW-1", "--body", _ESC],
    ["workpad", "append", "OW-1", "--body", _ESC], ["workpad", "set", "OW-1", "--section", _ESC, "--body", "x"],
    ["workpad", "set", "OW-1", "--section", "", "--body", "x"],
    ["workpad", "set", "OW-1", "--section", " ", "--body", ""],
    ["workpad", "append", "OW-1", "--section", "", "--body", "x"], ["workpad", "show", "OW-1", "--section", ""],
], ids=lambda words: ascii(" ".join(words)))
def test_a_control_character_or_an_empty_name_is_refused(words: list[str], repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    repo.ok("comment", "add", "OW-1", "--body", "hi")
    repo.ok("workpad", "set", "OW-1", "--body", "plan")
    before = repo.json("log")
    lines = "".join(("[", ",".join(f'"{_json(word)}"' for word in words), "]\n"))
    if "show" in words or "--as" in words or "--idempotency-key" in words:
        done = repo.run(*words)
    elif "\x00" in "".join(words):
        done = repo.run("batch", given=lines)
    else:
        done = repo.run(*words)
        assert repo.run("batch", given=lines).status == 2
    assert done.status == 2, done
    assert "\x1b" not in done.err and "\ufffd" not in done.err
    assert repo.json("log") == before


def _json(word: str) -> str:
    return "".join(c if " " <= c < "\x7f" else f"\\u{ord(c):04x}" for c in word)


def test_the_line_of_a_control_character_is_told_and_force_keeps_it(repo: Repo) -> None:
    repo.ok("new", "Upload fails")
    words = ["comment", "add", "OW-1", "--body", "one\n\ttwo\nthree \x07"]
    assert "line 3" in repo.run(*words).err
    repo.ok(*words, "--force")
    assert repo.json("comment", "list", "OW-1")["comments"][0]["body"] == "one\n\ttwo\nthree \x07"


def test_a_joined_emoji_is_text_like_any_other(repo: Repo) -> None:
    who = "👩\u200d💻"
    repo.ok("new", f"Ask {who}", "--label", who, "--description", who)
    shown = repo.json("show", "OW-1")
    assert (shown["title"], shown["labels"], shown["description"]) == (f"Ask {who}", [who], who)


def test_me_is_who_acts_wherever_a_person_is_named(repo: Repo) -> None:
    repo.ok("new", "Upload fails", "--assignee", "@me", "--reviewer", "@me")
    repo.ok("update", "OW-1", "--reviewer-add", "@me", "--as", "bot:x")
    shown = repo.json("show", "OW-1")
    assert (shown["assignee"], shown["reviewers"]) == ("alice-smith", ["alice-smith", "bot:x"])
    repo.ok("update", "OW-1", "--reviewer-remove", "@me")
    assert repo.json("show", "OW-1")["reviewers"] == ["bot:x"]


def test_a_label_with_a_comma_is_refused_with_the_flags_that_were_meant(repo: Repo) -> None:
    done = repo.run("new", "x", "--label", "a,b")
    assert done.status == 2
    assert "--label 'a' --label 'b'" in done.err
