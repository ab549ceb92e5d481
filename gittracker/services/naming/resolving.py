"""Resolve: what any ref, slug, alias, path, UUID or unique beginning of one names, over all kinds of records."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import AmbiguousError, InvalidDataError, NotFoundError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.index import lookups, tickets
from gittracker.services import records, views
from gittracker.services.naming import derivedrefs, loosefiles
from gittracker.services.naming.targets import Target, entry, record, ticket
from gittracker.services.refresh import recording
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.services.attached.attachments import Owner
    from gittracker.services.tracker import Tracker

_TYPES = {"usg": "usage", "run": "run", "wfl": "workflow", "job": "job", "hok": "hook", "agt": "agent",
          "prv": "provider", "chn": "channel", "cnv": "conversation", "evt": "event"}
_RECORDS = {ids.EPIC: "epic", ids.PAGE: "page", ids.UPDATE: "update", ids.PROGRESS: "progress"}
_SAME = {ids.COMMENT: ids.PAGE_COMMENT, ids.PAGE_COMMENT: ids.COMMENT}
_OWNERS = {ids.TICKET_FILE: "ticket", ids.EPIC_FILE: "epic", ids.PAGE_FILE: "page"}
_MOST_CANDIDATES, _REF_DIGITS = 8, 32


def resolve(tracker: Tracker, name: str) -> Target:
    """Find what a name names; raises NotFoundError, and AmbiguousError with the candidates."""
    low = name.strip().lower()
    uuid = ids.undashed(low)
    found = _by_uuid(tracker, uuid) if uuid else by_ref(tracker, low) if _begins_ref(low) else []
    found = found or by_name(tracker, name.strip())
    if len(found) > 1:
        raise AmbiguousError(name, [one.ref or one.name for one in found[:_MOST_CANDIDATES]])
    if not found:
        raise NotFoundError("record", name, _hint(low))
    return found[0]


def by_ref(tracker: Tracker, ref: str) -> list[Target]:
    """List what has a ref, or one that begins so; only of the kind that its first three letters tell."""
    prefix = ref[:3]
    if prefix == ids.TICKET:
        row = tracker.find(ref)
        return [ticket(row)] if row else []
    if prefix in _RECORDS:
        return _records(tracker, ref)
    if prefix in _SAME:
        return _comments(tracker, ref) or _comments(tracker, _SAME[prefix] + ref[3:])
    derived = {ids.PROJECT: _projects, ids.MEMBER: _members, ids.WORKSPACE: _workspace, ids.STATUS: _statuses,
               ids.TAG: _labels, ids.SKILL: _skills}.get(prefix)
    if derived:
        return [one for one in derived(tracker) if one.ref.startswith(ref)]
    if prefix in _OWNERS:
        return [_attached(tracker, owner, name) for owner, name in derivedrefs.attachments(tracker, _OWNERS[prefix])
                if owner.ref_of(name).startswith(ref)]
    return [Target(_TYPES.get(prefix, prefix), str(one["ref"]), _name_in(one, path), str(one.get("title") or ""), path,
                   _said(one)) for path, one in loosefiles.find(tracker, ref)]


def by_name(tracker: Tracker, name: str) -> list[Target]:
    """List what is called so: a slug, a path, a project's key, `@member`, `#label`; whole names before beginnings."""
    if name[:1] == "@":
        return _called(_members(tracker), name[1:])
    if name[:1] == "#":
        return [one for one in _labels(tracker) if one.name == name[1:]]
    noun = ids.noun_of(name)
    if noun != "ticket":
        try:
            return [record(tracker, records.find(tracker, noun, name))]
        except NotFoundError:
            pass
    row = tracker.find(name) if ids.parse_slug(ids.slug_of_folder(name)) else None
    row = row or tickets.find(tracker.index, tracker.view, name, whole=True)
    if row:
        return [ticket(row)]
    found = _called(_projects(tracker) + _members(tracker), name)
    page = records.named(tracker, "page", name) if name and not found else None
    if page:
        return [record(tracker, page)]
    for every in (_skills, _harnesses, _statuses):
        found = found or _called(every(tracker), name)
    return found or (_by_beginning(tracker, name) if len(name) > 1 else [])


