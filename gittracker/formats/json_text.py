"""JSON out, without the json module, whose import costs more than a command's own work."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORDS: dict[Any, str] = {None: "null", True: "true", False: "false"}


def dumps(value: Any, indent: int = 0) -> str:
    """Write JSON; with `indent`, one member a line, and plain lists on one line each."""
    return _write(value, indent, "\n" if indent else "")


def _write(value: Any, indent: int, eol: str) -> str:
    if value is None or value is True or value is False:
        return _WORDS[value]
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int | float):
        text = repr(value)
        return "null" if text[-1] in "fn" else text  # inf and nan are no JSON
    deeper = eol + " " * indent if eol else ""
    joint = "," + deeper if eol else ", "
    if isinstance(value, dict):
        if not value:
            return "{}"
        members = joint.join(f"{_quoted(k)}: {_write(v, indent, deeper)}" for k, v in value.items())
        return f"{{{deeper}{members}{eol}}}"
    items = [_write(item, indent, deeper) for item in value]
    if any(isinstance(item, dict | list | tuple) for item in value):
        return f"[{deeper}{joint.join(items)}{eol}]"
    return f"[{', '.join(items)}]"


def _quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'  # as most are, without the C library that quotes the others
    from _json import encode_basestring  # type: ignore[import-not-found,unused-ignore]
    quoted: str = encode_basestring(text)
    return quoted
