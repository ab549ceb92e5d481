"""Updates of a project: add, edit, delete, list by their last activity, and what they said before."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.comment import Comment
from gittracker.domain.errors import AmbiguousError, ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.domain.texts import one_line
from gittracker.domain.update import STATUSES, Update, heading
from gittracker.formats import entity_md
from gittracker.index import records as rows
from gittracker.services import comments, records, wording
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.records import Row
    from gittracker.services.records import HeldRecord
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

    Given = dict[str, str]


class Told:
    """An update with how much was said about it, and when last."""

    __slots__ = ("row", "comment_count", "last_activity_at")

    def __init__(self, row: Row, comment_count: int, last_activity_at: str) -> None:
        self.row = row
        self.comment_count = comment_count
        self.last_activity_at = last_activity_at


def add(writing: Writing, given: Given, project: str = "") -> HeldRecord:
    """Add an update of a project; `given` has `status`, `body` and perhaps `title`.

    Raises UsageError, InvalidDataError, NotFoundError.
    """
    tracker = writing.tracker
    if not given.get("status"):
        raise UsageError("an update needs a status", f"--status {', '.join(STATUSES[:-1])} or {STATUSES[-1]}")
    if not given.get("body", "").strip():
        raise UsageError("an update needs a text", "gittracker updates add --status on_track --body 'half way'")
    writing.check_text("the update", "", given["body"])
    update = Update(ref=writing.new_ref(ids.UPDATE), project=tracker.settings.project(project),
                    by=tracker.principal.name, at=tracker.now()).replace(**_values(given))
    while writing.read(_file(update)) is not None:
        update = update.replace(ref=writing.new_ref(ids.UPDATE))
    name = layout.stamped(update.at, update.ref)
    held = records.create(writing, _file(update), update, name)
    writing.say(f"{name} added: {update.project} is {update.status}: {heading(update)}")
    return held


def edit(writing: Writing, name: str, given: Given) -> HeldRecord:
    """Change an update's status, title or text; who and when is noted in it."""
    held = about(writing, name)
    old = held.record
    if old.deleted_at:
        raise ConflictError(f'the update "{held.name}" is deleted', f"gittracker updates revisions {held.name}")
    if given.get("body") is not None:
        writing.check_text("the update", old.body, given["body"])
    values = _values(given)
    if any(old.__dict__[field] != value for field, value in values.items()):
        values.update(edited_at=writing.tracker.now(), edited_by=writing.tracker.principal.name)
    if records.change(writing, held, values):
        writing.say(f"{held.name} {wording.changes(entity_md.differences(old, held.record), 'text')}")
    return held


def delete(writing: Writing, name: str) -> None:
    """Drop an update's title and text, and note who did; its comments and the rest of its front matter stay."""
    held = about(writing, name)
    if held.record.deleted_at:
        records.keep(writing, held)
        return
    tracker = writing.tracker
    records.change(writing, held, {"title": "", "body": "", "deleted_at": tracker.now(),
                                   "deleted_by": tracker.principal.name}, "update.deleted")
    writing.say(f"{held.name} deleted")


def about(writing: Writing, name: str) -> HeldRecord:
    """Find the update that a command is about; raises what `find` raises."""
    try:
        return records.about(writing, Update.NOUN, name)
    except NotFoundError:
        return records.about(writing, Update.NOUN, _by_suffix(writing.tracker, name).name)


def find(tracker: Tracker, name: str = "") -> Row:
    """Find an update by name, ref, a unique prefix or the end of its name; without a name, the newest.

    Raises NotFoundError, AmbiguousError.
    """
    if not name:
        every = [row for row in records.every(tracker, Update.NOUN) if not row.record.deleted_at]
        if not every:
            raise NotFoundError("update", "*", "gittracker updates add --status on_track --body 'half way'")
        return max(every, key=_written)
    try:
        return records.find(tracker, Update.NOUN, name)
    except NotFoundError:
        return _by_suffix(tracker, name)


def _by_suffix(tracker: Tracker, name: str) -> Row:
    """Find the update whose name ends in four characters that people remember."""
    found = [row for row in records.every(tracker, Update.NOUN) if row.name.rpartition("-")[2] == name.lower()]
    if len(found) > 1:
        raise AmbiguousError(name, [row.name for row in found])
    if not found:
        raise NotFoundError("update", name)
    return found[0]


def listed(tracker: Tracker, project: str = "", status: str = "", deleted: bool = False) -> list[Told]:
    """List the updates with the newest activity first; deleted ones only where asked for."""
    wanted = _status(status) if status else ""
    key = tracker.settings.project(project) if project else ""
    found = [told for told in _every(tracker)
             if (deleted or not told.row.record.deleted_at) and wanted in ("", told.row.record.status)
             and key in ("", told.row.record.project)]
    return sorted(found, key=lambda told: (told.last_activity_at, *_written(told.row)), reverse=True)


def told(tracker: Tracker, row: Row) -> Told:
    """Give an update with its activity."""
    return next(one for one in _every(tracker) if one.row.path == row.path)


def comments_of(tracker: Tracker, row: Row) -> list[comments.Found]:
    """List the comments on an update, oldest first."""
    return comments.listed_in(tracker, layout.thread(row.path))


def _every(tracker: Tracker) -> list[Told]:
    every = records.every(tracker, Update.NOUN)
    remarks: dict[str, list[Row]] = {}
    for remark in rows.below(tracker.index, tracker.view, Comment.NOUN, layout.UPDATES):
        remarks.setdefault(remark.place, []).append(remark)
    return [_told(row, [remark.record for remark in remarks.get(row.place, [])]) for row in every]


def _told(row: Row, remarks: list[Comment]) -> Told:
    moments = [moment for one in (row.record, *remarks) for moment in (one.at, one.edited_at, one.deleted_at)]
    return Told(row, sum(not one.deleted_at for one in remarks), max(moments))


def _written(row: Row) -> tuple[str, str]:
    return row.record.at, row.record.ref or row.name


def _file(update: Update) -> str:
    return f"{layout.UPDATES}/{layout.stamped(update.at, update.ref)}/{layout.UPDATE_FILE}"


def _values(given: Given) -> Given:
    """Check what was typed."""
    found: Given = {}
    for name, value in given.items():
        if name == "body":
            found[name] = entity_md.read_body(value)
        elif name == "status":
            found[name] = _status(value)
        else:
            found[name] = "" if value.lower() == "none" else one_line(name, value)
    return found


def _status(text: str) -> str:
    word = one_line("status", text).lower().replace("-", "_").replace(" ", "_")
    if word not in STATUSES:
        raise InvalidDataError(f'status "{text}" is none of {", ".join(STATUSES)}', "--status on_track")
    return word
