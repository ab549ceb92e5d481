"""Projects: made, changed, deleted while they are empty, and the one that new tickets go to."""

from __future__ import annotations

from gittracker.domain import ids, names
from gittracker.domain.errors import ConflictError, UsageError
from gittracker.domain.project import STATUSES, Project
from gittracker.formats import config_json, entity_md
from gittracker.services import configuring, rebinding, records
from gittracker.services.write.writing import UNCHANGED
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.records import HeldRecord
    from gittracker.services.write.writing import Writing


class Patch:
    """What is to change of a project, as typed; None leaves a field as it is."""

    __slots__ = ("name", "status", "add", "remove", "body", "default")

    def __init__(self, name: str | None = None, status: str | None = None, add: list[str] | None = None,
                 remove: list[str] | None = None, body: str | None = None, default: bool = False) -> None:
        self.name = name
        self.status = status
        self.add = add or []
        self.remove = remove or []
        self.body = body
        self.default = default


def create(writing: Writing, key: str, patch: Patch) -> HeldRecord:
    """Make a project; raises UsageError where its key can't begin slugs, ConflictError where it is taken."""
    wanted = key.strip().rstrip("-").upper()
    if not ids.is_project_key(wanted):
        raise UsageError(f'"{key}" can\'t be a project\'s key: it begins slugs, such as OW-1',
                         "one to ten letters and digits, a letter first: gittracker project create OW")
    if names.make_safe(wanted) != wanted:
        raise UsageError(f'"{wanted}" can\'t be a project\'s key: Windows reserves it', "another key, such as "
                         f"{wanted[:9]}S")
    configuring.check_free(writing, Project.NOUN, wanted)
    path = layout.project_file(wanted)
    blank = Project(ref=writing.new_ref(ids.PROJECT), key=wanted, name=wanted, status=STATUSES[1])
    held = records.create(writing, path, blank.replace(**_values(writing, blank, patch)), wanted)
    writing.say(f"project {wanted} created: {held.record.name}")
    if patch.default:
        make_default(writing, wanted)
    return held


def update(writing: Writing, name: str, patch: Patch) -> HeldRecord:
    """Change a project; raises NotFoundError, UsageError, InvalidDataError."""
    key = writing.settings.project(name)
    held = configuring.hold(writing, Project, writing.settings.projects[key], key)
    old = held.record
    if records.change(writing, held, _values(writing, old, patch)):
        writing.say(f"project {key} {configuring.described(entity_md.differences(old, held.record))}")
    if patch.default:
        make_default(writing, key)
    return held


def delete(writing: Writing, name: str) -> None:
    """Remove a project that has nothing; the default's role goes to the next one.

    Raises ConflictError where it has tickets, epics or pages, or is the last.
    """
    key = writing.settings.project(name)
    held = configuring.hold(writing, Project, writing.settings.projects[key], key)
    if len(writing.settings.projects) == 1:
        raise ConflictError(f"{key} is the last project, and tickets need one", "gittracker project create KEY")
    for noun, start, command in (("epic", f"{key}-E", "epic list --all"), ("page", f"{key}/", "page tree")):
        found = [row.name for row in records.every(writing.tracker, noun) if row.name.startswith(start)]
        if found:
            raise ConflictError(f"{key} has {len(found)} {noun}(s), {found[0]} for one", f"gittracker {command}")
    was_default = next(iter(writing.settings.projects)) == key
    records.remove(writing, held)
    rebinding.check_project(writing, key)
    writing.say(f"project {key} deleted")
    if was_default:
        make_default(writing, next(iter(writing.settings.projects)))


def make_default(writing: Writing, name: str) -> None:
    """Let new tickets go to a project that exists."""
    key = writing.settings.project(name)
    old = writing.read(layout.CONFIG)
    new = config_json.set_project(old, key)
    writing.put(layout.CONFIG, new)
    before = next(iter(writing.tracker.settings.projects), "")
    writing.touch("project.default" if new != old else UNCHANGED, layout.CONFIG, key, layout.CONFIG,
                  {"project": (before, key)} if new != old else {}, "")
    if new != old:
        writing.say(f"new tickets go to {key}")


def _values(writing: Writing, old: Project, patch: Patch) -> dict[str, Any]:
    """Turn what was typed into values, checked."""
    changes: dict[str, Any] = {}
    if patch.name is not None:
        changes["name"] = configuring.text(Project, "name", patch.name)
    if patch.status is not None:
        changes["status"] = configuring.text(Project, "status", patch.status, STATUSES)
    if patch.add or patch.remove:
        changes["repos"] = configuring.members(old.repos, patch.add, patch.remove, "the repository")
    if patch.body is not None:
        changes["body"] = configuring.body(writing, old.key, old.body, patch.body)
    return changes
