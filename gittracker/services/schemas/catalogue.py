"""Every schema of the project's `schemas/` folder, by file name."""

from __future__ import annotations

from typing import Any

from gittracker.domain.comment import Comment
from gittracker.domain.epic import Epic, Progress
from gittracker.domain.harness import Harness
from gittracker.domain.nouns import CLASSES
from gittracker.domain.skill import Skill
from gittracker.domain.ticket import Ticket
from gittracker.domain.usage import Usage
from gittracker.formats import json_schema, pending_schema
from gittracker.formats.json_schema import document, listed, record
from gittracker.index import snippets
from gittracker.services import views
from gittracker.services.schemas import (
    agents,
    events,
    files,
    leases,
    links,
    pages,
    reports,
    settings,
    sync,
    transfer,
    worktrees,
)

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MOMENT: Schema = {"type": "string", "format": "date-time"}


def every() -> dict[str, Schema]:
    """Give all schemas by their path below `schemas/`."""
    return {**{f"files/{name}.json": body for name, body in _files().items()},
            **{f"output/{name}.json": body for name, body in _output().items()}}


def _files() -> dict[str, Schema]:
    found = {cls.NOUN: document(f"front matter of {_a(cls.NOUN)}'s file", json_schema.front_matter(cls))
             for cls in CLASSES.values() if cls.FIELDS}
    return {**found, "usage": document("a usage report's file", json_schema.front_matter(Usage)),
            "statuses": document("statuses.yaml", json_schema.statuses()),
            "config": document("config.json", json_schema.config()),
            "policy": document("policy.yaml", json_schema.policy()),
            "pending": document("a line of local/pending.jsonl", pending_schema.line())}


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _output() -> dict[str, Schema]:
    ticket = json_schema.shown(Ticket, views.DERIVED)
    ticket["properties"].update(json_schema.told(views.ATTACHED), lease=leases.claimed())
    comment = json_schema.shown(Comment, views.COMMENT_DERIVED)
    return {
        "ticket": document("show --json, next --json", links.with_links(ticket)),
        "ticket_at": document("show --at --json", _ticket_at()),
        "tickets": document("ls, search, ready and blocked --json", {**_tickets(), "$defs": {
            "ticket": {**ticket, "properties": {**ticket["properties"], "claim": leases.claim(),
                                                "matches": _matches()}}}}),
        "tickets_budget": document("ls, search, ready and blocked --json --budget", {
            **_within_budget(), "$defs": {"ticket": _trimmed(ticket)}}),
        "ticket_budget": document("show and next --json --budget", _ticket_within_budget(ticket, comment)),
        "comments_budget": document("comment list --json --budget", record(
            "as many comments as fit, newest first", comments=listed(_some_of(comment, "number", "body")), total=_COUNT,
            omitted=_COUNT, cursor=_OPTIONAL)),
        "log_budget": document("log --json --budget", _log_within_budget()),
        "write": document("any writing command with --json",
                          {**_write(), "$defs": {"ticket": ticket, "comment": comment, "receipt": _receipt()}}),
        "epic": document("epic show --json", links.with_links(_epic())),
        "epics": document("epic list --json", record("epics by slug", epics=listed(_epic_row()), total=_COUNT)),
        "skills": document("skill list --json", record("skills by name", skills=listed(_skill()), total=_COUNT)),
        "skill": document("skill show --json", _skill(whole=True)),
        "harnesses": document("harness list --json", record("harnesses by name", harnesses=listed(_harness()),
                                                           total=_COUNT)),
        "harness": document("harness show --json", _harness()),
        "findings": document("skill validate and harness validate --json", _findings()),
        "comments": document("comment list --json", record(
            "a record's comments, oldest first", comments=listed(links.comment()), total=_COUNT)),
        "questions": document("questions --json", record(
            "open questions, oldest first", questions=listed(_question()), total=_COUNT)),
        "log": document("log --json", _log()),
        "problems": document("doctor --json", _problems()),
        **agents.every(),
        **events.every(),
        **reports.every(),
        **sync.every(),
        **files.every(),
        **leases.every(),
        **pages.every(),
        **links.every(),
        **settings.every(),
        **transfer.every(),
        **worktrees.every(),
        "error": document("an error, on standard error", _error()),
    }


