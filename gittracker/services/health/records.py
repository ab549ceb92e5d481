"""What is wrong with the records that are no tickets, and the mending of what has one right answer."""

from __future__ import annotations

import os

from gittracker.domain import epic, ids, skill, update
from gittracker.formats import entity_md
from gittracker.index import edges, records
from gittracker.services.refresh import recording
from gittracker.store import atomic, files, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gittracker.index.records import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Fault = tuple[str, int, str, bool]  # path, line, message, whether it can be mended

_STATUSES = {"epic": epic.STATUSES, "update": update.STATUSES}
_WITH_REF = ("epic", "page", "update", "comment", "progress")


def faults(tracker: Tracker) -> list[Fault]:
    """List what is wrong: no ref, or another's, unknown statuses, folders and files that belong to nothing."""
    recording.refresh(tracker)
    every = [row for noun in (*_WITH_REF, "skill") for row in records.every(tracker.index, tracker.view, noun)]
    return [*_values(every), *_shared(every), *_orphans(tracker), *_epics(tracker)]


def mend(writing: Writing) -> None:
    """Give a ref to the records that have none, and a slug to such an epic."""
    tracker = writing.tracker
    recording.refresh(tracker)
    for noun in _WITH_REF:
        for row in records.every(tracker.index, tracker.view, noun):
            changes = _missing(writing, row)
            if changes:
                data = recording.with_front_matter(row.record, writing.read(row.path) or b"")
                writing.put(row.path, entity_md.patch(type(row.record), data, changes, row.path))
                made = {name: (None, value) for name, value in changes.items()}
                writing.touch(f"{noun}.updated", changes.get("ref", ""), row.name, row.path, made, "")


def _missing(writing: Writing, row: Row) -> dict[str, Any]:
    changes: dict[str, Any] = {} if row.record.ref else {"ref": writing.new_ref(ids.PREFIXES[row.noun])}
    if row.noun == "epic" and not row.record.slug:
        changes["slug"] = row.name
    return changes


def _values(rows: list[Row]) -> Iterator[Fault]:
    for row in rows:
        if row.noun in _WITH_REF and not row.record.ref:
            yield row.path, 1, f"{'an' if row.noun[0] in 'eu' else 'a'} {row.noun} without a ref", True
        allowed = _STATUSES.get(row.noun)
        if allowed and row.record.status not in allowed:
            yield row.path, 1, f'status "{row.record.status}" is none of {", ".join(allowed)}', False
        if row.noun == "skill":
            folder = row.place.rpartition("/")[2]
            fault = skill.name_fault(row.record.name) or (
                "" if row.record.name == folder else "is not its folder's name")
            if fault:
                yield row.path, 1, f'name "{row.record.name}" {fault}', False


def _shared(rows: list[Row]) -> Iterator[Fault]:
    """Find refs, and slugs of epics, that more than one record has."""
    for what in ("ref", "slug"):
        seen: dict[str, list[Row]] = {}
        for row in rows:
            value = row.record.__dict__.get(what)
            if value:
                seen.setdefault(value, []).append(row)
        for value, several in seen.items():
            for row in several if len(several) > 1 else ():
                others = ", ".join(f".openkit/{other.path}" for other in several if other is not row)
                yield row.path, 1, f"{what} {value} is that of {others} too", what == "slug"


def _orphans(tracker: Tracker) -> Iterator[Fault]:
    """Find folders of epics, updates and skills without the file that makes them one, and what lies beside no page."""
    for top, own in ((layout.EPICS, layout.EPIC_FILE), (layout.UPDATES, layout.UPDATE_FILE),
                     (layout.SKILLS, layout.SKILL_FILE)):
        for name in files.subfolders(tracker.path(top)):
            if not os.path.lexists(tracker.path(f"{top}/{name}/{own}")):
                yield f"{top}/{name}", 0, f"the folder has no {own}", False
    for base, folders, _ in os.walk(tracker.path(layout.PAGES)):
        for name in folders:
            path = os.path.relpath(os.path.join(base, name), tracker.root).replace(os.sep, "/")
            page = path.rpartition(".")[0]
            if path.endswith((layout.PAGE_COMMENTS, layout.PAGE_FILES)) and atomic.read(
                    tracker.path(f"{page}.md")) is None and kinds.place(f"{page}.md"):
                yield path, 0, f"it belongs to {page}.md, which is not here", False


def _epics(tracker: Tracker) -> Iterator[Fault]:
    """Find tickets whose `epic` names none."""
    known = {name.lower() for row in records.every(tracker.index, tracker.view, "epic")
             for name in (row.record.ref, row.name) if name}
    for folder, value in edges.epics_named(tracker.index, tracker.view):
        if value.lower() not in known:
            yield layout.ticket_file(folder), 1, f'epic names "{value}", which is not here', False
