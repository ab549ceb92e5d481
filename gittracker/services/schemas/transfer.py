"""Schemas of what `import` and `export` print."""

from __future__ import annotations

from typing import Any

from gittracker.formats.json_schema import document, listed, record

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OPTIONAL: Schema = {"type": ["string", "null"]}
_FLAG: Schema = {"type": "boolean"}


def every() -> dict[str, Schema]:
    """Give the schemas by name."""
    return {"import": document("import --json", _import()), "export": document("a line of export jsonl", _export())}


def _count(about: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": about}


def _import() -> Schema:
    word = record("how one word of the source was read", what={"enum": ["status", "type", "priority"]}, old=_TEXT,
                  new=_TEXT, why={"enum": ["given", "same name", "stage", "default", "unknown"]},
                  count=_count("in how many records"))
    anomaly = record("something odd", path={**_TEXT, "description": "the source's file"},
                     line=_count("0 where it is about the whole file"), kind=_TEXT, message=_TEXT,
                     lost={**_FLAG, "description": "whether a record was not imported because of it"})
    one = record("one record that was imported", id={**_TEXT, "description": "its old id, an alias of the ticket"},
                 name={**_TEXT, "description": "the ticket's or epic's slug, the page's path"})
    return record(
        "seen is imported + already + left_out", source=_TEXT, path=_TEXT, dry_run=_FLAG,
        seen=_count("records in the source, files and lines that are none included"),
        imported=_count("new tickets, epics and pages"), already=_count("that an earlier import brought"),
        left_out=_count("not imported, each with its anomaly"),
        changed=_count("of those already here, how many the source has changed since"),
        updated=_count("of these, how many --update took over"), archived=_count("of the imported"),
        epics=_count("of the imported"), pages=_count("of the imported"), comments=_count("new comments"),
        files=_count("new attachments"),
        links=_count("new links"), words=listed(word), anomalies=listed(anomaly), records=listed(one),
        entry={**_OPTIONAL, "description": "the journal entry; null where nothing was written"},
        entries={**listed(record("one worktree's entry", worktree={**_TEXT, "description": "its path from this one"},
                                 entry=_TEXT)), "description": "records are written in the worktrees where they live"})


def _export() -> Schema:
    content = {"text": {**_TEXT, "description": "the file, where it is UTF-8 text"},
               "base64": {**_TEXT, "description": "the file, where it is not"}}
    about = {"type": {**_TEXT, "description": "gittracker (the header), settings, statuses, or what the file is: "
                      "ticket, comment, epic, page, …, file"},
             "version": {"const": 1, "description": "of the header"},
             "path": {**_TEXT, "description": "the file, below .openkit"},
             "record": {"type": ["object", "array"], "description": "its fields; an unset one is null"},
             "extra": {"type": "object", "description": "custom fields"},
             "body": {**_TEXT, "description": "the markdown below the front matter"},
             "raw": {"type": "object", "description": "the file as it is, where the fields would not give it back",
                     "properties": content, "minProperties": 1, "maxProperties": 1}, **content}
    return {"type": "object", "properties": about, "required": ["type"], "additionalProperties": False}
