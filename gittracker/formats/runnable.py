"""What a file would run, as lines for people: read from YAML, JSON, a script or a skill's text."""

from __future__ import annotations

from gittracker.domain import trust
from gittracker.domain.errors import InvalidDataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Keys whose values are run, given to what is run, or set in its environment; compared without - and _.
_KEYS = frozenset((
    "command", "commands", "cmd", "run", "exec", "shell", "script", "scripts", "args", "start", "install", "setup",
    "cleanup", "prompt", "startcommand", "installcommand", "clicommand", "cliargs", "agentcommand", "env",
    "environment", "envmapping"))
_HINT = "mend the file; until then nobody can say what it runs"


def lines(data: bytes, form: str, path: str) -> list[str]:
    """List what a file would run, empty where that is nothing; raises InvalidDataError where it can't be read."""
    if form == trust.SCRIPT:
        return [f"the file itself ({len(data.splitlines())} lines)"]
    if form == trust.TEXT:
        return _inline(data.decode(errors="replace"))
    return list(_walk(_load(data, form, path), ""))


def _load(data: bytes, form: str, path: str) -> Any:
    if form == trust.YAML:
        from gittracker.formats import yaml_doc
        return yaml_doc.load(data, path)
    import json
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f"broken JSON: {error}", _HINT, path, getattr(error, "lineno", 1)) from error


def _inline(text: str) -> list[str]:
    """Find commands that agents run while they read a text: !`command`."""
    return [f"line {number}: !`{part.partition('`')[0]}`" for number, line in enumerate(text.split("\n"), 1)
            for part in line.split("!`")[1:] if "`" in part]


def _walk(value: Any, where: str) -> list[str]:
    if isinstance(value, dict):
        found = []
        for key, inner in value.items():
            place = f"{where}.{key}" if where else str(key)
            if str(key).lower().replace("-", "").replace("_", "") in _KEYS:
                found += _leaves(inner, place)
            else:
                found += _walk(inner, place)
        return found
    if isinstance(value, list):
        return [line for number, inner in enumerate(value) for line in _walk(inner, f"{where}[{number}]")]
    return []


def _leaves(value: Any, where: str) -> list[str]:
    """Show what stands under a key that is run."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in _leaves(inner, f"{where}.{key}")]
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [line for number, inner in enumerate(value) for line in _leaves(inner, f"{where}[{number}]")]
    if value in (None, "", [], False):
        return []
    return [f"{where}: {' '.join(map(str, value)) if isinstance(value, list) else value}"]
