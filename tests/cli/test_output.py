"""What the terminal gets: lines that fit, colour only where it is wanted, nothing that a file could do to it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

import pytest

from gittracker.cli import output
from tests.support import Repo, environment

ESCAPE = "\x1b"


def on_terminal(repo: Repo, *words: str, width: int = 60, **more: str) -> str:
    """Run a command whose standard output is a terminal, and give what the terminal got."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen([sys.executable, "-m", "gittracker", "-C", str(repo.path), *words], stdout=child,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=environment(**{"TERM": "xterm", **more})) as process:
        os.close(child)
        got = b""
        while True:
            try:
                chunk = os.read(parent, 65536)
            except OSError:  # what Linux says when the other side is closed
                break
            if not chunk:
                break
            got += chunk
        os.close(parent)
    assert process.returncode is not None
    return got.decode().replace("\r\n", "\n")


def columns(line: str) -> int:
    """Count the columns that a terminal would use."""
    plain = re.sub("\x1b\\[[0-9;]*m", "", line)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in plain)


@pytest.fixture
def wide(repo: Repo) -> Repo:
    """Give a tracker with long, wide and combining titles."""
    repo.ok("new", "A title " * 20, "--status", "todo", "--assignee", "alice", "--label", "backend")
    repo.ok("new", "漢字の題名" * 12, "--priority", "high")
    repo.ok("new", "e\u0301" * 50 + " 👩‍💻 done", "--depends-on", "OW-1", "--status", "todo")
    return repo


@pytest.mark.parametrize("width", [50, 80, 200])
def test_lists_fit_the_terminal(wide: Repo, width: int) -> None:
    for words in (("ls",), ("ready",), ("blocked",), ("search", "title"), ("log",)):
        lines = on_terminal(wide, *words, width=width).splitlines()
        assert lines
        assert max(map(columns, lines)) <= width, words


def test_a_very_narrow_terminal_still_shows_something_of_the_title(wide: Repo) -> None:
    assert "A title" in on_terminal(wide, "ls", width=20)


def test_columns_beats_the_terminals_own_width(wide: Repo) -> None:
    lines = on_terminal(wide, "ls", width=200, COLUMNS="50").splitlines()
    assert max(map(columns, lines)) <= 50


def test_a_pipe_gets_whole_titles_and_no_colour(wide: Repo) -> None:
    shown = wide.ok("ls")
    assert ("A title " * 20).strip() in shown
    assert "漢字の題名" * 12 in shown
    assert ESCAPE not in shown


def test_colour_is_for_terminals_that_want_it(wide: Repo) -> None:
    assert f"{ESCAPE}[1mOW-1" in on_terminal(wide, "ls")
    for variable, value in (("NO_COLOR", "1"), ("NO_COLOR", ""), ("TERM", "dumb")):
        assert ESCAPE not in on_terminal(wide, "ls", **{variable: value})
    for words in (("ls", "--json"), ("show", "OW-1", "--json"), ("--help",)):
        assert ESCAPE not in on_terminal(wide, *words)


@pytest.fixture
def hostile(repo: Repo) -> Repo:
    """Give a ticket made by hand whose every text tries to move the cursor."""
    repo.ok("new", "Plain", "--status", "todo")
    evil = r"\e[2J\e[31m\a\x9b1mred\r\u202egnp"
    path = repo.file("OW-1")
    text = path.read_text().replace("title: Plain", f'title: "{evil}\\nsecond"')
    text = text.replace("assignee:", f'assignee: "{evil}"').replace("labels:", f'labels:\n- "{evil}"')
    path.write_text(text + "body \x1b]0;owned\x07 \x9b31m text\n")
    comments = repo.folder("OW-1") / "comments"
    comments.mkdir()
    (comments / "20260101T000000Z-aaaa.md").write_text(
        f'---\nref: cmt_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f\n\nby: "{evil}"\n\nat: 2026-01-01T00:00:00Z\n---\n'
        "a comment \x1b[2J\n")
    (repo.folder("OW-1") / "workpad.md").write_text("## Plan \x1b[2J\n")
    return repo


@pytest.mark.parametrize("words", [
    ("ls",), ("show", "OW-1"), ("show", "OW-1", "--json"), ("ls", "--json"), ("ready",), ("search", "body"),
    ("comment", "list", "OW-1"), ("workpad", "show", "OW-1"), ("log",), ("doctor",), ("show", "\x1b[2J"),
    ("update", "OW-1", "--priority", "low"), ("ls", "x\x1b[2J:1"), ("done", "OW-1")], ids=repr)
def test_control_characters_of_files_and_arguments_never_reach_the_terminal(
        hostile: Repo, words: tuple[str, ...]) -> None:
    for got in (on_terminal(hostile, *words, width=200), on_terminal(hostile, *words, width=30)):
        plain = re.sub("\x1b\\[[0-9;]*m", "", got)
        assert not [c for c in plain if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t\u200d"]
        assert "\x1b[2J" not in got


def test_a_files_colours_are_not_shown_as_ours(hostile: Repo) -> None:
    assert f"{ESCAPE}[31m" not in on_terminal(hostile, "show", "OW-1", width=200).replace(
        f"{ESCAPE}[31mproblem", "")


def test_a_title_of_two_lines_is_shown_on_one(hostile: Repo) -> None:
    assert len(hostile.ok("ls").splitlines()) == 1


def test_emoji_keep_their_joiners(wide: Repo) -> None:
    assert "👩‍💻" in wide.ok("show", "OW-3")


def test_a_reader_that_leaves_early_is_no_error(repo: Repo) -> None:
    lines = "".join(json.dumps(["new", f"Ticket {number} " + "x" * 800]) + "\n" for number in range(120))
    repo.ok("batch", given=lines)
    command = f'"{sys.executable}" -m gittracker -C "{repo.path}" ls --limit 120; echo "status $?" >&2'
    done = subprocess.run(["bash", "-c", f"({command}) | head -n 1"], capture_output=True, text=True, check=False,
                          env=environment())
    assert done.stdout.startswith("OW-1")
    assert done.stderr == "status 0\n"


def test_a_closed_standard_output_is_no_traceback(repo: Repo) -> None:
    done = subprocess.run(["sh", "-c", f'"{sys.executable}" -m gittracker -C "{repo.path}" status list >&-'],
                          capture_output=True, text=True, check=False, env=environment())
    assert "Traceback" not in done.stderr


def test_a_terminal_without_unicode_gets_replacements(repo: Repo) -> None:
    done = repo.run("new", "Größe → 漢", env={"PYTHONIOENCODING": "ascii"})
    assert done.status == 0
    assert done.out.startswith("OW-1 created: Gr")


def test_errors_are_json_on_standard_error_where_json_was_asked_for(repo: Repo) -> None:
    done = repo.run("show", "OW-9", "--json")
    assert (done.status, done.out) == (3, "")
    assert done.error() == {"code": "not_found", "message": 'no ticket "OW-9"', "hint": "gittracker ls",
                            "name": "OW-9"}
    assert repo.run("show", "OW-9").err == 'error: no ticket "OW-9"\nhint: gittracker ls\n'


def test_text_is_cut_by_columns_not_by_characters() -> None:
    assert output.fit("abc", 5) == "abc  "
    assert output.fit("abcdef", 5) == "abcd…"
    assert output.fit("漢字漢字", 5) == "漢字…"
    assert output.fit("漢字漢字", 4) == "漢… "
    assert output.columns("e\u0301漢") == 3