def _said(value: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: value


def _begins_ref(text: str) -> bool:
    """Tell whether a text is a ref or begins one: three letters, and at least one hex digit behind the line."""
    prefix, _, digits = text.partition("_")
    return bool(digits) and ids.is_ref(f"{prefix}_{digits.ljust(_REF_DIGITS, '0')}")


def _called(every: list[Target], name: str) -> list[Target]:
    return [one for one in every if one.name.lower() == name.lower()]


def _by_uuid(tracker: Tracker, uuid: str) -> list[Target]:
    prefixes = (ids.TICKET, *_RECORDS, ids.COMMENT, ids.PROJECT, ids.MEMBER, ids.WORKSPACE, ids.STATUS, ids.TAG,
                ids.SKILL, *_OWNERS, *_TYPES)
    for prefix in prefixes:
        found = by_ref(tracker, ids.make_ref(prefix, uuid))
        if found:
            return found
    return []


def _by_beginning(tracker: Tracker, name: str) -> list[Target]:
    row = tracker.find(name)
    if row:
        return [ticket(row)]
    for noun in ("epic", "page", "update"):
        try:
            return [record(tracker, records.find(tracker, noun, name))]
        except NotFoundError:
            continue
    return []


def _records(tracker: Tracker, ref: str) -> list[Target]:
    recording.refresh(tracker)
    return [record(tracker, row) for row in lookups.records(tracker.index, tracker.view, ref)]


def _comments(tracker: Tracker, ref: str) -> list[Target]:
    found = lookups.comments(tracker.index, tracker.view, ref)
    if not found:
        tracker.refresh(deep=True)
        found = lookups.comments(tracker.index, tracker.view, ref)
    return [entry(tracker, "comment", f"{folder}/{layout.COMMENTS}/{name}") for _, folder, name in found] + _records(
        tracker, ref)


def _settings_record(tracker: Tracker, noun: str, name: str, path: str) -> Target:
    data = atomic.read(tracker.shown(path)) or b""
    try:
        one: Any = entity_md.read(CLASSES[noun], data, path)[0]
    except InvalidDataError:
        one = CLASSES[noun]()
    return Target(noun, one.ref, name, one.name, path, lambda: {
        **views.fields(one), "description": one.body, "path": f".openkit/{path}"})


def _projects(tracker: Tracker) -> list[Target]:
    return [_settings_record(tracker, "project", key, path) for key, path in tracker.settings.projects.items()]


def _members(tracker: Tracker) -> list[Target]:
    return [_settings_record(tracker, "member", name, path)
            for name, (_, path) in sorted(tracker.settings.members.items())]


def _workspace(tracker: Tracker) -> list[Target]:
    name = tracker.repository.top.rpartition("/")[2]
    settings = tracker.settings
    return [Target("workspace", derivedrefs.workspace(tracker), name, name, layout.CONFIG, lambda: {
        "name": name, "projects": list(settings.projects), "format": settings.format_version})]


def _statuses(tracker: Tracker) -> list[Target]:
    space = derivedrefs.workspace(tracker)
    return [Target("status", ids.derived(ids.STATUS, space, one.slug), one.slug, one.name, layout.STATUSES, one.to_json)
            for one in tracker.settings.statuses]


def _labels(tracker: Tracker) -> list[Target]:
    space = derivedrefs.workspace(tracker)
    return [Target("label", ids.derived(ids.TAG, space, word), word, word, "",
                   _said({"name": word, "records": count}))
            for word, count in sorted(derivedrefs.labels(tracker).items())]


def _skills(tracker: Tracker) -> list[Target]:
    return [record(tracker, row) for row in records.every(tracker, "skill")]


def _harnesses(tracker: Tracker) -> list[Target]:
    return [record(tracker, row) for row in records.every(tracker, "harness")]


def _attached(tracker: Tracker, owner: Owner, name: str) -> Target:
    path = f"{owner.folder}/{name}"
    return Target("attachment", owner.ref_of(name), f"{owner.name} {name}", name, path,
                  lambda: {"record": owner.name, **(views.attachment_at(tracker, path) or {})})


def _name_in(one: dict[str, Any], path: str) -> str:
    named = next((str(one[key]) for key in ("slug", "name", "id") if one.get(key)), "")
    return named or path.rpartition("/")[2].rpartition(".")[0]


def _hint(name: str) -> str:
    """Say where the records of a name's kind are listed."""
    ways = {"tik": "ls --all", "cmt": "comment list TICKET", "sbc": "comment list PAGE", "epc": "epic list --all",
            "sbn": "page list", "upd": "updates list", "prj": "project list", "usr": "member list",
            "sta": "status list", "skl": "skill list"}
    return f"gittracker {ways.get(name[:3], 'search WORDS')}"
