"""A progress bar is drawn on a terminal and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.importing import sources
from tests.services.importing.sources import issue
from tests.support import Repo, environment

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")


def test_an_import_draws_its_progress_on_a_terminal_and_takes_it_away(repo: Repo, tmp_path: Path) -> None:
    path = sources.beads(tmp_path, *(issue(f"bd-{n}") for n in range(30)))
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "gittracker", "-C", str(repo.path), "import", "beads", str(path)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=follower, text=True, check=True, env=environment())
    os.close(follower)
    drawn = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "import beads: reading [" in drawn and "] 30/30" in drawn and "import beads: writing [" in drawn
    assert drawn.endswith("\r\x1b[K")
    assert "#" not in done.stdout
    assert repo.run("import", "beads", str(path)).err == ""
