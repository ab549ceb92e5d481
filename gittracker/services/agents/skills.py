"""Skills: bundles of instructions below `skills/`, made, changed and deleted whole."""

from __future__ import annotations

import os

from gittracker.domain import skill
from gittracker.domain.errors import ConflictError, InvalidDataError, UsageError
from gittracker.domain.skill import Skill
from gittracker.formats import entity_md
from gittracker.services import records
from gittracker.services.agents import bundles
from gittracker.services.agents.bundles import Finding
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.records import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing


def create(writing: Writing, name: str, description: str, body: str) -> None:
    """Make a skill with a SKILL.md; raises UsageError, ConflictError, InvalidDataError."""
    _check_new(writing, name)
    if not description.strip():
        raise UsageError("a skill needs a description", "--description 'What it does and when to use it.'")
    made = Skill(name=name, description=" ".join(description.split()), body=entity_md.read_body(body))
    writing.check_text("the skill", "", body)
    _put_bundle(writing, name, {layout.SKILL_FILE: entity_md.render(made)})
    writing.say(f"skill {name} created")


def take(writing: Writing, name: str, files: dict[str, bytes]) -> None:
    """Make a skill of a bundle's files, or replace the one that is there; its name is the bundle's own."""
    present = f"{_folder(name)}/{layout.SKILL_FILE}"
    known = writing.read(present) is not None
    if not known:
        _check_new(writing, name)
    for path in writing.files_below(_folder(name)) if known else ():
        if path.removeprefix(_folder(name) + "/") not in files:
            writing.put(path, None)
    _put_bundle(writing, name, files)
    writing.say(f"skill {name} {'replaced' if known else 'created'}: {len(files)} file(s)")


def edit(writing: Writing, name: str, description: str | None, body: str | None) -> None:
    """Change a skill's description or instructions."""
    held = records.about(writing, Skill.NOUN, name)
    changes: dict[str, str] = {}
    if description is not None:
        changes["description"] = " ".join(description.split())
    if body is not None:
        writing.check_text(f"skill {held.name}", held.record.body, body)
        changes["body"] = entity_md.read_body(body)
    if records.change(writing, held, changes):
        _check(held.name, held.data)
        writing.say(f"skill {held.name} edited")


def save(writing: Writing, name: str, start: bytes, edited: bytes) -> None:
    """Write what an editor left of a SKILL.md; what others changed meanwhile is merged, or a conflict."""
    held = records.about(writing, Skill.NOUN, name)
    data = records.merged(held, start, edited)
    _check(held.name, data)
    if data != held.data:
        writing.put(held.path, data)
        writing.touch("skill.updated", "", held.name, held.path, {"body": (None, None)}, "")
        writing.say(f"skill {held.name} edited")


def delete(writing: Writing, name: str) -> None:
    """Remove a skill with all its files; journal and git still have them."""
    held = records.about(writing, Skill.NOUN, name)
    gone = records.remove(writing, held)
    writing.say(f"skill {held.name} deleted: {len(gone)} file(s)")


def files(tracker: Tracker, row: Row) -> list[tuple[str, int, bool]]:
    """List a skill's files as (path in the bundle, size in bytes, whether it can be run)."""
    found = []
    base = tracker.shown(row.place)
    for folder, _, named in os.walk(base):
        for name in named:
            full = os.path.join(folder, name)
            path = os.path.relpath(full, base).replace(os.sep, "/")
            if not os.path.islink(full) and not path.endswith(layout.TEMPORARY):
                found.append((path, os.path.getsize(full), os.access(full, os.X_OK)))
    return sorted(found, key=lambda one: (one[0] != layout.SKILL_FILE, one[0]))


def validate(tracker: Tracker, name: str) -> list[Finding]:
    """Hold one skill against the rules: one of the tracker's by name, or the one in a folder elsewhere."""
    place = _folder(name)
    if "/" not in name and os.path.isdir(tracker.shown(place)):
        path = f"{place}/{layout.SKILL_FILE}"
        return bundles.check(name, _read(tracker.shown(path)), f".openkit/{path}")
    if os.path.isdir(name):
        full = os.path.realpath(name)
        path = os.path.join(name, layout.SKILL_FILE)
        return bundles.check(os.path.basename(full), _read(os.path.join(full, layout.SKILL_FILE)), path)
    row = records.find(tracker, Skill.NOUN, name)
    return validate(tracker, row.name)


def every_name(tracker: Tracker) -> list[str]:
    """List the folders below `skills/`, those without a SKILL.md too."""
    try:
        with os.scandir(tracker.shown(layout.SKILLS)) as found:
            return sorted(one.name for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _read(path: str) -> bytes | None:
    try:
        return atomic.read(path)
    except InvalidDataError:
        return None


def _folder(name: str) -> str:
    return f"{layout.SKILLS}/{name}"


def _check_new(writing: Writing, name: str) -> None:
    fault = skill.name_fault(name)
    if fault:
        raise UsageError(f'the name "{name}" {fault}', "gittracker skill create review-code …")
    if writing.files_below(_folder(name)):
        raise ConflictError(f'there is a skill "{name}" already', f"gittracker skill edit {name}")


def _put_bundle(writing: Writing, name: str, files: dict[str, bytes]) -> None:
    _check(name, files[layout.SKILL_FILE])
    for path, data in files.items():
        full = f"{_folder(name)}/{path}"
        before = writing.read(full)
        if before != data:
            writing.put(full, data)
            noun = Skill.NOUN if path == layout.SKILL_FILE else "file"
            writing.touch(f"{noun}.{'created' if before is None else 'updated'}", "", name, full, {}, "")


def _check(name: str, data: bytes) -> None:
    """Refuse a SKILL.md that clients would not take; raises InvalidDataError with the first fault."""
    path = f".openkit/{_folder(name)}/{layout.SKILL_FILE}"
    for one in bundles.check(name, data, path):
        if not one.is_advice:
            raise InvalidDataError(one.message, "the rules: https://agentskills.io/specification", path, one.line)