def _question() -> Schema:
    found = json_schema.shown(Comment, views.COMMENT_DERIVED)
    about = record("an open question, with its ticket's slug and title", slug=_TEXT, title=_TEXT)
    return {**found, "description": about["description"], "properties": {**about["properties"], **found["properties"]},
            "required": [*about["required"], *found["required"]]}


def _epic_row() -> Schema:
    shares: json_schema.Derived = {
        "tickets_total": (_COUNT, "its tickets, canceled and archived ones aside"),
        "tickets_started": (_COUNT, "those under way"), "tickets_done": (_COUNT, "those that are done"),
        "percent": ({"type": "integer", "minimum": 0, "maximum": 100}, "done of total, rounded down")}
    return json_schema.shown(Epic, {**views.RECORD_DERIVED, **shares})


def _epic() -> Schema:
    about = _epic_row()
    one = record("one of its tickets", slug=_TEXT, title=_TEXT, status=_TEXT)
    about["properties"].update(progress=listed(links.comment(Progress)), tickets=listed(one),
                               **json_schema.told(views.ATTACHED))
    about["required"] += ["progress", "tickets", *views.ATTACHED]
    return about


def _skill(whole: bool = False) -> Schema:
    about = json_schema.shown(Skill, {name: one for name, one in views.RECORD_DERIVED.items() if name != "name"})
    if whole:
        file = record("one file of the bundle", path=_TEXT, size=_COUNT, executable={"type": "boolean"})
        about["properties"].update(files=listed(file), front_matter={
            "type": "object", "description": "its other keys, as they stand there"})
        about["required"] += ["files", "front_matter"]
    return about


def _harness() -> Schema:
    return json_schema.shown(Harness, views.RECORD_DERIVED)


def _findings() -> Schema:
    one = record("one finding", path=_TEXT, line={**_COUNT, "description": "0 where it is about the whole file"},
                 level={"enum": ["error", "advice"]}, message=_TEXT)
    return record("what is wrong with the files that were checked", findings=listed(one), checked=_COUNT,
                  errors=_COUNT)


def _ticket_at() -> Schema:
    derived = {name: views.DERIVED[name] for name in ("description", "stage")}
    derived["as_of"] = (_TEXT, "since when it was so: a moment, or a commit's id")
    return json_schema.shown(Ticket, derived)


def _tickets() -> Schema:
    about = record("one page of tickets", tickets=listed({"$ref": "#/$defs/ticket"}), total=_COUNT, cursor=_OPTIONAL)
    about["properties"]["total"] = {**_COUNT, "description": "how many there are on all pages"}
    about["properties"]["cursor"] = {**_OPTIONAL, "description": "what --cursor takes for the next page; null on "
                                     "the last"}
    about["properties"]["backlog"] = {**_COUNT, "description": "ready only: how many wait in the backlog"}
    about["properties"]["blockers"] = {
        "type": "object", "additionalProperties": listed(_TEXT),
        "description": "blocked only: by slug, the open tickets that each waits for"}
    return about


def _within_budget() -> Schema:
    about = record("as many tickets as fit", tickets=listed({"$ref": "#/$defs/ticket"}), total=_COUNT,
                   omitted={**_COUNT, "description": "how many there are behind the last one shown"},
                   cursor={**_OPTIONAL, "description": "what --cursor takes to go on; null where nothing is left"})
    about["properties"]["backlog"] = {**_COUNT, "description": "ready only: how many wait in the backlog"}
    return about


def _trimmed(ticket: Schema) -> Schema:
    """Describe a ticket that may lack what a budget had no room for."""
    matches = _matches()
    matches["items"]["required"] = ["field", "snippet"]
    more = {"claim": leases.claim(), "matches": matches,
            "blockers": {**listed(_TEXT), "description": "blocked only: what it waits for"}}
    return {**ticket, "properties": {**ticket["properties"], **more}, "required": ["slug", "title"]}


def _some_of(whole: Schema, *required: str) -> Schema:
    """Describe a record that may lack what a budget had no room for."""
    return {**whole, "required": list(required)}


def _ticket_within_budget(ticket: Schema, comment: Schema) -> Schema:
    omitted = record("what was left out: fields that are set, characters of the description, comments", fields=_COUNT,
                     characters=_COUNT, comments=_COUNT)
    more = {"comments": {**listed(_some_of(comment, "number", "body")), "description": "newest first"},
            "omitted": omitted, "cursor": {**_OPTIONAL, "description": "what comment list --cursor takes to go on"}}
    return {**ticket, "properties": {**ticket["properties"], **more}, "required": ["slug", "title", *more]}


