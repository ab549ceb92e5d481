"""Renumbering of epics: of those that share a slug the oldest keeps it, and each younger one gets a free number."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.epic import Epic
from gittracker.services import epics, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.records import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


def clashes(tracker: Tracker) -> dict[str, list[Row]]:
    """Give the epics that share a slug, the older first; copies of one epic, which share its ref, are left out."""
    found: dict[str, list[Row]] = {}
    for row in sorted(records.every(tracker, Epic.NOUN), key=lambda one: (one.record.ref or "~", one.path)):
        several = found.setdefault(row.name.lower(), [])
        if row.record.ref and row.record.ref not in [other.record.ref for other in several]:
            several.append(row)
    return {name: several for name, several in found.items() if len(several) > 1}


def renumber(writing: Writing) -> list[tuple[str, str]]:
    """End every clash; gives (folder's name, new slug). A folder keeps its name."""
    done = []
    for name, several in clashes(writing.tracker).items():
        for row in several[1:]:
            held = records.hold(writing, row)
            key = (ids.parse_epic(name.upper()) or (writing.settings.project(), 0))[0]
            slug = epics.next_slug(writing, key)
            old = row.place.rpartition("/")[2]
            records.change(writing, held, {"slug": slug}, "epic.renumbered")
            writing.say(f"{old} renumbered: {slug}")
            done.append((old, slug))
    return done
