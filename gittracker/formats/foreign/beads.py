"""beads: issues as JSON lines, with dependencies, comments, wisps and tombstones."""

from __future__ import annotations

import json
from typing import Any

from gittracker.domain.foreign import (
    BLOCKS,
    CHILD,
    DEPENDS_ON,
    DUPLICATES,
    PARENT,
    RELATED,
    Anomaly,
    Edge,
    Foreign,
    Parsed,
    Remark,
)
from gittracker.formats.etag import blob_id
from gittracker.formats.foreign import json_lines, moments, texts
from gittracker.formats.foreign.keys import Keys

_EDGES = {"blocks": DEPENDS_ON, "blockedby": DEPENDS_ON, "dependson": DEPENDS_ON, "conditionalblocks": DEPENDS_ON,
          "waitsfor": DEPENDS_ON, "parentchild": PARENT, "parent": PARENT, "duplicates": DUPLICATES,
          "duplicateof": DUPLICATES}
# The kinds that a field holds word for word; the others are kept in x_dependencies too.
_EXACT = ("blocks", "parent-child", "parent_child", "related", "relates-to", "duplicates")
_PRIORITIES = {"critical": "0", "urgent": "0", "high": "1", "medium": "2", "normal": "2", "low": "3", "backlog": "4"}
# What bd counts itself when it lists, and what is zero or false when nobody set it.
_DERIVED = ("dependency_count", "dependent_count", "comment_count", "content_hash", "notes_preview", "dependents",
            "epic_total_children", "epic_closed_children", "epic_closeable")
_UNSET = ("compaction_level", "original_size", "timeout", "pinned", "is_template", "ephemeral", "no_history", "wisp",
          "crystallizes")
_TOMBSTONE = "tombstone"


def read(text: str, path: str) -> Parsed:
    """Read a file of issues: one JSON object a line, or what `bd list --json` prints."""
    objects, anomalies = json_lines.read(text, path)
    records = []
    for line, values in objects:
        record = _issue(values, path, line, anomalies)
        if record:
            records.append(record)
    return Parsed(records, anomalies)


def _issue(values: dict[str, Any], path: str, line: int, anomalies: list[Anomaly]) -> Foreign | None:
    kind = values.get("_type", "issue")
    if kind not in ("issue", "bead", None) or not any(values.get(k) for k in ("id", "title", "issue_id")):
        what = f"a {texts.one_line(str(kind))[:40]}" if kind not in ("issue", "bead", None) else "no id and no title"
        anomalies.append(Anomaly(path, line, "not-an-issue", f"{what}: {texts.one_line(str(values))[:80]!a}", True))
        return None
    digest = blob_id(json.dumps(values, sort_keys=True, default=str).encode(errors="replace"))[:12]
    keys = Keys(values, path, {}, line, anomalies)
    keys.drop("_type", *_DERIVED)
    keys.drop_unset(*_UNSET)
    status = keys.word("status", "state")
    deleted = status.lower() == _TOMBSTONE
    edges, extra_edges = _edges(keys)
    body = texts.sections([("", keys.text("description", "body")), ("Design", keys.text("design")),
                           ("Acceptance Criteria", keys.text("acceptance_criteria", "acceptance")),
                           ("Notes", keys.text("notes"))])
    old = keys.word("id")
    minutes = keys.number("estimated_minutes")
    record = Foreign(
        path=path, line=line, id=old, title=keys.word("title"), body=body, status=status, deleted=deleted,
        stage="canceled" if deleted else "", type=keys.word("issue_type", "type"), priority=_priority(keys),
        people=keys.words("assignee", "assignees"), labels=keys.words("labels", "tags"), edges=edges,
        external_ref=keys.word("external_ref"), due=keys.day("due_at", "due"), estimate=minutes,
        created_at=keys.moment("created_at", "created"), created_by=keys.word("created_by", "creator"),
        started_at=keys.moment("started_at"), closed_at=keys.moment("closed_at"), archived=deleted,
        remarks=_remarks(keys, path, line), digest=digest)
    extra = keys.rest()
    texts.put_extra(extra, "dependencies", extra_edges)
    return record._replace(extra=extra)


