"""Round trips over files as people and editors leave them."""

from __future__ import annotations

import pytest

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md, frontmatter

REF = "tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f"
PLAIN = f"""---
ref: {REF}

slug: OW-43

title: Upload fails

status: todo

assignee:

labels:
- backend
- upload

due:
---
The description.
"""
FILES = {
    "as we write it": PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + PLAIN,
    "byte order mark and CRLF": "\ufeff" + PLAIN.replace("\n", "\r\n"),
    "CRLF in the body only": PLAIN.replace("The description.\n", "The\r\ndescription.\r\n"),
    "no final newline": PLAIN.rstrip("\n"),
    "no body": PLAIN.removesuffix("The description.\n"),
    "no newline behind the fence": PLAIN.removesuffix("\nThe description.\n"),
    "blank lines round the body": PLAIN.replace("The description.", "\n\nThe description.\n\n"),
    "no blank lines between keys": PLAIN.replace("\n\n", "\n"),
    "many blank lines between keys": PLAIN.replace("\n\n", "\n\n\n\n"),
    "spaces behind values and fences": PLAIN.replace("todo", "todo   ").replace("---\n", "---  \n"),
    "tabs behind values": PLAIN.replace("todo", "todo\t").replace("Upload fails", "'Upload fails'\t# a\tb"),
    "tabs in the body": PLAIN.replace("The description.", "\tThe\tdescription."),
    "unknown keys": PLAIN.replace("status:", "x_team: core\nzz-top: 1\na.b: c\n\nstatus:"),
    "comments": PLAIN.replace("status:", "# above\n  # indented\nstatus:").replace("- backend",
                                                                                   "- backend # why\n# between"),
    "comments behind values": PLAIN.replace("todo", "todo  # for now").replace("assignee:", "assignee: # nobody"),
    "emoji": PLAIN.replace("Upload fails", "Upload 🎉 fails 👩‍👩‍👧").replace("description", "🎉"),
    "values that look like others": PLAIN.replace(
        "status:",
        "x_a: no\nx_b: 1.10\nx_c: 12:30\nx_d: on\nx_e: 1e5\nx_f: 0123\nx_g: 2026-11-22\nx_h: ~\nx_i: 0x1F\n\nstatus:"),
    "--- in the body": PLAIN + "\n---\n\nmore\n---\n",
    "indented --- in a block scalar": PLAIN.replace("status:", "x_note: |\n  one\n  ---\n  two\nstatus:"),
    "block scalars": PLAIN.replace("status:", "x_note: |+\n  # no comment\n\n  b\n\nx_fold: >-\n  a\n  b\n\nstatus:"),
    "a block scalar that ends like a comment": PLAIN.replace("status:", "x_note: |\n  a\n  # b\nstatus:"),
    "conflict markers in the body": PLAIN + "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    "flow lists": PLAIN.replace("- backend\n- upload", "").replace("labels:\n", "labels: [backend, upload] # two"),
    "flow list over lines": PLAIN.replace("labels:\n- backend\n- upload", "labels: [backend,\n  'upload', # c\n  ]"),
    "indented list": PLAIN.replace("- backend\n- upload", "  - backend\n  - upload"),
    "quoted list items": PLAIN.replace("- backend\n- upload", "- 'backend' # one\n- \"upload\" # two"),
    "list with blank lines": PLAIN.replace("- backend\n- upload", "\n- backend\n\n- upload"),
    "quoted strings with escapes": PLAIN.replace("Upload fails", '"Upload \\"fails\\" \\u00e9 # no" # yes'),
    "quoted string over lines": PLAIN.replace("Upload fails", '"Upload\n  fails"'),
    "plain string over lines": PLAIN.replace("Upload fails", "Upload\n  fails"),
    "nested unknown mappings": PLAIN.replace("status:",
                                             "x_map:\n  a: 1\n  b:\n    - c\n    # in\n    - d: e\n# after\nstatus:"),
    "quoted keys": PLAIN.replace("title:", "'title':").replace("status:", '"status" :'),
    "tags": PLAIN.replace("status:", "x_a: !!str 1\nx_b: !!int 3\nstatus:"),
    "line separators that YAML knows": PLAIN.replace("status:", "x_a: 'a\u2028b\x85c'\nx_b: |\n  d\nstatus:"),
    "a lone carriage return": PLAIN.replace("status:", "x_a: 'a\rb'\nx_b: |\n  d\nstatus:"),
    "no-break space": PLAIN.replace("Upload fails", "Upload\xa0fails\xa0"),
    "huge body": PLAIN + "x" * 99 + "\n" + "line\n" * 100_000,
    "huge front matter": PLAIN.replace("- backend\n",
                                       "".join(f"- backend{n}\n" for n in range(20_000)) + "- backend\n"),
}
LABELS = ("backend", "upload")


@pytest.fixture(params=FILES)
def data(request: pytest.FixtureRequest) -> bytes:
    """Give each of the files."""
    return FILES[request.param].encode()


def test_no_change_gives_the_same_bytes(data: bytes) -> None:
    assert frontmatter.parse(data).encode() == data
    assert entity_md.patch(Ticket, data, {}) == data


