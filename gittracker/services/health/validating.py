"""Hold every file of the tracker against its schema, as an editor that knows the schemas would."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError, NotFoundError
from gittracker.domain.problem import Problem
from gittracker.formats import json_check, located
from gittracker.services.schemas import catalogue
from gittracker.store import atomic, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.schemas.catalogue import Schema
    from gittracker.services.tracker import Tracker

# The schemas of the files that are no records with front matter, by path; one line each.
FILES = {layout.CONFIG: "config", layout.STATUSES: "statuses", "policy.yaml": "policy"}
_PREFIX = "files/"


def every() -> dict[str, Schema]:
    """Give the schemas of files by name."""
    return {name[len(_PREFIX):-5]: body for name, body in catalogue.every().items() if name.startswith(_PREFIX)}


def schema(name: str) -> Schema:
    """Give one schema; raises NotFoundError."""
    known = every()
    if name not in known:
        raise NotFoundError("schema", name, "gittracker schema")
    return known[name]


def name_of(path: str, known: dict[str, Schema]) -> str:
    """Name the schema of a file, empty where it has none."""
    noun = kinds.noun(path)
    return FILES.get(path) or (noun if noun in known else "")


def examine(tracker: Tracker) -> list[Problem]:
    """List what doesn't fit, by path and line."""
    known = every()
    found = []
    for path in _paths(tracker.root):
        name = name_of(path, known)
        if name:
            found += check(path, tracker.path(path), known[name])
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


def check(path: str, full: str, schema: Schema) -> list[Problem]:
    """Hold one file against a schema."""
    try:
        data = atomic.read(full)
        if data is None:
            return []
        read = located.front_matter if path.endswith(".md") else located.document
        value = read(data, path)
    except InvalidDataError as error:
        return [Problem(path, error.line, error.reason)]
    return [Problem(path, value.line(error.place), error.message) for error in json_check.check(schema, value.value)]


def _paths(root: str) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        if folder == root:
            folders[:] = [name for name in folders if f"{name}/" not in layout.IGNORED]
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        found += [name if below == "." else f"{below}/{name}" for name in names]
    return found
