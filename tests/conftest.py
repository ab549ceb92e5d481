"""Fixtures: a repository, and one with a tracker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import Repo, make_repo, make_tracker


@pytest.fixture
def bare_repo(tmp_path: Path) -> Repo:
    """Give an empty repository without a tracker."""
    return make_repo(tmp_path / "repo")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Give a repository with an empty tracker."""
    return make_tracker(tmp_path / "repo")
