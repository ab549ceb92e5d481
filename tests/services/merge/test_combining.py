"""One file merged three ways: whatever it is, nobody's part is dropped without a word."""

from __future__ import annotations

import pytest

from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services.merge.combining import WHOLE, combine

_TICKET = "tickets/0/OW-1-k3f9/ticket.md"
_REF = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"


def ours_is_later(field: str) -> bool:
    """Say that theirs is the older value."""
    return False


def theirs_is_later(field: str) -> bool:
    """Say that theirs is the later value."""
    return True


def ticket(**values: object) -> bytes:
    """Write a ticket."""
    return entity_md.render(Ticket(**{"ref": _REF, "slug": "OW-1", "title": "Upload", **values}))


def read(data: bytes) -> Ticket:
    """Read a ticket."""
    return entity_md.read(Ticket, data)[0]


def test_what_only_one_side_changed_is_taken_as_it_is() -> None:
    base, other = ticket(), ticket(title="Other")
    assert combine(_TICKET, base, base, other, ours_is_later).data == other
    assert combine(_TICKET, base, other, base, theirs_is_later).data == other
    assert combine(_TICKET, base, other, other, theirs_is_later).data == other


def test_fields_sets_and_texts_are_merged_each_in_its_way() -> None:
    base = ticket(labels=("a", "b"), body="One.\n\nTwo.\n\nThree.")
    ours = ticket(labels=("a", "c"), body="One!\n\nTwo.\n\nThree.", status="todo")
    theirs = ticket(labels=("a", "b", "d"), body="One.\n\nTwo.\n\nThree!", priority="high")
    found = combine(_TICKET, base, ours, theirs, ours_is_later)
    assert not found.disputes
    one = read(found.data)
    assert (one.labels, one.status, one.priority, one.body) == (("a", "c", "d"), "todo", "high",
                                                               "One!\n\nTwo.\n\nThree!")


@pytest.mark.parametrize(("is_later", "kept"), [(ours_is_later, "Ours"), (theirs_is_later, "Theirs")])
def test_a_disputed_field_takes_the_later_value_and_nothing_else_with_it(is_later: object, kept: str) -> None:
    found = combine(_TICKET, ticket(), ticket(title="Ours", status="todo"), ticket(title="Theirs", due="2027-01-01"),
                    is_later)  # type: ignore[arg-type]
    one = read(found.data)
    assert (one.title, one.status, one.due) == (kept, "todo", "2027-01-01")
    assert [(d.field, {d.kept, d.dropped}, d.kept) for d in found.disputes] == [("title", {"Ours", "Theirs"}, kept)]


def test_what_both_added_is_merged_from_nothing() -> None:
    found = combine(_TICKET, None, ticket(labels=("a",)), ticket(labels=("b",)), ours_is_later)
    assert read(found.data).labels == ("a", "b") and not found.disputes


def test_a_broken_file_is_kept_whole_from_the_later_side() -> None:
    broken = b"---\ntitle: [\n"
    found = combine(_TICKET, ticket(), ticket(title="Ours"), broken, theirs_is_later)
    assert (found.data, [d.field for d in found.disputes]) == (broken, [WHOLE])


def test_sections_of_a_workpad_are_merged_apart() -> None:
    path = "tickets/0/OW-1-k3f9/workpad.md"
    found = combine(path, b"## Plan\n\na\n\n## Notes\n\nb\n", b"## Plan\n\nours\n\n## Notes\n\nb\n",
                    b"## Plan\n\na\n\n## Notes\n\nb\n\n## Progress\n\ntheirs\n", ours_is_later)
    assert found.data == b"## Plan\n\nours\n\n## Notes\n\nb\n\n## Progress\n\ntheirs\n" and not found.disputes
    found = combine(path, b"## Plan\n\na\n", b"## Plan\n\nours\n", b"## Plan\n\ntheirs\n\n## Notes\n\nx\n",
                    theirs_is_later)
    assert found.data == b"## Plan\n\ntheirs\n\n## Notes\n\nx\n"
    assert [d.field for d in found.disputes] == ["section Plan"]


def test_logs_are_a_union() -> None:
    found = combine("conversations/a.jsonl", b'{"n":1}\n', b'{"n":1}\n{"n":2}\n', b'{"n":1}\n{"n":3}\n', ours_is_later)
    assert found.data == b'{"n":1}\n{"n":2}\n{"n":3}\n' and not found.disputes


def test_settings_that_would_not_be_readable_any_more_are_not_woven_together() -> None:
    base, ours, theirs = b'{\n  "a": 1\n}\n', b'{\n  "a": 1,\n  "b": 2\n}\n', b'{\n  "a": 1\n}\n \n'
    found = combine("config.json", base, ours, theirs, ours_is_later)
    assert found.data in (ours, b'{\n  "a": 1,\n  "b": 2\n}\n \n')
    found = combine("config.json", base, ours, b'{\n  "a": 1,\n  "c": 3\n}\n', theirs_is_later)
    assert (found.data, [d.field for d in found.disputes]) == (b'{\n  "a": 1,\n  "c": 3\n}\n', [WHOLE])


def test_bytes_that_are_no_text_are_never_mixed() -> None:
    found = combine("tickets/0/OW-1-k3f9/attachments/a.bin", b"a\nb\nc\n", b"1\nb\nc\n", b"a\nb\n3\n", ours_is_later)
    assert (found.data, [d.field for d in found.disputes]) == (b"1\nb\nc\n", [WHOLE])
    found = combine("pages/OW/x.md", b"a", b"\xff", b"b", theirs_is_later)
    assert (found.data, found.disputes[0].dropped) == (b"b", "1 bytes")
