"""A YAML file that is a list of mappings, changed by lines: comments and what is not changed stay byte for byte."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import scalars, yaml_doc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Row = dict[str, Any]

_BOM = "\ufeff"


class _File:
    """A file in lines, with the outline of its items; `items` is empty where it can only be written anew."""

    def __init__(self, data: bytes, path: str) -> None:
        rows = yaml_doc.load(data, path)
        self.path = path
        self.rows: list[Any] = list(rows) if isinstance(rows, list) else []
        text = data.decode()
        self.bom = _BOM if text.startswith(_BOM) else ""
        text = text.removeprefix(_BOM)
        self.eol = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        self.items = yaml_doc.outline(text) or []
        self.lines = _split(text)

    def encode(self, wanted: list[Any], *tries: list[str]) -> bytes:
        """Put the first of these lines together that say what is wanted; where none does, write all anew."""
        for lines in tries if self.items else ():
            data = self._join(lines)
            if _says(data, self.path, wanted):
                return data
        first = self.items[0].start if self.items else len(self.lines)
        head = [line for line in self.lines[:first] if line.startswith("#")]
        return self._join([*head, render(wanted)])

    def _join(self, lines: list[str]) -> bytes:
        return (self.bom + "".join(lines).replace("\n", self.eol)).encode()

    def lead(self, number: int) -> int:
        """Give the line where an item begins with the comments right above it; the file's head belongs to none."""
        start = self.items[number].start
        floor = self.items[number - 1].end if number else start
        while start > floor and self.lines[start - 1].lstrip().startswith("#"):
            start -= 1
        return start

    @property
    def is_spaced(self) -> bool:
        """Tell whether blank lines stand between the items."""
        return any(not line.strip() for before, after in zip(self.items, self.items[1:], strict=False)
                   for line in self.lines[before.end:after.start])

    def indent(self, number: int) -> str:
        """Give the space before an item's dash."""
        line = self.lines[self.items[number].start]
        return line[:len(line) - len(line.lstrip())]


def change(data: bytes, number: int, changes: Row, path: str = "") -> bytes:
    """Set keys of one item, each by its own line; None takes a key out. New keys come behind the others."""
    file = _File(data, path)
    row = {k: v for k, v in {**file.rows[number], **changes}.items() if v is not None or k not in changes}
    wanted = [*file.rows[:number], row, *file.rows[number + 1:]]
    if wanted == file.rows:
        return data
    if not file.items:
        return file.encode(wanted)
    item = file.items[number]
    whole = [*file.lines[:item.start], *_block(row, file.indent(number)), *file.lines[item.end:]]
    return file.encode(wanted, _with_keys(file.lines, item, item.keys, changes) if item.keys else whole, whole)


def insert(data: bytes, number: int, row: Row, path: str = "") -> bytes:
    """Add an item before the item `number`, or behind the last."""
    file = _File(data, path)
    wanted = [*file.rows[:number], row, *file.rows[number:]]
    return file.encode(wanted, _with_item(file, number, _block(row, file.indent(0))) if file.items else [])


def remove(data: bytes, number: int, path: str = "") -> bytes:
    """Take an item out, with the comments right above it."""
    file = _File(data, path)
    wanted = file.rows[:number] + file.rows[number + 1:]
    return file.encode(wanted, _without_item(file, number) if file.items else [])


def move(data: bytes, number: int, to: int, path: str = "") -> bytes:
    """Move an item, with the comments right above it, to the place `to` among the others."""
    if number == to:
        return data
    file = _File(data, path)
    wanted = file.rows[:number] + file.rows[number + 1:]
    wanted.insert(to, file.rows[number])
    if not file.items:
        return file.encode(wanted)
    block = [_ended(line) for line in file.lines[file.lead(number):file.items[number].end]]
    rest = _File("".join(_without_item(file, number)).encode(), path)
    return file.encode(wanted, _with_item(rest, to, block))


def _with_item(file: _File, number: int, block: list[str]) -> list[str]:
    """Put an item's lines before the item `number`, or behind the last."""
    at = file.items[number - 1].end if number else file.items[0].start
    gap = ["\n"] if file.is_spaced else []
    before = [*file.lines[:at - 1], _ended(file.lines[at - 1])] if at else []
    return [*before, *([*gap, *block] if number else [*block, *gap]), *file.lines[at:]]


def _without_item(file: _File, number: int) -> list[str]:
    """Take an item's lines out, its comments with them, and one of the blank lines round it."""
    start, end = file.lead(number), file.items[number].end
    if file.is_spaced and end < len(file.lines) and not file.lines[end].strip():
        end += 1
    elif file.is_spaced and number and not file.lines[start - 1].strip():
        start -= 1
    return file.lines[:start] + file.lines[end:]


def _with_keys(lines: list[str], item: yaml_doc.Item, keys: dict[str, tuple[int, int]], changes: Row) -> list[str]:
    """Set, add and take out keys of one item, from the bottom up."""
    lines = list(lines)
    new = {key: value for key, value in changes.items() if key not in keys and value is not None}
    last = max(end for _, end in keys.values())
    if new:
        lines[last - 1] = _ended(lines[last - 1])
        lines[last:last] = [" " * item.column + f"{key}: {_scalar(value)}\n" for key, value in new.items()]
    for key in sorted(keys.keys() & changes.keys(), key=lambda k: keys[k], reverse=True):
        start, end = keys[key]
        old, value = lines[start], changes[key]
        tail = scalars.comment(old[item.column:].rstrip()) if end == start + 1 else ""
        ending = "\n" if lines[end - 1].endswith("\n") else ""
        lines[start:end] = [] if value is None else [
            f"{old[:item.column]}{key}: {_scalar(value)}".rstrip() + tail + ending]
    return lines


def _split(text: str) -> list[str]:
    """Cut at line feeds only; every line keeps its own."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n"


def render(rows: list[Any]) -> str:
    """Write a list of mappings."""
    return "".join("".join(_block(row, "")) for row in rows)


def _block(row: Any, indent: str) -> list[str]:
    """Write one item as lines."""
    if not isinstance(row, dict) or not row:
        return [f"{indent}- {_scalar(row)}\n"]
    lines = [f"{key}: {_scalar(value)}".rstrip() + "\n" for key, value in row.items()]
    return [f"{indent}- {lines[0]}", *(f"{indent}  {line}" for line in lines[1:])]


def _scalar(value: Any) -> str:
    """Write a value on one line; what is deeper than a scalar as JSON, which is YAML too."""
    if value is None:
        return ""
    if isinstance(value, str):
        return scalars.write(value)
    import json
    return json.dumps(value, ensure_ascii=False)


def _says(data: bytes, path: str, wanted: list[Any]) -> bool:
    try:
        found = yaml_doc.load(data, path)
    except InvalidDataError:
        return False
    return bool(found == wanted) and _typed(found) == _typed(wanted)


def _typed(value: Any) -> Any:
    """Tell 1 from true, which Python takes for equal."""
    if isinstance(value, dict):
        return {key: _typed(one) for key, one in value.items()}
    return [_typed(one) for one in value] if isinstance(value, list) else type(value)
