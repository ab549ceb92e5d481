"""JSON Schema 2020-12 from field tables: of front matter as it stands in a file, of records as they are printed."""

from __future__ import annotations

from typing import Any

from gittracker.domain.fields import Kind, Record
from gittracker.domain.policy import APPROVALS
from gittracker.domain.settings import ATTACHMENT_MAX_BYTES, FORMAT, LEASE
from gittracker.domain.status import STAGES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_OPTIONAL = {"type": ["string", "null"]}
# What a custom field can hold: one text, or a list of texts.
_CUSTOM = {"^x_": {"type": ["string", "number", "boolean", "array", "null"], "items": {"type": ["string", "number"]}}}
_CUSTOM_SHOWN = {"^x_": {"type": ["string", "array"], "items": _TEXT}}

Derived = dict[str, tuple[dict[str, Any], str]]


def document(title: str, body: dict[str, Any]) -> dict[str, Any]:
    """Make a schema that stands alone."""
    return {"$schema": DIALECT, "title": title, **body}


def front_matter(cls: type[Record]) -> dict[str, Any]:
    """Describe the front matter of a record's file; unknown keys are kept, so they are allowed."""
    properties = {name: {**field.kind.schema(), "description": field.about} for name, field in cls.FIELDS.items()}
    return {"type": "object", "properties": properties, "patternProperties": _CUSTOM,
            "required": [name for name, field in cls.FIELDS.items() if field.always], "additionalProperties": True}


def shown(cls: type[Record], derived: Derived) -> dict[str, Any]:
    """Describe a record as JSON output: every field is there, an unset one is null, a set is a list."""
    properties = {name: {**_printed(field.kind), "description": field.about} for name, field in cls.FIELDS.items()}
    properties.update(told(derived))
    return {"type": "object", "properties": properties, "patternProperties": _CUSTOM_SHOWN,
            "required": list(properties)}


def told(derived: Derived) -> dict[str, dict[str, Any]]:
    """Describe members that stand beside a record's fields."""
    return {name: {**schema, "description": about} for name, (schema, about) in derived.items()}


def _printed(kind: Kind) -> dict[str, Any]:
    """Give a kind's schema with null exactly where an unset value is printed as null."""
    schema = dict(kind.schema())
    types = [schema["type"]] if isinstance(schema["type"], str) else [t for t in schema["type"] if t != "null"]
    if kind.to_json(kind.empty) is None:
        types.append("null")
    schema["type"] = types[0] if len(types) == 1 else types
    return schema


def record(about: str, **properties: dict[str, Any]) -> dict[str, Any]:
    """Describe an object whose members are all there."""
    return {"type": "object", "description": about, "properties": properties, "required": list(properties)}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """Describe a list."""
    return {"type": "array", "items": items}


def statuses() -> dict[str, Any]:
    """Describe statuses.yaml."""
    about: dict[str, dict[str, Any]] = {
        "slug": {**_TEXT, "description": "name in files and on the command line"},
        "name": {**_TEXT, "description": "name for people"},
        "stage": {"enum": list(STAGES), "description": "what the status means for ready, blocked and closed"},
        "color": {**_OPTIONAL, "description": "colour, such as #3B82F6"},
        "icon": {**_OPTIONAL, "description": "name of an icon"},
        "default": {"type": ["boolean", "null"], "description": "whether new tickets get it"},
        "max_active_runs": {"type": ["integer", "null"], "minimum": 0, "description": "most runs at one time"}}
    one = {"type": "object", "properties": about, "required": ["slug", "name", "stage"], "additionalProperties": True}
    return {**listed(one), "minItems": 1, "description": "the board's statuses, in order"}


def config() -> dict[str, Any]:
    """Describe config.json: the tracker's object; OpenKit's keys beside it are its own."""
    words = {"type": "array", "items": _TEXT, "minItems": 1}
    about: dict[str, dict[str, Any]] = {
        "format": {"type": "integer", "minimum": 1, "description": f"version of the files; {FORMAT} is current"},
        "project": {**_TEXT, "description": "key of the project that new tickets go to"},
        "placement": {"enum": ["in-tree", "side-branch"], "description": "where the tracker lives"},
        "history": {"enum": ["journal", "branch"], "description": "where every command is recorded: in the journal "
                    "alone, or as a commit on the tracker's branch, too"},
        "hooks": {"type": "boolean", "description": "whether the user's git hooks run for such commits"},
        "types": {**words, "description": "the types a ticket can have, in place of the usual ones"},
        "priorities": {**words, "description": "the priorities a ticket can have, highest first"},
        "attachment_max_bytes": {"type": "integer", "minimum": 1, "description": "how large an attached file may be "
                                 f"(default {ATTACHMENT_MAX_BYTES})"},
        "board_sources": {**listed(_TEXT), "description": "branches that the board folds besides worktrees, young "
                          "branches and what these follow, as patterns: origin/release-*"},
        "lease": {**_TEXT, "pattern": "^[0-9]{1,6}[smhdw]$", "description": "how long a claim lasts without a write or "
                  f"a renewal (default {LEASE // 60}m)"}}
    own = {"type": "object", "properties": about, "required": ["format"], "additionalProperties": True}
    return {"type": "object", "properties": {"tracker": own}, "required": ["tracker"], "additionalProperties": True}


def policy() -> dict[str, Any]:
    """Describe policy.yaml."""
    signed = {"type": ["boolean", "string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$", "description":
              "whether commits of the tracker must carry a good signature, or from which date on"}
    landed = {"type": ["boolean", "null"], "description": "whether a closed ticket blocks those that depend on it "
              "until the base branch has it closed, too"}
    approval = {"enum": [*APPROVALS, None], "description": "required: a ticket is ready only once it says approval: "
                "approved; optional (the usual): unless it says that it is not"}
    return {"type": "object", "properties": {"signed": signed, "landed": landed, "approval": approval},
            "additionalProperties": True}
