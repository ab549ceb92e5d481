"""Harness templates are checked without being able to do harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gittracker.domain import harness
from gittracker.formats import templates


@pytest.mark.parametrize("text", [
    "Work on {{ ticket.identifier }}.", "{% for l in ticket.links %}{{ l.url }}{% endfor %}",
    "{{ project.workflows|selectattr('type', 'x')|list|length }}", "{{ repos|map(attribute='name')|join(', ') }}",
    "{{ ticket.title|truncate(3)|markdown_escape }}", "{{ repos[0].url }}", "{% if attempt > 1 %}again{% endif %}",
    "{{ ticket.priority|default('none') }}", "{% set a = 1 %}{{ a }}"])
def test_what_the_catalogue_has_is_right(text: str) -> None:
    assert not templates.check(text)


@pytest.mark.parametrize(("text", "line", "reason"), [
    ("", 1, "no text"), (" \n", 1, "no text"), ("---\na: b\n---\nx", 1, "front matter"),
    ("ok\n{% if %}", 2, "syntax error"), ("a\n{{ x|nope }}", 2, "unknown filter"),
    ("{{ foo() }}", 1, "unknown function"),
    ("{% include 'x' %}", 1, "template not found"),
    ("{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}", 1, "fuel")])
def test_what_cannot_be_rendered_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    found, = templates.check(text)
    assert (found.line, found.is_advice) == (line, False)
    assert reason in found.message


def test_an_unknown_variable_is_advice() -> None:
    found, = templates.check("ok\n{{ ticket.titel }}")
    assert (found.line, found.is_advice) == (2, True)
    assert "ticket.titel" in found.message


def test_the_catalogue_is_whole_and_its_sample_has_every_variable() -> None:
    assert len(harness.variables()) == 132
    sample = harness.sample()
    assert sample["ticket"]["links"][0]["url"] == "text"
    assert sample["project"]["workflows"][0]["recent_tickets"][0]["attempt_count"] == 1
    assert all(harness.is_variable(path) for path in harness.variables())
    assert not harness.is_variable("ticket.tit")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}%| abcif.()'\"\n-#[]0*", max_size=40))
def test_any_text_is_judged(text: str) -> None:
    assert all(one.line >= 1 and one.message for one in templates.check(text))


@given(st.text())
def test_escaped_text_has_a_mark_before_each_special_character(text: str) -> None:
    escaped = templates.markdown_escape(text)
    assert len(escaped) - len(text) == sum(c in "\\`*_{}[]()#+-.!>|" for c in text)
