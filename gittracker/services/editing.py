"""Edit a ticket in the user's editor: what is saved is merged with what changed meanwhile."""

from __future__ import annotations

import os

from gittracker.domain.errors import ConflictError, InvalidDataError, UnavailableError
from gittracker.domain.merge import merge
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.writing import Held, Writing

_OWN = ("ref", "slug", "created_at", "created_by")


class Draft:
    """A ticket's bytes before and after the editor, and the file that keeps the user's text until it is safe."""

    __slots__ = ("name", "start", "edited", "path")

    def __init__(self, name: str, start: bytes, edited: bytes, path: str) -> None:
        self.name = name
        self.start = start
        self.edited = edited
        self.path = path


def open_editor(tracker: Tracker, name: str, editor: str) -> Draft:
    """Let the user edit a copy; raises UnavailableError where the editor fails."""
    import shlex
    import subprocess

    from gittracker.store import atomic
    row = tracker.get(name)
    start = atomic.read(tracker.path(f"{row.folder}/ticket.md")) or b""
    folder = os.path.join(tracker.state, "drafts")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{row.ticket.slug}.{os.getpid()}.md")
    atomic.write(path, start)
    try:
        done = subprocess.run([*shlex.split(editor), path], check=False).returncode
    except (OSError, ValueError) as error:
        os.unlink(path)
        raise UnavailableError(f'the editor "{editor}" did not start', "set EDITOR, for example EDITOR=nano") from error
    if done:
        os.unlink(path)
        raise UnavailableError(f'the editor "{editor}" ended with {done}; nothing was changed', "set EDITOR")
    return Draft(row.ticket.ref or row.ticket.slug, start, atomic.read(path) or b"", path)


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
    old = ours
    if held.data == draft.start:
        _whole(writing, held, ours, theirs, draft.edited)
    else:
        merged = merge(base, ours, theirs)
        if merged.disputes:
            raise ConflictError(f"{', '.join(merged.disputes)} of {ours.slug} changed while you edited")
        writing.change(held, _checked(writing, ours, merged.changes))
    if held.ticket != old:
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
        if name in ("status", "type", "priority", "parent", "title") and isinstance(value, str):
            patch.set[name] = value
        elif name == "depends_on" and isinstance(value, tuple):
            patch.add[name] = [v for v in value if v not in ours.depends_on]
            patch.remove[name] = [v for v in ours.depends_on if v not in value]
        else:
            rest[name] = value
    return {**rest, **tickets.checked(writing, ours, patch)}
