"""Schemas of events as they are printed."""

from __future__ import annotations

from typing import Any

from gittracker.domain.event import RESET, SOURCES
from gittracker.formats.json_schema import document, listed, record

Schema = dict[str, Any]
_OPTIONAL: Schema = {"type": ["string", "null"]}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {"event": document("events --follow --json, watch --json: a line each", event()),
            "events": document("events --json", record(
                "events, oldest first", events=listed(event()),
                last={"type": "string", "description": "what --since goes on from"})),
            "daemon": document("daemon status --json, daemon start --json", _daemon())}


def event() -> Schema:
    """Describe one event."""
    change = {"type": "array", "minItems": 2, "maxItems": 2, "description": "old and new; long texts are cut"}
    return record(
        "one change of one record",
        id={"type": "string", "pattern": r"^[0-9a-f]+\.\d+$", "description": "the index's lifetime, and a number"},
        type={"type": "string", "description": "the record's noun, and created, updated, deleted or another verb; "
              f"{RESET}: what was before is not known, so read everything anew and go on from this id"},
        ref=_OPTIONAL, slug={**_OPTIONAL, "description": "the record's name; of a comment, what it is a comment on"},
        changes={"type": "object", "additionalProperties": change, "description": "by field"}, actor=_OPTIONAL,
        source={"enum": [*SOURCES, None], "description": "editor and git: changed around the tool"},
        worktree={**_OPTIONAL, "description": "the number of the worktree where it was seen"},
        at={"type": "string", "format": "date-time", "description": "when it was seen"})


def _daemon() -> Schema:
    told = record(
        "whether a daemon runs, and what it does", running={"type": "boolean"},
        ready={"type": "boolean", "description": "whether it has looked at everything once"},
        holder={**_OPTIONAL, "description": "who runs, in words"}, pid={"type": ["integer", "null"]},
        since={"type": ["string", "null"], "format": "date-time"},
        polls={"type": ["boolean", "null"], "description": "whether it looks now and then, where the system tells "
               "nothing or has no room for more watches"},
        worktrees=listed({"type": "string"}), idle_exit={"type": ["number", "null"], "description": "in seconds"},
        log={"type": "string"})
    told["properties"]["started"] = {"type": "boolean", "description": "of daemon start: false where one ran already"}
    return told
