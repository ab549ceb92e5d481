"""What an import brings beside tickets: milestones as epics, documents and decisions as pages."""

from __future__ import annotations

from gittracker.domain import ids, names
from gittracker.domain.epic import STATUSES, Epic
from gittracker.domain.foreign import EPIC, Anomaly
from gittracker.domain.page import Page
from gittracker.domain.status import slugify
from gittracker.formats.foreign import texts
from gittracker.services import epics, records
from gittracker.services.importing import naming
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.foreign import Foreign
    from gittracker.services.write.writing import Writing

_STATUS = {"done": "done", "completed": "done", "closed": "done", "canceled": "canceled", "cancelled": "canceled"}


class Beside:
    """Makes the epics and pages of one import, and knows which epic a milestone is."""

    def __init__(self, writing: Writing, key: str, anomalies: list[Anomaly]) -> None:
        self._writing = writing
        self._key = key
        self._anomalies = anomalies
        self._epics: dict[str, str] = {}  # refs by milestone
        self._pages = {names.folded(row.path) for row in records.every(writing.tracker, Page.NOUN)}

    def know(self, record: Foreign, ref: str) -> None:
        """Note that a milestone is an epic already."""
        if record.noun == EPIC:
            for name in (record.id, record.title):
                self._epics.setdefault(name.lower(), ref)

    def epic_of(self, record: Foreign) -> str:
        """Give the ref of the epic that a ticket's milestone is; empty where no file says what it is, which is told."""
        ref = self._epics.get(record.milestone.lower(), "")
        if record.milestone and not ref:
            self._anomalies.append(Anomaly(record.path, record.line, "milestone", f'milestone "{record.milestone}" has '
                                           "no file; kept as a label"))
        return ref

    def make(self, record: Foreign, source: str) -> str:
        """Make the epic or page; gives its name."""
        extra = {**record.extra, naming.SOURCE: source, naming.ETAG: record.digest}
        if record.noun == EPIC:
            return self._epic(record, extra)
        path = self._page_path(record)
        alias = f"{self._key}/{texts.one_line(record.id).lower()}"
        page = Page(ref=self._writing.new_ref(ids.PAGE), aliases=(alias,), body=record.body, extra=extra,
                    **_page_values(record))
        return records.create(self._writing, path, page, path.partition("/")[2].removesuffix(".md")).name

    def _epic(self, record: Foreign, extra: dict[str, Any]) -> str:
        ref = self._writing.new_ref(ids.EPIC)
        epic = Epic(ref=ref, slug=epics.next_slug(self._writing, self._key), body=record.body, extra=extra,
                    archived=record.archived, **_epic_values(record))
        self.know(record, ref)
        path = f"{layout.epic_folder(epic.slug, ref)}/{layout.EPIC_FILE}"
        return records.create(self._writing, path, epic, epic.slug).name

    def _page_path(self, record: Foreign) -> str:
        """Give a page a path of its own: the project, the source's folders, the words of its title."""
        parts = [names.make_safe(slugify(part) or "page") for part in (*record.place, record.title or record.id)]
        base = "/".join([layout.PAGES, self._key, *parts])
        path, number = f"{base}.md", 2
        while names.folded(path) in self._pages:
            path, number = f"{base}-{number}.md", number + 1
        self._pages.add(names.folded(path))
        return path

    def update(self, record: Foreign, one: naming.Known, source: str) -> None:
        """Take over what the source changed."""
        held = records.look_up(self._writing, one.noun, one.ref)
        values = _epic_values(record) if record.noun == EPIC else _page_values(record)
        extra = {**record.extra, naming.SOURCE: source, naming.ETAG: record.digest}
        records.change(self._writing, held, {**values, **extra, "body": record.body})


def _epic_values(record: Foreign) -> dict[str, Any]:
    word = record.status.lower()
    status = word if word in STATUSES else _STATUS.get(word, "done" if record.archived else "active")
    return {"title": record.title or record.id, "status": status, "labels": tuple(sorted(record.labels)),
            "due": record.due, "created_at": record.created_at, "created_by": record.created_by}


def _page_values(record: Foreign) -> dict[str, Any]:
    return {"title": texts.one_line(record.title), "labels": tuple(sorted(set(record.labels))),
            "created_at": record.created_at, "created_by": record.created_by}
