"""Tickets: create, change, close, archive, delete."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain import status as statuses
from gittracker.domain.errors import ConflictError, InvalidDataError, UsageError
from gittracker.domain.fields import Field
from gittracker.domain.texts import one_line
from gittracker.domain.ticket import Ticket
from gittracker.services import wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.status import Status
    from gittracker.services.write.writing import Held, Writing

_EMPTY = ("", "none")


class Patch:
    """What is to change: fields to set (text as typed), set members to add and to remove, custom fields."""

    __slots__ = ("set", "add", "remove", "extra", "body")

    def __init__(self) -> None:
        self.set: dict[str, str] = {}
        self.add: dict[str, list[str]] = {}
        self.remove: dict[str, list[str]] = {}
        self.extra: dict[str, str | None] = {}
        self.body: str | None = None


def create(writing: Writing, title: str, patch: Patch, project: str = "") -> Held:
    """Make a ticket; raises what `update` raises."""
    tracker = writing.tracker
    settings = writing.settings
    writing.check_text("the description", "", patch.body or "")
    key = settings.project(project)
    status = settings.status(patch.set["status"]) if patch.set.get("status") else statuses.default(settings.statuses)
    now = tracker.now()
    blank = Ticket(ref=writing.new_ref(ids.TICKET), slug="", title=_title(title), status=status.slug,
                   type=settings.default_type(), priority=settings.default_priority(), created_at=now,
                   created_by=tracker.principal.name, body=patch.body or "")
    patch.set = {name: value for name, value in patch.set.items() if name not in ("title", "status")}
    changes = {**_values(writing, blank, patch), **moments(blank, settings.stage(""), status, now)}
    extra = {name: value for name, value in changes.items() if name not in Ticket.FIELDS and value is not None}
    own = {name: value for name, value in changes.items() if name in Ticket.FIELDS}
    ticket = blank.replace(slug=writing.next_slug(key), extra=extra, **own)
    held = writing.create(ticket)
    writing.say(f"{ticket.slug} created: {ticket.title}")
    return held


def update(writing: Writing, name: str, patch: Patch) -> Held:
    """Change fields of a ticket; status, type and priority are checked against the project's lists."""
    held = writing.about(name)
    old = held.ticket
    changes = checked(writing, old, patch)
    if patch.body is not None:
        writing.check_text(f"{old.slug}'s description", old.body, patch.body)
        changes["body"] = patch.body.replace("\r\n", "\n").strip("\n")
    writing.change(held, changes)
    if held.ticket != old:
        writing.say(describe(writing, old, held.ticket))
    return held


def checked(writing: Writing, old: Ticket, patch: Patch) -> dict[str, Any]:
    """Turn a patch into values, and set the moments that a change of status brings."""
    if "title" in patch.set:
        patch.set["title"] = _title(patch.set["title"])
    changes = _values(writing, old, patch)
    if patch.set.get("status"):
        status = writing.settings.status(patch.set["status"])
        if old.status != status.slug:
            changes.update(moments(old, writing.settings.stage(old.status), status, writing.tracker.now()))
    return changes


def close(writing: Writing, name: str, status: str = "", resolution: str = "") -> Held:
    """Close a ticket: to the given closed status, else the first completed one."""
    settings = writing.settings
    target = settings.status(status) if status else statuses.first_of_stage(settings.statuses, "completed", "canceled")
    if target is None or target.stage not in statuses.CLOSED_STAGES:
        raise UsageError(f'status "{status or "completed"}" does not close a ticket', "gittracker status list")
    patch = Patch()
    held = writing.about(name)
    closed = settings.stage(held.ticket.status) in statuses.CLOSED_STAGES
    if status or not closed:
        patch.set["status"] = target.slug
    if resolution:
        patch.set["resolution"] = resolution
    return update(writing, name, patch)


