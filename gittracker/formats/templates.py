"""Harness templates by minijinja: bounded in what they may compute, without any way out to files or programs."""

from __future__ import annotations

from typing import Any

import minijinja

from gittracker.domain import harness

_FUEL = 100_000
_MARKS = frozenset("\\`*_{}[]()#+-.!>|")


class Issue:
    """One finding about a template, with its line; `is_advice` says that it can be rendered all the same."""

    __slots__ = ("line", "message", "is_advice")

    def __init__(self, line: int, message: str, is_advice: bool = False) -> None:
        self.line = line
        self.message = message
        self.is_advice = is_advice


def check(text: str) -> list[Issue]:
    """List what is wrong with a harness: nothing there, front matter, syntax, unknown filters, unknown variables."""
    if not text.strip():
        return [Issue(1, "a harness has no text")]
    if text.lstrip("\ufeff").startswith("---\n"):
        return [Issue(1, "a harness has no front matter: begin with the text")]
    environment = make()
    try:
        environment.add_template("harness", text)
        used = environment.undeclared_variables_in_str(text, nested=True)
        environment.render_template("harness", **harness.sample())
    except minijinja.TemplateError as error:
        return [Issue(error.line or 1, _reason(error))]
    return [Issue(_line(text, path), f'"{path}" is no variable that a harness is given', True)
            for path in sorted(used) if not harness.is_variable(path)]


def make() -> Any:
    """Make the environment that harnesses are rendered in."""
    environment = minijinja.Environment(undefined_behavior="chainable", keep_trailing_newline=True)
    environment.fuel = _FUEL
    environment.add_filter("truncate", _truncate)
    environment.add_filter("markdown_escape", markdown_escape)
    environment.add_filter("selectattr", _select)
    return environment


def markdown_escape(value: object) -> str:
    """Put a backslash before every character that markdown gives a meaning."""
    return "".join(f"\\{c}" if c in _MARKS else c for c in str(value))


def _truncate(value: object, length: int = 255) -> str:
    text = str(value)
    return text if len(text) <= length else text[:max(0, length - 3)] + "..."


def _select(items: list[Any], name: str, *wanted: object) -> list[Any]:
    """Keep the items whose attribute equals a value, as gonja has it, or as Jinja has it with 'equalto' before it."""
    found = ((item, item.get(name) if isinstance(item, dict) else getattr(item, name, None)) for item in items)
    return [item for item, value in found if (value == wanted[-1] if wanted else bool(value))]


def _reason(error: minijinja.TemplateError) -> str:
    first = str(error).split("\n", 1)[0]
    return first.rpartition(" (in ")[0] or first


def _line(text: str, path: str) -> int:
    """Find the line that first uses a variable; the parser gives none."""
    return next((number for number, line in enumerate(text.split("\n"), 1) if path in line), 1)
