"""beans: one markdown file a bean, its id in a comment of the front matter and in the file's name."""

from __future__ import annotations

import re
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
)
from gittracker.formats.etag import blob_id
from gittracker.formats.foreign import front, texts
from gittracker.formats.foreign.keys import Keys

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LINKS = {"blocks": BLOCKS, "blocking": BLOCKS, "blockedby": DEPENDS_ON, "dependson": DEPENDS_ON, "parent": PARENT,
          "child": CHILD, "children": CHILD, "duplicates": DUPLICATES, "duplicate": DUPLICATES}


def read(text: str, path: str, name: str, archived: bool = False) -> Parsed:
    """Read a bean's file; `name` is the file's without its extension."""
    found = front.read(text)
    if found is None or not (found.values or found.comments):
        return Parsed([], [Anomaly(path, 1, "not-a-bean", "no front matter, so it is no bean", True)])
    anomalies = [Anomaly(path, line, kind, message) for line, kind, message in found.oddities]
    keys = Keys(found.values, path, found.lines, 1, anomalies)
    old = keys.word("id")
    said = [(line, words) for line, words in found.comments if _ID.fullmatch(words)]
    by_name = id_of(name)
    if not old and said:
        old = said[0][1]
    if old and by_name and old.lower() != by_name.lower():
        anomalies.append(Anomaly(path, said[0][0] if said else 1, "id",
                                 f'the file says "{old}", its name "{by_name}"; the file counts'))
    links, line = keys.raw("links"), keys.line("links")
    kept = links if _has_other_kinds(links) else None
    comments = [words for number, words in found.comments if words and (number, words) not in said[:1]]
    record = Foreign(
        path=path, line=1, id=old or by_name or name, title=keys.word("title"), body=texts.body(found.body),
        status=keys.word("status"), type=keys.word("type"), priority=keys.word("priority"),
        people=keys.words("assignee", "assignees"), labels=keys.words("tags", "labels"),
        edges=_edges(keys, links, line), due=keys.day("due", "due_at"), created_at=keys.moment("created_at", "created"),
        created_by=keys.word("created_by", "author"), started_at=keys.moment("started_at"),
        closed_at=keys.moment("completed_at", "closed_at"), archived=archived,
        digest=blob_id(f"{archived}\n{text}".encode(errors="replace"))[:12])
    extra = keys.rest()
    texts.put_extra(extra, "links", kept)
    texts.put_extra(extra, "comment", comments)
    return Parsed([record._replace(extra=extra)], anomalies)


def id_of(name: str) -> str:
    """Give the id in a file's name: `beans-0ajg--a-title`, or as older versions wrote, `beans-0ajg.a-title`."""
    for part in ("--", "."):
        if part in name:
            return name.partition(part)[0]
    return name


def _edges(keys: Keys, links: Any, line: int) -> tuple[Edge, ...]:
    found = [Edge(kind, target, keys.line(*names)) for kind, names in (
        (PARENT, ("parent",)), (BLOCKS, ("blocking", "blocks")), (DEPENDS_ON, ("blocked_by", "depends_on")),
        (DUPLICATES, ("duplicates",)), (RELATED, ("related",))) for target in keys.words(*names)]
    return tuple(dict.fromkeys([*found, *_links(links, line)]))


def _has_other_kinds(links: Any) -> bool:
    """Tell whether links of older versions have a kind that no field of ours holds word for word."""
    every = [one for one in (links if isinstance(links, list) else [links]) if isinstance(one, dict)]
    return any(_plain(kind) not in _LINKS and _plain(kind) != "related" for one in every for kind in one)


def _links(value: Any, line: int) -> list[Edge]:
    """Read the links of older versions: `blocks: id`, in a mapping or in a list of them."""
    found: list[Edge] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            found.append(Edge(RELATED, texts.one_line(one), line))
        for kind, targets in one.items() if isinstance(one, dict) else ():
            for target in targets if isinstance(targets, list) else [targets]:
                word = texts.one_line(texts.as_text(target))
                if word:
                    found.append(Edge(_LINKS.get(_plain(kind), RELATED), word, line))
    return found


def _plain(kind: object) -> str:
    return str(kind).lower().replace("_", "").replace("-", "")
