"""Three versions of a ticket's file merged: by property against the merge of values, and byte by byte by example."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import conflicts, entity_md
from gittracker.formats.merge_md import NOTES, combine
from tests.strategies import PROPERTY, tickets

BASE = entity_md.render(Ticket(ref="tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", slug="OW-1", title="Upload fails",
                               status="todo", labels=("backend", "ui"), body="One.\n\nTwo.\n\nThree.")).decode()


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a ticket's file, perhaps touched up by hand: comments, other line ends, no last line end, keys moved."""
    due = draw(st.sampled_from(["", "2027-01-01", "2027-02-01"]))
    text = entity_md.render(draw(tickets()).replace(due=due)).decode()
    if draw(st.booleans()):
        key = draw(st.sampled_from(["title", "status", "labels", "due"]))
        text = text.replace(f"\n{key}:", f"\n# {draw(st.sampled_from('ab'))}\n{key}:", 1)
    if draw(st.booleans()):
        text = text.replace("\nstatus: a\n", "\nstatus: a # why\n", 1)
    if draw(st.booleans()):
        text = text[:-1] if not text.endswith("---\n") else text
    return (text.replace("\n", "\r\n") if draw(st.integers(0, 4)) == 0 else text).encode()


def read(data: bytes) -> Ticket:
    """Read a file that must be whole."""
    ticket, findings = entity_md.read(Ticket, data)
    assert not findings
    return ticket


def resolved(data: bytes) -> tuple[Ticket, Ticket]:
    """Read a merged file as either side would have it."""
    both = conflicts.sides(data.decode())
    return (read(both[0].encode()), read(both[1].encode())) if both else (read(data), read(data))


@PROPERTY
@given(files(), files(), files())
def test_the_file_reads_as_the_merged_values(base: bytes, ours: bytes, theirs: bytes) -> None:
    made = combine(Ticket, base, ours, theirs)
    wanted = merge(read(base), read(ours), read(theirs))
    assert set(wanted.disputes) <= set(made.disputes)
    assert bool(made.disputes) == (conflicts.sides(made.data.decode()) is not None)
    left, right = resolved(made.data)
    for name in (*Ticket.FIELDS, "body"):
        agreed = wanted.changes.get(name, read(ours).__dict__[name])
        if name not in made.disputes:
            assert left.__dict__[name] == right.__dict__[name] == agreed
        elif name in wanted.disputes and name != "body":  # of which each side has what the other alone changed, too
            assert (left.__dict__[name], right.__dict__[name]) == wanted.disputes[name]


@PROPERTY
@given(files(), files(), files())
def test_swapping_sides_agrees(base: bytes, ours: bytes, theirs: bytes) -> None:
    one, other = combine(Ticket, base, ours, theirs), combine(Ticket, base, theirs, ours)
    assert set(one.disputes) == set(other.disputes)
    assert resolved(one.data) == resolved(other.data)[::-1]


@PROPERTY
@given(files(), files())
def test_merging_with_the_base_changes_nothing(base: bytes, ours: bytes) -> None:
    for data in (combine(Ticket, base, ours, base).data, combine(Ticket, base, base, ours).data):
        assert data == ours or read(data) == read(ours)  # line ends that one side changed count as a change too
    assert combine(Ticket, base, ours, ours).data == ours


@PROPERTY
@given(files(), files(), files())
def test_twice_equals_once(base: bytes, ours: bytes, theirs: bytes) -> None:
    once = combine(Ticket, base, ours, theirs)
    if not once.disputes:
        again = combine(Ticket, base, once.data, theirs)
        assert again.disputes in ([], ["body"])  # repeated lines can make the second merge unsure; ours is as it was
        assert resolved(again.data)[0] == read(once.data)


def changed(*pairs: tuple[str, str]) -> bytes:
    """Give the base with texts replaced."""
    text = BASE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


@pytest.mark.parametrize(("ours", "theirs", "merged"), [
    ([("status: todo", "status: done")], [("title: Up", "title: The up")],
     [("status: todo", "status: done"), ("title: Up", "title: The up")]),
    ([("- backend\n", "- backend\n- core\n")], [("- backend\n- ui\n", "- backend\n- zeta\n")],
     [("- backend\n- ui\n", "- backend\n- core\n- zeta\n")]),
    ([("status: todo", "status: done")], [("status: todo", "status: todo # sure")], None),
    ([("status: todo", "# hot\nstatus: todo")], [("status: todo", "status: done")],
     [("status: todo", "# hot\nstatus: done")]),
    ([("status: todo", "status: 'todo'")], [("status: todo", "status: done # why")],
     [("status: todo", "status: done # why")]),
    ([("- ui\n", "- ui # looks\n")], [("- ui\n", "- ui\n- zeta\n")], [("- ui\n", "- ui # looks\n- zeta\n")]),
    ([("- ui\n", "- ui\n- zeta\n")], [("- ui\n", "- ui # looks\n")], [("- ui\n", "- ui # looks\n- zeta\n")]),
    ([("---\nOne", "\nx_a: 1\n---\nOne")], [("---\nOne", "\nx_b: 2\n---\nOne")],
     [("---\nOne", "\nx_a: 1\n\nx_b: 2\n---\nOne")]),
    ([("One.", "1.")], [("Three.\n", "Three")], [("One.", "1."), ("Three.\n", "Three")]),
    ([("status: todo", "status: done")], [("due:\n", "due: 2027-01-01\n"), ("\npriority:\n", "")],
     [("status: todo", "status: done"), ("due:\n", "due: 2027-01-01\n"), ("\npriority:\n", "")]),
])
def test_what_one_side_changed_is_taken_byte_for_byte(ours: list[tuple[str, str]], theirs: list[tuple[str, str]],
                                                     merged: list[tuple[str, str]] | None) -> None:
    made = combine(Ticket, BASE.encode(), changed(*ours), changed(*theirs))
    if merged is None:
        assert made.disputes == ["status"]
    else:
        assert (made.data.decode(), made.disputes) == (changed(*merged).decode(), [])


