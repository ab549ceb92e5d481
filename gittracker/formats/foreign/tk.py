"""tk: one markdown file a ticket, its title a heading, its notes stamped with the time."""

from __future__ import annotations

import re

from gittracker.domain.foreign import BLOCKS, DEPENDS_ON, PARENT, RELATED, Anomaly, Edge, Foreign, Parsed, Remark
from gittracker.formats.etag import blob_id
from gittracker.formats.foreign import front, moments, texts
from gittracker.formats.foreign.keys import Keys

_STAMP = re.compile(r"\*\*(\d{4}-\d\d-\d\d[T ][^*]+?)\*\*\s*$")
_MARKS = re.compile(r"`{3,}|~{3,}")


def read(text: str, path: str, name: str) -> Parsed:
    """Read a ticket's file; `name` is the file's without its extension."""
    anomalies: list[Anomaly] = []
    found = front.read(text)
    if found is None or not found.values:
        return Parsed([], [Anomaly(path, 1, "not-a-ticket", "no front matter, so it is no ticket", True)])
    anomalies += [Anomaly(path, line, kind, message) for line, kind, message in found.oddities]
    keys = Keys(found.values, path, found.lines, 1, anomalies)
    title, body = _title(found.body)
    named = keys.word("title")
    body, remarks = _notes(body)
    edges = [Edge(kind, target, keys.line(name)) for kind, name in (
        (DEPENDS_ON, "deps"), (DEPENDS_ON, "blocked-by"), (DEPENDS_ON, "depends_on"), (DEPENDS_ON, "dependencies"),
        (BLOCKS, "blocks"), (RELATED, "links"), (RELATED, "related"), (PARENT, "parent"))
        for target in keys.words(name)]
    if named and title and named != title:
        body = f"# {title}\n\n{texts.body(body)}"
    old = keys.word("id")
    if not old:
        anomalies.append(Anomaly(path, 1, "id", f'no id; the file\'s name "{name}" counts'))
    record = Foreign(
        path=path, line=1, id=old or name, title=named or title, body=texts.body(body), status=keys.word("status"),
        type=keys.word("type"), priority=keys.word("priority").lower().removeprefix("p"),
        people=keys.words("assignee", "assignees"), labels=keys.words("tags", "labels"),
        edges=tuple(dict.fromkeys(edges)),
        external_ref=keys.word("external-ref", "external"), due=keys.day("due"),
        created_at=keys.moment("created", "created_at"), created_by=keys.word("created_by", "author", "reporter"),
        started_at=keys.moment("started", "started_at"),
        closed_at=keys.moment("closed", "closed_at", "completed_at"), remarks=tuple(remarks), extra={},
        digest=blob_id(text.encode(errors="replace"))[:12])
    return Parsed([record._replace(extra=keys.rest())], anomalies)


def _title(body: str) -> tuple[str, str]:
    """Take the first level-one heading out of the text, if it stands before everything else."""
    lines = body.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), -1)
    if first < 0 or not lines[first].startswith("# "):
        return "", body
    return texts.one_line(lines[first][2:]), "\n".join(lines[first + 1:])


def _notes(body: str) -> tuple[str, list[Remark]]:
    """Take stamped notes out of the text; what stands in the section before the first stamp stays."""
    lines = body.split("\n")
    heading = stamped = -1
    fence = ""
    for number, line in enumerate(lines):
        marks = _MARKS.match(line.strip())
        if marks and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else marks[0]
        if not fence and line.rstrip().lower() == "## notes":
            heading = number
        if not fence and heading >= 0 and _stamp(line):
            stamped = number
            break
    if stamped < 0:
        return body, []
    kept = lines[:heading] if not "".join(lines[heading + 1:stamped]).strip() else lines[:stamped]
    found: list[Remark] = []
    at = ""
    text: list[str] = []
    for line in lines[stamped:]:
        when = _stamp(line)
        if not when:
            text.append(line)
            continue
        if at:
            found.append(Remark("", at, texts.body("\n".join(text))))
        at, text = when, []
    found.append(Remark("", at, texts.body("\n".join(text))))
    return "\n".join(kept), found


def _stamp(line: str) -> str:
    """Give the moment that a line is the stamp of, empty where it is none."""
    match = _STAMP.match(line)
    return (moments.moment(match[1]) or "") if match else ""
