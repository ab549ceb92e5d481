"""Records as files, by property: what is written reads back, and our line parser agrees with YAML."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from gittracker.domain.comment import Comment
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md, frontmatter, yaml_doc
from tests.strategies import AWKWARD, PROPERTY, TEXT

REF = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"
SETS = st.sets(TEXT, max_size=4).map(lambda s: tuple(sorted(s)))
BODIES = st.lists(TEXT | st.sampled_from(["", "---", "title: x"]), max_size=6).map("\n".join).map(
    lambda text: entity_md.read_body(text.replace("\r", "")))
EXTRAS = st.dictionaries(st.sampled_from(["x_team", "x-b", "note", "y", "null"]),
                         TEXT | st.lists(TEXT, min_size=1, max_size=3),
                         max_size=3)
TICKETS = st.builds(
    Ticket, ref=st.just(REF), slug=st.just("OW-43"), title=TEXT,
    status=TEXT.map(str.lower).filter(lambda t: t == t.lower()),
    assignee=TEXT, labels=SETS, depends_on=SETS, reviewers=SETS, external_links=SETS,
    due=st.sampled_from(["", "2027-01-31"]),
    estimate=st.none() | st.integers(0, 10**9) | st.floats(0.001, 10**6), archived=st.booleans(),
    created_at=st.just("2026-11-22T10:00:00Z"), body=BODIES, extra=EXTRAS)
EOLS = st.sampled_from(["\n", "\r\n"])


@PROPERTY
@given(TICKETS)
def test_a_rendered_ticket_reads_back(ticket: Ticket) -> None:
    assert entity_md.read(Ticket, entity_md.render(ticket)) == (ticket, [])


@PROPERTY
@given(TICKETS)
def test_a_rendered_tickets_text_is_the_same_text_for_any_yaml_1_1_reader(ticket: Ticket) -> None:
    loaded = yaml.safe_load("".join(frontmatter.split(entity_md.render(ticket)).lines))
    for name in ("title", "status", "assignee"):
        assert loaded[name] == (getattr(ticket, name) or None)
    for name in ("labels", "depends_on"):
        assert loaded[name] == (list(getattr(ticket, name)) or None)
    assert {name: loaded[name] for name in ticket.extra if name != "null"} == {
        name: value for name, value in ticket.extra.items() if name != "null"}


@PROPERTY
@given(TICKETS, TICKETS, EOLS, st.booleans())
def test_a_patch_to_another_ticket_reads_back_as_that_ticket(old: Ticket, new: Ticket, eol: str, has_bom: bool) -> None:
    data = ("\ufeff" if has_bom else "").encode() + entity_md.render(old).replace(b"\n", eol.encode())
    changes = {name: after for name, (_, after) in entity_md.differences(old, new).items()}
    changed = entity_md.patch(Ticket, data, changes)
    assert entity_md.read(Ticket, changed) == (new, [])
    assert changed.startswith(data[:4])
    assert eol == "\n" or b"\n" not in changed.replace(b"\r\n", b"")


@PROPERTY
@given(TICKETS, TICKETS)
def test_a_patch_and_its_reverse_read_back_as_the_first_ticket(old: Ticket, new: Ticket) -> None:
    changes = entity_md.differences(old, new)
    there = entity_md.patch(Ticket, entity_md.render(old), {name: after for name, (_, after) in changes.items()})
    back = entity_md.patch(Ticket, there, {name: before for name, (before, _) in changes.items()})
    assert entity_md.read(Ticket, back) == (old, [])


@PROPERTY
@given(TICKETS)
def test_a_ticket_does_not_differ_from_itself(ticket: Ticket) -> None:
    assert entity_md.differences(ticket, ticket) == {}
    data = entity_md.render(ticket)
    assert entity_md.patch(Ticket, data, {}) == data


@PROPERTY
@given(BODIES, TEXT)
def test_a_comment_reads_back(body: str, by: str) -> None:
    comment = Comment(ref="cmt_" + REF[4:], by=by, at="2026-11-22T10:00:00Z", body=body)
    assert entity_md.read(Comment, entity_md.render(comment)) == (comment, [])


_SIMPLE = ("", "a", "todo # c", "'it''s'", "'a' # b", '"a" # "b"', "[a, b]", "[]", "[ a.b , c]", "# c", "~ # c", "-1",
           ":a",
           "a#b", "''", '"é # b"', "no", "1.10", "12:30", "2026-11-22", "http://x/?a#b", "it's", "日本語 🎉")
_ODD = ("'a' 'b'", "[a,, b]", "[a, ~]", "[a, -c]", "a\xa0", "\xa0a", "a ", "'a\tb'", "a\u3000", '"a\\tb"', "- - a",
        "a\x0b",
        "'a\x1cb'", "'a'#b", "a\t# b", "a: b", "|", "'a\u2028b'", "a\x85")
_VALUES = st.sampled_from(_SIMPLE) | st.sampled_from(_SIMPLE) | st.text(st.characters(categories=["L", "N", "P", "Zs"]),
                                                                    max_size=6) | st.sampled_from(
    [value for value in (*_ODD, *AWKWARD) if "\n" not in value])
_GAPS = st.sampled_from([" ", " ", " ", " ", "  ", "", "\t"])
_ITEM = st.builds("-{}{}".format, _GAPS, _VALUES)
_JUNK = st.sampled_from(["", "  ", "# c", "  # c", "\t# c", "\xa0", "  more", "\x0c", "  - a", "- a"])


@st.composite
def fronts(draw: st.DrawFn) -> list[str]:
    """Draw front matter that is mostly well formed: keys with a value or with items, and now and then a stray line."""
    lines = []
    for key in draw(st.lists(st.sampled_from(["a", "b", "c-d", "null", "y", "x.z", "e ", "_f", "1"]), max_size=3,
                             unique=True)):
        if draw(st.booleans()):
            lines.append(f"{key}:{draw(_GAPS)}{draw(_VALUES)}")
        else:
            indent = draw(st.sampled_from(["", "  "]))
            lines += [f"{key}:", *(indent + item for item in draw(st.lists(_ITEM, max_size=3)))]
        if draw(st.integers(0, 3)) == 0:
            lines.append(draw(_JUNK))
    return lines


FRONTS = fronts()


@PROPERTY
@given(FRONTS, EOLS)
@example(["a:", "- b", "  - c"], "\n")
@example(["a: ~", "- b"], "\n")
@example(["null: a"], "\n")
@example(["a: 'b\xa0'"], "\r\n")
def test_whatever_our_line_parser_accepts_yaml_reads_the_same(lines: list[str], eol: str) -> None:
    front = [line + eol for line in lines]
    ours = frontmatter._scan(front)
    if ours is None or len({entry.key for entry in ours}) < len(ours):
        return
    theirs = yaml_doc.spans("".join(front), "")
    assert [(e.key, e.start, e.end, e.value, e.flow) for e in ours] == [
        (key, start, end, value, is_flow and isinstance(value, list)) for key, start, end, value, is_flow in theirs]


@PROPERTY
@given(FRONTS, EOLS)
@example(["a: [b]", "- c"], "\n")
@example(["a: ~", "- c"], "\n")
@example(["a: # b", "- c"], "\n")
@example(["a: 'b'", "a: c"], "\n")
def test_what_is_read_without_keeping_lines_is_what_the_careful_way_reads(lines: list[str], eol: str) -> None:
    data = ("---\n" + "".join(line + eol for line in lines) + "---\nbody\n").encode()
    try:
        document = frontmatter.parse(data)
    except InvalidDataError:
        assert frontmatter.read_plain(data) is None
        return
    plain = frontmatter.read_plain(data)
    assert frontmatter.read_plain(data) == plain  # now that these lines were met
    assert plain in (None, ({key: span.value for key, span in document.spans.items()}, document.body))


@PROPERTY
@given(FRONTS)
def test_any_front_matter_is_read_or_is_a_problem(lines: list[str]) -> None:
    data = ("---\n" + "".join(line + "\n" for line in lines) + "---\nbody\n").encode()
    try:
        document = frontmatter.parse(data)
    except InvalidDataError as error:
        assert 1 <= error.line <= len(lines) + 2
        return
    assert document.encode() == data
    for name in [key for key in document.spans if key not in Ticket.FIELDS]:
        check_one_change(data, name)


def check_one_change(data: bytes, name: str) -> None:
    """Set one unknown key; it reads back, and the others stay."""
    before: dict[str, Any] = entity_md.read(Ticket, data)[0].extra
    after = entity_md.read(Ticket, entity_md.patch(Ticket, data, {name: "new: value"}))[0].extra
    assert after == {**before, name: "new: value"}


def test_a_line_that_was_met_before_reads_the_same_and_shares_no_list() -> None:
    data = b"---\nlabels: [a, b]\nrelated:\n- x\n- y\nx_more:\n- x\n---\nbody\n"
    frontmatter.parse(data)  # which tells what is a key
    first, again = frontmatter.read_plain(data), frontmatter.read_plain(data)
    assert first
    assert first == again
    for values in first[0].values():
        assert isinstance(values, list)
        values.append("z")
    assert again
    assert again[0] == {"labels": ["a", "b"], "related": ["x", "y"], "x_more": ["x"]}