def test_the_known_fields_are_read(data: bytes) -> None:
    ticket, findings = entity_md.read(Ticket, data, "ticket.md")
    assert findings == []
    assert (ticket.ref, ticket.slug, ticket.status, ticket.assignee, ticket.due) == (REF, "OW-43", "todo", "", "")
    assert set(LABELS) <= set(ticket.labels)
    assert ticket.title.startswith("Upload")


CHANGES: dict[str, object] = {"status": "done", "title": "It's: \"new\" # now", "assignee": "bob",
                              "labels": ("upload", "zeta"),
                              "due": "2027-01-31", "estimate": 2.5, "x_new": "12:30", "x_team": None}


@pytest.mark.parametrize("name", CHANGES)
def test_a_patch_of_one_key_changes_only_that_keys_lines(data: bytes, name: str) -> None:
    changed = entity_md.patch(Ticket, data, {name: CHANGES[name]})
    before, after = frontmatter.parse(data), frontmatter.parse(changed)
    assert (after.head, after.fence, after.body) == (before.head, before.fence, before.body)
    assert others(after, name) == others(before, name)
    values = {key: span.value for key, span in before.spans.items() if key != name}
    assert {key: span.value for key, span in after.spans.items() if key != name} == values


def others(document: frontmatter.Document, name: str) -> list[str]:
    """Give the lines of the front matter that are not the key's own, without blank ones."""
    entry = document.spans.get(name)
    own = range(entry.start, entry.end) if entry else ()
    return [line for number, line in enumerate(document.lines) if number not in own and line.strip()]


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_value_reads_back_and_nothing_else_changes(data: bytes, name: str) -> None:
    old, _ = entity_md.read(Ticket, data)
    new, findings = entity_md.read(Ticket, entity_md.patch(Ticket, data, {name: CHANGES[name]}))
    expected = old.replace(**{name: CHANGES[name]}) if name in Ticket.FIELDS else old.replace(
        extra={k: v for k, v in {**old.extra, name: CHANGES[name]}.items() if k != name or v is not None})
    assert findings == []
    assert new == expected


def test_a_change_and_its_reverse_give_the_same_bytes_for_a_plain_key(data: bytes) -> None:
    there = entity_md.patch(Ticket, data, {"assignee": "bob"})
    assert there != data
    assert entity_md.patch(Ticket, there, {"assignee": ""}) == data


def test_a_new_body_leaves_the_front_matter_byte_for_byte(data: bytes) -> None:
    before = frontmatter.split(data)
    changed = entity_md.patch(Ticket, data, {"body": "new\n\n---\ntext"})
    after = frontmatter.split(changed)
    assert (after.head, after.lines, after.fence.rstrip()) == (before.head, before.lines, before.fence.rstrip())
    assert entity_md.read(Ticket, changed)[0].body == "new\n\n---\ntext"
    assert ("\r\n" in after.body) == before.head.endswith("\r\n")


def test_comments_beside_a_changed_value_stay() -> None:
    data = FILES["comments behind values"].encode()
    changed = entity_md.patch(Ticket, data, {"status": "done", "assignee": "bob"}).decode()
    assert "status: done  # for now\n" in changed
    assert "assignee: bob # nobody\n" in changed


def test_comments_between_the_items_of_a_list_stay() -> None:
    changed = entity_md.patch(Ticket, FILES["comments"].encode(), {"labels": ("aaa", "backend")}).decode()
    assert "labels:\n- aaa\n- backend # why\n# between\n" in changed
    quoted = entity_md.patch(Ticket, FILES["quoted list items"].encode(), {"labels": ("upload",)}).decode()
    assert 'labels:\n- "upload" # two\n' in quoted


def test_a_comment_beside_an_empty_list_stays_when_it_fills() -> None:
    data = PLAIN.replace("- backend\n- upload\n", "").replace("labels:", "labels: # free words").encode()
    assert b"labels: # free words\n- a\n" in entity_md.patch(Ticket, data, {"labels": ("a",)})


def test_items_that_only_yaml_reads_are_removed_and_kept_like_others() -> None:
    data = PLAIN.replace("- backend\n- upload", '- "back\\x65nd"\n- >-\n  upload').encode()
    assert entity_md.read(Ticket, data)[0].labels == LABELS
    assert entity_md.read(Ticket, entity_md.patch(Ticket, data, {"labels": ("upload", "z")}))[0].labels == ("upload",
                                                                                                            "z")


def test_an_unknown_list_keeps_its_order() -> None:
    data = PLAIN.replace("status:", "x_order:\n- b # last\n- a\n\nstatus:").encode()
    changed = entity_md.patch(Ticket, data, {"x_order": ["c", "a", "b", "a"]})
    assert entity_md.read(Ticket, changed)[0].extra["x_order"] == ["c", "a", "b", "a"]


