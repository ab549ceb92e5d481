"""Take in our own export: the same records with the same refs; what is here already stays."""

from __future__ import annotations

import json
import os

from gittracker.domain import ids, names
from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.foreign import Anomaly
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md, transfer
from gittracker.formats.foreign import json_lines, texts
from gittracker.services.exporting import everything
from gittracker.services.importing import configuring, files
from gittracker.services.importing import report as reports
from gittracker.services.importing.carrying import Options
from gittracker.services.importing.report import Report
from gittracker.services.refresh import recording
from gittracker.store import kinds, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.write.writing import Writing

    Lines = list[tuple[int, dict[str, Any]]]

_HINT = "name a file that gittracker export jsonl wrote"
_LONGEST = 1_000


class Source:
    """An export that was read: its lines after the header, and what was odd."""

    def __init__(self, path: str) -> None:
        self.anomalies: list[Anomaly] = []
        found = files.read(_file(path), (), self.anomalies)
        if found is None:
            raise UsageError(f'"{path}" holds nothing: {self.anomalies[-1].message}', _HINT)
        self.path = found.path
        text, latin = texts.decode(found.data)
        objects, told = json_lines.read(text, found.path)
        self.anomalies += told
        self.anomalies += [Anomaly(found.path, line, "encoding", "not UTF-8; read as Latin-1") for line in latin]
        head = objects[0][1] if objects else {}
        if head.get("type") != transfer.HEADER:
            raise UsageError(f'"{path}" does not begin with the header of an export', _HINT)
        if head.get("version") != transfer.VERSION:
            raise InvalidDataError(f'the export has version {json.dumps(head.get("version"))}; this gittracker reads '
                                   f"version {transfer.VERSION}", "pip install --upgrade gittracker", found.path, 1)
        self.lines: Lines = objects[1:]


def _file(path: str) -> str:
    """Give the export in a folder that holds only one."""
    if not os.path.isdir(path):
        return files.locate(path, ()).path
    names = sorted(name for name in os.listdir(path) if name.endswith(".jsonl"))
    if len(names) != 1:
        raise UsageError(f'"{path}" holds {len(names) or "no"} file(s) that end in .jsonl', _HINT)
    return os.path.join(path, names[0])


