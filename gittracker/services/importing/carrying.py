"""Carry records over: what is new becomes tickets and comments of one entry, what is here already stays."""

from __future__ import annotations

from gittracker.domain import ids, names
from gittracker.domain.comment import Comment
from gittracker.domain.foreign import TICKET, Anomaly
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services.importing import files, late_links, mapping, naming
from gittracker.services.importing import report as reports
from gittracker.services.importing.beside import Beside
from gittracker.services.importing.linking import Linker
from gittracker.services.importing.report import Report
from gittracker.services.importing.words import Words
from gittracker.services.refresh import recording
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.domain.foreign import Foreign
    from gittracker.services.importing.gathering import Gathered
    from gittracker.services.write.writing import Held, Writing

_LAST = "9"  # sorts behind every moment
# What an update leaves to this tracker.
_OWN = ("ref", "slug", "aliases", "approval", "archived")


class Options:
    """How an import was asked for."""

    def __init__(self, path: str, project: str = "", given: dict[str, list[str]] | None = None,
                 is_dry: bool = False, updates: bool = False) -> None:
        self.path = path
        self.project = project
        self.given = given or {"status": [], "type": [], "priority": []}
        self.is_dry = is_dry
        self.updates = updates
        self.told: Callable[[int, int], None] | None = None


