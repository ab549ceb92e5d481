"""Usage reports come out of their files as they went in, and a broken one is told by its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.usage import COUNTS, Usage
from gittracker.formats import usage_json
from tests.strategies import PROPERTY

TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
REPORTS = st.builds(
    lambda counts, cost, texts: Usage(
        ref="usg_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", at="2026-11-22T10:00:00Z", cost_usd=cost,
        **dict(zip(COUNTS, counts, strict=True)), **dict(zip(("by", "model", "provider", "run", "note"), texts,
                                                             strict=True))),
    st.lists(st.integers(0, 10 ** 12 - 1), min_size=len(COUNTS), max_size=len(COUNTS)),
    st.none() | st.integers(0, 10 ** 15 - 1), st.lists(TEXTS, min_size=5, max_size=5))


@PROPERTY
@given(REPORTS)
def test_a_report_is_read_as_it_was_written(report: Usage) -> None:
    data = usage_json.render(report)
    assert usage_json.read(data) == report
    assert data.endswith(b"}\n") and json.loads(data)["input_tokens"] == report.input_tokens


@PROPERTY
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda t: t.encode(errors="surrogatepass")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        usage_json.read(data, "x.json")
    except InvalidDataError as error:
        assert error.line >= 1 and error.path == "x.json"


def test_a_number_written_by_hand_loses_no_money() -> None:
    assert usage_json.read(b'{"cost_usd": 0.30000000000000004, "input_tokens": 3}'.replace(b"00000000000004", b"")
                           ).cost_usd == 300_000_000
    assert usage_json.read(b'{"cost_usd": "0.1"}').cost_usd == 100_000_000


def test_members_of_others_are_kept() -> None:
    report = usage_json.read(b'{"input_tokens": 1, "x_team": "core"}')
    assert b'"x_team": "core"' in usage_json.render(report)


@pytest.mark.parametrize(("data", "line", "said"), [
    (b'{\n  "by": "a",\n  "input_tokens": -5\n}', 3, "input_tokens"), (b'{\n  "cost_usd": "much"\n}', 2, "cost_usd"),
    (b'{\n  "at": "now"\n}', 2, "at is"), (b"[1]", 1, "not a JSON object"), (b'{"a": 1,\n', 2, "broken JSON"),
    (b'{"input_tokens": true}', 1, "input_tokens"), (b"\xff\xfe", 1, "UTF-8"), (b'{"input_tokens": 1.5}', 1, "whole"),
    (b'{"input_tokens": 1e400}', 1, "whole"), (b'{"seconds": NaN}', 1, "whole"), (b'{"model": {}}', 1, "text")])
def test_a_broken_report_is_told_by_its_line(data: bytes, line: int, said: str) -> None:
    with pytest.raises(InvalidDataError, match=said) as caught:
        usage_json.read(data, "x.json")
    assert caught.value.line == line
