"""Schemas of what the commands for pages print, and those that go by refs."""

from __future__ import annotations

from typing import Any

from gittracker.domain.comment import Comment
from gittracker.domain.page import Page
from gittracker.formats import json_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.services import views

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_PROJECT = (_TEXT, "key of its project, which its name begins with")


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    revision = _revision()
    return {
        "page": document("page show --json", json_schema.shown(Page, {
            **views.RECORD_DERIVED, **views.ATTACHED, "project": _PROJECT,
            "updated_at": (_TEXT, "when its file last changed"),
            "updated_by": (_TEXT, "who changed it; editor where no command did"),
            "children": (listed(_TEXT), "the pages just below its path"),
            "comments": (listed(json_schema.shown(Comment, views.COMMENT_DERIVED)), "oldest first")})),
        "pages": document("page list --json", record("pages by path", pages=listed(_row()), total=_COUNT)),
        "page_tree": document("page tree --json", {
            **record("a tree a project", tree=listed({"$ref": "#/$defs/branch"}), total=_COUNT),
            "$defs": {"branch": _branch()}}),
        "page_log": document("page log --json", record(
            "the newest first; `limits` says what this history can't know", revisions=listed(revision), total=_COUNT,
            limits=listed(_TEXT))),
        "page_at": document("page show --at --json", {"allOf": [revision, json_schema.shown(
            Page, {"body": (_TEXT, "the markdown")})]}),
        "resolve": document("resolve --json", {"anyOf": [_target(), record(
            "of several names: in their order", records=listed(_target()), total=_COUNT)]}),
        "page_diff": document("page diff --json", {**record(
            "a unified diff of the file, front matter included; none where both are the same",
            **{"from": revision, "to": revision, "diff": listed(_TEXT)})}),
    }


def _target(whole: bool = True) -> Schema:
    """Describe what a name names; the whole answer has the record itself."""
    shown = record("what a name names", type={**_TEXT, "description": "ticket, epic, page, comment, member, …"},
                   ref=_OPTIONAL, name={**_TEXT, "description": "what people call it"},
                   label={**_TEXT, "description": "its title, or its name"}, path=_OPTIONAL)
    if whole:
        shown["properties"].update(id={**_OPTIONAL, "description": "the ref's UUID in its dashed form"},
                                   object={"type": "object", "description": "the record as its own commands print it"})
        shown["required"] += ["id", "object"]
    return shown


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
