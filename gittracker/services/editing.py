"""Edit a ticket in the user's editor: what is saved is merged with what changed meanwhile."""

from __future__ import annotations

import os

from gittracker.domain.errors import (
    AccessError,
    ConflictError,
    InvalidDataError,
    StaleEtagError,
    TrackerError,
    UnavailableError,
)
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

_OWN = ("ref", "slug", "created_at", "created_by")
_AS_FLAGS = ("status", "type", "priority", "parent", "title", "assignee")


class Draft:
    """A ticket's bytes before and after the editor, and the file that keeps the user's text until it is safe."""

    __slots__ = ("name", "start", "edited", "path")

    def __init__(self, name: str, start: bytes, edited: bytes, path: str) -> None:
        self.name = name
        self.start = start
        self.edited = edited
        self.path = path

    def drop(self) -> None:
        """Remove the file, once its text is safe."""
        try:
            os.unlink(self.path)
        except OSError:
            pass  # the text is safe; a file too many harms nobody


def open_editor(tracker: Tracker, name: str, editor: str, if_match: str = "") -> Draft:
    """Let the user edit a copy; raises StaleEtagError, and UnavailableError where the editor fails."""
    from gittracker.store import atomic
    row = tracker.get(name)
    if if_match and row.etag != if_match:
        raise StaleEtagError(row.ticket.slug, if_match, row.etag)
    start = atomic.read(tracker.shown(f"{row.folder}/ticket.md")) or b""
    return open_draft(tracker, row.ticket.ref or row.ticket.slug, row.folder.rpartition("/")[2], start, editor)


def open_draft(tracker: Tracker, name: str, base: str, start: bytes, editor: str) -> Draft:
    """Let the user edit a copy of some bytes, called `base`; raises UnavailableError where the editor fails."""
    from gittracker.store import atomic, layout
    file = f"drafts/{base}.{os.getpid()}.md"
    path = os.path.join(tracker.state, file)
    try:
        atomic.write(path, start)
    except AccessError:
        path = tracker.path(f"{layout.LOCAL}/{file}")
        atomic.write(path, start)
    draft = Draft(name, start, start, path)
    status = _run(editor, draft)
    edited = atomic.read(path)
    draft.edited = start if edited is None else edited
    if status:
        raise UnavailableError(f'the editor "{editor}" ended with {status}; nothing was changed', _kept(draft))
    return draft


def _run(editor: str, draft: Draft) -> int:
    """Run the editor and give its exit status."""
    import shlex
    import subprocess
    try:
        return subprocess.run([*shlex.split(editor), draft.path], check=False).returncode
    except (OSError, ValueError) as error:
        draft.drop()
        raise UnavailableError(f'the editor "{editor}" did not start', "set EDITOR, for example EDITOR=nano") from error


def _kept(draft: Draft) -> str:
    """Say where the text is, if any was typed."""
    if draft.edited != draft.start:
        return f"your text is in {draft.path}"
    draft.drop()
    return "set EDITOR"


def close(draft: Draft, error: TrackerError | None) -> None:
    """Drop the draft once its text is saved; after an error it stays, and the error says where."""
    if error and draft.edited != draft.start:
        error.hint = _kept(draft)
    else:
        draft.drop()


def save(writing: Writing, draft: Draft) -> Held:
    """Write what the user changed; fields changed meanwhile by others stay, the same field is a conflict.

    Raises ConflictError or InvalidDataError; the draft's file then still has the user's text.
    """
    held = writing.about(draft.name)
    if draft.edited == draft.start:
        return held
    try:
        base, ours, theirs = (entity_md.read(Ticket, data)[0] for data in (draft.start, held.data, draft.edited))
        problems = entity_md.read(Ticket, draft.edited)[1]
    except InvalidDataError as error:
        raise InvalidDataError(error.reason, "", draft.path, error.line) from error
    if problems:
        raise InvalidDataError(problems[0].message, "", draft.path, problems[0].line)
    touched = [name for name in _OWN if base.__dict__[name] != theirs.__dict__[name]]
    if touched:
        raise ConflictError(f"{', '.join(touched)} can't be edited")
    writing.check_text(f"{ours.slug}'s description", ours.body, theirs.body)
    old, before = ours, held.data
    if held.data == draft.start:
        _whole(writing, held, ours, theirs, draft.edited)
    else:
        merged = merge(base, ours, theirs)
        if merged.disputes:
            raise ConflictError(f"{', '.join(merged.disputes)} of {ours.slug} changed while you edited")
        writing.change(held, _checked(writing, ours, merged.changes))
    if held.data != before:
        writing.say(tickets.describe(writing, old, held.ticket))
    return held


def _whole(writing: Writing, held: Held, ours: Ticket, theirs: Ticket, edited: bytes) -> None:
    """Take the user's bytes as they are, with names checked and written as the tool writes them."""
    changes = {n: new for n, (_, new) in entity_md.differences(ours, theirs).items()}
    checked = _checked(writing, ours, changes)
    data = entity_md.patch(Ticket, edited, {n: v for n, v in checked.items() if n not in changes or v != changes[n]},
                           held.path)
    new = entity_md.read(Ticket, data)[0]
    writing.put(held.path, data)
    writing.touch("ticket.updated", new.ref, new.slug, held.path, entity_md.differences(ours, new), new.slug)
    held.ticket, held.data = new, data


def _checked(writing: Writing, ours: Ticket, changes: dict[str, object]) -> dict[str, object]:
    """Check edited fields as flags are checked."""
    patch = tickets.Patch()
    rest: dict[str, object] = {}
    for name, value in changes.items():
        if name in _AS_FLAGS and isinstance(value, str):
            patch.set[name] = value
        elif name in Ticket.FIELDS and Ticket.FIELDS[name].settable and isinstance(value, tuple):
            had = ours.__dict__[name]
            patch.add[name] = [v for v in value if v not in had]
            patch.remove[name] = [v for v in had if v not in value]
        else:
            rest[name] = value
    return {**rest, **tickets.checked(writing, ours, patch)}
