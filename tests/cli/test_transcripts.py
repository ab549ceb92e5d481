"""Every command has a transcript, and the transcripts are true."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gittracker.cli import flags
from gittracker.cli.flags import Command
from gittracker.cli.main import find
from gittracker.cli.table import COMMANDS
from tests import transcript
from tests.support import Repo

FILES = sorted(transcript.FOLDER.glob("*.txt"))
ALL = sorted(COMMANDS)


def command(words: str) -> Command:
    """Give a command's table."""
    found, rest = find(words.split(" "))
    assert found and not rest
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_transcript_is_true(path: Path, tmp_path: Path) -> None:
    found = transcript.differences(path.read_text(encoding="utf-8"), transcript.Shell(tmp_path))
    assert not found, f"{found}\n(python -m tests.transcript writes what is true now)"


def test_every_command_has_a_transcript() -> None:
    shown = "\n".join(step.command for path in FILES for step in transcript.parse(path.read_text(encoding="utf-8")))
    missing = [words for words in COMMANDS if not re.search(rf"gittracker( (-C|--as) \S+)* {words}( |$)", shown, re.M)]
    assert not missing


def test_every_command_that_can_fail_has_a_transcript_of_its_failing() -> None:
    failing = "\n".join(step.command for path in FILES
                        for step in transcript.parse(path.read_text(encoding="utf-8")) if step.status)
    nouns = {words.split(" ")[0] for words in COMMANDS}
    calm = {"blocked", "commit", "demo", "next", "ready", "recover", "reindex", "undo"}
    assert not {noun for noun in nouns - calm if f"gittracker {noun}" not in failing}


@pytest.mark.parametrize("words", ALL)
def test_help_has_examples(words: str, bare_repo: Repo) -> None:
    done = bare_repo.run(*words.split(" "), "--help")
    assert done.status == 0
    assert "examples:\n  gittracker " in done.out
    assert done.out.startswith("usage: gittracker ")


@pytest.mark.parametrize("words", ALL)
def test_every_example_is_read_as_the_command_it_is_an_example_of(words: str) -> None:
    one = command(words)
    assert one.examples
    for example in one.examples:
        found, rest = find(shlex.split(example.partition(" <<")[0]))
        assert found is one, example
        assert flags.read(found, rest)


@pytest.mark.parametrize("words", ALL)
def test_every_flag_and_argument_says_what_it_is_for(words: str) -> None:
    one = command(words)
    assert one.about
    assert all(flag.about for flag in one.flags)
    assert all(arg.about for arg in one.args)


def test_the_overview_names_every_command(bare_repo: Repo) -> None:
    shown = bare_repo.ok("--help")
    assert not [words for words in COMMANDS if f"\n  {words} " not in shown]
