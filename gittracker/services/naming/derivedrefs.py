"""Refs of what has none in a file: the workspace, statuses, labels, skills and attachments, derived from what does."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.project import Project
from gittracker.formats import entity_md
from gittracker.index import lookups
from gittracker.services import records
from gittracker.services.attached import attachments as attached
from gittracker.services.attached.attachments import Owner
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.services.tracker import Tracker

def workspace(tracker: Tracker) -> str:
    """Give the ref of the tracker as a whole, which comes from its oldest project's."""
    refs = []
    for path in tracker.settings.projects.values():
        try:
            refs.append(entity_md.read(Project, atomic.read(f"{tracker.rules}/{path}") or b"", path)[0].ref)
        except InvalidDataError:
            continue  # the doctor names it
    return ids.derived(ids.WORKSPACE, min([ref for ref in refs if ref], default=""))


def status(tracker: Tracker, slug: str) -> str:
    """Give the ref of a status."""
    return ids.derived(ids.STATUS, workspace(tracker), slug)


def label(tracker: Tracker, word: str) -> str:
    """Give the ref of a label."""
    return ids.derived(ids.TAG, workspace(tracker), word)


def skill(tracker: Tracker, name: str) -> str:
    """Give the ref of a skill."""
    return ids.derived(ids.SKILL, workspace(tracker), name)


def labels(tracker: Tracker) -> dict[str, int]:
    """Count the records that have each label: tickets, epics and pages."""
    tracker.refresh()
    found = lookups.labels(tracker.index, tracker.view)
    for noun in ("epic", "page"):
        for row in records.every(tracker, noun):
            for word in row.record.labels:
                found[word] = found.get(word, 0) + 1
    return found


def attachments(tracker: Tracker, noun: str) -> Iterator[tuple[Owner, str]]:
    """List the files attached to the records of a noun, as (the record, the file's name)."""
    for owner in _owners(tracker, noun):
        if os.path.isdir(tracker.shown(owner.folder)):
            try:
                found = attached.names(tracker, owner.folder)
            except InvalidDataError:
                continue  # the doctor names it
            yield from ((owner, name) for name in found)


def _owners(tracker: Tracker, noun: str) -> Iterator[Owner]:
    if noun == "ticket":
        tracker.refresh()
        for ref, slug, folder in lookups.owners(tracker.index, tracker.view):
            yield Owner(noun, slug, ref, layout.ticket_file(folder))
        return
    for row in records.every(tracker, noun):
        yield Owner(noun, row.name, row.record.ref, row.path)
