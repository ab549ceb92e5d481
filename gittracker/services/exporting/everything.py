"""Every record of the tracker, a line each, in an order that depends on nothing but the records."""

from __future__ import annotations

import json
import os
import re

from gittracker.domain import ids
from gittracker.formats import statuses_yaml, transfer
from gittracker.services import records
from gittracker.store import atomic, kinds, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker

SETTINGS, STATUSES = "settings", "statuses"
# What says where a tracker lies and how it works here, not what is in it.
LOCAL_KEYS = ("format", "placement", "history")
NEVER = (layout.CONFIG, layout.STATUSES, layout.GITIGNORE, layout.GITATTRIBUTES)
_TOPS = (layout.PROJECTS, layout.MEMBERS, layout.EPICS, layout.TICKETS, layout.PAGES, layout.UPDATES)


def lines(tracker: Tracker, rows: list[Row] | None) -> Iterator[str]:
    """Give the lines of an export: of everything, or of these tickets and what they use."""
    wanted = _all if rows is None else _Used(tracker, rows).holds
    yield transfer.write(transfer.header())
    own = _settings(tracker)
    tracker.refresh(deep=True)
    if tracker.board:
        tracker.board.look_beside()
    if own:
        yield transfer.write({"type": SETTINGS, "record": own})
    yield transfer.write(_statuses(tracker, rows))
    for path in sorted(filter(wanted, _files(tracker)), key=_order):
        data = atomic.read(tracker.shown(path))
        if data is not None:
            yield transfer.write(transfer.of_file(kinds.noun(path), path, data))


def _all(_: str) -> bool:
    return True


def _settings(tracker: Tracker) -> dict[str, Any]:
    """Give the tracker's own object of config.json without what belongs to this clone."""
    try:
        config = json.loads(atomic.read(f"{tracker.rules}/{layout.CONFIG}") or b"{}")
        own = config.get("tracker", {})
        return {name: value for name, value in own.items() if name not in LOCAL_KEYS}
    except (ValueError, AttributeError):
        return {}


def _statuses(tracker: Tracker, rows: list[Row] | None) -> dict[str, Any]:
    used = None if rows is None else {row.ticket.status for row in rows}
    found = [status.to_json() for status in tracker.settings.statuses if used is None or status.slug in used]
    line: dict[str, Any] = {"type": STATUSES, "record": found}
    data = atomic.read(f"{tracker.rules}/{layout.STATUSES}")
    if rows is None and data is not None and data != statuses_yaml.render(tracker.settings.statuses):
        line[transfer.RAW] = {transfer.TEXT: data.decode(errors="replace")}
    return line


def _files(tracker: Tracker) -> list[str]:
    """List the tracker's files that are records or belong to one."""
    ignored = tuple(name.rstrip("/") for name in layout.IGNORED)
    found = []
    for folder, folders, names in os.walk(tracker.rules):
        base = os.path.relpath(folder, tracker.rules).replace(os.sep, "/")
        if base == os.curdir:
            base = ""
            folders[:] = [name for name in folders if name not in (*ignored, layout.TICKETS, *layout.RECORDS)]
        prefix = f"{base}/" if base else ""
        found += [f"{prefix}{name}" for name in names
                  if not name.endswith(layout.TEMPORARY) and f"{prefix}{name}" not in (*NEVER, *ignored)
                  and not os.path.islink(os.path.join(folder, name))]
    shown = [path for top in (layout.TICKETS, *layout.RECORDS) for path in tracker.below(top)]
    return found + [path for path in shown if not os.path.islink(tracker.shown(path))]


def _order(path: str) -> tuple[Any, ...]:
    """Order files: projects, members, epics, tickets by number, pages, updates, the rest; a record's own file first."""
    top = path.partition("/")[0]
    rank = _TOPS.index(top) if top in _TOPS else len(_TOPS)
    place = kinds.place(path) or path
    if top == layout.TICKETS and place.count("/") == 2:
        name = place.rpartition("/")[2]
        parsed = ids.parse_slug(ids.slug_of_folder(name)) or ("", 0)
        return rank, *parsed, name, kinds.noun(path) != "ticket", path
    return rank, "", 0, _natural(place), kinds.noun(path) in ("comment", "progress", "attachment", kinds.FILE), path


def _natural(name: str) -> str:
    """Pad numbers, so that OW-E9 comes before OW-E10."""
    return re.sub(r"\d{1,12}", lambda found: found[0].zfill(12), name)


class _Used:
    """What some tickets use: their folders, epics, projects and members."""

    def __init__(self, tracker: Tracker, rows: list[Row]) -> None:
        people = {person for row in rows for person in _people(row.ticket)}
        members = {file for name, (_, file) in tracker.settings.members.items() if name in people}
        keys = {(ids.parse_slug(row.ticket.slug) or ("",))[0] for row in rows}
        epics = {row.ticket.epic.lower() for row in rows if row.ticket.epic}
        self._places = {row.folder for row in rows}
        self._places |= {one.place for one in records.every(tracker, "epic")
                         if epics & {one.record.ref, one.name.lower()}}
        self._files = {*members, *(file for key, file in tracker.settings.projects.items() if key in keys)}

    def holds(self, path: str) -> bool:
        """Tell whether a file is wanted."""
        return path in self._files if settings.is_one(path) else kinds.place(path) in self._places


def _people(ticket: Ticket) -> tuple[str, ...]:
    return ticket.assignee, ticket.created_by, *ticket.reviewers


def save(path: str, parts: Iterator[str], may_replace: bool, told: Callable[[int], None]) -> int:
    """Write an export to a file, whole or not at all; gives how many lines. Raises ConflictError, StorageError."""
    from gittracker.domain.errors import ConflictError
    if os.path.lexists(path) and not may_replace:
        raise ConflictError(f'"{path}" is there already', "give another name, or --force to replace it")
    temporary = f"{path}.{os.getpid()}{layout.TEMPORARY}"
    count = 0
    try:
        with open(temporary, "w", encoding="utf-8", newline="", errors="surrogateescape") as file:
            for count, part in enumerate(parts, 1):
                file.write(part)
                told(count)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        atomic.discard(temporary)
        raise atomic.refused(path, error) from error
    return count
