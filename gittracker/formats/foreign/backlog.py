"""Backlog.md: tasks, drafts, milestones, documents and decisions as markdown files in folders of those names."""

from __future__ import annotations

import re

from gittracker.domain.foreign import (
    CHILD,
    DEPENDS_ON,
    EPIC,
    PAGE,
    PARENT,
    TICKET,
    Anomaly,
    Edge,
    Foreign,
    Parsed,
)
from gittracker.formats.etag import blob_id
from gittracker.formats.foreign import backlog_sections, front, texts
from gittracker.formats.foreign.front import Front
from gittracker.formats.foreign.keys import Keys

# `back-12.3 - Title-with-dashes`
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9_]*-\d+(?:\.\d+)*)(?:\s*-\s*(.*))?$")
_NOUNS = {"tasks": TICKET, "completed": TICKET, "drafts": TICKET, "milestones": EPIC, "docs": PAGE,
          "decisions": PAGE}


def read(text: str, path: str, place: tuple[str, ...], name: str) -> Parsed:
    """Read a file; `place` names its folders below the backlog's own, `name` is the file's without its extension."""
    archived = place[:1] == ("archive",)
    where = place[1:] if archived else place
    noun = _NOUNS.get(where[0], TICKET) if where else TICKET
    found = front.read(text)
    named = _NAME.match(name)
    if found is None:
        if noun != PAGE and not (named and noun == TICKET):
            return Parsed([], [Anomaly(path, 1, "not-a-task", "no front matter, so it is no task", True)])
        found = Front({}, {}, text, 1, [], [(1, "front-matter", "no front matter; the file's name and text count")])
    if noun == PAGE and name.lower() == "readme" and not found.values:
        return Parsed([], [Anomaly(path, 1, "not-a-task", "a readme without front matter", True)])
    anomalies = [Anomaly(path, line, kind, message) for line, kind, message in found.oddities]
    keys = Keys(found.values, path, found.lines, 1, anomalies)
    old = keys.word("id")
    if not old and noun != PAGE:
        anomalies.append(Anomaly(path, 1, "id", f'no id; the file\'s name "{name}" counts'))
    elif old and named and named[1].lower() != old.lower() and noun == TICKET:
        anomalies.append(Anomaly(path, keys.line("id"), "id", f'the file says "{old}", its name "{named[1]}"; the file '
                                 "counts"))
    title = keys.word("title") or texts.one_line((named[2] or "").replace("-", " ") if named else "") or name
    record = Foreign(path=path, line=1, id=old or (named[1] if named else name), title=title, noun=noun,
                     archived=archived, digest=blob_id(f"{place}\n{text}".encode(errors="replace"))[:12])
    if noun == PAGE:
        return Parsed([_page(record, keys, found.body, where)], anomalies)
    if noun == EPIC:
        return Parsed([_milestone(record, keys, found.body)], anomalies)
    return Parsed([_task(record, keys, found, where[:1] == ("drafts",))], anomalies)


def _task(record: Foreign, keys: Keys, found: Front, is_draft: bool) -> Foreign:
    body, remarks, lost = backlog_sections.read(found.body)
    for line, message in lost:
        keys.odd("comment", message, found.body_line + line)
    line = keys.line("dependencies")
    edges = [Edge(DEPENDS_ON, target, line) for target in keys.words("dependencies", "depends_on")]
    line = keys.line("parent_task_id", "parent")
    edges += [Edge(PARENT, target, line) for target in keys.words("parent_task_id", "parent")]
    line = keys.line("subtasks")
    edges += [Edge(CHILD, target, line) for target in keys.words("subtasks")]
    references, documents = keys.words("references"), keys.words("documentation")
    urls = tuple(text for text in (*references, *documents) if _is_url(text))
    people = tuple(person.removeprefix("@") for person in keys.words("assignee", "assignees"))
    record = record._replace(
        body=body, remarks=tuple(remarks), edges=tuple(dict.fromkeys(edges)), urls=urls, people=people,
        status=keys.word("status"), stage="backlog" if is_draft else "", type=keys.word("type"),
        priority=keys.word("priority"), labels=(*keys.words("labels"), *(("draft",) if is_draft else ())),
        milestone=keys.word("milestone"), created_at=keys.moment("created_date", "created_at", "created"),
        created_by=keys.word("reporter", "created_by").removeprefix("@"), due=keys.day("due_date", "due"),
        started_at=keys.moment("actual_start", "started_date"),
        closed_at=keys.moment("completed_date", "actual_end", "closed_date"))
    extra = keys.rest()
    texts.put_extra(extra, "references", [text for text in references if not _is_url(text)])
    texts.put_extra(extra, "documentation", [text for text in documents if not _is_url(text)])
    return record._replace(extra=extra)


def _milestone(record: Foreign, keys: Keys, body: str) -> Foreign:
    record = record._replace(body=backlog_sections.read(body)[0], status=keys.word("status"),
                             due=keys.day("due_date", "due"), created_at=keys.moment("created_date", "created"))
    return record._replace(extra=keys.rest())


def _page(record: Foreign, keys: Keys, body: str, where: tuple[str, ...]) -> Foreign:
    """Keep a document or decision, with the folders it lies in."""
    record = record._replace(body=texts.body(body), place=where, labels=keys.words("tags", "labels"),
                             created_at=keys.moment("created_date", "date", "created"),
                             created_by=keys.word("author", "reporter").removeprefix("@"))
    return record._replace(extra=keys.rest())


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))
