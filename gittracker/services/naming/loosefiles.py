"""Find a ref in files that are data and not (yet) records of the index: YAML, JSON, JSON lines, other front matter."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.formats import frontmatter, yaml_doc
from gittracker.store import atomic, files, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gittracker.services.tracker import Tracker

    Found = tuple[str, dict[str, Any]]  # path, the mapping that has the ref

_ENDINGS = (".yaml", ".yml", ".json", ".jsonl", ".md")
_IN_TICKETS = (layout.USAGE, layout.RUNS)
# These are records of the index, or nobody's.
_SKIPPED = {layout.TICKETS, layout.PROJECTS, layout.MEMBERS, *layout.RECORDS,
            *(name.rstrip("/") for name in layout.IGNORED)}


def find(tracker: Tracker, ref: str) -> list[Found]:
    """List the mappings whose `ref` begins so, with the files that they stand in."""
    wanted = ref.encode()
    found: list[Found] = []
    for path in _files(tracker):
        try:
            data = atomic.read(tracker.path(path)) or b""
            values = _load(path, data) if wanted in data else []
        except (InvalidDataError, ValueError):
            continue  # it can't be read, so nothing in it can be named
        found += [(path, one) for one in _mappings(values)
                  if isinstance(one.get("ref"), str) and ids.is_ref(one["ref"]) and one["ref"].startswith(ref)]
    return found


def _files(tracker: Tracker) -> Iterator[str]:
    for folder, folders, names in os.walk(tracker.root):
        base = os.path.relpath(folder, tracker.root).replace(os.sep, "/")
        if base == ".":
            folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        yield from (name if base == "." else f"{base}/{name}" for name in sorted(names) if name.endswith(_ENDINGS))
    top = tracker.path(layout.TICKETS)
    for shard in files.subfolders(top):
        for ticket in files.subfolders(f"{top}/{shard}"):
            for inner in _IN_TICKETS:
                for name in _names(f"{top}/{shard}/{ticket}/{inner}"):
                    yield f"{layout.TICKETS}/{shard}/{ticket}/{inner}/{name}"


def _names(path: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(path) if name.endswith(_ENDINGS))
    except OSError:
        return []


def _load(path: str, data: bytes) -> Any:
    import json
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in data.splitlines() if line.strip()]
    if path.endswith(".json"):
        return json.loads(data)
    if path.endswith(".md"):
        return {key: span.value for key, span in frontmatter.parse(data, path).spans.items()}
    return yaml_doc.load(data, path)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Go through the mappings in a value, its own and those within."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mappings(inner)
