"""Epics: create, change, close, archive; their progress entries, and how far their tickets are."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.epic import STATUSES, Epic, Progress
from gittracker.domain.errors import AmbiguousError, ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.domain.texts import one_line
from gittracker.formats import entity_md
from gittracker.index import edges
from gittracker.index.edges import Share
from gittracker.services import comments, records, wording
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.index.records import Row
    from gittracker.services.records import HeldRecord
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

_CLOSED = ("done", "canceled")


def create(writing: Writing, title: str, given: dict[str, Any], project: str = "") -> HeldRecord:
    """Make an epic; raises UsageError, InvalidDataError, NotFoundError."""
    tracker = writing.tracker
    writing.check_text("the description", "", given.get("body") or "")
    key = tracker.settings.project(project)
    ref = writing.new_ref(ids.EPIC)
    blank = Epic(ref=ref, title=one_line("the title", title), status="planned", created_at=tracker.now(),
                 created_by=tracker.principal.name)
    epic = blank.replace(**_values(writing, blank, given), slug=next_slug(writing, key))
    held = records.create(writing, f"{layout.epic_folder(epic.slug, ref)}/{layout.EPIC_FILE}", epic, epic.slug)
    writing.say(f"{epic.slug} created: {epic.title}")
    return held


def update(writing: Writing, name: str, given: dict[str, Any]) -> HeldRecord:
    """Change fields of an epic; a description is not emptied without `--force`."""
    held = records.about(writing, Epic.NOUN, name)
    old = held.record
    if given.get("body") is not None:
        writing.check_text(f"{old.slug}'s description", old.body, given["body"])
    if records.change(writing, held, _values(writing, old, given)):
        writing.say(describe(old, held.record))
    return held


def archive(writing: Writing, name: str, archived: bool = True) -> None:
    """Put an epic away, or bring it back."""
    held = records.about(writing, Epic.NOUN, name)
    if records.change(writing, held, {"archived": archived}, "epic.archived" if archived else "epic.unarchived"):
        writing.say(f"{held.name} {'archived' if archived else 'unarchived'}")


def delete(writing: Writing, name: str) -> None:
    """Remove an epic with all that belongs to it; journal and git still have it.

    Raises ConflictError while tickets name it; `--force` takes it out of them.
    """
    held = records.about(writing, Epic.NOUN, name)
    named = {held.record.ref, held.record.slug.lower()} - {""}
    folders = [folder for folder, value in edges.epics_named(writing.tracker.index, writing.tracker.view)
               if value.lower() in named]
    if folders and not writing.request.force:
        raise ConflictError(f"{held.name} has {len(folders)} ticket(s)", f"gittracker epic archive {held.name}")
    for folder in folders:
        writing.change(writing.ticket(folder.rpartition("/")[2]), {"epic": ""})
    gone = records.remove(writing, held)
    writing.say(f"{held.name} deleted: {len(gone)} file(s)" + (f", {len(folders)} ticket(s) freed" if folders else ""))


def thread(writing: Writing, name: str) -> comments.Thread:
    """Find the thread of an epic's progress entries."""
    held = records.about(writing, Epic.NOUN, name)
    return comments.Thread(held.name, f"{held.place}/{layout.PROGRESS}", cls=Progress)


def add_progress(writing: Writing, name: str, body: str) -> None:
    """Add an entry to an epic's progress."""
    told = thread(writing, name)
    if not body.strip():
        raise UsageError("an entry needs a text", f"gittracker epic progress {told.name} --body 'half way'")
    writing.check_text("the entry", "", body)
    comments.add_entry(writing, told, Progress(
        ref=writing.new_ref(ids.PROGRESS), by=writing.tracker.principal.name, at=writing.tracker.now(),
        body=entity_md.read_body(body)))


def shares(tracker: Tracker, rows: list[Row]) -> list[Share]:
    """Count each epic's tickets by how far they are."""
    tracker.refresh()
    found = edges.shares_of_epics(tracker.index, tracker.view)
    none = Share(0, 0, 0)
    return [_sum(found.get(row.record.ref, none), found.get(row.name.lower(), none)) for row in rows]