class OwnImport:
    """One import of an export in the making."""

    def __init__(self, writing: Writing, source: Source, options: Options) -> None:
        tracker = writing.tracker
        tracker.refresh()
        recording.refresh(tracker)
        self._writing = writing
        self._source = source
        self._options = options
        self._anomalies = list(source.anomalies)
        index, worktree = tracker.index, tracker.view
        self._here = {ref: (slug, folder) for ref, slug, folder in index.run(
            "SELECT ref, slug, folder FROM ticket WHERE worktree = ?", worktree)}
        self._records: dict[str, str] = dict(index.run(
            "SELECT ref, path FROM record WHERE worktree = ? AND ref <> '' AND noun <> 'comment'", worktree))
        self._slugs = {slug.lower() for slug, _ in self._here.values()}
        self._moved: dict[str, str] = {}  # folders of tickets that lie elsewhere here, by their place in the export
        self._paths: set[str] = set()
        # Nothing is here yet but what `init` makes.
        self._fresh = not self._here and not index.one("SELECT 1 FROM record WHERE worktree = ?", worktree)
        self.report = Report("jsonl", options.path, options.is_dry)

    def run(self) -> Report:
        """Gather everything in the entry, and report."""
        report, source = self.report, self._source
        report.seen = len(source.lines) + sum(one.lost for one in source.anomalies)
        rest = configuring.take(self._writing, source.lines, self._fresh, report, self._anomalies, source.path)
        self._count_numbers(rest)
        for number, (line, value) in enumerate(rest, 1):
            self._take(line, value)
            if self._options.told:
                self._options.told(number, len(rest))
        reports.settle(report, self._anomalies)
        if self._writing.touched:
            self._writing.subjects[:] = [f"import of {report.imported} record(s) from an export"
                                         + (f", {report.updated} updated" if report.updated else "")]
        return report

    def _take(self, line: int, value: dict[str, Any]) -> None:
        try:
            record, data = transfer.to_file(value)
            path = self._checked(value, record)
        except (ValueError, UsageError) as error:
            self._lose(line, "broken-line", getattr(error, "message", str(error)))
            return
        if isinstance(record, Ticket):
            path, data = self._ticket(line, path, record, data)
        elif path:
            path = self._placed(path, record)
        if not path:
            return
        if path in self._paths:
            self._lose(line, "duplicate-id", f'"{path}" stands in the export twice')
            return
        self._paths.add(path)
        self._put(line, path, record, data)

    def _checked(self, value: dict[str, Any], record: Record | None) -> str:
        """Give the path of a line's file; raises ValueError and UsageError for one that can't be ours."""
        path = value.get("path")
        if path is None and isinstance(record, Ticket) and ids.parse_slug(record.slug) and record.ref:
            path = layout.ticket_file(layout.ticket_folder(record.slug, record.ref))
        if not isinstance(path, str) or not path or len(path) > _LONGEST:
            raise ValueError('"path" is missing')
        parts = path.split("/")
        for part in parts:
            names.check("the path's part", part)
        if parts[0] in everything.NEVER or parts[0] in {name.rstrip("/") for name in layout.IGNORED}:
            raise ValueError(f'"{path}" is no file of a record')
        if kinds.noun(path) != value.get("type"):
            raise ValueError(f'"{path}" is no place for a {value.get("type")}')
        return path

    def _ticket(self, line: int, path: str, ticket: Ticket, data: bytes) -> tuple[str, bytes]:
        """Give a ticket its place here: that of the same ref, its own, or one with a slug that is free."""
        folder = layout.folder_of(path)
        there = self._here.get(ticket.ref)
        if ticket.ref and there:
            self._moved[folder] = there[1]
            return layout.ticket_file(there[1]), data
        if ticket.slug.lower() in self._slugs and ids.parse_slug(ticket.slug):
            key = ticket.slug.rpartition("-")[0]
            slug = self._writing.next_slug(key)
            self._odd(line, "taken-id", f'"{ticket.slug}" is another ticket here; this one is {slug}, and '
                      f"{folder.rpartition('/')[2]} is its alias")
            changes = {"slug": slug, "aliases": tuple(sorted({*ticket.aliases, folder.rpartition("/")[2]}))}
            data = entity_md.patch(Ticket, data, changes, path)
            ticket = ticket.replace(**changes)
            self._moved[folder] = folder = layout.ticket_folder(slug, ticket.ref)
        self._slugs.add(ticket.slug.lower())
        self._here[ticket.ref] = (ticket.slug, folder)
        self.report.slugs[ticket.slug] = ticket.slug
        return layout.ticket_file(folder), data

    def _placed(self, path: str, record: Record | None) -> str:
        """Give a file its place here: beside its ticket, or where the record of its ref lies."""
        folder = layout.folder_of(path)
        if folder in self._moved:
            return self._moved[folder] + path[len(folder):]
        ref = str(record.__dict__.get("ref", "")) if record else ""
        known = self._records.get(ref, "") if ref else ""
        if known and kinds.noun(known) == kinds.noun(path) != "comment":
            return known
        return path

    def _put(self, line: int, path: str, record: Record | None, data: bytes) -> None:
        """Write a file that isn't here; one that differs is told, or taken over with --update."""
        writing, report = self._writing, self.report
        try:
            old = writing.read(path)
        except (InvalidDataError, OSError) as error:
            self._lose(line, "unreadable", f'"{path}": {getattr(error, "reason", error)}')
            return
        noun = kinds.noun(path)
        if old == data:
            report.already += 1
            return
        if old is not None and not (self._fresh and settings.is_one(path)):
            report.already += 1
            report.changed += 1
            if not self._options.updates:
                self._odd(line, "changed", f'"{path}" is here already and differs; --update takes it over')
                return
            report.updated += 1
        else:
            report.imported += 1
            report.comments += noun in ("comment", "progress")
            report.links += _links(record)
            report.archived += bool(record and record.__dict__.get("archived"))
            if noun in ("epic", "page"):
                report.beside[noun] = report.beside.get(noun, 0) + 1
        writing.put(path, data)
        self._touch(noun, path, record, "created" if old is None else "updated")

    def _touch(self, noun: str, path: str, record: Record | None, what: str) -> None:
        ref = str(record.__dict__.get("ref", "") if record else "") or path
        ticket = record.slug if isinstance(record, Ticket) else ids.slug_of_folder(
            layout.folder_of(path).rpartition("/")[2]) if layout.folder_of(path) else ""
        name = ticket or kinds.name_of(kinds.place(path) or path)
        self._writing.touch(f"{noun}.{what}", ref, name, path, {}, ticket)

    def _count_numbers(self, lines: Lines) -> None:
        """Let new tickets get numbers behind those that come in."""
        counters = self._writing.counters
        for _, line in lines:
            record = line.get("record")
            slug = str(record.get("slug")) if line.get("type") == Ticket.NOUN and isinstance(record, dict) else ""
            parsed = ids.parse_slug(slug)
            if parsed:
                counters[parsed[0]] = max(self._writing.highest(parsed[0]), parsed[1])

    def _odd(self, line: int, kind: str, message: str) -> None:
        self._anomalies.append(Anomaly(self._source.path, line, kind, message))

    def _lose(self, line: int, kind: str, message: str) -> None:
        self._anomalies.append(Anomaly(self._source.path, line, kind, message, True))


def _links(record: Record | None) -> int:
    if not isinstance(record, Ticket):
        return 0
    return len(record.depends_on) + len(record.related) + len(record.duplicates) + bool(record.parent)
