"""A module that has a `template` gets fresh copies of it: its main worktree and the one on the branch side."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.near import Near
from tests.support import Repo
from tests.templates import copy


@pytest.fixture
def home(template: Repo, tmp_path: Path) -> Repo:
    """Give the main worktree."""
    return copy(template, tmp_path / "repo")


@pytest.fixture
def side(home: Repo) -> Repo:
    """Give the worktree on the branch side."""
    return Near(home.path / ".openkit/worktrees/side")
