"""Records as JSON: the shapes that `schemas/` describes."""

from __future__ import annotations

from gittracker.domain.ticket import Ticket
from gittracker.domain.times import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.audit import Audit, Finding
    from gittracker.domain.changes import Comparison
    from gittracker.domain.fields import Record
    from gittracker.index import records
    from gittracker.index.snippets import Match
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found
    from gittracker.services.tracker import Tracker
    from gittracker.services.usage import Report
    from gittracker.services.write.writing import Writing

# What a ticket shows besides the field table, with its JSON Schema.
DERIVED: dict[str, tuple[dict[str, Any], str]] = {
    "description": ({"type": "string"}, "the markdown below the front matter"),
    "etag": ({"type": "string"}, "git blob id of the file; what --if-match takes"),
    "path": ({"type": "string"}, "the file, from the top of the repository"),
    "updated_at": ({"type": "string", "format": "date-time"}, "when anything of it last changed"),
    "stage": ({"enum": ["backlog", "unstarted", "started", "completed", "canceled"]}, "the status's stage"),
    "ready": ({"type": "boolean"}, "whether it can be started now"),
    "comment_count": ({"type": "integer", "minimum": 0}, "comments that are not deleted"),
    "open_questions": ({"type": "integer", "minimum": 0}, "those of them that are questions without an answer"),
}


def fields(record: Record) -> dict[str, Any]:
    """Give a record's own fields as JSON values."""
    return {name: field.kind.to_json(record.__dict__[name]) for name, field in record.FIELDS.items()}


def ticket(row: Row) -> dict[str, Any]:
    """Give a ticket as `show --json` prints it."""
    shown = fields(row.ticket)
    shown.update((k, v) for k, v in row.ticket.extra.items() if k.startswith("x_"))
    shown.update(description=row.ticket.body, etag=row.etag, path=f".openkit/{row.folder}/ticket.md",
                 updated_at=row.updated_at, stage=row.stage, ready=row.ready, comment_count=row.comment_count,
                 open_questions=row.questions)
    return shown


def old_ticket(record: Ticket, stage: str) -> dict[str, Any]:
    """Give a ticket of the past, which has no state of today."""
    shown = fields(record)
    shown.update((k, v) for k, v in record.extra.items() if k.startswith("x_"))
    shown.update(description=record.body, stage=stage)
    return shown


def old_record(path: str, record: Record) -> dict[str, Any]:
    """Give a record of the past that is no ticket."""
    from gittracker.store import kinds
    shown = fields(record)
    shown.update((k, v) for k, v in record.extra.items() if k.startswith("x_"))
    return {**shown, "record": record.NOUN, "name": kinds.name_of(kinds.place(path)), "body": record.body,
            "path": f".openkit/{path}"}


def match(found: Match) -> dict[str, Any]:
    """Give one place where a search found its words."""
    return {"field": found.field, "comment": found.comment or None, "snippet": found.snippet,
            "hits": [list(hit) for hit in found.hits]}


def comment(found: Found) -> dict[str, Any]:
    """Give a comment as it is printed."""
    return {"number": found.number, **fields(found.comment), "body": found.comment.body,
            "path": f".openkit/{found.path}"}


def question(row: Row, found: Found) -> dict[str, Any]:
    """Give an open question with the ticket that waits for its answer."""
    return {"slug": row.ticket.slug, "title": row.ticket.title, **comment(found)}


RECORD_DERIVED: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"type": "string"}, "what people call it"),
    "body": ({"type": "string"}, "the markdown"),
    "etag": ({"type": "string"}, "git blob id of the file; what --if-match takes"),
    "path": ({"type": "string"}, "the file, from the top of the repository"),
}


def record(row: records.Row) -> dict[str, Any]:
    """Give a record that is no ticket as it is printed."""
    return {**fields(row.record), "name": row.name, "body": row.record.body, "etag": row.etag,
            "path": f".openkit/{row.path}"}