def test_disputed_lines_alone_stand_between_markers() -> None:
    made = combine(Ticket, BASE.encode(), changed(("status: todo", "status: done"), ("Two.", "2.")),
                   changed(("status: todo", "status: in-review"), ("Two.", "II."), ("due:\n", "due: 2027-01-01\n")))
    assert made.disputes == ["status", "body"]
    assert made.data == changed(
        ("status: todo", "<<<<<<< ours\nstatus: done\n=======\nstatus: in-review\n>>>>>>> theirs"),
        ("Two.", "<<<<<<< ours\n2.\n=======\nII.\n>>>>>>> theirs"), ("due:\n", "due: 2027-01-01\n"))


def test_line_ends_that_one_side_changed_are_taken_and_a_field_of_the_other_too() -> None:
    crlf = BASE.replace("\n", "\r\n").encode()
    wanted = changed(("status: todo", "status: done")).replace(b"\n", b"\r\n")
    assert combine(Ticket, BASE.encode(), crlf, changed(("status: todo", "status: done"))).data == wanted
    assert combine(Ticket, BASE.encode(), changed(("status: todo", "status: done")), crlf).data == wanted


def test_markers_have_the_line_ends_of_the_file() -> None:
    sides = [changed(("status: todo", f"status: {word}")).replace(b"\n", b"\r\n") for word in ("done", "canceled")]
    made = combine(Ticket, BASE.replace("\n", "\r\n").encode(), *sides).data
    assert made.count(b"\n") == made.count(b"\r\n")


def test_what_both_added_merges_by_field_too() -> None:
    made = combine(Ticket, b"", changed(("assignee:\n", "assignee: bob\n"), ("Two.", "2.")),
                   changed(("- backend\n", "- alpha\n- backend\n")))
    assert made.disputes == ["body"]
    left, right = resolved(made.data)
    assert (left.assignee, left.labels, left.body) == ("bob", ("alpha", "backend", "ui"), "One.\n\n2.\n\nThree.")
    assert right.body == "One.\n\nTwo.\n\nThree."


def test_values_that_do_not_fit_are_in_dispute_and_kept() -> None:
    made = combine(Ticket, BASE.encode(), changed(("estimate:\n", "estimate: lots\n")),
                   changed(("estimate:\n", "estimate: few\n")))
    assert made.disputes == ["estimate"]
    assert b"estimate: lots" in made.data and b"estimate: few" in made.data


def test_comments_between_keys_that_both_changed_are_in_dispute() -> None:
    made = combine(Ticket, BASE.encode(), changed(("status: todo", "# a\nstatus: todo")),
                   changed(("status: todo", "# b\nstatus: done")))
    assert made.disputes == [NOTES]
    assert b"<<<<<<< ours\n# a\n=======\n# b\n>>>>>>> theirs\nstatus: done\n" in made.data


def test_a_base_with_conflicts_in_it_settles_nothing_that_is_not_the_same_on_both_sides() -> None:
    """Git merges two merge bases into one, and marks in that what they differ in."""
    base = changed(("status: todo", "<<<<<<< ours\nstatus: done\n=======\nstatus: canceled\n>>>>>>> theirs"))
    done, other = changed(("status: todo", "status: done")), changed(("status: todo", "status: canceled"))
    assert combine(Ticket, base, done, done).data == done
    assert combine(Ticket, base, done, other).disputes == ["status"]
    made = combine(Ticket, base, done, changed(("status: todo", "status: done"), ("due:\n", "due: 2027-01-01\n")))
    assert (made.disputes, read(made.data).due) == ([], "2027-01-01")


def test_a_base_with_conflicts_in_its_text_settles_no_text() -> None:
    base = changed(("Two.", "<<<<<<< ours\n2.\n=======\nII.\n>>>>>>> theirs"))
    made = combine(Ticket, base, changed(("Two.", "2.")), changed(("Two.", "II.")))
    assert made.disputes == ["body"]
    assert made.data == changed(("Two.", "<<<<<<< ours\n2.\n=======\nII.\n>>>>>>> theirs"))


@pytest.mark.parametrize("broken", [b"", b"no front matter\n", b"---\na: [b\n---\n", b"---\na: 1\na: 2\n---\n",
                                    b"\xff"])
def test_a_side_that_can_not_be_read_is_an_error(broken: bytes) -> None:
    with pytest.raises(InvalidDataError):
        combine(Ticket, BASE.encode(), broken, changed(("Two.", "2.")))