def tickets_of(tracker: Tracker, row: Row) -> list[Ticket]:
    """List an epic's tickets, archived ones aside, the best first."""
    from gittracker.domain.query import Query, Term
    from gittracker.index import search
    tracker.refresh()
    query = Query([Term("epic", "=", (row.record.ref or row.name,), False),
                   Term("is", "=", ("open", "closed"), False)], [])
    return [one.ticket for one in search.select(tracker.index, query, tracker.context()).rows]


def entries(tracker: Tracker, row: Row) -> list[comments.Found]:
    """List an epic's progress entries, oldest first."""
    return comments.listed_in(tracker, f"{row.place}/{layout.PROGRESS}", cls=Progress)


def comments_of(tracker: Tracker, row: Row) -> list[comments.Found]:
    """List the comments on an epic, oldest first."""
    return comments.listed_in(tracker, layout.thread(row.path))


def _sum(one: Share, other: Share) -> Share:
    return Share(one.total + other.total, one.started + other.started, one.done + other.done)


def ref_of(writing: Writing, name: str) -> str:
    """Give the ref that a ticket's `epic` should hold; raises NotFoundError, InvalidDataError."""
    record = records.look_up(writing, Epic.NOUN, name).record
    if not record.ref:
        raise InvalidDataError(f'"{name}" has no ref yet', "gittracker doctor --fix")
    return str(record.ref)


def of_ticket(tracker: Tracker, value: str) -> Row | None:
    """Find the epic that a ticket's `epic` names, by ref or by hand."""
    try:
        return records.find(tracker, Epic.NOUN, value)
    except (NotFoundError, AmbiguousError):
        return None


def slug_of(tracker: Tracker, value: str) -> str:
    """Show a ticket's `epic` by slug; what it says where there is no such epic."""
    row = of_ticket(tracker, value)
    return row.name if row else value


def describe(old: Epic, new: Epic) -> str:
    """Say in one line what changed."""
    return f"{new.slug} {wording.changes(entity_md.differences(old, new))}"


def _values(writing: Writing, old: Epic, given: dict[str, Any]) -> dict[str, Any]:
    """Check what was typed; a change of status sets the moments that it brings."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name == "body":
            found[name] = entity_md.read_body(value)
        elif Epic.FIELDS[name].kind.many:
            found[name] = value
        else:
            found[name] = _value(writing, name, value)
    status = found.get("status", old.status)
    if status == "active" and not old.started_at:
        found["started_at"] = writing.tracker.now()
    if (status in _CLOSED) != bool(old.completed_at):
        found["completed_at"] = writing.tracker.now() if status in _CLOSED else ""
    return found


def _value(writing: Writing, name: str, text: str) -> Any:
    text = one_line(name, text)
    if name == "status" and text.lower() not in STATUSES:
        raise InvalidDataError(f'status "{text}" is none of {", ".join(STATUSES)}', "--status active")
    if text.lower() == "none" and name != "title":
        return ""
    if name == "owner" and text == "@me":
        return writing.tracker.principal.name
    if name == "due":
        text = wording.day(writing.tracker, text)
    try:
        return Epic.FIELDS[name].kind.read(text)
    except ValueError as error:
        raise InvalidDataError(f'{name} is "{text}"; expected {error}', "--due 2027-01-31, or none") from error


def next_slug(writing: Writing, key: str) -> str:
    """Give the next free slug of a project's epics: one more than the counter and all that are here."""
    counter = f"{key}-E"
    if counter not in writing.counters:
        known = [parsed[1] for row in records.every(writing.tracker, Epic.NOUN)
                 if (parsed := ids.parse_epic(row.name)) and parsed[0] == key]
        writing.counters[counter] = max([writing.given_out(counter), *known])
    writing.counters[counter] += 1
    return f"{counter}{writing.counters[counter]}"
