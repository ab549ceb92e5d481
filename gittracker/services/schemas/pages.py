"""Schemas of what the commands for pages print."""

from __future__ import annotations

from typing import Any

from gittracker.domain.page import Page
from gittracker.formats import json_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.services import views
from gittracker.services.schemas.links import comment, with_links

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PROJECT = (_TEXT, "key of its project, which its name begins with")


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    revision = _revision()
    return {
        "page": document("page show --json", with_links(json_schema.shown(Page, {
            **views.RECORD_DERIVED, **views.ATTACHED, "project": _PROJECT,
            "updated_at": (_TEXT, "when its file last changed"),
            "updated_by": (_TEXT, "who changed it; editor where no command did"),
            "children": (listed(_TEXT), "the pages just below its path"),
            "comments": (listed(comment()), "oldest first")}))),
        "pages": document("page list --json", record("pages by path", pages=listed(_row()), total=_COUNT)),
        "page_tree": document("page tree --json", {
            **record("a tree a project", tree=listed({"$ref": "#/$defs/branch"}), total=_COUNT),
            "$defs": {"branch": _branch()}}),
        "page_log": document("page log --json", record(
            "the newest first; `limits` says what this history can't know", revisions=listed(revision), total=_COUNT,
            limits=listed(_TEXT))),
        "page_at": document("page show --at --json", {"allOf": [revision, json_schema.shown(
            Page, {"body": (_TEXT, "the markdown")})]}),
        "page_diff": document("page diff --json", {**record(
            "a unified diff of the file, front matter included; none where both are the same",
            **{"from": revision, "to": revision, "diff": listed(_TEXT)})}),
    }


def _row() -> Schema:
    derived = {name: about for name, about in views.RECORD_DERIVED.items() if name != "body"}
    return json_schema.shown(Page, {**derived, "project": _PROJECT, "snippet": (
        _OPTIONAL, "the first line of its text that has one of the words")})


def _branch() -> Schema:
    return record("one part of a path", name=_TEXT, path=_TEXT, ref=_OPTIONAL, title=_OPTIONAL,
                  is_page={"type": "boolean", "description": "false for a folder that has no page of its own"},
                  children=listed({"$ref": "#/$defs/branch"}))


def _revision() -> Schema:
    return record(
        "one state of a page", number={"type": ["integer", "null"], "minimum": 1, "description": "from 1; null for the "
                                       "state that a commit has"}, at={**_OPTIONAL, "description": "since when"},
        by=_OPTIONAL, entry={**_OPTIONAL, "description": "the journal entry or commit; null where there is none yet"},
        subject=_OPTIONAL, name={**_TEXT, "description": "its path then"}, title=_OPTIONAL, added=_COUNT,
        removed=_COUNT)