def of_file(tracker: Tracker, path: str) -> dict[str, Any]:
    """Give what stands in a file now, by its noun, with the record that it belongs to; null where it is gone."""
    from gittracker.domain.nouns import CLASSES
    from gittracker.index import records
    from gittracker.services.refresh import recording
    from gittracker.store import kinds
    noun = kinds.noun(path)
    if noun in ("project", "member"):
        return {noun: _of_settings(tracker, noun, path)}
    recording.refresh(tracker)
    place = kinds.place(path)
    found: dict[str, Any] = {}
    owner = records.own(tracker.index, tracker.view, place) if place else None
    if owner:
        found[owner.noun] = record(owner)
    if noun in ("comment", "progress"):
        from gittracker.services import comments
        every = comments.listed_in(tracker, path.rpartition("/")[0], deleted=True, cls=CLASSES[noun])
        found.update((noun, comment(one)) for one in every if one.path == path)
    if noun == "attachment":
        found[noun] = attachment_at(tracker, path)
    return found or {noun: None}


def _of_settings(tracker: Tracker, noun: str, path: str) -> dict[str, Any] | None:
    settings = tracker.settings
    if noun == "project":
        return next((project(tracker, key) for key, file in settings.projects.items() if file == path), None)
    return next((member(tracker, name) for name, (_, file) in settings.members.items() if file == path), None)


def project(tracker: Tracker, key: str) -> dict[str, Any]:
    """Give a project as it is printed; `default` says whether new tickets go to it."""
    from gittracker.domain.project import Project
    projects = tracker.settings.projects
    return {**_configured(tracker, Project, projects[key]), "default": key == next(iter(projects))}


def member(tracker: Tracker, username: str) -> dict[str, Any]:
    """Give a member as it is printed."""
    from gittracker.domain.member import Member
    return _configured(tracker, Member, tracker.settings.members[username][1])


CONFIGURED_DERIVED: dict[str, tuple[dict[str, Any], str]] = {
    "description": ({"type": "string"}, "the markdown below the front matter"),
    "etag": ({"type": ["string", "null"]}, "git blob id of the file; what --if-match takes"),
    "path": ({"type": "string"}, "the file, from the top of the repository")}


def _configured(tracker: Tracker, cls: type[Record], path: str) -> dict[str, Any]:
    from gittracker.formats import entity_md
    from gittracker.store import atomic
    data = atomic.read(f"{tracker.rules}/{path}")
    record = entity_md.read(cls, data, path)[0] if data is not None else cls()
    return {**fields(record), "description": record.body, "etag": _etag(tracker, path), "path": f".openkit/{path}"}


ATTACHED: dict[str, tuple[dict[str, Any], str]] = {
    "attachment_count": ({"type": "integer", "minimum": 0}, "files that are attached; lists don't count them")}


def attached(tracker: Tracker, folder: str) -> dict[str, Any]:
    """Count the files in a folder of attached ones; it costs records without any one look."""
    import os
    if not os.path.isdir(tracker.shown(folder)):
        return {"attachment_count": 0}
    from gittracker.services.attached import attachments
    return {"attachment_count": len(attachments.sizes(tracker, folder))}


def claim(found: tuple[str, int, bool] | None) -> dict[str, Any] | None:
    """Give who has claimed a ticket as lists have it, null where nobody has."""
    return {"holder": found[0], "until": utc(found[1]), "live": found[2]} if found else None


def claimed(tracker: Tracker, row: Row) -> dict[str, Any]:
    """Give the lease of a ticket, null where it has none."""
    import os

    from gittracker.store import layout
    if not os.path.exists(os.path.join(tracker.state, layout.LEASES)):
        return {"lease": None}
    from gittracker.services.claim import leaseviews
    return {"lease": leaseviews.shown(tracker, row)}