def _log_within_budget() -> Schema:
    entry = _log()["properties"]["entries"]["items"]
    change = _some_of(entry["properties"]["changes"]["items"], "path", "record", "field")
    entry = _some_of({**entry, "properties": {**entry["properties"], "changes": listed(change)}}, "entry", "subject")
    return record("as many entries as fit, newest first", entries=listed(entry), limits=listed(_TEXT), omitted=_COUNT,
                  cursor=_OPTIONAL)


def _matches() -> Schema:
    span = {**listed(_COUNT), "minItems": 2, "maxItems": 2}
    one = record("a field that has some of the words", field={"enum": list(snippets.FIELDS)},
                 comment={"type": ["integer", "null"], "description": "the comment's number, where it is in one"},
                 snippet={**_TEXT, "description": "one line of the text round the best hit"},
                 hits={**listed(span), "description": "where in the snippet words were found: [from, up to], in "
                       "characters from 0"})
    return {**listed(one), "description": "search only: where the words were found"}


def _receipt() -> Schema:
    about = {"ref": "the record", "slug": "its ticket's slug", "path": "its file", "old_etag": "blob id before, null "
             "for a new record", "new_etag": "blob id after, null for one that is gone",
             "entry": "the journal entry, null where nothing changed or it waits",
             "event": "the event's id, null where none left",
             "pending": "of a sandboxed write: the id under which its entry waits for the journal, null once it is "
                        "there"}
    made = record("what a write did", **{name: {**_OPTIONAL, "description": text} for name, text in about.items()})
    for name in ("ref", "slug", "path"):
        made["properties"][name]["type"] = "string"
    made["properties"]["lease"] = {**_TEXT, "description": "of claim, take-over and renew only: what GITTRACKER_LEASE "
                                   "is set to, so that later writes carry it"}
    return made


def _write() -> Schema:
    properties: Schema = {
        "ticket": {"anyOf": [{"$ref": "#/$defs/ticket"}, {"type": "null"}],
                   "description": "the ticket as it is now, null when it is gone"},
        "comment": {"anyOf": [{"$ref": "#/$defs/comment"}, {"type": "null"}]},
        "lease": {**leases.claimed(), "description": "of claim, take-over and renew only"},
        "receipt": {"$ref": "#/$defs/receipt"}}
    one = {"type": "object", "required": ["receipt"], "properties": properties, "additionalProperties": {
        "type": ["object", "null"], "description": "a record of another noun, by its noun"}}
    also = {**listed(one), "description": "of a command that takes other records along: those"}
    one = {**one, "properties": {**properties, "also": also}}
    many = record("of several records, and of a batch always: in the order they were named", results=listed(one))
    return {"anyOf": [one, many]}


def _log() -> Schema:
    value = {"type": ["string", "number", "boolean", "array", "null"]}
    change = record("one field's change", path=_TEXT, record=_TEXT, field=_OPTIONAL, old=value, new=value)
    change["properties"]["field"] = {**_OPTIONAL, "description": "null where the whole record came or went"}
    sources = ["journal", "pending", "branch", "foreign"]  # the last are commands of other clones
    entry = record("one command, or one commit", entry=_TEXT, source={"enum": sources}, actor=_TEXT,
                   at=_MOMENT, subject=_TEXT, undoes=listed(_TEXT), changes=listed(change))
    entry["properties"]["signature"] = reports.signature()
    return record("newest first; `limits` says what this history can't know", entries=listed(entry),
                  limits=listed(_TEXT))


def _problems() -> Schema:
    one = record("one finding", path=_TEXT, line={**_COUNT, "description": "0 where it is about the whole file"},
                 message=_TEXT, fixable={"type": "boolean", "description": "whether doctor --fix mends it"},
                 replica={**_OPTIONAL, "description": "the worktree or branch that has the file, null for this one"})
    found = record("by path and line", problems=listed(one), total=_COUNT)
    found["properties"]["notes"] = {**listed(_TEXT), "description": "where there are any: what could be better here"}
    return found


def _error() -> Schema:
    body = record("what went wrong, and one safe next step", code=_TEXT, message=_TEXT, hint=_TEXT)
    body["additionalProperties"] = {"type": ["string", "integer", "array"]}
    return record("the same for every command", error=body)
