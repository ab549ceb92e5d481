"""JSON Schema of a pending line."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import listed

_TEXT = {"type": "string"}
_ID = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
_BLOB = {"type": "string", "pattern": "^[0-9a-f]*$"}
_ETAG = {"type": ["string", "null"]}


def line() -> dict[str, Any]:
    """Describe one line: an entry that waits for the journal."""
    about: dict[str, tuple[dict[str, Any], str]] = {
        "id": (_ID, "its name until it has an entry's; the entry's trailer Pending keeps it"),
        "at": ({"type": "string", "format": "date-time"}, "when it was done, in UTC"),
        "actor": (_TEXT, "who did it"), "author": (_TEXT, "the name that the entry's commit carries"),
        "email": (_TEXT, "and the mail address"), "subject": (_TEXT, "what was done, in a line"),
        "tickets": (listed(_TEXT), "slugs of the tickets it is about"),
        "found": ({"enum": ["git", "editor", "unsure"]}, "of bytes as they were found: who left them"),
        "key": (_TEXT, "the idempotency key"), "fingerprint": (_TEXT, "what tells its command from another's"),
        "undoes": (_TEXT, "the entries that it takes back, waiting ones by their ids"),
        "command": (_TEXT, "of a command from another worktree: which, its newest entry (? if not known), and when"),
        "counters": ({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
                     "the last number that was given out, by counter"),
        "changes": (listed(_change()), "the files, in the order they were written"),
        "records": (listed(_record()), "what receipts and events are made of")}
    return {"type": "object", "description": "one entry that waits for the journal",
            "properties": {name: {**schema, "description": text} for name, (schema, text) in about.items()},
            "required": ["id", "at", "actor", "changes"], "additionalProperties": True}


def _change() -> dict[str, Any]:
    about = {"path": "the file, below .openkit", "old": "blob id before; absent for a new file",
             "text": "the bytes after it, where they are UTF-8", "base64": "the bytes after it, where they are not; "
             "without either member the file was removed"}
    return {"type": "object", "properties": {name: {**(_BLOB if name == "old" else _TEXT), "description": text}
                                             for name, text in about.items()}, "required": ["path"]}


def _record() -> dict[str, Any]:
    return {"type": "object", "properties": {
        "kind": _TEXT, "ref": _TEXT, "slug": _TEXT, "path": _TEXT, "old_etag": _ETAG, "new_etag": _ETAG,
        "changes": {"type": "object"}}, "required": ["kind", "ref", "slug", "path", "changes"]}