class Import:
    """One import in the making."""

    def __init__(self, writing: Writing, gathered: Gathered, options: Options) -> None:
        tracker = writing.tracker
        tracker.refresh()
        recording.refresh(tracker, layout.EPICS, layout.PAGES)
        self._writing = writing
        self._gathered = gathered
        self._options = options
        self._anomalies = list(gathered.anomalies)
        self._words = Words(tracker.settings, gathered.stages, options.given)
        self._key = tracker.settings.project(options.project)
        self._here = naming.taken(tracker.index, tracker.view)
        self._known = naming.known(tracker.index, tracker.view)
        self._names = naming.Names(gathered.prefixed)
        self._made: dict[str, Foreign] = {}  # tickets' records by ref
        self._beside = Beside(writing, self._key, self._anomalies)
        self.report = Report(gathered.format, options.path, options.is_dry)

    def run(self) -> Report:
        """Gather everything in the entry, and report."""
        report = self.report
        named = naming.identify(self._gathered.format, self._gathered.records, self._anomalies)
        here = [one for one in named if one[0].lower() in self._known]
        new = [one for one in named if one[0].lower() not in self._known]
        for source, _, record in here:
            self._beside.know(record, self._known[source.lower()].ref)
        self._make_beside([one for one in new if one[2].noun != TICKET])
        tickets = self._name(sorted((one for one in new if one[2].noun == TICKET),
                                    key=lambda one: one[2].created_at or _LAST))
        linker = Linker(self._names, self._here, self._anomalies)
        for ref, record in self._made.items():
            linker.read(ref, record)
        self._write(tickets, linker)
        self._revisit(here, linker)
        linker.tell_circles(self._made)
        report.links = linker.count + late_links.lead(self._writing, self._names, set(self._made))
        report.seen = self._gathered.seen
        report.words = self._words.counts
        reports.settle(report, self._anomalies)
        if self._writing.touched:
            self._writing.say(f"import of {report.imported} record(s) from {self._gathered.format}"
                              + (f", {report.updated} updated" if report.updated else ""))
        return report

    def _make_beside(self, new: list[tuple[str, str, Foreign]]) -> None:
        """Make epics and pages, milestones in their order."""
        for source, _, record in new:
            name = self._beside.make(record, source)
            self.report.imported += 1
            self.report.archived += record.archived
            self.report.beside[record.noun] = self.report.beside.get(record.noun, 0) + 1
            self.report.slugs[record.id] = name

    def _name(self, new: list[tuple[str, str, Foreign]]) -> list[Ticket]:
        """Map the new records and give them refs, slugs and aliases; a number that would stay the same stays."""
        for source, one in self._known.items():
            kind, _, name = source.partition(":")
            if kind == self._gathered.format and one.noun == TICKET:
                self._names.add(name, one.ref)
        tickets = [self._map(source, record) for source, _, record in new]
        base = self._writing.highest(self._key)
        kept = self._kept_numbers(new, base)
        aliases = {alias.lower() for _, alias, _ in new}
        self._writing.counters[self._key] = max([base, *kept.values()])
        for place, (_, alias, record) in enumerate(new):
            ref = self._writing.new_ref(ids.TICKET)
            self._made[ref] = record
            if alias:
                self._names.add(alias, ref)
            slug = f"{self._key}-{kept[place]}" if place in kept else self._free_slug(aliases)
            tickets[place] = tickets[place].replace(ref=ref, slug=slug, aliases=self._alias(alias, slug, record))
            self.report.slugs[alias or record.path] = slug
        return tickets

    def _map(self, source: str, record: Foreign) -> Ticket:
        epic = self._beside.epic_of(record)
        return mapping.ticket(record, source, epic, self._words, self._anomalies)

    def _kept_numbers(self, new: list[tuple[str, str, Foreign]], base: int) -> dict[int, int]:
        numbers = {place: naming.number_of(alias, self._key) for place, (_, alias, _) in enumerate(new)}
        kept: dict[int, int] = {}
        used: set[int] = set()
        for place, number in numbers.items():
            if number > base and number not in used:
                kept[place] = number
                used.add(number)
        whole = sum(alias.isascii() and not {".", "~"} & set(alias) for _, alias, _ in new)
        return kept if len(kept) * 2 > whole else {}  # ids that are numbers only now and then are no numbers

    def _free_slug(self, aliases: set[str]) -> str:
        slug = self._writing.next_slug(self._key)
        while slug.lower() in aliases:
            slug = self._writing.next_slug(self._key)
        return slug

    def _alias(self, name: str, slug: str, record: Foreign) -> tuple[str, ...]:
        """Give the alias; a name that another ticket has here gets a number behind it, which is told."""
        if not name or name.lower() == slug.lower():
            return ()
        alias, number = name, 2
        while alias.lower() in self._here:
            alias, number = f"{name}~{number}", number + 1
        if alias != name:
            self._anomalies.append(Anomaly(record.path, record.line, "taken-id", f'"{name}" is another ticket\'s name '
                                           f"here; this one's alias is {alias}"))
        self._here[alias.lower()] = slug
        return (alias,)

    def _write(self, tickets: list[Ticket], linker: Linker) -> None:
        for number, ticket in enumerate(tickets, 1):
            held = self._writing.create(linker.linked(ticket))
            self.report.imported += 1
            self.report.archived += ticket.archived
            self._comment(held, self._made[ticket.ref], set())
            self._attach(held, self._made[ticket.ref])
            if self._options.told:
                self._options.told(number, len(tickets))

    def _comment(self, held: Held, record: Foreign, there: set[tuple[str, str, str]]) -> None:
        """Add the comments that aren't there, one file each."""
        writing = self._writing
        for remark in record.remarks:
            if tuple(remark) in there:
                continue
            at = remark.at or record.created_at or writing.tracker.now()
            comment = Comment(ref=writing.new_ref(ids.COMMENT), by=remark.by, at=at, body=remark.body)
            thread = f"{held.folder}/{layout.COMMENTS}"
            path = layout.comment_file(thread, at, comment.ref)
            while path in writing.after:
                comment = comment.replace(ref=writing.new_ref(ids.COMMENT))
                path = layout.comment_file(thread, at, comment.ref)
            writing.put(path, entity_md.render(comment))
            writing.touch("comment.created", comment.ref, held.ticket.slug, path, {"body": (None, comment.body)},
                          held.ticket.slug)
            self.report.comments += 1

    def _attach(self, held: Held, record: Foreign) -> None:
        """Copy the files that belong to a record; one that can't be kept is told."""
        taken: set[str] = set()
        for asset in record.assets:
            told: list[Anomaly] = []
            found = files.read(asset.path, (), told)
            self._anomalies += [one._replace(kind="attachment", lost=False) for one in told]
            if found is None:
                continue
            name = safe = names.make_safe(asset.name)
            number = 2
            while names.folded(name) in taken:
                name, number = f"{number}-{safe}", number + 1
            taken.add(names.folded(name))
            path = f"{held.folder}/{layout.ATTACHMENTS}/{name}"
            self._writing.put(path, found.data)
            self._writing.touch("attachment.created", path, held.ticket.slug, path, {}, held.ticket.slug)
            self.report.files += 1

    def _revisit(self, named: list[tuple[str, str, Foreign]], linker: Linker) -> None:
        """Count what is here already; with --update, take over what the source changed."""
        changed = []
        for source, _, record in named:
            one = self._known[source.lower()]
            self.report.already += 1
            if one.digest != record.digest:
                self.report.changed += 1
                changed.append((source, one, record))
                if not self._options.updates:
                    self._anomalies.append(Anomaly(record.path, record.line, "changed", f'"{record.id}" is here already'
                                                   " and has changed since; --update takes it over"))
        if self._options.updates:
            for _, one, record in changed:
                if one.noun == TICKET:
                    linker.read(one.ref, record)
            for source, one, record in changed:
                self.report.updated += 1
                if one.noun == TICKET:
                    self._update(source, one, record, linker)
                else:
                    self._beside.update(record, one, source)
        for ref in linker.others({*self._made, *(one.ref for _, one, _ in changed)}):
            self._link_here(ref, linker)

    def _update(self, source: str, one: naming.Known, record: Foreign, linker: Linker) -> None:
        held = self._writing.ticket(one.ref)
        fresh = linker.linked(self._map(source, record).replace(ref=one.ref))
        values: dict[str, Any] = {n: v for n, v in fresh.values().items() if n not in _OWN}
        self._writing.change(held, {**values, **fresh.extra, "body": fresh.body,
                                    **({"archived": True} if fresh.archived else {})})
        there = {(c.by, c.at, c.body) for c in self._comments_of(held)}
        self._comment(held, record, there)

    def _comments_of(self, held: Held) -> list[Comment]:
        from gittracker.services import comments
        return [comments.read(path, self._writing.read(path) or b"").comment
                for path in self._writing.files_below(held.folder) if layout.is_comment(path)]

    def _link_here(self, ref: str, linker: Linker) -> None:
        """Add links from new records to a ticket that an earlier import made."""
        held = self._writing.ticket(ref)
        changes: dict[str, Any] = {}
        for field, value in linker.changes(ref).items():
            old = held.ticket.__dict__[field]
            changes[field] = tuple(sorted({*old, *value})) if isinstance(old, tuple) else old or value
        self._writing.change(held, changes)