def attachment_at(tracker: Tracker, path: str) -> dict[str, Any] | None:
    """Give the attached file at a path; null where it is gone, or can't be read."""
    from gittracker.domain.errors import InvalidDataError
    from gittracker.services.attached import attachments
    from gittracker.store import kinds
    owner = attachments.owner_at(tracker, kinds.place(path))
    try:
        one = attachments.look_at(tracker, owner, path[len(owner.folder) + 1:]) if owner else None
    except InvalidDataError:
        one = None
    return attachments.with_author(tracker, one).to_json() if one else None


def etag_of_statuses(tracker: Tracker) -> str | None:
    """Give the etag of statuses.yaml, null where there is none."""
    from gittracker.store import layout
    return _etag(tracker, layout.STATUSES)


def _etag(tracker: Tracker, path: str) -> str | None:
    from gittracker.formats.etag import blob_id
    from gittracker.store import atomic
    data = atomic.read(f"{tracker.rules}/{path}")
    return None if data is None else blob_id(data, tracker.repository.object_format)


def rehearsal(writing: Writing) -> dict[str, Any]:
    """Give what a command would do, as `--dry-run --json` prints it."""
    return {"dry_run": True, "subjects": writing.subjects, "changes": [
        {"kind": one.kind, "ref": one.ref, "slug": one.slug, "path": f".openkit/{one.path}",
         "fields": [{"field": name, "old": old, "new": new} for name, (old, new) in one.changes.items()]}
        for one in writing.touched]}


COMMENT_DERIVED: dict[str, tuple[dict[str, Any], str]] = {
    "number": ({"type": "integer", "minimum": 1}, "what comment edit and delete take; deleted comments keep theirs"),
    "body": ({"type": "string"}, "the markdown"), "path": ({"type": "string"}, "the file")}


def usage(found: Report) -> dict[str, Any]:
    """Give a usage report as it is printed."""
    return {"number": found.number, **fields(found.usage), "name": found.name, "path": f".openkit/{found.path}"}


def usage_at(tracker: Tracker, row: Row, path: str) -> dict[str, Any] | None:
    """Give the report in a file of a ticket's with how the ticket's budget stands; null where it is gone."""
    from gittracker.services import usage as reports
    found = next((one for one in reports.listed(tracker, row) if one.path == path), None)
    budget = reports.of_ticket(tracker, row.folder, row.ticket)[1]
    return {**usage(found), "budget": budget.to_json() if budget else None} if found else None


def comparison(found: Comparison) -> dict[str, Any]:
    """Give a comparison as `diff --json` prints it; `base` is the merge base where three dots asked for it."""
    records = [{"record": one.noun, "name": one.name, "title": one.title or None, "path": f".openkit/{one.path}",
                "events": list(one.events),
                "changes": [{"field": name, "old": old, "new": new} for name, old, new in one.fields],
                "comments": [{"path": f".openkit/{r.path}", "record": r.what, "event": r.event, "by": r.by or None,
                              "text": r.text} for r in one.remarks],
                "files": [{"name": name or one.path, "event": event} for name, event in one.files]}
               for one in found.records]
    return {"base": {"name": found.base, "commit": found.base_commit or None},
            "head": {"name": found.head, "commit": found.head_commit or None}, "summary": found.summary(),
            "counts": found.counts(), "records": records, "limits": found.limits}


def audit(found: Audit) -> dict[str, Any]:
    """Give an audit as `audit verify --json` prints it."""
    return {"findings": [_finding(one) for one in found.findings], "notes": [_finding(one) for one in found.notes],
            "limits": found.limits, "checked": found.checked}


def _finding(one: Finding) -> dict[str, Any]:
    return {"kind": one.kind, "message": one.message, "path": f".openkit/{one.path}" if one.path else None,
            "entry": one.entry or None, "commit": one.commit or None, "actor": one.actor or None, "at": one.at or None,
            "changes": [{"path": f".openkit/{path}", "record": what, "field": field or None, "old": old, "new": new}
                        for path, what, field, old, new in one.changes]}
