"""The fast reader and argparse accept the same command lines, and errors lead on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gittracker.cli import flags, help
from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.main import find
from gittracker.cli.table import COMMANDS
from gittracker.domain.errors import UsageError
from tests.support import Repo

ALL = [found for found, _ in (find(words.split(" ")) for words in COMMANDS) if found]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6).filter(
    lambda text: not text.startswith("-"))


def slowly(command: Command, argv: list[str]) -> Any:
    """Read with argparse alone; None where it refuses."""
    try:
        return flags._argparse(command, argv)
    except UsageError:
        return None


@st.composite
def lines(draw: st.DrawFn) -> tuple[Command, list[str]]:
    """Draw a command with flags and positionals in any order, some of them wrong."""
    command = draw(st.sampled_from(ALL))
    pieces: list[list[str]] = []
    for flag in draw(st.lists(st.sampled_from(command.flags), max_size=5)):
        name = draw(st.sampled_from([n for n in (flag.name, flag.short) if n]))
        if not flag.metavar:
            pieces.append([name])
        elif draw(st.booleans()):
            pieces.append([f"{name}={draw(WORDS)}"])
        else:
            pieces.append([name, draw(WORDS)])
    pieces += [[word] for word in draw(st.lists(WORDS, max_size=4))]
    if draw(st.integers(0, 9)) == 0:
        pieces.append([draw(st.sampled_from(["--nonsense", "--json=1", "--titl", "--limit"]))])
    return command, [word for piece in draw(st.permutations(pieces)) for word in piece]


@settings(max_examples=300, deadline=None)
@given(lines())
@example((next(one for one in ALL if one.words == "ls"), ["-C=c:/work", "x"]))
def test_the_fast_reader_and_argparse_agree(line: tuple[Command, list[str]]) -> None:
    command, argv = line
    quick = flags._fast(command, argv)
    assert quick == slowly(command, argv)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["--body", "--reply-to"]), WORDS), max_size=4), WORDS, st.randoms())
def test_where_flags_stand_does_not_matter(pairs: list[tuple[str, str]], ticket: str, random: Any) -> None:
    command, _ = find(["comment", "add"])
    assert command
    unique = dict(pairs)
    pieces = [[ticket], *([name, value] for name, value in unique.items())]
    random.shuffle(pieces)
    found = flags.read(command, [word for piece in pieces for word in piece])
    assert found["record"] == ticket
    assert [found["body"], found["reply_to"]] == [unique.get("--body"), unique.get("--reply-to")]


@pytest.mark.parametrize(("counts", "given_words", "placed"), [
    (("", "+"), "a b c", {"0": "a", "1": ["b", "c"]}), (("", "+"), "a", None), (("?",), "", {"0": ""}),
    (("?",), "a", {"0": "a"}), (("*",), "", {"0": []}),
    (("", "", "+"), "a b c d", {"0": "a", "1": "b", "2": ["c", "d"]}), (("",), "a b", None)])
def test_positionals_are_handed_out_in_order(counts: tuple[str, ...], given_words: str,
                                             placed: dict[str, Any] | None) -> None:
    command = Command("x", "about", tuple(Arg(str(number), "one", count) for number, count in enumerate(counts)))
    found = flags._fast(command, given_words.split())
    assert found == (placed and {**flags.blank(command), **placed})


def test_a_value_may_look_like_anything_but_a_flag_of_the_command() -> None:
    command = Command("x", "about", (), (Flag("--body", "text", "TEXT"), Flag("--label", "word", "WORD", many=True)))
    found = flags.read(command, ["--body", "- a list item", "--label", "-5", "--label=--json"])
    assert (found["body"], found["label"], found["json"]) == ("- a list item", ["-5", "--json"], False)
    for words in (["--label", "--json"], ["--label", "--josn"], ["--label", "-C=x"], ["--body", "--label=x"]):
        with pytest.raises(UsageError, match="expected one argument"):
            flags.read(command, words)


def test_after_two_dashes_everything_is_a_positional(repo: Repo) -> None:
    assert repo.ok("new", "--", "--title") == "OW-1 created: --title\n"
    assert repo.ok("new", "--status", "todo", "--", "-x") == "OW-2 created: -x\n"


def test_a_negated_term_is_no_flag(repo: Repo) -> None:
    repo.ok("new", "Upload", "--label", "a")
    repo.ok("new", "Download", "--label", "b")
    assert "Upload" not in repo.ok("ls", "-label:a", "--sort", "title")
    assert repo.run("ls", "-label").status == 2
    assert "Upload" in repo.ok("ls", "-q=label:a", "--sort", "title")


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_common_flags_stand_anywhere(repo: Repo, place: int) -> None:
    words = ["comment", "add", "OW-1", "--body=hi"]
    repo.ok("new", "Upload")
    for extra in (["--json"], ["--as", "bot:x"], ["--as=bot:x"], ["-C", str(repo.path)], [f"-C={repo.path}", "--json"]):
        repo.ok(*words[:place], *extra, *words[place:])
    shown = repo.json("comment", "list", "OW-1")
    assert sorted(c["by"] for c in shown["comments"]) == ["alice-smith"] * 3 + ["bot:x"] * 2


@pytest.mark.parametrize("words", [
    ["ls", "--nonsense"], ["show"], ["show", "a", "b"], ["ls", "--limit"], ["ls", "--json=1"], ["ls", "--titl", "x"],
    ["nonsense"], ["comment", "nonsense"], ["ticket", "--nonsense"], ["--nonsense"], ["ls", "--sort", "x"]])
def test_a_usage_error_has_a_next_step(repo: Repo, words: list[str]) -> None:
    plain = repo.run(*words)
    assert (plain.status, plain.out) == (2, "")
    error, hint, *rest = plain.err.splitlines()
    assert error.startswith("error: ") and hint.startswith("hint: ") and not rest
    body = json.loads(repo.run(*words, "--json").err)["error"]
    assert body["code"] == "usage"
    assert body["hint"] == hint.removeprefix("hint: ")


def test_help_of_a_word_is_its_help(bare_repo: Repo) -> None:
    assert bare_repo.ok("help", "comment", "add") == bare_repo.ok("comment", "add", "--help")
    assert bare_repo.ok("help", "comment") == bare_repo.ok("comment", "--help") == bare_repo.ok("comment")
    assert bare_repo.ok("help") == bare_repo.ok("--help") == bare_repo.ok()


def test_every_flag_is_known_to_argparse() -> None:
    for command in ALL:
        known = {name for action in help.parser(command)._actions for name in action.option_strings}
        assert known == {"-h", "--help"} | {n for f in command.flags for n in (f.name, f.short) if n}
