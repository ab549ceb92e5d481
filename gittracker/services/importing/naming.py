"""Old ids: which record has which, what each becomes here, and what a link by old id means."""

from __future__ import annotations

import re

from gittracker.domain import ids
from gittracker.domain.foreign import EPIC, PAGE, TICKET, Anomaly, Foreign
from gittracker.index import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index

_NUMBERED = re.compile(r"(.*?)(\d+(?:\.\d+)*)$")
_MOST_NUMBER = 99_999  # a greater one is a hash that happens to be all digits
SOURCE, ETAG = "x_source", "x_source_etag"


class Known:
    """A record that an earlier import made; `ref` names it."""

    __slots__ = ("noun", "ref", "digest")

    def __init__(self, noun: str, ref: str, digest: str) -> None:
        self.noun = noun
        self.ref = ref
        self.digest = digest


def known(index: Index, worktree: str) -> dict[str, Known]:
    """Give the tickets, epics and pages that imports made here, by their source in lower case."""
    found = {row.record.extra[SOURCE].lower(): Known(noun, row.record.ref, row.record.extra.get(ETAG, ""))
             for noun in (EPIC, PAGE) for row in records.every(index, worktree, noun) if SOURCE in row.record.extra}
    for ref, extra in index.run("SELECT ref, extra FROM ticket WHERE worktree = ? "
                                        f"AND instr(extra, char(10) || '{SOURCE}=') > 0", worktree):
        values = dict(line.partition("=")[::2] for line in extra.split("\n"))
        found[values[SOURCE].lower()] = Known(TICKET, ref, values.get(ETAG, ""))
    return found


def taken(index: Index, worktree: str) -> dict[str, str]:
    """Give the ref of every name that a ticket has here, slug or alias, in lower case."""
    rows = index.all("SELECT a.name, t.ref FROM alias a JOIN ticket t ON t.id = a.ticket WHERE t.worktree = ? "
                     "UNION ALL SELECT slug, ref FROM ticket WHERE worktree = ?", worktree, worktree)
    return {name.lower(): ref for name, ref in rows}


def identify(source: str, records: list[Foreign], anomalies: list[Anomaly]) -> list[tuple[str, str, Foreign]]:
    """Give each record's source and alias; of those with one id, the first that isn't deleted or archived has it.

    The others get a number behind it, which is told; a record without an id is known by its place.
    """
    holders: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        holders.setdefault((record.id or record.path).lower(), []).append(place)
    named: dict[int, str] = {}
    for places in holders.values():
        ordered = sorted(places, key=lambda p: (records[p].deleted, records[p].archived, p))
        for number, place in enumerate(ordered, 1):
            record = records[place]
            name = record.id or f"{record.path}:{record.line}"
            named[place] = name if number == 1 else f"{name}~{number}"
            if number > 1:
                first = records[ordered[0]]
                anomalies.append(Anomaly(record.path, record.line, "duplicate-id", f'"{name}" is the id of another '
                                         f"record too ({first.path}:{first.line}); this one is {named[place]}"))
    return [(f"{source}:{named[place]}", named[place] if record.id else "", record)
            for place, record in enumerate(records)]


class Names:
    """Finds the ref that an old id means, of those that imports of this format made."""

    def __init__(self, is_loose: bool) -> None:
        self._refs: dict[str, str] = {}
        self._loose: dict[str, dict[str, str]] = {}  # prefix by ref
        self._prefixes: dict[str, int] = {}
        self._is_loose = is_loose

    def add(self, name: str, ref: str) -> None:
        """Note what a record is called; the first of a name keeps it."""
        if self._refs.setdefault(name.lower(), ref) == ref and self._is_loose:
            prefix = name.lower().rpartition("-")[0]
            self._prefixes[prefix] = self._prefixes.get(prefix, 0) + 1
            self._loose.setdefault(_looser(name), {})[ref] = prefix

    def find(self, name: str) -> tuple[str, bool]:
        """Give the ref, empty where there is none, and whether the name had to be read loosely."""
        exact = self._refs.get(name.lower())
        if exact:
            return exact, False
        found = self._loose.get(_looser(name), {}) if self._is_loose else {}
        best = max((self._prefixes[prefix] for prefix in found.values()), default=0)
        refs = [ref for ref, prefix in found.items() if self._prefixes[prefix] == best]
        return (refs[0], True) if len(refs) == 1 else ("", False)


def _looser(name: str) -> str:
    """Spell an id without its prefix and without zeros in front: task-24.01 and BACK-24.1 are both 24.1.

    An id without digits at its end is known by what stands behind its first dash.
    """
    found = _NUMBERED.match(name.lower())
    if found and (not found[1] or found[1].endswith("-")):
        return ".".join(part.lstrip("0") or "0" for part in found[2].split("."))
    return name.lower().partition("-")[2] or name.lower()


def number_of(name: str, key: str) -> int:
    """Give the number of an id that would be a slug of the project as it stands, 0 where it wouldn't."""
    parsed = ids.parse_slug(name)
    if not parsed or parsed[0] != key or f"{key}-{parsed[1]}" != name.upper() or parsed[1] > _MOST_NUMBER:
        return 0
    return parsed[1]
