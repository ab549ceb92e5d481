"""Counting what happened when, and how long it took."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import flow, times
from gittracker.domain.flow import Life
from tests.strategies import PROPERTY

STATES = ("backlog", "unstarted", "started", "completed", flow.DROPPED)


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    """Draw lives of a few steps within ten moments."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        life = Life()
        for _ in range(draw(st.integers(1, 6))):
            life.step(draw(st.integers(0, 9)), draw(st.sampled_from(STATES)))
        found.append(life)
    return found


def life(*steps: tuple[int, str]) -> Life:
    """Make a life."""
    one = Life()
    for at, state in steps:
        one.step(at, state)
    return one


@PROPERTY
@given(lives(), st.lists(st.integers(0, 10), min_size=2, max_size=5, unique=True).map(sorted))
def test_every_stand_is_what_the_lives_were_at_that_time(some: list[Life], edges: list[int]) -> None:
    for period in flow.periods(some, edges):
        then = [[state for at, state in one.steps if at < period.end][-1:] for one in some]
        states = [one[0] for one in then if one]
        assert period.scope == sum(state != flow.DROPPED for state in states)
        assert period.done == states.count("completed")
        assert period.open == period.scope - period.done


@PROPERTY
@given(lives(), st.lists(st.integers(1, 9), max_size=4, unique=True).map(sorted))
def test_however_time_is_cut_the_same_things_happened(some: list[Life], cuts: list[int]) -> None:
    whole = flow.periods(some, [0, 10])[0]
    parts = flow.periods(some, [0, *cuts, 10])
    for name in ("created", "started", "completed", "dropped", "reopened"):
        assert sum(getattr(one, name) for one in parts) == getattr(whole, name)
    assert whole.created == len(some)
    assert (parts[-1].scope, parts[-1].done) == (whole.scope, whole.done)


def test_what_was_before_counts_into_the_stand_and_not_into_the_flow() -> None:
    one, = flow.periods([life((0, "unstarted"), (1, "completed")), life((0, "unstarted"))], [5, 9])
    assert (one.created, one.completed, one.scope, one.done) == (0, 0, 2, 1)


def test_what_comes_later_is_left_out() -> None:
    one, = flow.periods([life((0, "unstarted"), (9, "completed"))], [0, 9])
    assert (one.completed, one.open) == (0, 1)


def test_reopening_counts_whether_it_was_completed_or_dropped() -> None:
    one, = flow.periods([life((0, "started"), (1, "completed"), (2, "started"), (3, flow.DROPPED), (4, "backlog"))],
                        [0, 9])
    assert (one.reopened, one.started, one.completed, one.dropped) == (2, 2, 1, 1)


def test_the_cycle_runs_from_the_first_start_to_the_last_completion() -> None:
    twice = life((0, "backlog"), (10, "started"), (20, "completed"), (30, "started"), (70, "completed"))
    assert flow.cycle_times([twice], 0, 100).median == 60
    assert flow.lead_times([twice], 0, 100).median == 70
    assert flow.cycle_times([twice], 0, 70).count == 0
    never = life((0, "backlog"), (20, "completed"))
    assert (flow.cycle_times([never], 0, 100).count, flow.lead_times([never], 0, 100).count) == (0, 1)
    assert flow.lead_times([life((0, "backlog"), (20, flow.DROPPED))], 0, 100).median is None


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=50))
def test_times_are_what_statistics_says(values: list[int]) -> None:
    found = flow.Times(values)
    assert (found.median, found.mean) == (statistics.median(values), statistics.mean(values))
    assert found.p85 in values
    within = sum(value <= (found.p85 or 0) for value in values)
    assert within * 100 >= 85 * len(values)
    assert sum(value < (found.p85 or 0) for value in values) * 100 < 85 * len(values)


def test_a_step_back_in_time_is_taken_where_the_last_one_was() -> None:
    assert life((10, "backlog"), (5, "started"), (7, "started")).steps == [(10, "backlog"), (10, "started")]


@given(st.integers(0, 4_000_000_000))
def test_moments_are_read_as_they_are_written(seconds: int) -> None:
    assert times.since_1970(times.utc(seconds)) == seconds
    assert times.since_1970(times.utc(seconds)[:10]) == seconds // 86_400 * 86_400


def test_what_is_no_moment_has_no_seconds() -> None:
    assert [times.since_1970(text) for text in ("", "soon", "2026-13-01T00:00:00Z", "2026-11-22 10:00")] == [0] * 4
