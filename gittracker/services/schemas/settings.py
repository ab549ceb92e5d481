"""Schemas of what is printed of statuses, projects, members, labels and dependencies; and of a dry run."""

from __future__ import annotations

from typing import Any

from gittracker.domain.member import Member
from gittracker.domain.project import Project
from gittracker.domain.status import STAGES
from gittracker.formats.json_schema import Derived, document, listed, record, shown
from gittracker.services import views

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_VALUE: Schema = {"type": ["string", "number", "boolean", "array", "null"]}
_ETAG: Schema = {**_OPTIONAL, "description": "git blob id of the file; what --if-match takes"}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    status = _status()
    one = {**status, "properties": {**status["properties"], "etag": _ETAG}, "required": [*status["required"], "etag"]}
    return {
        "status": document("status show --json", one),
        "statuses": document("status list --json", record("the board's columns, in order", statuses=listed(status),
                                                          total=_COUNT, etag=_ETAG)),
        "project": document("project show --json", _project()),
        "projects": document("project list --json", record("the default first", projects=listed(_project()),
                                                           total=_COUNT)),
        "member": document("member show --json", _member()),
        "members": document("member list --json", record("by username", members=listed(_member()), total=_COUNT)),
        "labels": document("label list --json", record("by name", labels=listed(record(
            "one label", label=_TEXT, open={**_COUNT, "description": "open tickets that have it"},
            total={**_COUNT, "description": "all tickets that have it"})), total=_COUNT)),
        "deps_tree": document("deps tree --json", _tree()),
        "deps_cycles": document("deps cycles --json", record("lowest number first", cycles=listed(listed(_head())),
                                                             total=_COUNT)),
        "rehearsal": document("a writing command with --dry-run --json", _rehearsal())}


def _status() -> Schema:
    runs = {"type": ["integer", "null"], "minimum": 0}
    return record("one of the board's columns", slug=_TEXT, name=_TEXT, stage={"enum": list(STAGES)}, color=_TEXT,
                  icon=_TEXT, max_active_runs=runs, default={"type": "boolean"})


def _project() -> Schema:
    derived: Derived = {"default": ({"type": "boolean"}, "whether new tickets go to it")}
    return shown(Project, {**views.CONFIGURED_DERIVED, **derived})


def _member() -> Schema:
    return shown(Member, views.CONFIGURED_DERIVED)


def _head() -> Schema:
    one = record("a ticket; one that is not here has a name alone", name=_TEXT, ref=_OPTIONAL, title=_OPTIONAL,
                 status=_OPTIONAL, stage={"enum": [*STAGES, None]})
    one["properties"]["name"] = {**_TEXT, "description": "its slug, or its folder's name where two "
                                 "have one slug"}
    return one


def _tree() -> Schema:
    line = _head()
    line["properties"].update(
        depth={**_COUNT, "description": "how many steps from the first line"},
        under={**_OPTIONAL, "description": "the name of the line that it stands under"},
        mark={"enum": ["again", "circle", "cut", None], "description": "why nothing stands below it: it is above "
              "already, it closes a circle, or --depth ends here"})
    line["properties"]["unlanded"] = {"type": "boolean", "description": "whether it is closed and blocks all the same, "
                                      "for the base branch has not closed it"}
    line["required"] += ["depth", "under", "mark", "unlanded"]
    return record("a tree, from the top", ticket=_TEXT, direction={"enum": ["down", "up"]}, lines=listed(line),
                  total={**_COUNT, "description": "how many tickets are shown"})


def _rehearsal() -> Schema:
    field = record("one field", field=_TEXT, old=_VALUE, new=_VALUE)
    change = record("one record that would change", kind=_TEXT, ref=_TEXT, slug=_TEXT, path=_TEXT, fields=listed(field))
    return record("what a command would do; nothing was written", dry_run={"const": True}, subjects=listed(_TEXT),
                  changes=listed(change))
