"""OpenKit: an issue as JSON in a folder of its own, local or taken from Jira or Linear, with notes beside it."""

from __future__ import annotations

import json
from typing import Any

from gittracker.domain.foreign import Anomaly, Foreign, Parsed, Remark
from gittracker.formats.etag import blob_id
from gittracker.formats.foreign import moments, texts
from gittracker.formats.foreign.keys import Keys

LOCAL, JIRA, LINEAR = "local", "jira", "linear"
_LINEAR_PRIORITIES = {"0": "none", "1": "urgent", "2": "high", "3": "medium", "4": "low"}


def read(text: str, notes: str, path: str, source: str, name: str) -> Parsed:
    """Read an issue with its notes; `source` is the folder it lies in (local, jira, linear), `name` its own folder."""
    anomalies: list[Anomaly] = []
    values = _object(text, path, anomalies, lost=True)
    if values is None:
        return Parsed([], anomalies)
    keys = Keys(values, path, {}, 1, anomalies)
    beside = Keys(_object(notes, path.rpartition("/")[0] + "/notes.json", anomalies) or {}, path, {}, 1, anomalies)
    old = keys.word("id", "identifier", "key")
    if old and old != name:
        anomalies.append(Anomaly(path, 1, "id", f'the file says "{old}", its folder "{name}"; the file counts'))
    keys.drop("source")
    url = keys.word("url")
    remarks = _remarks(keys)
    attached = keys.raw("attachments")
    record = Foreign(
        path=path, line=1, id=old or name, title=keys.word("title", "summary"),
        body=texts.sections([("", keys.text("description")), *_notes(beside, anomalies, path)]),
        status=keys.word("status"), type=keys.word("type"), priority=_priority(keys, source),
        people=keys.words("assignee"), labels=_labels(keys), urls=_urls(url, attached),
        external_ref=(old or name) if source != LOCAL else "", created_at=keys.moment("createdAt", "created"),
        created_by=keys.word("reporter", "creator"), due=keys.day("dueDate", "due"),
        closed_at=keys.moment("completedAt", "resolved"), remarks=remarks,
        digest=blob_id(f"{text}\n{notes}".encode(errors="replace"))[:12])
    extra = keys.rest()
    texts.put_extra(extra, "attachments", attached)
    for note, value in beside.rest().items():
        texts.put_extra(extra, note.removeprefix("x_"), value)
    return Parsed([record._replace(extra=extra)], anomalies)


def _object(text: str, path: str, anomalies: list[Anomaly], lost: bool = False) -> dict[str, Any] | None:
    """Read a JSON object; none where there is no text, or, told, where it is something else."""
    if not text.strip():
        return {} if not lost else None
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        anomalies.append(Anomaly(path, line, "not-json", f"not JSON: {error}", lost))
        return None
    if not isinstance(found, dict):
        anomalies.append(Anomaly(path, 1, "not-json", "not an object", lost))
        return None
    return found


def _priority(keys: Keys, source: str) -> str:
    label = keys.word("priorityLabel")
    word = keys.word("priority")
    return label.split(" ")[-1] if label else _LINEAR_PRIORITIES.get(word, word) if source == LINEAR else word


def _labels(keys: Keys) -> tuple[str, ...]:
    value = keys.raw("labels")
    names = [one.get("name", "") if isinstance(one, dict) else one for one in value] if isinstance(value, list) else []
    found = (texts.one_line(texts.as_text(name)) for name in names)
    return tuple(dict.fromkeys(name for name in found if name))


def _urls(url: str, attached: Any) -> tuple[str, ...]:
    """Give the issue's address and those of what is attached to it by a link."""
    found = [url] + [one.get("url") for one in (attached if isinstance(attached, list) else [])
                     if isinstance(one, dict)]
    return tuple(dict.fromkeys(texts.one_line(one) for one in found
                               if isinstance(one, str) and one.startswith(("http://", "https://"))))


def _remarks(keys: Keys) -> tuple[Remark, ...]:
    found = []
    value = keys.raw("comments")
    for number, one in enumerate(value if isinstance(value, list) else [], 1):
        values = one if isinstance(one, dict) else {"body": one}
        at = moments.moment(values.get("created") or values.get("createdAt"))
        if at is None:
            keys.odd("date", f"comment {number} was written at an unreadable time")
        author = values.get("author")
        by = author.get("name") or author.get("displayName") if isinstance(author, dict) else author
        found.append(Remark(texts.one_line(texts.as_text(by)), at or "", texts.body(texts.as_text(values.get("body")))))
    return tuple(found)


def _notes(beside: Keys, anomalies: list[Anomaly], path: str) -> list[tuple[str, str]]:
    """Give the notes as sections; personal ones are private and stay where they are, which is told."""
    context, personal = beside.raw("aiContext"), beside.raw("personal")
    todos = beside.raw("todos")
    if _content(personal):
        anomalies.append(Anomaly(path.rpartition("/")[0] + "/notes.json", 1, "private",
                                 "the personal note is private; it stays where it is"))
    items = [one for one in todos if isinstance(one, dict)] if isinstance(todos, list) else []
    lines = [f"- [{'x' if one.get('checked') else ' '}] {texts.one_line(texts.as_text(one.get('text')))}"
             for one in items]
    return [("Extra Context", _content(context)), ("Todos", "\n".join(lines))]


def _content(note: Any) -> str:
    return texts.as_text(note.get("content")) if isinstance(note, dict) else texts.as_text(note)
