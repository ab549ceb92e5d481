"""YAML by the library: front matter that our line parser leaves alone, and the YAML files."""

from __future__ import annotations

import re
from typing import Any

import frontmatter
import yaml

from gittracker.domain.errors import InvalidDataError

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_BYTES = 1_000_000
# One top-level key: its name, first line, line behind its last, value, whether it is in flow style.
Row = tuple[str, int, int, Any, bool]
_HINT = "edit the file; nothing else is affected"


class _Text(_BASE):  # type: ignore[misc]
    """Reads every scalar as text; only an unquoted null is null."""


class _Core(_BASE):  # type: ignore[misc]
    """Reads scalars by the YAML 1.2 core schema: `no` and dates stay text, 0123 is no octal."""


def _resolvers(loader: Any, *rules: tuple[str, str, str]) -> None:
    loader.yaml_implicit_resolvers = {}
    for tag, pattern, first in rules:
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first) + [""])


_NULL = ("null", r"^(?:~|null|Null|NULL|)$", "~nN")
_resolvers(_Text, _NULL)
_resolvers(_Core, _NULL,
           ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
           ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
           ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"))
_Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
_Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


class _Handler(frontmatter.default_handlers.YAMLHandler):
    """python-frontmatter with our loader."""

    def load(self, fm: str, **options: object) -> Any:
        return yaml.load(fm, Loader=_Text)


def entries(front: str, path: str) -> list[Row]:
    """Read front matter (the text between the fences) into rows; raises InvalidDataError with the line."""
    front = front.replace("\r\n", "\n")
    _refuse_oversize(front, path, aliases=True)
    try:
        root = yaml.compose(front, Loader=_Text)
        values = frontmatter.parse(f"---\n{front}---\n", handler=_Handler())[0]
    except yaml.YAMLError as error:
        raise _problem(error, path, offset=2) from error
    except (ValueError, TypeError) as error:
        raise InvalidDataError(f"front matter can't be read ({error})", _HINT, path, 1) from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise InvalidDataError("front matter is not a mapping of keys to values", _HINT, path, 2)
    lines = front.split("\n")
    return [_entry(key, value, values, lines) for key, value in root.value]


def _entry(key: Any, value: Any, values: dict[Any, Any], lines: list[str]) -> Row:
    start = key.start_mark.line
    end = max(start + 1, value.end_mark.line + (1 if value.end_mark.column else 0))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    name = str(key.value)
    return name, start, end, _as_text(values.get(name)), bool(getattr(value, "flow_style", False))


def _as_text(value: Any) -> Any:
    """Keep text and lists of text; show anything deeper as one line of flow YAML."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str | None) for item in value):
        return [item for item in value if item is not None]
    return yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=True).strip()


def load(data: bytes, path: str) -> Any:
    """Read a YAML file by the YAML 1.2 core schema."""
    try:
        text = data.decode("utf-8-sig")
        _refuse_oversize(text, path)
        return yaml.load(text, Loader=_Core)
    except yaml.YAMLError as error:
        raise _problem(error, path, offset=1) from error
    except UnicodeDecodeError as error:
        raise InvalidDataError("not UTF-8", _HINT, path, data.count(b"\n", 0, error.start) + 1) from error


def dump(value: Any) -> str:
    """Write a YAML file, keys in the order given."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=False)
    return text


def _refuse_oversize(text: str, path: str, aliases: bool = False) -> None:
    """Stop before a huge file or an alias bomb is expanded."""
    if len(text) > _MAX_BYTES:
        raise InvalidDataError(f"larger than {_MAX_BYTES} bytes", _HINT, path, 1)
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.AliasEvent):
            mark = event.start_mark
            line = (mark.line if mark else 0) + (2 if aliases else 1)
            raise InvalidDataError("YAML aliases are not read", _HINT, path, line)


def _problem(error: yaml.YAMLError, path: str, offset: int) -> InvalidDataError:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    return InvalidDataError(f"broken YAML: {reason}", _HINT, path, mark.line + offset if mark else offset)
