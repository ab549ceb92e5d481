"""Schemas of what goes by refs: answers of `resolve`, mentions in texts, and where a record is mentioned."""

from __future__ import annotations

from typing import Any

from gittracker.domain.comment import Comment
from gittracker.formats import json_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.services import views

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FIELDS = ["title", "description", "text", "comment", "progress", "workpad"]


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {
        "resolve": document("resolve --json", {"anyOf": [_answer(), record(
            "of several names: in their order", records=listed({"anyOf": [_answer(), _conflicts()]}), total=_COUNT),
            _conflicts()]}),
        "backlinks": document("backlinks --json, page backlinks --json", record(
            "tickets by number, then other records by name", record=_head(), backlinks=listed(_backlink()),
            total=_COUNT)),
    }


def with_links(shown: Schema) -> Schema:
    """Add to a record, printed alone, what its text mentions and where it is mentioned itself."""
    more = {"mentions": _mentions(), "mentioned_in": {
        **listed(_backlink()), "description": "the texts that mention it; of a ticket as far as the index knows, and "
        "the first ones only: backlinks looks at all files"}}
    return {**shown, "properties": {**shown["properties"], **more}}


def comment(cls: type[Comment] = Comment) -> Schema:
    """Describe a comment (or what begins with its fields) with what it mentions."""
    shown = json_schema.shown(cls, views.COMMENT_DERIVED)
    return {**shown, "properties": {**shown["properties"], "mentions": _mentions()}}


def _mentions() -> Schema:
    span = {**listed(_COUNT), "minItems": 2, "maxItems": 2, "description": "where it stands in the text: [from, up "
            "to], in characters from 0"}
    one = _head()
    one["properties"].update(text={**_TEXT, "description": "the mention as it is written"}, span=span)
    one["properties"]["label"] = {**_OPTIONAL, "description": "its title, or its name; null where nothing here has "
                                  "the name"}
    one["required"] += ["text", "span"]
    return {**listed(one), "description": "what the text mentions, in its order; what stands in code is none"}


def _head() -> Schema:
    return record("what a name names", type={**_TEXT, "description": "ticket, epic, page, comment, member, …"},
                  ref=_OPTIONAL, name={**_TEXT, "description": "what people call it"},
                  label={**_TEXT, "description": "its title, or its name"}, path=_OPTIONAL)


def _answer() -> Schema:
    shown = _head()
    shown["properties"].update(id={**_OPTIONAL, "description": "the ref's UUID in its dashed form"},
                               object={"type": "object", "description": "the record as its own commands print it"})
    shown["required"] += ["id", "object"]
    more = _conflicts()["properties"]
    shown["properties"].update({name: more[name] for name in ("operation", "ours", "theirs", "conflicts")})
    return shown


def _conflicts() -> Schema:
    """Describe the files in conflict: all of them where no name is given, else in the answer to a name that has any."""
    dispute = record("one field; null stands for the file, where it has none or one side deleted it", field=_OPTIONAL,
                     ours={}, theirs={})
    one = record("a file", record=_TEXT, path=_TEXT, kind={"enum": [
        "content", "both added", "deleted by ours", "deleted by theirs", "left over", "edited"]},
                 disputes=listed(dispute))
    side = record("git's name for a side, by what it is", name=_OPTIONAL, commit=_OPTIONAL)
    return record("what is in conflict, and between what", operation={**_OPTIONAL, "description": "merge, rebase, "
                  "cherry-pick, revert; null for a stash or none"}, ours=side, theirs=side, conflicts=listed(one),
                  total=_COUNT)


def _backlink() -> Schema:
    shown = _head()
    shown["description"] = "a text that mentions the record; its members say whose text it is"
    shown["properties"].update(
        field={"enum": _FIELDS, "description": "which of its texts"},
        number={"type": ["integer", "null"], "description": "the comment's or the entry's number, where it is in one"},
        line={"type": "integer", "minimum": 1}, snippet={**_TEXT, "description": "the line, cut where it is long"})
    shown["required"] += ["field", "number", "line", "snippet"]
    return shown
