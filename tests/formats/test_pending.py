"""A pending line says what it was given, whatever bytes and names are in it, and never takes what no command wrote."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittracker.formats import pending
from gittracker.formats.entry import Message
from gittracker.formats.pending import Line

_NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1)
_PATHS = _NAMES.map(lambda name: f"tickets/0/{name}/ticket.md").filter(pending.is_history)
_CHANGES = st.lists(st.tuples(_PATHS, st.text("0123456789abcdef"), st.none() | st.binary() | st.text().map(str.encode)))
_WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None, max_examples=40)
@given(changes=_CHANGES, subject=_WORDS, actor=_WORDS.filter(bool), key=_WORDS,
       found=st.sampled_from(["", "git", "editor", "unsure"]), at=st.integers(0, 4_000_000_000),
       number=st.integers(0, 999_999_999))
def test_a_line_is_read_as_it_was_written(changes: list[tuple[str, str, bytes | None]], subject: str, actor: str,
                                          key: str, found: str, at: int, number: int) -> None:
    message = Message(subject, ["OW-1"], actor, key, "a" * 40)
    line = Line("0" * 40, at, "Ä", "a@example.com", message, found, changes, "f", {"OW": number},
                [{"kind": "ticket.updated", "ref": "r", "slug": "s", "path": "p", "old_etag": None, "changes": {}}])
    raw = pending.render(line)
    assert raw.endswith(b"\n") and raw.count(b"\n") == 1 and raw.isascii()
    read, problems = pending.read(raw)
    assert not problems and len(read) == 1
    for name in Line.__slots__:
        if name != "message":
            assert getattr(read[0], name) == getattr(line, name), name
    assert read[0].message.pending == "0" * 40
    for name in ("subject", "tickets", "actor", "key", "undoes"):
        assert getattr(read[0].message, name) == getattr(message, name), name
    assert pending.render(read[0]) == raw


_MEMBERS = st.sampled_from(["id", "at", "actor", "changes", "path", "text", "base64", "old", "records", "counters"])
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                     lambda inner: st.lists(inner) | st.dictionaries(_MEMBERS | st.text(), inner))


@settings(deadline=None, max_examples=40)
@given(st.binary() | st.lists(_JSON).map(lambda found: b"\n".join(json.dumps(one).encode() for one in found)))
def test_nothing_in_the_file_breaks_its_reader(data: bytes) -> None:
    read, problems = pending.read(data)
    for line in read:
        assert all(pending.is_history(path) for path, _, _ in line.changes)
    numbers = [number for number, _, _ in problems]
    assert numbers == sorted(set(numbers)) and all(0 < n <= data.count(b"\n") + 1 for n in numbers)
    assert len(read) + len(problems) == sum(bool(raw.strip()) for raw in data.split(b"\n"))


def _mutations() -> list[tuple[str, object]]:
    return [("id", "0" * 39), ("id", "G" * 40), ("id", 1), ("at", 12), ("at", "yesterday"), ("actor", None),
            ("changes", None), ("changes", [1]), ("changes", [{"text": "x"}]), ("changes", [{"path": "a", "text": 1}]),
            ("changes", [{"path": "a", "base64": "?"}]), ("changes", [{"path": "a", "old": "no blob"}]),
            ("counters", {"OW": "9"}), ("counters", {"OW": 10 ** 9}), ("counters", {"OW": True}), ("tickets", [1]),
            ("records", [{}]), ("records", [{"kind": "k", "ref": "r", "slug": "s", "path": 1, "changes": {}}]),
            ("undoes", ["a"])]


@pytest.mark.parametrize(("name", "value"), _mutations(), ids=str)
def test_a_member_of_the_wrong_kind_makes_it_no_line(name: str, value: object) -> None:
    good = {"id": "0" * 40, "at": "2026-11-22T10:00:00Z", "actor": "a", "changes": []}
    assert pending.parse(json.dumps(good).encode()).at == 1795341600
    with pytest.raises(ValueError):
        pending.parse(json.dumps({**good, name: value}).encode())


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/", "local/lock", "worktrees/a",
                                  "config.local.json", ".git/config", "tickets/.GIT/hooks", "a\0b"])
def test_a_path_that_history_can_not_hold_is_none(path: str) -> None:
    assert not pending.is_history(path)


def test_paths_of_the_tracker_are_history() -> None:
    assert all(map(pending.is_history, ["config.json", ".gitignore", "tickets/0/OW-1-k3f9/attachments/ü \\.bin",
                                        "pages/OW/local/notes.md"]))
