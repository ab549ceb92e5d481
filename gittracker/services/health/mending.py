"""Mending: files that have one right repair are rewritten as the tool would have written them."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import AmbiguousError, InvalidDataError
from gittracker.domain.ticket import LINK_FIELDS, Ticket
from gittracker.formats import entity_md, frontmatter
from gittracker.index import edges, problems, records, tickets
from gittracker.services.clone import setup
from gittracker.services.health import epicnumbers, renumbering
from gittracker.services.health import records as recordhealth
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

_IDENTITY = ("ref", "slug", "created_at", "created_by")


class Mending:
    """What one ticket's file lacks: `changes` are known, `missing` are made when it is written."""

    __slots__ = ("path", "changes", "missing")

    def __init__(self, path: str, changes: dict[str, Any], missing: list[str]) -> None:
        self.path = path
        self.changes = changes
        self.missing = missing


def plan(tracker: Tracker) -> list[Mending]:
    """List the ticket files that have one right mending."""
    found = []
    for row_id, folder in tickets.folders(tracker.index, tracker.view):
        path = layout.ticket_file(folder)
        data = atomic.read(tracker.path(path))
        if not data or not _suspect(tracker, row_id, path, data):
            continue
        try:
            one = _examine(tracker, path, data)
        except InvalidDataError:
            continue
        if one.changes or one.missing:
            found.append(one)
    return found


def fix(writing: Writing) -> list[Held]:
    """Mend everything that has one right answer, in one entry."""
    tracker = writing.tracker
    tracker.refresh(deep=True)
    for one in plan(tracker):
        old = writing.read(one.path) or b""
        before = entity_md.read(Ticket, old, one.path)[0]
        data = entity_md.patch(Ticket, old, {**one.changes, **_identity(writing, one)}, one.path)
        after = entity_md.read(Ticket, data, one.path)[0]
        writing.put(one.path, data)
        writing.touch("ticket.updated", after.ref, after.slug, one.path, entity_md.differences(before, after),
                      after.slug)
    renumbering.renumber(writing)
    epicnumbers.renumber(writing)
    recordhealth.mend(writing)
    for path, data in setup_files(tracker).items():
        writing.put(path, data)
        writing.touch("file.updated", path, path, path, {}, "")
    if writing.touched:
        writing.say(f"doctor mended {len(writing.touched)} file(s)")
    return []


def setup_files(tracker: Tracker) -> dict[str, bytes]:
    """Give `.gitignore` and `.gitattributes` where lines are missing."""
    try:
        planned = setup.plan(tracker.repository, "", "openase", lambda prefix: ids.make_ref(prefix, "0" * 32))
    except InvalidDataError:
        return {}  # a broken config.json is a finding of its own
    return {p: d for p, d in planned.items() if p in (layout.GITIGNORE, layout.GITATTRIBUTES)}


def _suspect(tracker: Tracker, row_id: int, path: str, data: bytes) -> bool:
    """Tell whether a ticket's file needs a closer look, by what the index knows and what its bytes lack."""
    index = tracker.index
    row = tickets.load(index, row_id, body=False)
    folder = layout.folder_of(path)
    if row is None or not row.ticket.ref or row.ticket.slug == folder.rpartition("/")[2]:
        return True
    if problems.listed(index, tracker.view, folder) or edges.is_loose(index, row_id):
        return True
    if row.ticket.epic and not ids.is_ref(row.ticket.epic):
        return True
    always = [name for name, field in Ticket.FIELDS.items() if field.always]
    return f"status: {row.ticket.status}".encode() not in data or any(
        f"\n{name}:".encode() not in data for name in always)


def _examine(tracker: Tracker, path: str, data: bytes) -> Mending:
    """Find what is to change: statuses and links as the tool writes them, the keys that always stand there."""
    document = frontmatter.parse(data, path)
    ticket, _ = entity_md.read(Ticket, data, path)
    changes: dict[str, Any] = {name: field.kind.empty for name, field in Ticket.FIELDS.items()
                               if field.always and name not in document.spans and name not in _IDENTITY}
    status = tracker.settings.status_of(ticket.status) if ticket.status else None
    if status and status.slug != document.spans["status"].value:
        changes["status"] = status.slug
    epic = records.find(tracker.index, tracker.view, "epic", ticket.epic) if ticket.epic else None
    if epic and epic.record.ref and ticket.epic != epic.record.ref:
        changes["epic"] = epic.record.ref
    for name in LINK_FIELDS:
        old = ticket.__dict__[name]
        new = tuple(sorted(_as_ref(tracker, v) for v in old)) if isinstance(old, tuple) else _as_ref(tracker, old)
        if new != old:
            changes[name] = new
    missing = [name for name in _IDENTITY if not ticket.__dict__[name]
               and (name in ("ref", "slug") or name not in document.spans)]  # who made it may be known to nobody
    return Mending(path, changes, missing)


def _identity(writing: Writing, one: Mending) -> dict[str, str]:
    """Make what a file by hand can't know: its ref, a free slug, when and by whom it was taken in."""
    made: dict[str, str] = {}
    for name in one.missing:
        if name == "ref":
            made[name] = writing.new_ref(ids.TICKET)
        elif name == "slug":
            made[name] = _slug(writing, one.path)
        else:
            made[name] = writing.tracker.now() if name == "created_at" else writing.tracker.principal.name
    return made


def _slug(writing: Writing, path: str) -> str:
    """Take the slug that the folder's name begins with, where no other ticket has it; else the next free one."""
    folder = layout.folder_of(path)
    slug = ids.slug_of_folder(folder.rpartition("/")[2])
    index, worktree = writing.tracker.index, writing.tracker.view
    taken = any(place != layout.folder_of(path) for _, place in tickets.folders(index, worktree, slug))
    if ids.parse_slug(slug) and not taken:
        return slug
    return writing.next_slug(writing.settings.project())


def _as_ref(tracker: Tracker, target: str) -> str:
    if not target or ids.is_ref(target):
        return target
    try:
        row = tickets.find(tracker.index, tracker.view, target)
    except AmbiguousError:
        return target
    return row.ticket.ref if row and row.ticket.ref else target
