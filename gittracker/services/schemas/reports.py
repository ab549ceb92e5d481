"""Schemas of what the reports print: diff, graph, stats, audit verify."""

from __future__ import annotations

from typing import Any

from gittracker.domain.audit import KINDS
from gittracker.formats.json_schema import document, listed, record

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_VALUE: Schema = {"type": ["string", "number", "boolean", "array", "null"]}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {"diff": document("diff --json", _diff()), "graph": document("graph --json", _graph()),
            "stats": document("stats --json", _stats()), "audit": document("audit verify --json", _audit()),
            "record_at": document("show --at --json of a record that is no ticket", _record_at())}


def signature() -> Schema:
    """Describe a signature, which is there only where it was asked for."""
    status = {"enum": ["good", "bad", "unknown", "none"], "description": "unknown: there is one, but whether it is "
              "good can't be told here"}
    return record("--signatures only", status=status, signer=_OPTIONAL, key=_OPTIONAL,
                  reason={**_OPTIONAL, "description": "why it is not good"})


def _diff() -> Schema:
    side = record("one of the two states", name=_TEXT, commit={**_OPTIONAL, "description": "null for the working "
                  "tree; with three dots, the base is the merge base"})
    change = record("one field's change", field=_TEXT, old=_VALUE, new=_VALUE)
    comment = record("a comment, or another entry of one file", path=_TEXT, record=_TEXT,
                     event={"enum": ["added", "edited", "deleted", "removed"]}, by=_OPTIONAL, text=_TEXT)
    file = record("another file of the record", name=_TEXT, event={"enum": ["added", "changed", "removed"]})
    one = record("one record", record={**_TEXT, "description": "ticket, epic, page, …"}, name=_TEXT, title=_OPTIONAL,
                 path=_TEXT, events=listed(_TEXT), changes=listed(change), comments=listed(comment),
                 files=listed(file))
    one["properties"]["events"]["description"] = ("created, removed, closed, reopened, moved, archived, unarchived or "
                                                  "changed; more than one where more than one happened")
    counts = {"type": "object", "description": "by kind of record, how often each event happened",
              "additionalProperties": {"type": "object", "additionalProperties": _COUNT}}
    return record("what one state of the tracker changes in another", base=side, head=side, summary=_TEXT,
                  counts=counts, records=listed(one), limits=listed(_TEXT))


def _graph() -> Schema:
    node = record("one ticket", name={**_TEXT, "description": "its slug, or its folder's name where the slug is not "
                  "its alone"}, ref=_OPTIONAL, title=_TEXT, status=_OPTIONAL, stage=_TEXT, type=_OPTIONAL,
                  priority=_OPTIONAL, assignee=_OPTIONAL)
    field = {"enum": ["depends_on", "parent"]}
    edge = record("`from` needs `to`, or is a part of it", **{"from": _TEXT}, field=field, to=_TEXT)
    circle = record("tickets that wait for themselves", field=field, names=listed(_TEXT))
    return record("tickets and the links between them", nodes=listed(node), edges=listed(edge),
                  circles=listed(circle), total={**_COUNT, "description": "how many there are without --limit"},
                  unlinked={**_COUNT, "description": "found, but without a link to the others"}, notes=listed(_TEXT))


def _stats() -> Schema:
    moment = {"type": "string", "format": "date-time"}
    about = {"created": "tickets that came to be", "started": "how often work began", "completed": "how often a ticket "
             "was completed", "dropped": "how often one was canceled, archived or deleted before it was completed",
             "reopened": "how often a closed one was opened again", "scope": "at the end: tickets not dropped",
             "done": "at the end: completed ones", "open": "at the end: the others"}
    counts = {name: {**_COUNT, "description": text} for name, text in about.items()}
    seconds = {"type": ["integer", "null"]}
    taken = record("how long it took, in seconds, of what was completed in the time asked for", count=_COUNT,
                   median=seconds, p85={**seconds, "description": "85 % took no longer"}, mean=seconds)
    status = record("open tickets of one status", status=_OPTIONAL, stage=_TEXT, count=_COUNT)
    group = record("of one assignee, or one type", name=_OPTIONAL, completed=_COUNT, open=_COUNT, started=_COUNT,
                   cycle_time=taken)
    return record("how work flows", by={"enum": ["week", "day", "month"]}, since=moment, until=moment,
                  periods=listed(record("one period", start=moment, end=moment, **counts)),
                  cycle_time={**taken, "description": "from the first start to the last completion"},
                  lead_time={**taken, "description": "from creation to the last completion"},
                  in_progress=listed(status), by_assignee=listed(group), by_type=listed(group), limits=listed(_TEXT))


def _audit() -> Schema:
    change = record("one field's change", path=_TEXT, record=_TEXT, field=_OPTIONAL, old=_VALUE, new=_VALUE)
    about = "; ".join(f"{kind}: {text}" for kind, text in KINDS.items())
    one = record("one finding", kind={"enum": list(KINDS), "description": about}, message=_TEXT, path=_OPTIONAL,
                 entry=_OPTIONAL, commit=_OPTIONAL, actor=_OPTIONAL,
                 at={"type": ["string", "null"], "format": "date-time"}, changes=listed(change))
    checked = record("how much was looked at", **dict.fromkeys(("entries", "commits", "files", "receipts",
                                                                              "objects"), _COUNT))
    return record("what an audit found; the exit status is 7 where there are findings", findings=listed(one),
                  notes={**listed(one), "description": "what has an explanation and is no finding"},
                  limits=listed(_TEXT), checked=checked)


def _record_at() -> Schema:
    found = record("a record as it was: its fields, and", record=_TEXT, name=_TEXT, path=_TEXT,
                   body={**_TEXT, "description": "the markdown"},
                   as_of={**_TEXT, "description": "since when it was so: a moment, or a commit's id"})
    return {**found, "additionalProperties": _VALUE}
