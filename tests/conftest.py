"""Fixtures: a repository, and one with a tracker."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import Repo, make_repo, make_tracker

# The suite is run all the time: fewer examples a run, and others in each.
settings.register_profile("suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as below a shell's `&`: commands could not be interrupted
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start one worker more than there are processors: tests wait for disks, daemons and leases now and then."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture
def bare_repo(tmp_path: Path) -> Repo:
    """Give an empty repository without a tracker."""
    return make_repo(tmp_path / "repo")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Give a repository with an empty tracker."""
    return make_tracker(tmp_path / "repo")