def test_a_nested_unknown_value_is_written_back_as_yaml_not_as_text() -> None:
    nested = entity_md.read(Ticket, FILES["nested unknown mappings"].encode())[0].extra["x_map"]
    changed = entity_md.patch(Ticket, PLAIN.encode(), {"x_map": nested})
    assert b"x_map: {a: '1', b: [c, {d: e}]}\n" in changed
    assert entity_md.read(Ticket, changed)[0].extra["x_map"] == nested


def test_values_stay_the_text_that_was_typed() -> None:
    extra = entity_md.read(Ticket, FILES["values that look like others"].encode())[0].extra
    assert extra == {"x_a": "no", "x_b": "1.10", "x_c": "12:30", "x_d": "on", "x_e": "1e5", "x_f": "0123",
                     "x_g": "2026-11-22",
                     "x_h": None, "x_i": "0x1F"}


@pytest.mark.parametrize(("data", "line", "reason"), [
    (PLAIN.replace("Upload", "Upl\xffoad").encode("latin-1"), 6, "not UTF-8"),
    (b"", 1, "no front matter"),
    (b"---", 1, "no front matter"),
    (b"# Just markdown\n", 1, "no front matter"),
    (b"\n---\ntitle: a\n---\n", 1, "no front matter"),
    (b"---\ntitle: a\n\nno end\n", 1, 'without a closing "---"'),
    (b"---\ntitle: a\n  ---\nno end\n", 1, 'without a closing "---"'),
    (PLAIN.replace("status:", "<<<<<<< HEAD\nstatus:").encode(), 8, "conflict markers"),
    (PLAIN.replace("status:", ">>>>>>> other\nstatus:").encode(), 8, "conflict markers"),
    (b"<<<<<<< HEAD\n" + PLAIN.encode(), 1, "no front matter"),
    (PLAIN.replace("status:", "title: again\n\nstatus:").encode(), 8, 'the key "title" stands twice'),
    (PLAIN.replace("status:", "'title': again\n\nstatus:").encode(), 8, 'the key "title" stands twice'),
    (PLAIN.replace("Upload fails", "&a Upload\n\nx_b: *a").encode(), 8, "aliases are not read"),
    (PLAIN.replace("status: todo", "status: [todo").encode(), 10, "broken YAML"),
    (PLAIN.replace("Upload fails", "Upload: fails").encode(), 6, "broken YAML"),
    (PLAIN.replace("Upload fails", "@home").encode(), 6, "broken YAML"),
    (PLAIN.replace("- upload", "\t- upload").encode(), 14, "broken YAML"),
    (PLAIN.replace("title: Upload fails", "x_a: !!timestamp 2026-99-99").encode(), 1, "can't be read"),
    (PLAIN.replace("Upload fails", "[" * 50_000 + "]" * 50_000).encode(), 6, "deep"),
    (PLAIN.replace("Upload fails", "'" + "x" * 1_000_001 + "\n  y'").encode(), 1, "larger than"),
    (b"---\n- a\n- b\n---\n", 2, "not a mapping"),
    (b"---\njust text\n---\n", 2, "not a mapping"),
])
def test_what_cannot_be_read_is_a_problem_with_path_and_line(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(InvalidDataError, match=reason) as error:
        entity_md.read(Ticket, data, "tickets/0/OW-43-k3f9/ticket.md")
    assert (error.value.path, error.value.line) == ("tickets/0/OW-43-k3f9/ticket.md", line)


def test_a_value_that_does_not_fit_its_field_is_reported_and_the_rest_is_read() -> None:
    data = PLAIN.replace("due:", "due: soon\n\nestimate: many\n\ncreated_at: [a, b]").encode()
    ticket, findings = entity_md.read(Ticket, data, "t.md")
    assert (ticket.title, ticket.due, ticket.estimate, ticket.created_at) == ("Upload fails", "", None, "")
    assert [(f.path, f.line) for f in findings] == [("t.md", 16), ("t.md", 18), ("t.md", 20)]
    assert findings[0].message == 'due is "soon"; expected a date such as 2027-01-31'
    assert findings[2].message == 'created_at is "a, b"; expected one value, not a list'


def test_front_matter_without_keys_takes_its_first_one() -> None:
    changed = entity_md.patch(Ticket, b"---\n---\ntext\n", {"title": "a"})
    assert entity_md.patch(Ticket, changed, {"status": "todo"}) == b"---\ntitle: a\n\nstatus: todo\n---\ntext\n"


def test_a_new_key_stands_where_the_field_table_has_it() -> None:
    changed = entity_md.patch(Ticket, PLAIN.encode(), {"priority": "high", "x_team": "core"}).decode()
    keys = [line.partition(":")[0] for line in changed.split("---")[1].split("\n") if ":" in line]
    assert keys == ["ref", "slug", "title", "status", "priority", "assignee", "labels", "due", "x_team"]
    assert changed == PLAIN.replace("assignee:", "priority: high\n\nassignee:").replace("due:\n",
                                                                                        "due:\n\nx_team: core\n")


def test_a_key_that_is_unset_leaves_with_its_blank_line() -> None:
    data = PLAIN.replace("status:", "x_team: core\n\nstatus:").encode()
    assert entity_md.patch(Ticket, data, {"x_team": None}) == PLAIN.encode()
