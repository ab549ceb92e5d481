"""Edit a page in the user's editor: what is saved is merged with what changed meanwhile."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, InvalidDataError, StaleEtagError
from gittracker.domain.merge import merge
from gittracker.domain.page import Page
from gittracker.formats import entity_md
from gittracker.services import editing, records, wording
from gittracker.services.refresh import recording
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.editing import Draft
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

_OWN = ("ref", "aliases", "created_at", "created_by")


def open_editor(tracker: Tracker, name: str, editor: str, if_match: str = "") -> Draft:
    """Let the user edit a copy of a page; raises StaleEtagError, and UnavailableError where the editor fails."""
    row = records.find(tracker, Page.NOUN, name)
    if if_match and row.etag != if_match:
        raise StaleEtagError(row.name, if_match, row.etag)
    start = atomic.read(tracker.shown(row.path)) or b""
    return editing.open_draft(tracker, row.record.ref or row.name, row.name.rpartition("/")[2], start, editor)


def save(writing: Writing, draft: Draft) -> None:
    """Write what the user changed; what others changed meanwhile stays, the same lines are a conflict.

    Raises ConflictError or InvalidDataError; the draft's file then still has the user's text.
    """
    held = records.about(writing, Page.NOUN, draft.name)
    if draft.edited == draft.start:
        records.keep(writing, held)
        return
    base, old = _read(writing, held.path, draft.start)[0], held.record
    theirs, problems = _read(writing, draft.path, draft.edited)
    if problems:
        raise InvalidDataError(problems[0][1], "", draft.path, problems[0][0])
    touched = [name for name in _OWN if base.__dict__[name] != theirs.__dict__[name]]
    if touched:
        raise ConflictError(f"{', '.join(touched)} can't be edited")
    writing.check_text(f"{held.name}'s text", old.body, theirs.body)
    if held.data == draft.start:
        writing.put(held.path, draft.edited)
        writing.touch("page.updated", old.ref, held.name, held.path, entity_md.differences(old, theirs), "")
        held.record, held.data = theirs, draft.edited
    else:
        merged = merge(base, old, theirs)
        if merged.disputes:
            raise ConflictError(f"{', '.join(merged.disputes)} of {held.name} changed while you edited")
        records.change(writing, held, merged.changes)
    writing.say(f"{held.name} {wording.changes(entity_md.differences(old, held.record), 'text')}")


def _read(writing: Writing, path: str, data: bytes) -> tuple[Page, list[tuple[int, str]]]:
    """Read a page's bytes; a finding names the draft, where the user can mend it."""
    try:
        found: Any = recording.parse_as(Page, path, data)
    except InvalidDataError as error:
        raise InvalidDataError(error.reason, "", path, error.line) from error
    return found  # type: ignore[no-any-return]
