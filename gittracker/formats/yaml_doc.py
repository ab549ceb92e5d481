"""YAML by the library: front matter that our line parser leaves alone, and the YAML files."""

from __future__ import annotations

import re
from typing import Any

import frontmatter
import yaml

from gittracker.domain.errors import InvalidDataError
from gittracker.formats.scalars import Nested

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_BYTES = 1_000_000
_MAX_DEPTH = 50  # the C loader overflows its stack at some thousands
_TOO_DEEP = "nested too deep"
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
           ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
           ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
                     r"|\.(?:nan|NaN|NAN))$", "-+.0123456789"))
_Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: _int(loader.construct_scalar(node)))
_Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _float(loader.construct_scalar(node)))


def _int(text: str) -> int:
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


class _Handler(frontmatter.default_handlers.YAMLHandler):
    """python-frontmatter with our loader."""

    def load(self, fm: str, **options: object) -> Any:
        return yaml.load(fm, Loader=_Text)


def spans(front: str, path: str) -> list[Row]:
    """Read front matter (the text between the fences) into rows; raises InvalidDataError with the line."""
    front = front.replace("\r\n", "\n")
    try:
        _refuse_oversize(front, path, is_front=True)
        root = yaml.compose(front, Loader=_Text)
        values = frontmatter.parse(f"---\n{front}---\n", handler=_Handler())[0]
    except yaml.YAMLError as error:
        raise _problem(error, path, front, offset=2) from error
    except (ValueError, TypeError) as error:
        raise InvalidDataError(f"front matter can't be read ({error})", _HINT, path, 1) from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise InvalidDataError("front matter is not a mapping of keys to values", _HINT, path, 2)
    return [_entry(key, value, values, front) for key, value in root.value]


def _entry(key: Any, value: Any, values: dict[Any, Any], front: str) -> Row:
    start = _line(front, key.start_mark)
    text = front[:_end(value)].rstrip(" \t\n")
    name = str(key.value)
    found = values.get(None if key.tag.endswith(":null") else name)
    end = max(start, text.count("\n")) + 1
    return name, start, end, _as_text(found), bool(getattr(value, "flow_style", False))


def _line(text: str, mark: Any) -> int:
    """Count the lines before a mark; its own count won't do, as YAML ends lines at U+0085, U+2028 and a lone CR too."""
    return text.count("\n", 0, mark.index) if mark else 0


def _end(node: Any) -> int:
    """Give the place behind a value; a block's own mark stands behind the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _as_text(value: Any) -> Any:
    """Keep text and lists of text; show anything deeper as one line of flow YAML."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str | None) for item in value):
        return [item for item in value if item is not None]
    if not isinstance(value, list | dict):
        return str(value)
    return Nested(yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=True).strip())


def texts(front: str, first: int = 2) -> dict[str, Any]:
    """Read a mapping whose scalars, and lists of them, are text; what is deeper has numbers and flags.

    `first` is its line in the file. Raises InvalidDataError with the line.
    """
    try:
        _refuse_oversize(front, "", is_front=True)
        found = yaml.load(front, Loader=_Text)
        if isinstance(found, dict) and any(isinstance(value, dict) for value in _items(found)):
            typed = yaml.load(front, Loader=_Core)
            found.update((key, typed[key]) for key, value in found.items()
                         if any(isinstance(one, dict) for one in _items({key: value})))
    except yaml.YAMLError as error:
        raise _problem(error, "", front, offset=first) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidDataError(f"front matter can't be read ({error})", _HINT, "", first) from error
    if not isinstance(found, dict | None):
        raise InvalidDataError("front matter is not a mapping of keys to values", _HINT, "", first)
    return {"" if key is None else str(key): value for key, value in (found or {}).items()}


def _items(found: dict[Any, Any]) -> list[Any]:
    """Give the values, and the items of those that are lists."""
    return [item for value in found.values() for item in (value if isinstance(value, list) else [value])]


def is_text(scalar: str) -> bool:
    """Tell whether a scalar without quotes is text by the core schema, and no number, true, false or null."""
    return not any(pattern.match(scalar) for _, pattern in _Core.yaml_implicit_resolvers.get(scalar[:1], ()))


def load(data: bytes, path: str) -> Any:
    """Read a YAML file by the YAML 1.2 core schema."""
    try:
        text = data.decode("utf-8-sig")
        _refuse_oversize(text, path)
        return yaml.load(text, Loader=_Core)
    except yaml.YAMLError as error:
        raise _problem(error, path, text, offset=1) from error
    except UnicodeDecodeError as error:
        raise InvalidDataError("not UTF-8", _HINT, path, data.count(b"\n", 0, error.start) + 1) from error
    except ValueError as error:
        raise InvalidDataError(f"a value can't be read ({error})", _HINT, path, 1) from error


def _refuse_oversize(text: str, path: str, is_front: bool = False) -> None:
    """Stop before a huge file, a very deep one or an alias bomb is expanded."""
    if len(text) > _MAX_BYTES:
        raise InvalidDataError(f"larger than {_MAX_BYTES} bytes", _HINT, path, 1)
    depth = 0
    for event in yaml.parse(text, Loader=_BASE):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _MAX_DEPTH:
            line = _line(text, event.start_mark) + (2 if is_front else 1)
            what = _TOO_DEEP if depth > _MAX_DEPTH else "YAML aliases are not read"
            raise InvalidDataError(what, _HINT, path, line)


def _problem(error: yaml.YAMLError, path: str, text: str, offset: int) -> InvalidDataError:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    if "nesting depth" in reason:  # PyYAML 6.0.4 has a limit of its own
        return InvalidDataError(_TOO_DEEP, _HINT, path, _line(text, mark) + offset)
    return InvalidDataError(f"broken YAML: {reason}", _HINT, path, _line(text, mark) + offset)


class Item:
    """Where one mapping of a list stands, in lines: first, behind its last, the column of its keys, each key's span.

    `keys` is None where the item is not a block mapping, whose lines could be changed one by one.
    """

    __slots__ = ("start", "end", "column", "keys")

    def __init__(self, start: int, end: int, column: int, keys: dict[str, tuple[int, int]] | None) -> None:
        self.start = start
        self.end = end
        self.column = column
        self.keys = keys


def outline(text: str) -> list[Item] | None:
    """Find the items of a block list in text that `load` has read; None where the whole is something else."""
    root = yaml.compose(text, Loader=_Core)
    if not isinstance(root, yaml.SequenceNode) or root.flow_style:
        return None
    lines = text.split("\n")
    found: list[Item] = []
    at = _line(text, root.start_mark)
    for node in root.value:
        while not lines[at].lstrip().startswith("-"):
            at += 1
        item = Item(at, max(at, _last_line(text, node)) + 1, 0, None)
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            item.column = node.value[0][0].start_mark.column
            item.keys = {str(key.value): (line := _line(text, key.start_mark), max(line, _last_line(text, value)) + 1)
                         for key, value in node.value}
        found.append(item)
        at = item.end
    return found


def _last_line(text: str, node: Any) -> int:
    return text[:_end(node)].rstrip(" \t\n").count("\n")
