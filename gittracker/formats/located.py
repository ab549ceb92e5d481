"""Values as an editor's YAML or JSON library reads them, and the line of each."""

from __future__ import annotations

import json
from typing import Any

import yaml

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import frontmatter, yaml_doc

Place = tuple[str | int, ...]
_HINT = "mend the file; nothing else is affected"


class Located:
    """A file's value; `line` finds the line of a place in it, or of the nearest place around it."""

    def __init__(self, value: Any, text: str, offset: int) -> None:
        self.value = value
        self._text = text
        self._offset = offset
        self._lines: dict[Place, int] | None = None

    def line(self, place: Place) -> int:
        """Give the 1-based line of a place; the lines are looked up on first use, as most files are fine."""
        if self._lines is None:
            self._lines = {(): 0}
            try:
                node = yaml.compose(self._text, Loader=yaml.SafeLoader)
                if node is not None:
                    _note(node, (), self._lines, self._text)
            except (yaml.YAMLError, RecursionError):
                pass  # JSON that YAML doesn't read: the first line has to do
        while place not in self._lines:
            place = place[:-1]
        return self._lines[place] + self._offset


def front_matter(data: bytes, path: str) -> Located:
    """Read the front matter of a file; raises InvalidDataError."""
    plain = _plain(data)
    if plain is not None:
        return Located(plain, data.decode().partition("---\n")[2].partition("\n---\n")[0], 2)
    frontmatter.parse(data, path)  # for keys that stand twice
    text = "".join(frontmatter.split(data, path).lines)
    try:
        return Located(yaml_doc.load(text.encode(), path) or {}, text, 2)
    except InvalidDataError as error:
        raise InvalidDataError(error.reason, error.hint, path, error.line + 1) from error


def _plain(data: bytes) -> dict[str, Any] | None:
    """Read front matter as we write it without YAML, twenty times as fast; None where only YAML can tell."""
    found = frontmatter.read_plain(data)
    if found is None:
        return None
    for raw in found[0].values():
        for text in raw if isinstance(raw, list) else (raw or "",):
            if not yaml_doc.is_text(text) and text:
                return None
    return dict(found[0])


def document(data: bytes, path: str) -> Located:
    """Read a YAML or JSON file; raises InvalidDataError."""
    if path.endswith(".yaml"):
        return Located(yaml_doc.load(data, path), data.decode("utf-8-sig"), 1)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f"broken JSON: {error}", _HINT, path, getattr(error, "lineno", 1)) from error
    return Located(value, data.decode("utf-8-sig").replace("\t", " "), 1)  # JSON's tabs are no YAML


def _note(node: yaml.Node, place: Place, lines: dict[Place, int], text: str) -> None:
    """Note the lines of a mapping's keys and of a list's items."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                below = (*place, key.value)
                lines[below] = _line(key, text)
                _note(value, below, lines, text)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            lines[*place, number] = _line(item, text)
            _note(item, (*place, number), lines, text)


def _line(node: yaml.Node, text: str) -> int:
    return text.count("\n", 0, node.start_mark.index)  # its own count ends lines at more than line feeds
