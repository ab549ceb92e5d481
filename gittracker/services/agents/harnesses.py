"""Harnesses: instruction texts below `harnesses/`, checked as templates when they are written."""

from __future__ import annotations

import os

from gittracker.domain import skill
from gittracker.domain.errors import ConflictError, InvalidDataError, UsageError
from gittracker.domain.harness import Harness
from gittracker.formats import entity_md, templates
from gittracker.services import records
from gittracker.services.agents.bundles import Finding
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


def create(writing: Writing, name: str, body: str) -> None:
    """Make a harness; raises UsageError, ConflictError, InvalidDataError where the template is broken."""
    fault = skill.name_fault(name)  # the same letters make a good file name
    if fault:
        raise UsageError(f'the name "{name}" {fault}', "gittracker harness create coder …")
    path = f"{layout.HARNESSES}/{name}.md"
    if writing.read(path) is not None:
        raise ConflictError(f'there is a harness "{name}" already', f"gittracker harness edit {name}")
    writing.check_text("the harness", "", body)
    writing.put(path, _checked(name, entity_md.write_body(body).encode()))
    writing.touch("harness.created", "", name, path, {}, "")
    writing.say(f"harness {name} created")


def edit(writing: Writing, name: str, body: str) -> None:
    """Give a harness another text."""
    held = records.about(writing, Harness.NOUN, name)
    writing.check_text(f"harness {held.name}", held.record.body, body)
    eol = "\r\n" if b"\r\n" in held.data else "\n"
    _put(writing, held, entity_md.write_body(body, eol).encode())


def save(writing: Writing, name: str, start: bytes, edited: bytes) -> None:
    """Write what an editor left; what others changed meanwhile is merged, or a conflict."""
    held = records.about(writing, Harness.NOUN, name)
    _put(writing, held, records.merged(held, start, edited))


def delete(writing: Writing, name: str) -> None:
    """Remove a harness; journal and git still have it."""
    held = records.about(writing, Harness.NOUN, name)
    writing.put(held.path, None)
    writing.records.pop(held.path, None)
    writing.touch("harness.deleted", "", held.name, held.path, {}, "")
    writing.say(f"harness {held.name} deleted")


def validate(tracker: Tracker, name: str) -> list[Finding]:
    """Check one harness: one of the tracker's by name, or a file elsewhere."""
    if not os.path.isfile(name):
        path = records.find(tracker, Harness.NOUN, name).path
        return _check(f".openkit/{path}", atomic.read(tracker.shown(path)) or b"")
    try:
        return _check(name, atomic.read(name) or b"")
    except (InvalidDataError, OSError) as error:
        return [Finding(name, 0, f"can't be read: {error}")]


def _put(writing: Writing, held: records.HeldRecord, data: bytes) -> None:
    if data == held.data:
        records.keep(writing, held)
        return
    writing.put(held.path, _checked(held.name, data))
    writing.touch("harness.updated", "", held.name, held.path, {}, "")
    held.data = data
    writing.say(f"harness {held.name} edited")


def _check(path: str, data: bytes) -> list[Finding]:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return [Finding(path, data.count(b"\n", 0, error.start) + 1, "not UTF-8")]
    return [Finding(path, one.line, one.message, one.is_advice) for one in templates.check(text)]


def _checked(name: str, data: bytes) -> bytes:
    """Give the bytes of a harness that can be rendered; raises InvalidDataError with the first fault."""
    path = f".openkit/{layout.HARNESSES}/{name}.md"
    for one in _check(path, data):
        if not one.is_advice:
            raise InvalidDataError(one.message, "mend the template and try again", path, one.line)
    return data
