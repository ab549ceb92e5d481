"""Schemas of what the commands for updates, attachments and usage print."""

from __future__ import annotations

from typing import Any

from gittracker.domain.comment import Comment
from gittracker.domain.update import STATUSES, Update
from gittracker.formats import json_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.services import views

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    update = _update()
    with_comments = {**update, "properties": {**update["properties"], "comments": listed(
        json_schema.shown(Comment, views.COMMENT_DERIVED))}, "required": [*update["required"], "comments"]}
    return {
        "update": document("updates show --json", with_comments),
        "updates": document("updates list --json", record(
            "one page, the newest activity first", updates=listed(update),
            total={**_COUNT, "description": "how many there are on all pages"},
            cursor={**_OPTIONAL, "description": "what --cursor takes for the next page; null on the last"})),
        "revisions": document("updates revisions --json", record(
            "what it said, oldest first", revisions=listed(_revision()), total=_COUNT)),
    }


def _update() -> Schema:
    return json_schema.shown(Update, {
        **views.RECORD_DERIVED, "heading": (_TEXT, "the title, or the text's beginning on one line"),
        "comment_count": (_COUNT, "comments that are not deleted"),
        "last_activity_at": (_TEXT, "when it or a comment was last written, edited or deleted")})


def _revision() -> Schema:
    return record("one state", number={"type": "integer", "minimum": 1}, at={**_TEXT, "description": "since when"},
                  by=_TEXT, entry={**_OPTIONAL, "description": "the journal entry or commit; null where unknown"},
                  status={"enum": [*STATUSES, None], "description": "null for a comment"}, title=_OPTIONAL, body=_TEXT)
