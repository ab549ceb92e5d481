"""Five clones do as they please, and come to have one tracker in which nothing is lost (`benchmarks/syncing.py` does it
for hours)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.fleet import as_nobody
from tests.sync_simulation import Simulation, template

_NUMBER = st.integers(0, 9)


class Clones(RuleBasedStateMachine):
    """The operations, in any order."""

    source: Path

    @initialize()
    def begin(self) -> None:
        """Copy the fleet."""
        self.folder = Path(tempfile.mkdtemp(prefix="gittracker-test-"))
        self.simulation = Simulation(self.source, self.folder / "fleet")

    @rule(clone=_NUMBER)
    def create(self, clone: int) -> None:
        """Make a ticket."""
        self.simulation.create(clone)

    @rule(clone=_NUMBER, ticket=_NUMBER, field=_NUMBER)
    def edit(self, clone: int, ticket: int, field: int) -> None:
        """Set a field."""
        self.simulation.edit(clone, ticket, field)

    @rule(clone=_NUMBER, ticket=_NUMBER, off=st.booleans())
    def label(self, clone: int, ticket: int, off: bool) -> None:
        """Put a label on, or take one off."""
        (self.simulation.unlabel if off else self.simulation.label)(clone, ticket)

    @rule(clone=_NUMBER, ticket=_NUMBER)
    def comment(self, clone: int, ticket: int) -> None:
        """Comment."""
        self.simulation.comment(clone, ticket)

    @rule(clone=_NUMBER, ticket=_NUMBER, what=st.sampled_from(("epic", "page", "workpad")))
    def other(self, clone: int, ticket: int, what: str) -> None:
        """Make an epic, or write a page or a workpad."""
        if what == "workpad":
            self.simulation.workpad(clone, ticket)
        else:
            getattr(self.simulation, what)(clone)

    @rule(clone=_NUMBER, on_a_branch=st.booleans())
    def code(self, clone: int, on_a_branch: bool) -> None:
        """Commit code."""
        (self.simulation.branch if on_a_branch else self.simulation.code)(clone)

    @rule(clone=_NUMBER, rebase=st.booleans())
    def pull(self, clone: int, rebase: bool) -> None:
        """Pull."""
        self.simulation.pull(clone, rebase)

    @rule(clone=_NUMBER)
    def push(self, clone: int) -> None:
        """Push."""
        self.simulation.push(clone)

    @rule(clone=_NUMBER)
    def sync(self, clone: int) -> None:
        """Sync."""
        self.simulation.sync(clone)

    def teardown(self) -> None:
        """Check what came of it."""
        if hasattr(self, "simulation"):
            try:
                self.simulation.check()
            except AssertionError as error:
                error.add_note("\n".join(self.simulation.trace))
                raise
            finally:
                shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the fleet that all begin with."""
    with as_nobody():
        yield template(tmp_path_factory.mktemp("fleet") / "made").folder


def test_whatever_clones_do_they_agree_in_the_end_and_nothing_is_lost(source: Path) -> None:
    Clones.source = source
    run_state_machine_as_test(Clones, settings=settings(
        max_examples=2, stateful_step_count=15, derandomize=True, deadline=None, database=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck)))
