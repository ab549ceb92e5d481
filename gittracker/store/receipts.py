"""Receipts kept by idempotency key, so that a retried command gets the first answer."""

from __future__ import annotations

import os

from gittracker.domain.errors import InvalidDataError
from gittracker.formats import json_text
from gittracker.formats.etag import blob_id
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def save(state: str, key: str, fingerprint: str, receipts: list[dict[str, Any]]) -> None:
    """Keep the receipts of a command under its key."""
    kept = {"key": key, "fingerprint": fingerprint, "receipts": receipts}
    atomic.write(_path(state, key), (json_text.dumps(kept, 1) + "\n").encode())


def load(state: str, key: str) -> dict[str, Any] | None:
    """Give what was kept under a key: its fingerprint and receipts."""
    data = atomic.read(_path(state, key))
    if data is None:
        return None
    import json
    kept: dict[str, Any] = json.loads(data)
    return kept


def every(state: str) -> list[tuple[str, dict[str, Any] | None]]:
    """List all that is kept as (file name, what `load` gives), None where it can't be read."""
    import json
    folder = os.path.join(state, "receipts")
    found: list[tuple[str, dict[str, Any] | None]] = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not name.endswith(".json"):
            continue
        try:
            kept = json.loads(atomic.read(os.path.join(folder, name)) or b"")
            whole = isinstance(kept, dict) and all(isinstance(one, dict) for one in kept["receipts"]) and kept["key"]
            found.append((name, kept if whole else None))
        except (ValueError, KeyError, TypeError, InvalidDataError):
            found.append((name, None))
    return found


def _path(state: str, key: str) -> str:
    return os.path.join(state, "receipts", f"{blob_id(key.encode())}.json")
