"""The query language: every documented form, and every way to get it wrong."""

from __future__ import annotations

import pytest

from gittracker.domain import query
from gittracker.domain.errors import UsageError


def terms(text: str) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """Give a query's terms as plain values."""
    return [(t.key, t.op, t.values, t.negated) for t in query.parse(text).terms]


@pytest.mark.parametrize(("text", "term"), [
    ("status:todo,done", ("status", "=", ("todo", "done"), False)),
    ('status:"In Progress"', ("status", "=", ("In Progress",), False)),
    ("priority:>=high", ("priority", ">=", ("high",), False)),
    ("priority:<=low", ("priority", "<=", ("low",), False)),
    ("label:a", ("labels", "=", ("a",), False)),
    ("-label:b", ("labels", "=", ("b",), True)),
    ("tag:a", ("labels", "=", ("a",), False)),
    ("type:bug", ("type", "=", ("bug",), False)),
    ("assignee:@me", ("assignee", "=", ("@me",), False)),
    ("assignee:none", ("assignee", "=", ("none",), False)),
    ("assignee:@me,none", ("assignee", "=", ("@me", "none"), False)),
    ("parent:OW-1", ("parent", "=", ("OW-1",), False)),
    ("depends-on:OW-2", ("depends_on", "=", ("OW-2",), False)),
    ("depends_on:OW-2", ("depends_on", "=", ("OW-2",), False)),
    ("is:ready", ("is", "=", ("ready",), False)),
    ("is:Closed,ARCHIVED", ("is", "=", ("closed", "archived"), False)),
    ("-is:blocked", ("is", "=", ("blocked",), True)),
    ("created:>2026-11-01", ("created_at", ">", ("2026-11-01",), False)),
    ("created:2026-11-01T10:00:00Z", ("created_at", "=", ("2026-11-01T10:00:00Z",), False)),
    ("updated:<7d", ("updated_at", "<", ("7d",), False)),
    ("closed:<2w", ("completed_at", "<", ("2w",), False)),
    ("due:none", ("due", "=", ("none",), False)),
    ("estimate:>3", ("estimate", ">", ("3",), False)),
    ("x_team:core", ("x_team", "=", ("core",), False)),
    ("x-team:core", ("x_team", "=", ("core",), False)),
    ("Status:todo", ("status", "=", ("todo",), False)),
    ("label:a,,b,", ("labels", "=", ("a", "b"), False)),
    ("title:http://x/y", ("title", "=", ("http://x/y",), False)),
])
def test_a_documented_form_gives_its_term(text: str, term: tuple[str, str, tuple[str, ...], bool]) -> None:
    found = query.parse(text)
    assert terms(text) == [term]
    assert found.words == []


@pytest.mark.parametrize(("text", "words"), [
    ("upload slow", ["upload", "slow"]),
    ('"slow upload" line', ["slow upload", "line"]),
    ('"status:todo"', ["status:todo"]),
    ('"-label:b"', ["-label:b"]),
    ("https://example.com/a?b=c", ["https://example.com/a?b=c"]),
    ("mailto:a@example.com", ["mailto:a@example.com"]),
    ('""', []),
    ("  ", []),
    ("a\tb\nc", ["a", "b", "c"]),
    ("-", ["-"]),
])
def test_other_words_are_searched_as_text(text: str, words: list[str]) -> None:
    assert query.parse(text).words == words
    assert terms(text) == []


def test_terms_words_and_paging_stand_in_any_order() -> None:
    found = query.parse('slow limit:20 status:todo sort:-updated "two words" -label:b')
    assert (found.words, found.sort, found.limit) == (["slow", "two words"], "-updated", 20)
    assert [t.key for t in found.terms] == ["status", "labels"]


@pytest.mark.parametrize(("text", "named"), [
    ("bogus:1", '"bogus:1"'),
    ("p:high", '"p:high"'),
    (":high", '":high"'),
    ("status:", '"status:"'),
    ("status:,", '"status:,"'),
    ('label:""', '"label:"""'),
    ("status:>todo", '"status:>todo"'),
    ("priority:>high,low", '"priority:>high,low"'),
    ("is:done", '"is:done"'),
    ("created:yesterday", '"yesterday"'),
    ("created:2026-13-01", '"2026-13-01"'),
    ("created:2026-02-29", '"2026-02-29"'),
    ("updated:<7x", '"7x"'),
    ("updated:<" + "9" * 40 + "d", "9d"),
    ("due:>soon", '"soon"'),
    ("limit:0", '"0"'),
    ("limit:-1", '"-1"'),
    ("limit:ten", '"ten"'),
    ("limit:100001", '"100001"'),
    ('say "hello', "not closed"),
    ('"', "not closed"),
    ('label:"a', "not closed"),
])
def test_a_word_that_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(UsageError) as error:
        query.parse(text)
    assert named in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(("text", "hint"), [("due:soon", "due:>2026-11-01"), ("created:soon", "created:>2026-11-01")])
def test_the_hint_for_a_bad_date_can_be_typed(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        query.parse(text)
    assert error.value.hint == hint
    assert query.parse(hint).terms


@pytest.mark.parametrize(("text", "shown"), [
    ("", False), ("label:a", False), ("is:open", False), ("-status:done", False),
    ("status:done", True), ("stage:completed", True), ("is:closed", True), ("is:open,closed", True),
    ("is:archived", True), ("closed:<7d", True), ("resolution:wontfix", True),
])
def test_closed_tickets_are_hidden_unless_asked_for(text: str, shown: bool) -> None:
    assert query.parse(text).shows_closed is shown


@pytest.mark.parametrize("sort", ["", "priority", "-created", "updated", "due", "title", "status", "number"])
def test_a_known_order_passes(sort: str) -> None:
    assert query.check_sort(sort) == sort


@pytest.mark.parametrize("sort", ["bogus", "--created", "created_at"])
def test_an_unknown_order_is_refused_with_the_list(sort: str) -> None:
    with pytest.raises(UsageError, match=f'can\'t sort by "{sort}"') as error:
        query.check_sort(sort)
    assert "priority, created" in error.value.hint


@pytest.mark.parametrize(("text", "uses"), [("sort:updated", True), ("sort:-updated", True), ("updated:<7d", True),
                                            ("created:<7d", False)])
def test_a_query_knows_whether_it_depends_on_update_times(text: str, uses: bool) -> None:
    assert query.parse(text).uses_updates is uses
