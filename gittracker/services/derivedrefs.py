"""Refs of what has none in a file: the workspace, statuses, labels, skills and attachments, derived from what does."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.project import Project
from gittracker.formats import entity_md
from gittracker.index import lookups
from gittracker.services import recording, records
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.services.tracker import Tracker

ATTACHMENTS = {"ticket": ids.TICKET_FILE, "epic": ids.EPIC_FILE, "page": ids.PAGE_FILE}


class Attached:
    """A file beside a record: its ref, the record's noun and name, its own name, its path."""

    __slots__ = ("ref", "noun", "owner", "name", "path")

    def __init__(self, noun: str, owner_ref: str, owner: str, name: str, path: str) -> None:
        self.ref = attachment(noun, owner_ref, name)
        self.noun = noun
        self.owner = owner
        self.name = name
        self.path = path


def workspace(tracker: Tracker) -> str:
    """Give the ref of the tracker as a whole, which comes from its oldest project's."""
    refs = []
    for path in tracker.settings.projects.values():
        try:
            refs.append(entity_md.read(Project, atomic.read(tracker.path(path)) or b"", path)[0].ref)
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


def attachment(noun: str, owner_ref: str, name: str) -> str:
    """Give the ref of a file attached to a ticket, an epic or a page."""
    return ids.derived(ATTACHMENTS[noun], owner_ref, name)


def labels(tracker: Tracker) -> dict[str, int]:
    """Count the records that have each label: tickets, epics and pages."""
    tracker.refresh()
    found = lookups.labels(tracker.index, tracker.worktree)
    for noun in ("epic", "page"):
        for row in records.every(tracker, noun):
            for word in row.record.labels:
                found[word] = found.get(word, 0) + 1
    return found


def attachments(tracker: Tracker, noun: str) -> Iterator[Attached]:
    """List the files attached to the records of a noun."""
    for ref, name, folder in _owners(tracker, noun):
        base = tracker.path(folder)
        for below, folders, names in os.walk(base):
            folders.sort()
            for one in sorted(names):
                path = os.path.relpath(os.path.join(below, one), base).replace(os.sep, "/")
                if not one.endswith(layout.TEMPORARY):
                    yield Attached(noun, ref, name, path, f"{folder}/{path}")


def _owners(tracker: Tracker, noun: str) -> Iterator[tuple[str, str, str]]:
    """List the records of a noun as (ref, name, the folder of their attachments)."""
    if noun == "ticket":
        tracker.refresh()
        for ref, slug, folder in lookups.owners(tracker.index, tracker.worktree):
            yield ref, slug, f"{folder}/{layout.ATTACHMENTS}"
        return
    recording.refresh(tracker, layout.EPICS if noun == "epic" else layout.PAGES)
    for row in records.every(tracker, noun):
        if row.record.ref:
            yield row.record.ref, row.name, (f"{row.place}{layout.PAGE_FILES}" if noun == "page"
                                             else f"{row.place}/{layout.ATTACHMENTS}")
