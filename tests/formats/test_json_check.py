"""Our small checker says of our schemas what a full JSON Schema library says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gittracker.formats import json_check
from gittracker.services.schemas import catalogue

ALL = {name: body for name, body in catalogue.every().items() if name.startswith("files/")}
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from([0.5, 1.0, -0.5]), st.sampled_from(
    ["", "a", "todo", "backlog", "2027-01-31", "2027", "tik_" + "0" * 32, "tik_0", "2026-11-22T10:00:00Z", "in-tree"]))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


def without_format(schema: Any) -> Any:
    """Leave out what a library checks only with further ones installed."""
    if isinstance(schema, dict):
        return {key: without_format(inner) for key, inner in schema.items() if key != "format"}
    return [without_format(inner) for inner in schema] if isinstance(schema, list) else schema


def keywords(schema: Any) -> set[str]:
    """Give the keywords of a schema and those inside."""
    if isinstance(schema, list):
        return {word for inner in schema for word in keywords(inner)}
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, inner in schema.items():
        named = key in ("properties", "patternProperties", "$defs")
        found |= {word for one in inner.values() for word in keywords(one)} if named else keywords(inner)
    return found


def test_every_keyword_of_our_schemas_is_checked_or_a_note() -> None:
    used = {word for body in ALL.values() for word in keywords(body)}
    assert used <= json_check.KEYWORDS | json_check.NOTES


@st.composite
def documents(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """Draw a value near what a schema wants."""
    if draw(st.integers(0, 9)) == 0:
        return draw(VALUES)
    if schema.get("type") == "array":
        return draw(st.lists(documents(schema["items"]), max_size=3))
    if "properties" not in schema:
        return draw(VALUES)
    names = [*schema["properties"], "x_team", "other"]
    kept = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    if draw(st.booleans()):
        kept += [name for name in schema.get("required", ()) if name not in kept]
    return {name: draw(documents(schema["properties"].get(name, {}))) for name in kept}


@pytest.mark.parametrize("name", sorted(ALL))
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_it_agrees_with_the_library(name: str, data: st.DataObject) -> None:
    schema = without_format(ALL[name])
    value = data.draw(documents(schema))
    expected = sorted(list(error.absolute_path) for error in Draft202012Validator(schema).iter_errors(value))
    found = json_check.check(schema, value)
    assert bool(found) == bool(expected), (value, expected, [one.message for one in found])
    assert {one.place[0] for one in found if one.place} >= {path[0] for path in expected if path}


def test_messages_say_what_is_there_and_what_was_expected() -> None:
    schema = {"type": "object", "required": ["title"], "properties": {
        "title": {"type": "string"}, "stage": {"enum": ["todo", None]}, "due": {"type": "string", "pattern": "^2"},
        "at": {"type": ["string", "null"], "format": "date-time"}, "count": {"type": "integer", "minimum": 1},
        "labels": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 3}}}
    value = {"stage": "x" * 50, "due": "soon", "at": "today", "count": 0, "labels": ["a", "a"], "title": True}
    told = {one.place: one.message for one in json_check.check(schema, value)}
    assert told == {
        ("title",): "title is true, which is read as true or false (in quotes it is text); expected text",
        ("stage",): f'stage is "{"x" * 40}…"; expected one of todo, nothing',
        ("due",): 'due is "soon"; expected text that fits ^2',
        ("at",): 'at is "today"; expected a UTC time such as 2026-11-22T10:00:00Z',
        ("count",): "count is 0, which is read as a number (in quotes it is text); expected 1 or more",
        ("labels",): "labels has 2 item(s); expected 3 or more", ("labels", 1): '"a" stands twice in labels'}
    assert [one.message for one in json_check.check(schema, {})] == ["title is missing"]
