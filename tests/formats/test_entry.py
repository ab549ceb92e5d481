"""The message of a journal entry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gittracker.formats import entry
from tests.strategies import PROPERTY

ONE_LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)


@PROPERTY
@given(ONE_LINE, st.lists(ONE_LINE, max_size=3), ONE_LINE, ONE_LINE | st.just(""), ONE_LINE | st.just(""))
def test_a_message_reads_back(subject: str, slugs: list[str], actor: str, key: str, undoes: str) -> None:
    found = entry.read(entry.Message(subject, slugs, actor, key, undoes).render())
    assert (found.subject, found.tickets, found.actor, found.key, found.undoes) == (subject, slugs, actor, key, undoes)


def test_a_message_has_a_subject_and_trailers_as_git_reads_them() -> None:
    text = entry.Message("OW-43 status todo → done", ["OW-43", "OW-44"], "bot:codex-1", "run-17", "0a1b").render()
    assert text == ("openkit: OW-43 status todo → done\n\nTicket: OW-43\nTicket: OW-44\nActor: bot:codex-1\n"
                    "Undoes: 0a1b\n"
                    "Idempotency-Key: run-17\n")


def test_a_long_subject_is_cut_and_line_ends_become_spaces() -> None:
    lines = entry.Message("a\n\nb " + "x" * 500, [], "alice").render().split("\n")
    assert lines[0].startswith("openkit: a b x")
    assert len(lines[0]) == len(entry.PREFIX) + 200
    assert lines[0].endswith("…")
    assert lines[1:] == ["", "Actor: alice", ""]


def test_a_line_end_in_a_value_makes_no_trailer() -> None:
    found = entry.read(entry.Message("a", ["OW-1\nActor: mallory"], "alice\nTicket: OW-9", "k\nUndoes: x").render())
    assert (found.actor, found.undoes, len(found.tickets)) == ("alice Ticket: OW-9", "", 1)


def test_a_commit_made_by_hand_has_no_actor() -> None:
    found = entry.read("Fix the upload\n\nIt was slow: very slow.\nhttp://example.com\n")
    assert (found.subject, found.tickets, found.actor, found.key, found.undoes) == ("Fix the upload", [], "", "", "")


def test_an_empty_message_reads_as_nothing() -> None:
    assert entry.read("").subject == ""