def reopen(writing: Writing, name: str, status: str = "") -> Held:
    """Open a closed ticket again: to the given status, else the first unstarted one."""
    settings = writing.settings
    held = writing.about(name)
    if settings.stage(held.ticket.status) not in statuses.CLOSED_STAGES and not status:
        return held
    target = settings.status(status) if status else statuses.first_of_stage(
        settings.statuses, "unstarted", "backlog", "started")
    if target is None or target.stage in statuses.CLOSED_STAGES:
        raise UsageError(f'status "{status}" is a closed one', "gittracker status list")
    patch = Patch()
    patch.set.update(status=target.slug, resolution="none")
    return update(writing, name, patch)


def archive(writing: Writing, name: str, archived: bool = True) -> Held:
    """Put a ticket away, or bring it back."""
    held = writing.about(name)
    if held.ticket.archived != archived:
        writing.change(held, {"archived": archived}, "ticket.archived" if archived else "ticket.unarchived")
        writing.say(f"{held.ticket.slug} {'archived' if archived else 'unarchived'}")
    return held


def approve(writing: Writing, name: str, approved: bool = True) -> Held:
    """Approve a ticket, or withdraw that."""
    held = writing.about(name)
    word = "approved" if approved else "unapproved"
    if held.ticket.approval != word:
        writing.change(held, {"approval": word})
        writing.say(f"{held.ticket.slug} {word}")
    return held


def purge(writing: Writing, names: list[str]) -> None:
    """Remove tickets' folders with all that is in them; journal and git still have it.

    Raises ConflictError where others link to one of them; `--force` removes those links too.
    """
    going = {held.folder: held for held in map(writing.about, names)}
    for held in going.values():
        _unlink_others(writing, held, going)
    for held in going.values():
        _remove(writing, held)


def _unlink_others(writing: Writing, held: Held, going: dict[str, Held]) -> None:
    from gittracker.services.naming import links
    found = [(other, field) for other, field in links.incoming(writing, held) if other.folder not in going]
    slug = held.ticket.slug
    if found and not writing.request.force:
        names = ", ".join(f"{other.ticket.slug} ({field})" for other, field in found)
        raise ConflictError(f"{slug} can't be purged: {names} would link to nothing",
                            f"gittracker ticket unlink {found[0][0].ticket.slug} {found[0][1]} {slug}")
    for other, field in found:
        link(writing, other.ticket.ref or other.ticket.slug, field, [slug], remove=True)


def _remove(writing: Writing, held: Held) -> None:
    for path in writing.files_below(held.folder):
        writing.put(path, None)
    writing.forget(held)
    writing.touch("ticket.deleted", held.ticket.ref, held.ticket.slug, held.path, {}, held.ticket.slug)
    writing.say(f"{held.ticket.slug} deleted")


def link(writing: Writing, name: str, field: str, targets: list[str], remove: bool = False) -> Held:
    """Add or remove links of one kind (depends_on, related, duplicates, parent)."""
    patch = Patch()
    if field == "parent":
        held = writing.about(name)
        if remove:
            from gittracker.services.naming import links
            if any(links.spellings(writing, links.members(held.ticket, field), target) for target in targets):
                patch.set["parent"] = "none"
        elif len(targets) > 1:
            raise UsageError("a ticket has one parent", f"gittracker ticket link {name} parent {targets[0]}")
        else:
            patch.set["parent"] = targets[0]
    else:
        (patch.remove if remove else patch.add)[field] = targets
    return update(writing, name, patch)


def describe(writing: Writing, old: Ticket, new: Ticket) -> str:
    """Say in one line what changed; links by slug."""
    from gittracker.formats.entity_md import differences
    found = differences(old, new)
    for name, pair in list(found.items()):
        if name == "epic":
            from gittracker.services import epics
            found[name] = epics.slug_of(writing.tracker, pair[0]), epics.slug_of(writing.tracker, pair[1])
        elif name in Ticket.FIELDS and Ticket.FIELDS[name].kind.name in ("link", "links"):
            from gittracker.services.naming import links
            found[name] = links.shown(writing, pair[0]), links.shown(writing, pair[1])
    return f"{new.slug} {wording.changes(found)}"