def _priority(keys: Keys) -> str:
    """Give 0 to 4; older versions of bd left out a 0, so an issue without a priority has the highest."""
    value = keys.raw("priority")
    if value is None or isinstance(value, bool):
        keys.odd("priority", "no priority; older versions of bd leave out 0, so it counts as that")
        return "0"
    word = texts.one_line(texts.as_text(value)).lower().removeprefix("p")
    return _PRIORITIES.get(word, word)


def _edges(keys: Keys) -> tuple[tuple[Edge, ...], list[str]]:
    """Give the links, and as JSON what a link holds beyond its kind and target."""
    found: list[Edge] = []
    more: list[str] = []
    line = keys.line("dependencies")
    given = keys.raw("dependencies", "deps")
    for one in given if isinstance(given, list) else [] if given is None else [given]:
        target, kind, rest = _edge(one)
        if not target:
            keys.odd("dependency", f"a dependency without a target: {texts.one_line(str(one))[:80]!a}; kept as "
                     "x_dependencies")
            more.append(texts.as_text(one))
            continue
        found.append(Edge(_EDGES.get(_plain(kind), RELATED), target, line))
        if kind not in _EXACT or rest:
            more.append(texts.as_text({"type": kind, "depends_on_id": target, **rest}))
    found += [Edge(PARENT, target, line) for target in keys.words("parent", "parent_id")
              if Edge(PARENT, target, line) not in found]
    found += [Edge(DEPENDS_ON, target, line) for target in keys.words("blocked_by", "depends_on")]
    found += [Edge(BLOCKS, target, line) for target in keys.words("blocking")]
    found += [Edge(CHILD, target, line) for target in keys.words("children")]
    found += [Edge(RELATED, target, line) for target in keys.words("relates_to", "related")]
    found += [Edge(DUPLICATES, target, line) for target in keys.words("duplicate_of")]
    return tuple(dict.fromkeys(found)), more


def _edge(one: Any) -> tuple[str, str, dict[str, Any]]:
    """Give a link's target, kind and the rest; in exports it is an edge, in `bd show` the other issue."""
    if isinstance(one, str):
        return texts.one_line(one), "blocks", {}
    if not isinstance(one, dict):
        return "", "", {}
    target = one.get("depends_on_id") or one.get("id") or one.get("target") or ""
    kind = str(one.get("type") or one.get("dependency_type") or "blocks")
    if "dependency_type" in one:
        kind = str(one["dependency_type"])
        return texts.one_line(str(target)), kind, {}
    rest = {k: v for k, v in one.items() if k not in ("issue_id", "depends_on_id", "id", "target", "type")
            and not texts.is_empty(v)}
    return texts.one_line(str(target)), kind, rest


def _plain(kind: str) -> str:
    return kind.lower().replace("-", "").replace("_", "")


def _remarks(keys: Keys, path: str, line: int) -> tuple[Remark, ...]:
    found = []
    given = keys.raw("comments")
    for number, one in enumerate(given if isinstance(given, list) else [] if given is None else [given], 1):
        values = one if isinstance(one, dict) else {"text": one}
        text = next((texts.as_text(values[k]) for k in ("text", "body", "content") if values.get(k)), "")
        at = moments.moment(values.get("created_at") or values.get("created") or values.get("timestamp"))
        by = texts.one_line(texts.as_text(values.get("author") or values.get("created_by") or values.get("by")))
        if not text.strip():
            keys.odd("comment", f"comment {number} has no text: {texts.one_line(str(one))[:80]!a}")
        if at is None:
            keys.odd("date", f'comment {number} was written at "{values.get("created_at")}", which is no date')
        found.append(Remark(by, at or "", texts.body(text)))
    return tuple(found)
