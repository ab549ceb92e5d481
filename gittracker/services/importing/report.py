"""What an import did, or would do: totals that add up, how words were read, and every anomaly with its place."""

from __future__ import annotations

from gittracker.domain.foreign import EPIC, PAGE, Anomaly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.importing.words import Row


class Report:
    """Counts of one import; `seen` is imported + already + left_out."""

    def __init__(self, source: str, path: str, is_dry: bool) -> None:
        self.source = source
        self.path = path
        self.is_dry = is_dry
        self.seen = 0
        self.imported = 0
        self.already = 0
        self.changed = 0  # of those already here, how many the source has changed since
        self.updated = 0  # and how many of these were taken over
        self.left_out = 0
        self.archived = 0
        self.beside: dict[str, int] = {}  # epics and pages among the imported
        self.comments = 0
        self.files = 0
        self.links = 0
        self.words: dict[Row, int] = {}
        self.anomalies: list[Anomaly] = []
        self.slugs: dict[str, str] = {}  # by old id
        self.entry = ""
        self.entries: dict[str, str] = {}  # by worktree, as a path from here

    def to_json(self) -> dict[str, Any]:
        """Give the report as it is printed."""
        return {"source": self.source, "path": self.path, "dry_run": self.is_dry, "seen": self.seen,
                "imported": self.imported, "already": self.already, "left_out": self.left_out,
                "changed": self.changed, "updated": self.updated, "archived": self.archived,
                "epics": self.beside.get(EPIC, 0), "pages": self.beside.get(PAGE, 0),
                "comments": self.comments, "files": self.files, "links": self.links,
                "words": [{**row._asdict(), "count": count} for row, count in self.words.items()],
                "anomalies": [one._asdict() for one in self.anomalies],
                "records": [{"id": old, "name": name} for old, name in self.slugs.items()],
                "entry": self.entry or None,
                "entries": [{"worktree": where, "entry": entry} for where, entry in self.entries.items()]}


def settle(report: Report, anomalies: list[Anomaly]) -> None:
    """Sort the anomalies by place, each once."""
    report.anomalies = sorted(dict.fromkeys(anomalies), key=lambda one: (one.path, one.line, one.kind, one.message))
    report.left_out = sum(one.lost for one in anomalies)
