"""The lines of a batch: what may stand in them, and what comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support import Done, Repo, environment


def feed(repo: Repo, data: bytes, *words: str) -> Done:
    """Run a batch whose input is these bytes."""
    done = subprocess.run([sys.executable, "-m", "gittracker", "-C", str(repo.path), "batch", *words], input=data,
                          capture_output=True, check=False, env=environment(EDITOR="touch edited; true"), cwd=repo.path)
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_text_in_a_batch_may_hold_every_line_end_of_unicode(repo: Repo) -> None:
    body = "one\u2028two\u0085three"
    done = feed(repo, json.dumps(["new", "Upload", "--description", body], ensure_ascii=False).encode(), "--force")
    assert done.status == 0, done.err
    assert repo.json("show", "OW-1")["description"] == body


@pytest.mark.parametrize(("line", "said"), [
    (b'["new","a"]\n["new","\\ud800"]\n', "line 2"), (b'["new","a"]\n["new","\xff"]\n', "line 2"),
    (b'["new","a"]\r\n["new"', "line 2"), (b'["ticket","edit","OW-1"]', "line 1"), (b'["undo"]\n["undo"]', "line 1"),
    (b'["batch"]', "line 1")])
def test_a_line_that_a_batch_can_not_take_is_named_and_nothing_is_done(line: bytes, said: str, repo: Repo) -> None:
    done = feed(repo, line)
    assert done.status == 2, done.err
    assert said in done.err
    assert repo.json("ls")["total"] == 0
    assert not os.path.exists(repo.path / "edited")


def test_a_batch_gives_a_list_however_many_lines_it_has(repo: Repo) -> None:
    assert feed(repo, b"", "--json").json() == {"results": []}
    assert [one["ticket"]["slug"] for one in feed(repo, b'["new","a"]', "--json").json()["results"]] == ["OW-1"]
    lines = b'["new","b"]\n["done","OW-1"]\n'
    assert [one["ticket"]["slug"] for one in feed(repo, lines, "--json").json()["results"]] == ["OW-2", "OW-1"]


def test_a_guess_at_a_mistyped_command_shows_its_help_and_does_not_run_it(repo: Repo) -> None:
    assert "hint: gittracker undo --help" in repo.run("und").err
