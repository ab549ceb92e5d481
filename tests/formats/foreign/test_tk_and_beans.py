"""tk's and beans' files: titles, stamped notes, ids in names and comments, links of old and new versions."""

from __future__ import annotations

from gittracker.domain.foreign import Edge, Remark
from gittracker.formats.foreign import beans, tk

TICKET = """---
id: nw-5c46
status: needs_testing
deps: [nw-1, nw-2]
links: [nw-3]
created: 2026-01-12T03:32:52Z
type: task
priority: 1
assignee: Ray Myers
external-ref: gh-7
parent: nw-9  # The big one
tags: [a, b]
---
# Port: the listing

Do it.

## Acceptance Criteria

- [ ] it lists

## Notes

**2026-01-12T04:18:19Z**

First.

**2026-01-13T04:18:19Z**

Second,
## with a heading.
"""


def test_a_ticket_of_tk_is_read_whole() -> None:
    [one] = tk.read(TICKET, "f.md", "nw-5c46").records
    assert (one.id, one.title, one.status, one.priority) == ("nw-5c46", "Port: the listing", "needs_testing", "1")
    assert (one.people, one.external_ref, one.labels) == (("Ray Myers",), "gh-7", ("a", "b"))
    assert one.edges == (Edge("depends_on", "nw-1", 4), Edge("depends_on", "nw-2", 4), Edge("related", "nw-3", 5),
                         Edge("parent", "nw-9", 11))
    assert one.body == "Do it.\n\n## Acceptance Criteria\n\n- [ ] it lists"
    assert one.remarks == (Remark("", "2026-01-12T04:18:19Z", "First."),
                           Remark("", "2026-01-13T04:18:19Z", "Second,\n## with a heading."))
    assert one.extra == {}


def test_notes_without_a_stamp_stay_in_the_text() -> None:
    text = "---\nid: a-1\n---\n# T\n\n## Notes\n\nplain\n\n**2026-01-12T04:18:19Z**\n\nlater\n"
    [one] = tk.read(text, "f", "a-1").records
    assert one.body == "## Notes\n\nplain"
    assert len(one.remarks) == 1
    [one] = tk.read("---\nid: a-1\n---\n# T\n\n## Notes\n\n**not a time**\n", "f", "a-1").records
    assert (one.body, one.remarks) == ("## Notes\n\n**not a time**", ())


def test_a_title_in_the_front_matter_comes_before_the_heading() -> None:
    [one] = tk.read("---\nid: a-1\ntitle: Short\n---\n# Long\n\nx\n", "f", "a-1").records
    assert (one.title, one.body) == ("Short", "# Long\n\nx")


def test_a_bean_has_its_id_in_a_comment() -> None:
    text = ("---\n# beans-0ajg\ntitle: complete\nstatus: todo\ntype: milestone\npriority: critical\norder: VV\n"
            "parent: beans-mmyp\nblocking:\n    - beans-1\nblocked_by:\n    - beans-2\ntags:\n    - idea\n---\n\n"
            "Text\n")
    parsed = beans.read(text, "f.md", "beans-0ajg--complete", archived=True)
    [one] = parsed.records
    assert (one.id, one.title, one.priority, one.archived) == ("beans-0ajg", "complete", "critical", True)
    assert one.edges == (Edge("parent", "beans-mmyp", 8), Edge("blocks", "beans-1", 9),
                         Edge("depends_on", "beans-2", 11))
    assert (one.labels, one.body, one.extra) == (("idea",), "Text", {"x_order": "VV"})
    assert not parsed.anomalies


def test_the_id_of_a_bean_without_the_comment_is_in_its_name() -> None:
    for name in ("b-12--some-title", "b-12.some-title", "b-12"):
        assert beans.read("---\ntitle: t\n---\n", "f", name).records[0].id == "b-12"


def test_a_name_that_says_otherwise_is_told() -> None:
    parsed = beans.read("---\n# b-12\ntitle: t\n---\n", "f", "b-13--t")
    assert parsed.records[0].id == "b-12"
    assert [(one.line, one.kind) for one in parsed.anomalies] == [(2, "id")]


def test_links_of_older_versions_are_read() -> None:
    for links in ("links:\n  - parent: b-1\n  - blocks: b-2\n", "links:\n  parent: b-1\n  blocks: [b-2]\n"):
        [one] = beans.read(f"---\n# b-3\ntitle: t\n{links}---\n", "f", "b-3").records
        assert {(edge.kind, edge.target) for edge in one.edges} == {("parent", "b-1"), ("blocks", "b-2")}
        assert one.extra == {}
    [one] = beans.read("---\n# b-3\nlinks:\n  - supersedes: b-1\n---\n", "f", "b-3").records
    assert one.extra == {"x_links": '[{"supersedes": "b-1"}]'}


def test_a_file_without_front_matter_is_neither() -> None:
    for parsed in (tk.read("# Readme\n", "f", "README"), beans.read("# Readme\n", "f", "README")):
        assert not parsed.records and parsed.anomalies[0].lost
