"""What changed of the configuration around the tool: statuses, projects and members, told as events."""

from __future__ import annotations

import marshal

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats.etag import blob_id
from gittracker.services.refresh import noticing, recording, telling
from gittracker.services.refresh.noticing import Seen
from gittracker.store import atomic, kinds, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.services.tracker import Tracker


def look(tracker: Tracker) -> None:
    """Tell what differs from what was told last; the first look is no news."""
    now = _files(tracker)
    packed = tracker.index.get(_key(tracker))
    before: dict[str, bytes] = marshal.loads(packed) if packed else now
    changed = sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
    if packed and not changed:
        return
    if telling.claimed(tracker, tracker.ground.tracker).intersection(changed):
        return  # a command that is writing tells it itself
    with tracker.index:
        telling.tell(tracker, [one for path in changed for one in _changes(tracker, path, before.get(path),
                                                                          now.get(path))])
        tracker.index.put(_key(tracker), marshal.dumps(now))


def settle(tracker: Tracker, paths: Collection[str]) -> None:
    """Note some files as they are, as a command does that has told what it changed."""
    packed = tracker.index.get(_key(tracker))
    if packed:
        now = _files(tracker)
        kept = {path: data for path, data in marshal.loads(packed).items() if path not in paths}
        tracker.index.put(_key(tracker), marshal.dumps({**kept, **{p: now[p] for p in paths if p in now}}))


def _key(tracker: Tracker) -> str:
    return f"rules:{tracker.view}"


def _files(tracker: Tracker) -> dict[str, bytes]:
    found = {}
    for path in settings.names(tracker.rules):
        try:
            data = atomic.read(f"{tracker.rules}/{path}")
        except InvalidDataError:
            continue  # no plain file
        if data is not None:
            found[path] = data
    return found


def _changes(tracker: Tracker, path: str, before: bytes | None, after: bytes | None) -> list[Seen]:
    form = tracker.repository.object_format
    etag, old = ("" if data is None else blob_id(data, form) for data in (after, before))
    try:
        if path == layout.STATUSES:
            return _statuses(before, after, etag)
        cls = CLASSES.get(kinds.noun(path))
        pair: list[Record | None] = [recording.parse_as(cls, path, data)[0] if cls and data is not None else None
                                     for data in (before, after)]
    except InvalidDataError:
        return []  # the doctor names it; once it can be read again, all that it changed is told
    return noticing.of_record(path, kinds.name_of(kinds.place(path)), pair[0], pair[1], etag or old)


def _statuses(before: bytes | None, after: bytes | None, etag: str) -> list[Seen]:
    """Notice what each status says otherwise."""
    from gittracker.formats import statuses_yaml
    if before is None or after is None:
        return []
    events: dict[str, str] = {}
    changes: dict[str, dict[str, Any]] = {}
    for slug, field, old, new in statuses_yaml.compare(before, after):
        if slug:
            events[slug] = "updated" if field else "deleted" if new is None else "created"
            changes.setdefault(slug, {}).update({field: (old, new)} if field else {})
    return [Seen(f"status.{kind}", slug, slug, layout.STATUSES, etag, changes[slug]) for slug, kind in events.items()]
