"""A neutral record as a ticket of ours: fields where there is one, `x_` fields where there is none."""

from __future__ import annotations

from gittracker.domain import status as statuses
from gittracker.domain import synonyms
from gittracker.domain.foreign import Anomaly
from gittracker.domain.ticket import Ticket
from gittracker.formats.foreign import texts
from gittracker.services.importing import naming

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.foreign import Foreign
    from gittracker.domain.status import Status
    from gittracker.services.importing.words import Words

_CLOSE_REASON = "x_close_reason"


def ticket(record: Foreign, source: str, epic: str, words: Words, anomalies: list[Anomaly]) -> Ticket:
    """Map a record; its ref, slug, aliases and links are set by who knows the others.

    A milestone that is no epic becomes a label.
    """
    status = words.status(record)
    extra = dict(record.extra)
    values: dict[str, Any] = {
        "title": _title(record, anomalies), "status": status.slug, "type": words.type(record.type),
        "priority": words.priority(record.priority), "assignee": record.people[0] if record.people else "",
        "epic": epic,
        "labels": tuple(sorted({*record.labels, *([f"milestone:{record.milestone}"] if record.milestone and not epic
                                                  else [])})),
        "external_links": tuple(sorted(set(record.urls))), "external_ref": record.external_ref, "due": record.due,
        "estimate": record.estimate, "started_at": record.started_at, "created_at": record.created_at,
        "created_by": record.created_by, "archived": record.archived}
    _keep_words(record, values, status, extra, words.ranks_exactly)
    _close(record, values, status, extra)
    if record.stage == "backlog" and status.stage == "unstarted":
        values["approval"] = "unapproved"  # the board has no backlog, and a draft must not be taken up
    extra[naming.SOURCE], extra[naming.ETAG] = source, record.digest
    _note_controls(record, anomalies)
    return Ticket(body=record.body, extra=extra, **values)


def _title(record: Foreign, anomalies: list[Anomaly]) -> str:
    if record.title:
        return record.title
    first = next((texts.one_line(line.lstrip("# ")) for line in record.body.split("\n") if line.strip("# \t")), "")
    title = first[:120] or f"(untitled {record.id or record.path})"
    anomalies.append(Anomaly(record.path, record.line, "title", f'no title; "{title}" stands for it'))
    return title


def _keep_words(record: Foreign, values: dict[str, Any], status: Status, extra: dict[str, Any],
                ranks_exactly: bool) -> None:
    """Keep the source's words where ours differ; a rank from 0 to 4 needs no word where there are five of ours."""
    if synonyms.plain(record.status) not in ("", synonyms.plain(status.slug), synonyms.plain(status.name)):
        texts.put_extra(extra, "status", record.status)
    if record.type and record.type.lower() != values["type"]:
        texts.put_extra(extra, "type", record.type)
    is_rank = ranks_exactly and record.priority in ("0", "1", "2", "3", "4")
    if record.priority and not is_rank and record.priority.lower() != values["priority"]:
        texts.put_extra(extra, "priority", record.priority)
    if len(record.people) > 1:
        texts.put_extra(extra, "assignees", list(record.people))


def _close(record: Foreign, values: dict[str, Any], status: Status, extra: dict[str, Any]) -> None:
    closed = status.stage in statuses.CLOSED_STAGES
    if closed:
        values["completed_at"] = record.closed_at
        reason = extra.get(_CLOSE_REASON, "")
        values["resolution"] = record.resolution or synonyms.resolution_of(reason if isinstance(reason, str) else "")
        if not values["resolution"] and not record.deleted:
            said = synonyms.resolution_of(record.status)
            values["resolution"] = said if said != "done" else ""
    elif record.closed_at:
        texts.put_extra(extra, "closed_at", record.closed_at)


def _note_controls(record: Foreign, anomalies: list[Anomaly]) -> None:
    if record.body.isprintable():
        return
    for number, line in enumerate(record.body.split("\n"), 1):
        if not line.isprintable() and any((c < " " and c != "\t") or "\x7f" <= c <= "\x9f" for c in line):
            anomalies.append(Anomaly(record.path, record.line, "control", f"the text holds a control character in its "
                                     f"line {number}; it is kept"))
            return
