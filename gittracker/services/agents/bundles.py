"""Skill bundles: read from a folder outside the tracker or from within, and held against the rules."""

from __future__ import annotations

import os

from gittracker.domain import names, skill
from gittracker.domain.errors import InvalidDataError, NotFoundError, UsageError
from gittracker.formats import frontmatter
from gittracker.formats.scalars import Nested
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_FILES, _MOST_BYTES = 1_000, 10_000_000
_SKIPPED = (".git", ".DS_Store", "__pycache__")


class Finding:
    """What is wrong with one line of a bundle's file; `is_advice` says that clients will take it all the same."""

    __slots__ = ("path", "line", "message", "is_advice")

    def __init__(self, path: str, line: int, message: str, is_advice: bool = False) -> None:
        self.path = path
        self.line = line
        self.message = message
        self.is_advice = is_advice

    def to_json(self) -> dict[str, Any]:
        """Give the finding as it is printed."""
        return {"path": self.path, "line": self.line, "level": "advice" if self.is_advice else "error",
                "message": self.message}


def read(folder: str) -> dict[str, bytes]:
    """Read a bundle's files by their path in it; raises NotFoundError, UsageError for links and what is too large."""
    if not os.path.isfile(os.path.join(folder, layout.SKILL_FILE)):
        raise NotFoundError("file", os.path.join(folder, layout.SKILL_FILE), "name a folder that has a SKILL.md")
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(_walk(folder)):
        data = _file(folder, path)
        size += len(data)
        if len(found) == _MOST_FILES or size > _MOST_BYTES:
            raise UsageError(f'"{folder}" has more than {_MOST_FILES} files or {_MOST_BYTES} bytes',
                             "keep data elsewhere and let the skill fetch it")
        found[names.check_path("the file", path)] = data
    return found


def _walk(folder: str) -> list[str]:
    found = []
    for base, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            if os.path.islink(os.path.join(base, name)):
                raise UsageError(f'"{os.path.join(base, name)}" is a link', "put the file itself in its place")
        folders[:] = [name for name in folders if name not in _SKIPPED]
        found += [os.path.relpath(os.path.join(base, name), folder).replace(os.sep, "/")
                  for name in files if name not in _SKIPPED]
    return found


def _file(folder: str, path: str) -> bytes:
    try:
        return atomic.read(os.path.join(folder, path)) or b""
    except OSError as error:
        raise UsageError(f'can\'t read "{path}": {error.strerror}', "name readable files") from error


def check(name: str, data: bytes | None, path: str) -> list[Finding]:
    """Hold a SKILL.md against the rules; `name` is its folder's, `path` what findings call the file."""
    if data is None:
        return [Finding(path, 0, "there is no SKILL.md")]
    try:
        document = frontmatter.parse(data, path)
    except InvalidDataError as error:
        return [Finding(path, error.line, error.reason)]
    if not document.spans:
        return [Finding(path, 1, "there is no front matter with a name and a description")]
    front = {key: _value(span.value) for key, span in document.spans.items()}
    return [Finding(path, document.line_of(one.key) if one.key in document.spans else 1, one.message, one.is_advice)
            for one in skill.faults(name, front, document.body)]


def _value(raw: Any) -> Any:
    """Read what is nested in front matter; everything else is text, a list or nothing."""
    if not isinstance(raw, Nested):
        return raw
    from gittracker.formats import yaml_doc
    value = yaml_doc.load(raw.encode(), "")
    return {str(k): v if not isinstance(v, int | float | bool) else str(v) for k, v in value.items()} if isinstance(
        value, dict) else [value]