def _title(text: str) -> str:
    if not text.strip():
        raise UsageError("a ticket needs a title", "gittracker new 'Upload fails on a slow line'")
    return " ".join(one_line("the title", text).split())


def _values(writing: Writing, old: Ticket, patch: Patch) -> dict[str, Any]:
    """Turn what was typed into values, checked."""
    changes: dict[str, Any] = {}
    for name, text in patch.set.items():
        changes[name] = _value(writing, old, Ticket.FIELDS[name], text)
    for name in {**patch.add, **patch.remove}:
        now = changes.get(name, old.__dict__[name])
        more = _members(writing, old, name, patch.add.get(name, []), True)
        less = _members(writing, old, name, patch.remove.get(name, []), False)
        changes[name] = tuple(sorted((set(now) | set(more)) - set(less)))
    for name, value in patch.extra.items():
        changes[_custom(name)] = one_line(name, value) if value else value
    return changes


def _custom(name: str) -> str:
    if not name.startswith("x_") or not all(c.isalnum() or c == "_" for c in name) or not name.isascii():
        raise UsageError(f'"{name}" is no custom field', "custom fields begin with x_: --set x_team=core")
    return name


def _value(writing: Writing, old: Ticket, field: Field, text: str) -> Any:
    text = text.strip()
    name = field.name
    if name == "status":
        return writing.settings.status(text).slug
    if text.lower() in _EMPTY and name not in ("title", "type", "priority"):
        return field.kind.empty
    if name in ("type", "priority"):
        return writing.settings.choose(name, text)
    if name == "parent":
        from gittracker.services.naming import links
        return links.check(writing, old, name, text)
    if name == "epic":
        from gittracker.services import epics
        return epics.ref_of(writing, text)
    if name == "due":
        text = wording.day(writing.tracker, text)
    if name == "assignee":
        return _person(writing, name, text)
    text = one_line(name, text)
    try:
        return field.kind.read(text)
    except ValueError as error:
        sample = {"due": "2027-01-31", "estimate": "3", "budget_usd": "5"}.get(name, "VALUE")
        raise InvalidDataError(f'{name} is "{text}"; expected {error}',
                               f"--{name.replace('_', '-')} {sample}, or none to clear it") from error


def _members(writing: Writing, old: Ticket, name: str, items: list[str], adding: bool) -> list[str]:
    kind = Ticket.FIELDS[name].kind.name
    if kind != "links":
        if name == "reviewers":
            return [_person(writing, name, item) for item in items]
        return [member(name, item) if adding else item.strip() for item in items]
    from gittracker.services.naming import links
    if adding:
        return [links.check(writing, old, name, item) for item in items]
    return [ref for item in items for ref in links.spellings(writing, old.__dict__[name], item)]


def member(name: str, text: str) -> str:
    """Check a new member of a set of words."""
    if name == "labels" and "," in text:
        raise UsageError(f'label "{text}" has a comma, which parts labels in a query',
                         " ".join(f"--label '{part.strip()}'" for part in text.split(",")))
    return one_line(name, text)


def _person(writing: Writing, name: str, text: str) -> str:
    """Give a person's name; @me is who acts."""
    return writing.tracker.principal.name if text.strip() == "@me" else one_line(name, text)


def moments(old: Ticket, stage: str, status: Status, now: str) -> dict[str, Any]:
    """Give started_at and completed_at as they must be once a ticket of a stage has another status."""
    changes: dict[str, Any] = {}
    if status.stage == "started" and not old.started_at:
        changes["started_at"] = now
    if status.stage in statuses.CLOSED_STAGES and (stage not in statuses.CLOSED_STAGES or not old.completed_at):
        changes["completed_at"] = now
    elif status.stage not in statuses.CLOSED_STAGES and old.completed_at:
        changes["completed_at"] = ""
    return changes
