"""What the entries of a clone tell of a commit, where two worktrees wrote in the same second."""

from __future__ import annotations

from gittracker.formats.entry import Message
from gittracker.git.history import Commit
from gittracker.services.past.journals import Journals

PATH = "tickets/0/OW-1-k3f9/ticket.md"


def entry(oid: str, at: int, old: str, new: str) -> Commit:
    return Commit(oid, "alice", "", at, Message("changed", [], "alice"), [(PATH, old, new)])


def test_of_two_streams_in_one_second_either_order_explains_a_commit() -> None:
    for name, other in (("1", "2"), ("2", "1")):
        known = Journals({name: [entry("a", 10, "start", "mine")], other: [entry("b", 10, "start", "theirs")]})
        assert known.tells(PATH, "mine", "theirs") and known.tells(PATH, "theirs", "mine")
        assert not known.goes_back(PATH, "mine", "theirs")


def test_within_one_stream_and_between_seconds_the_order_counts() -> None:
    one = Journals({"1": [entry("a", 10, "start", "first"), entry("b", 10, "first", "second")]})
    assert one.tells(PATH, "first", "second") and one.goes_back(PATH, "second", "first")
    two = Journals({"1": [entry("a", 10, "start", "mine")], "2": [entry("b", 11, "start", "theirs")]})
    assert two.tells(PATH, "mine", "theirs") and two.goes_back(PATH, "theirs", "mine")
    assert not two.tells(PATH, "mine", "never")
