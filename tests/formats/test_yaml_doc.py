"""YAML by the library: the 1.2 core schema, and files that must not be expanded."""

from __future__ import annotations

import math

import pytest

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import yaml_doc


@pytest.mark.parametrize(("text", "value"), [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
    ("true", True), ("True", True), ("FALSE", False), ("tRUE", "tRUE"),
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"),
    ("0", 0), ("-12", -12), ("+12", 12), ("0123", 123), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("12:30", "12:30"), ("190:20:30", "190:20:30"), ("1.10", 1.1), ("1e5", 100000.0), ("-1.5E-2", -0.015), (".5", 0.5),
    ("5.", 5.0), (".", "."), ("1.1.1", "1.1.1"), (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf),
    ("2026-11-22", "2026-11-22"), ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"), ("=", "="), ("<<", "<<"),
    ("'1'", "1"), ('"true"', "true"),
])
def test_a_scalar_is_what_the_core_schema_says(text: str, value: object) -> None:
    found = yaml_doc.load(f"k: {text}\n".encode(), "")["k"]
    assert (type(found), found) == (type(value), value)


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(yaml_doc.load(b"k: .NaN\n", "")["k"])


@pytest.mark.parametrize(("data", "line", "reason"), [
    (b"a: 1\nb: [1\nc: 2\n", 3, "broken YAML"),
    (b"a: 1\n\tb: 2\n", 2, "broken YAML"),
    (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
    (b"a: &x 1\nb: *x\n", 2, "aliases are not read"),
    (b"a: " + b"[" * 100_000 + b"]" * 100_000 + b"\n", 1, "deep"),
    (b"a: " + b"{a: " * 3_000 + b"}" * 3_000 + b"\n", 1, "deep"),
    (b"a: " + b"9" * 5_000 + b"\n", 1, "can't be read"),
    (b"a: !!timestamp 2026-99-99\n", 1, "can't be read"),
    (b"a: !!python/object/apply:os.system [ls]\n", 1, "broken YAML"),
    (b"# " + b"x" * 1_000_001 + b"\n", 1, "larger than"),
    (b"--- a\n--- b\n", 2, "broken YAML"),
])
def test_a_bad_file_is_a_problem_with_its_line(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(InvalidDataError, match=reason) as error:
        yaml_doc.load(data, "statuses.yaml")
    assert (error.value.path, error.value.line) == ("statuses.yaml", line)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert yaml_doc.load("\ufeffa: 1\n".encode(), "") == {"a": 1}
