"""Names that become file names are safe on every file system, and no two are taken for one."""

from __future__ import annotations

import ntpath
import os
import posixpath
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain import names
from gittracker.domain.errors import ConflictError, UsageError
from tests.strategies import ANY_TEXT, PROPERTY

BAD = ("", " ", ".", "..", "../a", "a/b", "a\\b", "C:a", "/etc", "a\0b", "a\nb", "CON", "nul.txt", "Com1",
       "lpt9.tar.gz", "aux ", "COM¹", "conin$", ".git", ".gitattributes", "git~1", "GIT~1", "-rf", "a.", "a ", " a",
       "a*", "a?", "a|b", "a<b", 'a"b', "\u200ba", "a\u202eb", "x.tmp~", "a" * 181, "é" * 91, "\ud800", "con .txt")
GOOD = ("alice", "bot-1", "report.pdf", "Straße", "日本語", "con-fig", "console", "nullable.md", "a.b.c", "a b", "Ω",
       "é",  "com10", "a~1", "git~2", "x" * 180)
_FEW = st.sampled_from("aA.é\u0301/\\ -~:\0\u200bCONnul1")
NAMES = ANY_TEXT | st.sampled_from((*BAD, *GOOD)) | st.text(_FEW, max_size=12)


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_a_name_that_some_file_system_cannot_keep_is_refused_with_one_that_all_can(name: str) -> None:
    with pytest.raises(UsageError) as refusal:
        names.check("the name", name)
    suggested = refusal.value.hint.removeprefix("for example ")
    assert names.check("the name", suggested) == suggested


@pytest.mark.parametrize("name", GOOD)
def test_a_good_name_stays_as_it_is(name: str) -> None:
    assert names.check("the name", name) == name == names.make_safe(name)


@PROPERTY
@given(NAMES)
def test_any_text_can_be_made_a_safe_name_and_a_safe_name_stays(text: str) -> None:
    made = names.make_safe(text)
    assert names.check("it", made) == made == names.make_safe(made)


@PROPERTY
@given(NAMES)
def test_what_is_taken_stays_in_its_folder_on_every_system(text: str) -> None:
    try:
        taken = names.check("it", text)
    except UsageError:
        return
    for system, root in ((posixpath, "/root/of"), (ntpath, "C:\\root\\of")):
        whole = system.normpath(system.join(root, taken))
        assert system.dirname(whole) == root and system.basename(whole) == taken


@PROPERTY
@given(st.lists(NAMES, min_size=1, max_size=4).map("/".join))
def test_a_path_that_is_taken_stays_below_its_folder(text: str) -> None:
    try:
        taken = names.check_path("it", text)
    except UsageError as refusal:
        suggested = refusal.hint.removeprefix("for example ")
        assert "for example" not in refusal.hint or names.check_path("it", suggested) == suggested
        return
    for system, root in ((posixpath, "/root"), (ntpath, "C:\\root")):
        assert system.relpath(system.normpath(system.join(root, taken)), root).replace("\\", "/") == taken


def test_a_folder_can_hold_every_safe_name(tmp_path: Path) -> None:
    made = {names.make_safe(name) for name in (*BAD, *GOOD)}
    for name in made:
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert {unicodedata.normalize("NFC", name) for name in os.listdir(tmp_path)} == made


@PROPERTY
@given(ANY_TEXT.filter(lambda text: text and "/" not in text))
def test_spellings_that_differ_in_case_or_composition_clash(text: str) -> None:
    for form in ("NFC", "NFD"):
        for other in (text.lower(), text.upper(), text):
            if other.casefold() == text.casefold():
                assert names.clash(text, ["unrelated", unicodedata.normalize(form, other)])


@PROPERTY
@given(NAMES, NAMES)
def test_a_clash_is_one_from_both_sides(one: str, other: str) -> None:
    assert bool(names.clash(one, [other])) == bool(names.clash(other, [one]))
    assert names.clash(one, [one]) == one


def test_folders_clash_as_names_do() -> None:
    assert names.clash("Docs/a", ["docs/b"]) == "docs/b"
    assert names.clash("docs/a", ["docs/b", "docs/a/b", "docs"]) == ""
    assert names.clash("docs/Caf\u00e9", ["docs/cafe\u0301"]) == "docs/cafe\u0301"


def test_a_name_that_is_taken_says_by_what() -> None:
    names.check_free("page", "a/b", ["a/c"], "another name")
    with pytest.raises(ConflictError, match="is there already"):
        names.check_free("page", "a", ["a"], "another name")
    with pytest.raises(ConflictError, match='can\'t be told from "A"'):
        names.check_free("page", "a", ["A"], "another name")


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "a/../b", "./a", "a/CON/b", "/".join("a" * 13), "a\\b/c",
                                  "/".join(["x" * 150] * 5)])
def test_a_path_with_a_part_that_cannot_be_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        names.check_path("the page", path)


@PROPERTY
@given(st.lists(st.sampled_from(("a", "A", "b", "a/b", "A/b", "a/B", "ß", "ss/a", "a/b/c", "\u00e9", "e\u0301/x"))),
       st.sampled_from(("a", "a/b", "B", "a/c", "ss", "ß/a", "e\u0301")))
def test_many_paths_are_asked_as_one_by_one(present: list[str], path: str) -> None:
    one, other = names.clash(path, present), names.Present(present).clash(path)
    assert bool(one) == bool(other)


@pytest.mark.parametrize(("name", "present", "given"), [
    ("a.pdf", [], "a.pdf"), ("a.pdf", ["A.PDF"], "a-2.pdf"), ("a.pdf", ["a.pdf", "a-2.pdf", "A-3.pdf"], "a-4.pdf"),
    ("a", ["a"], "a-2"), ("a.tar.gz", ["a.tar.gz"], "a-2.tar.gz"), ("caf\u00e9", ["cafe\u0301"], "caf\u00e9-2"),
    ("a.b.c", ["a.b.c"], "a.b-2.c")])
def test_a_taken_name_gets_a_number(name: str, present: list[str], given: str) -> None:
    assert names.numbered(name, present) == given


@PROPERTY
@given(st.text(max_size=200), st.integers(0, 3))
def test_a_numbered_name_is_safe_and_free(text: str, taken: int) -> None:
    first = names.make_safe(text)
    present: list[str] = []
    for _ in range(taken):
        present.append(names.numbered(first, present))
    found = names.numbered(first, present)
    assert names.check("the name", found) == found
    assert names.folded(found) not in {names.folded(one) for one in present}
