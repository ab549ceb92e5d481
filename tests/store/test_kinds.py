"""A path says what it is, and which record it belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.store import kinds, layout


@pytest.mark.parametrize(("path", "noun", "place", "name"), [
    ("tickets/0/OW-43-k3f9/ticket.md", "ticket", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/workpad.md", "workpad", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/epic.md", "file", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/comments/20261122T100000Z-k3f9.md", "comment", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/comments/deep/x.md", "file", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/attachments/ticket.md", "attachment", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/OW-43-k3f9/usage/20261122T100000Z-k3f9.json", "usage", "tickets/0/OW-43-k3f9", "OW-43"),
    ("tickets/0/ticket.md", "file", "", ""),
    ("epics/OW-E2-9x4c/epic.md", "epic", "epics/OW-E2-9x4c", "OW-E2"),
    ("epics/OW-E2-9x4c/progress/20261122T100000Z-k3f9.md", "progress", "epics/OW-E2-9x4c", "OW-E2"),
    ("pages/OW/guide/setup.md", "page", "pages/OW/guide/setup", "OW/guide/setup"),
    ("pages/OW/guide/setup.comments/20261122T100000Z-k3f9.md", "comment", "pages/OW/guide/setup", "OW/guide/setup"),
    ("pages/OW/guide/setup.files/ticket.md", "attachment", "pages/OW/guide/setup", "OW/guide/setup"),
    ("pages/OW/guide/setup/deep.md", "page", "pages/OW/guide/setup/deep", "OW/guide/setup/deep"),
    ("pages/top.md", "file", "", ""),
    ("updates/20261122T100000Z-k3f9/update.md", "update", "updates/20261122T100000Z-k3f9", "20261122T100000Z-k3f9"),
    ("skills/land/SKILL.md", "skill", "skills/land", "skills/land"),
    ("skills/land/comments/x.md", "file", "skills/land", "skills/land"),
    ("skills/land/attachments/x", "file", "skills/land", "skills/land"),
    ("harnesses/coder.md", "harness", "harnesses/coder", "harnesses/coder"),
    ("projects/OW.md", "project", "projects/OW", "OW"),
    ("statuses.yaml", "file", "", ""),
])
def test_a_path_is_read(path: str, noun: str, place: str, name: str) -> None:
    assert (kinds.noun(path), kinds.place(path)) == (noun, place)
    assert kinds.name_of(place) == name


@given(st.lists(st.sampled_from(["tickets", "epics", "pages", "OW", "0", "OW-1-k3f9", "OW-E1-k3f9", "comments", "x.md",
                                 "x.comments", ".files", "x.files", "attachments", "ticket.md", "..", "", "a"]),
                min_size=1, max_size=7))
def test_any_path_is_read_and_a_place_is_its_own_start(parts: list[str]) -> None:
    path = "/".join(parts)
    place = kinds.place(path)
    assert kinds.noun(path)
    assert path.startswith(place)


def test_comments_beside_a_record_belong_to_it() -> None:
    for path in ("epics/OW-E2-9x4c/epic.md", "pages/OW/a/b.md", "updates/20261122T100000Z-k3f9/update.md"):
        comment = layout.comment_file(layout.thread(path), "2026-11-22T10:00:00Z", "cmt_" + "0" * 32)
        assert (kinds.noun(comment), kinds.place(comment)) == ("comment", kinds.place(path))
