"""The default project is changed in its place in config.json."""

from __future__ import annotations

import json

import pytest

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.config_json import set_project


def test_only_the_value_is_replaced() -> None:
    data = b'{"project": "OW",\n\t"x": {"project":"OW"}, "tracker" : { "project" :  "OW" , "format": 1 }\r\n}'
    assert set_project(data, "AB") == data.replace(b'"project" :  "OW"', b'"project" :  "AB"')
    assert set_project(data, "OW") == data
    assert set_project(set_project(data, "AB"), "OW") == data


@pytest.mark.parametrize("data", [None, b"", b"{}", b'{"tracker": {"format": 1}}', b'{"tracker": [], "a": "\\u00e9"}',
                                  b'{"tracker": {"project": 5}}', b'{"tracker": {"project": "a\\"b"}, "project": "A"}'])
def test_a_value_that_is_not_there_is_added_and_the_rest_says_the_same(data: bytes | None) -> None:
    found = json.loads(set_project(data, "AB"))
    assert found["tracker"]["project"] == "AB"
    before = json.loads(data) if data else {}
    assert {k: v for k, v in found.items() if k != "tracker"} == {k: v for k, v in before.items() if k != "tracker"}


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}\n}"])
def test_a_file_that_is_no_object_is_refused_with_its_line(data: bytes) -> None:
    with pytest.raises(InvalidDataError) as refusal:
        set_project(data, "AB")
    assert refusal.value.line
