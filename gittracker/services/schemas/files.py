"""Schemas of what the commands for updates, attachments and usage print."""

from __future__ import annotations

from typing import Any

from gittracker.domain.update import STATUSES, Update
from gittracker.domain.usage import SUMMED, Usage
from gittracker.formats import json_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.services import views
from gittracker.services.schemas.links import comment, with_links
from gittracker.services.usagetotals import DIMENSIONS

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_REPORT: json_schema.Derived = {
    "number": ({"type": "integer", "minimum": 1}, "what usage remove takes; it changes where an earlier one goes"),
    "name": (_TEXT, "what usage remove takes too; it never changes"), "path": (_TEXT, "the file")}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    update = _update()
    with_comments = with_links({**update, "properties": {**update["properties"], "comments": listed(comment())},
                                "required": [*update["required"], "comments"]})
    return {
        "update": document("updates show --json", with_comments),
        "updates": document("updates list --json", record(
            "one page, the newest activity first", updates=listed(update),
            total={**_COUNT, "description": "how many there are on all pages"},
            cursor={**_OPTIONAL, "description": "what --cursor takes for the next page; null on the last"})),
        "revisions": document("updates revisions --json", record(
            "what it said, oldest first", revisions=listed(_revision()), total=_COUNT)),
        "attachments": document("attachment list --json", record(
            "the files attached to a record, by name", attachments=listed(_attachment()), total=_COUNT,
            problems=listed(record("what lies there but can't be used", path=_TEXT, message=_TEXT)))),
        "attachment": document("attachment get --json", {**_attachment(), "properties": {
            **_attachment()["properties"], "output": {**_TEXT, "description": "the file that was written"}},
            "required": [*_attachment()["required"], "output"]}),
        "usage": document("usage show --json", _usage()),
        "usage_reports": document("usage list --json", record(
            "a ticket's reports, oldest first", reports=listed(json_schema.shown(Usage, _REPORT)), total=_COUNT)),
    }


def _attachment() -> Schema:
    flag = {"type": "boolean"}
    one = record("an attached file", name=_TEXT, ref=_TEXT, record=_TEXT, type=_OPTIONAL, active=flag, size=_COUNT,
                 etag=_TEXT, by=_OPTIONAL, at=_OPTIONAL, lfs=flag, fetched=flag, path=_TEXT)
    about = {"ref": "permanent as long as the name is", "record": "name of the ticket, epic or page",
             "type": "told by the bytes, never by the name; null where git LFS has not fetched them",
             "active": "whether a browser would run what is in it: HTML, SVG, XML",
             "etag": "git blob id, of the pointer where git LFS keeps the bytes",
             "by": "who added it last; null where history doesn't know", "lfs": "whether git LFS keeps it",
             "fetched": "whether the bytes are here", "path": "the file, from the top of the repository"}
    for name, text in about.items():
        one["properties"][name] = {**one["properties"][name], "description": text}
    return one


def _usage() -> Schema:
    money = {**_TEXT, "pattern": r"^-?\d+(\.\d+)?$", "description": "US dollars as decimal text"}
    sums = {name: {**Usage.FIELDS[name].kind.schema(), "description": Usage.FIELDS[name].about} for name in SUMMED}
    sums["cost_usd"] = {**money, "type": ["string", "null"], "description": "US dollars as decimal text; null where no "
                        "report names a cost"}
    total = record("sums of reports", reports=_COUNT, **sums)
    group = record("one of what `by` tells apart, with its word (null for none) under each name of `by`",
                   **total["properties"], budget_usd={**money, "type": ["string", "null"]},
                   budget_exceeded={"type": "boolean"})
    group["properties"].update((name, _OPTIONAL) for name in DIMENSIONS)
    budget = record("the budget of the one ticket that was asked for", budget_usd=money, spent_usd=money,
                    left_usd=money, exceeded={"type": "boolean"})
    return record("what work took", by=listed({"enum": list(DIMENSIONS)}), groups=listed(group), total=total,
                  budget={"anyOf": [budget, {"type": "null"}]})


def _update() -> Schema:
    return json_schema.shown(Update, {
        **views.RECORD_DERIVED, "heading": (_TEXT, "the title, or the text's beginning on one line"),
        "comment_count": (_COUNT, "comments that are not deleted"),
        "last_activity_at": (_TEXT, "when it or a comment was last written, edited or deleted")})


def _revision() -> Schema:
    return record("one state", number={"type": "integer", "minimum": 1}, at={**_TEXT, "description": "since when"},
                  by=_TEXT, entry={**_OPTIONAL, "description": "the journal entry or commit; null where unknown"},
                  status={"enum": [*STATUSES, None], "description": "null for a comment"}, title=_OPTIONAL, body=_TEXT)
