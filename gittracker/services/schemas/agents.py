"""Schemas of what the commands for agents and their surroundings print: prime, onboard, trust, completion, schema."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import document, listed, record

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {
        "prime": document("prime --json", _prime()),
        "onboard": document("onboard --json", _onboard()),
        "trust": document("trust, trust list and trust show --json", _trust()),
        "completion": document("completion --json", _completion()),
        "schemas": document("schema --json", _schemas()),
        "mended": document("doctor --fix and doctor --upgrade --json", _mended()),
    }


def _prime() -> Schema:
    one = record("a ticket, its title cut to fit", slug=_TEXT, status=_TEXT, title=_TEXT)
    one["properties"]["waits_for"] = {**listed(_TEXT), "description": "blocked only: the first tickets it waits for, "
                                       "or \"an answer\""}
    lists = {name: {**listed(one), "description": about} for name, about in (
        ("in_progress", "your tickets that are started"), ("ready", "what can be started now, best first"),
        ("blocked", "what waits for others"), ("recent", "what else changed last"))}
    totals = {f"{name}_total": _COUNT for name in ("in_progress", "ready", "blocked")}
    found = record("at most 2,048 bytes; lists are cut where they are long", you=_TEXT, statuses=listed(_TEXT),
                   **lists, **totals, data=_TEXT, commands=listed(_TEXT), rules=listed(_TEXT), problems=_COUNT,
                   lost=_COUNT, questions={**_COUNT, "description": "those that nobody has answered"})
    found["properties"]["for"] = record("--for only: the ticket, and what its files say", slug=_TEXT, text=_TEXT)
    return found


def _completion() -> Schema:
    one = {"type": "object", "required": ["value", "about"], "properties": {"value": _TEXT, "about": _OPTIONAL}}
    modes = {"enum": ["words", "open", "files", "folders"], "description": "open: no space follows; files and folders: "
             "the shell knows them"}
    return {"anyOf": [record("a shell's script", shell=_TEXT, script=_TEXT),
                      record("behind --, what the last word can become", mode=modes, candidates=listed(one))]}


def _onboard() -> Schema:
    actions = {"enum": ["created", "updated", "removed", "unchanged", "skipped"]}
    one = record("one file; with --check and --dry-run, what would be done", file=_TEXT, action=actions, note=_OPTIONAL)
    return record("the files that agents read first", files=listed(one), changed=_COUNT)


def _trust() -> Schema:
    states = {"enum": ["trusted", "changed", "not trusted", "unusable"]}
    one = record("a file that can make a machine execute something", path=_TEXT, what=_TEXT, state=states,
                 content_id=_OPTIONAL, runs=listed(_TEXT), problem=_OPTIONAL, trusted_at=_OPTIONAL,
                 trusted_by=_OPTIONAL)
    one["properties"]["content_id"] = {**_OPTIONAL, "description": "what --content takes; null where it can't be read"}
    one["properties"]["runs"] = {**listed(_TEXT), "description": "what it would run, a line each"}
    shown = {"allOf": [one, record("trust show", content=_TEXT, diff=listed(_TEXT))]}
    return {"anyOf": [record("by path", files=listed(one), total=_COUNT), shown]}


def _schemas() -> Schema:
    return {"anyOf": [record("the schemas", schemas=listed(record("one", name=_TEXT, title=_TEXT))),
                      record("--write: the files", written=listed(_TEXT))]}


def _mended() -> Schema:
    receipt = record("what was done to one file", ref=_TEXT, slug=_TEXT, path=_TEXT, old_etag=_OPTIONAL,
                     new_etag=_OPTIONAL, entry=_OPTIONAL, event=_OPTIONAL)
    return record("with --dry-run there are no receipts", receipts=listed(receipt), changed=listed(_TEXT))
