"""A module that has a fleet `made` gets a fresh copy of it for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet import Clone, Fleet, copy_fleet


@pytest.fixture
def fleet(made: Path, tmp_path: Path) -> Fleet:
    """Give a fleet of one's own."""
    return copy_fleet(made, tmp_path / "fleet")


@pytest.fixture
def ann(fleet: Fleet) -> Clone:
    """Give the clone that made the tracker."""
    return fleet.clone("ann")
