"""Paths of pages: one form for each, and none that leads anywhere else."""

from __future__ import annotations

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import page
from gittracker.domain.errors import UsageError
from tests.strategies import PROPERTY

PROJECTS = ("OW", "WEB")
TYPED = st.one_of(st.text(), st.lists(st.sampled_from((
    "/", "a", "B", "..", ".", "é", "e\u0301", ".md", ".files", ".comments", "OW", "ow", "web", " ", "con", "\x00", "İ",
    "ß"))).map("".join))


@PROPERTY
@given(TYPED)
def test_a_path_is_refused_or_stays_in_its_project(typed: str) -> None:
    full = page.full(typed, PROJECTS, "OW")
    try:
        path = page.check(full)
    except UsageError as error:
        assert error.hint
        return
    project, _, rest = path.partition("/")
    assert project in PROJECTS
    assert posixpath.normpath(f"pages/{path}.md") == f"pages/{path}.md"
    assert not any(part.startswith(".") or part.endswith((".md", ".files", ".comments")) for part in rest.split("/"))


@PROPERTY
@given(TYPED)
def test_a_full_path_and_its_file_name_the_same_page_again(typed: str) -> None:
    try:
        path = page.check(page.full(typed, PROJECTS, "WEB"))
    except UsageError:
        return
    assert page.full(path, PROJECTS, "OW") == path
    assert page.full(path + ".md", PROJECTS, "OW") == path
    assert page.full(path.lower(), PROJECTS, "OW") == path
    assert page.check(path) == path
