"""Schema of what `sync` prints."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import document, listed, record

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_VALUE: Schema = {"type": ["string", "number", "boolean", "array", "null"]}
_HOW = {"up-to-date": "nothing was to be done", "created": "the remote had no such branch",
        "fast-forward": "one side had all that the other had",
        "merge": "the branch here has both histories", "twin": "a commit on each side with the same tracker, because "
        "each has code that the other lacks or one must not bring the other's"}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {"sync": document("sync --json", _report())}


def _report() -> Schema:
    commits = record("a branch's commit before and after", before=_TEXT, after=_TEXT)
    dispute = record("what both sides had changed differently: the later value stays, the other one is in the history",
                     path=_TEXT, record=_TEXT, field={**_OPTIONAL, "description": "null: the file as a whole"},
                     kept=_VALUE, dropped=_VALUE, kept_from=_TEXT, dropped_from=_TEXT)
    kept = record("a file that one side had removed and the other had changed: it stays", path=_TEXT, record=_TEXT,
                  removed_by=_TEXT)
    moved = record("a ticket whose number another one had first", old=_TEXT, new=_TEXT)
    count = {"type": "integer", "minimum": 0}
    carried = record("with --journals: how many went and came", pushed=count, fetched=count)
    how = {"enum": list(_HOW), "description": "; ".join(f"{name}: {text}" for name, text in _HOW.items())}
    return record("what a sync did, or with --dry-run would do", branch=_TEXT, remote=_TEXT, upstream=_TEXT, how=how,
                  committed={**listed(_TEXT), "description": "the paths that were committed first"}, local=commits,
                  pushed={**commits, "description": "the remote's branch"}, received=_OPTIONAL, sent=_OPTIONAL,
                  disputes=listed(dispute), kept=listed(kept), renumbered=listed(moved),
                  tries={"type": "integer", "minimum": 1}, journals={"anyOf": [carried, {"type": "null"}]},
                  dry_run={"type": "boolean"})
