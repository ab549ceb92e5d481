"""config.json: one value changed, and every other byte as it was where that can be."""

from __future__ import annotations

import json
import re

from gittracker.domain.errors import InvalidDataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "config.json"
_INDENT = 2


def set_project(data: bytes | None, key: str) -> bytes:
    """Give the file with another default project; raises InvalidDataError where it is no JSON object."""
    config = _load(data)
    own = config.get("tracker")
    own = own if isinstance(own, dict) else {}
    if own.get("project") == key:
        return data or b""
    wanted = {**config, "tracker": {**own, "project": key}}
    text = (data or b"").decode()
    for found in re.finditer(r'("project"\s*:\s*)"(?:[^"\\]|\\.)*"', text):
        patched = text[:found.start()] + found[1] + json.dumps(key) + text[found.end():]
        if json.loads(patched) == wanted:
            return patched.encode()
    return (json.dumps(wanted, indent=_INDENT, ensure_ascii=False) + "\n").encode()


def _load(data: bytes | None) -> dict[str, Any]:
    try:
        config = json.loads(data) if data and data.strip() else {}
    except ValueError as error:
        raise InvalidDataError(f"broken JSON: {error}", "mend the file", NAME, getattr(error, "lineno", 1)) from error
    if not isinstance(config, dict):
        raise InvalidDataError("not an object", "mend the file", NAME, 1)
    return config
