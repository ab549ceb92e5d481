"""What merging explains of a branch's commits: a merge has what its parents give, a sync's twin what the remote has."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.git import bases
from gittracker.git.objects import ids_at, read_blobs
from gittracker.services.merge.combining import combine
from gittracker.services.refresh import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.history import Commit
    from gittracker.services.tracker import Tracker

_FOLDER = ".openkit"


def explained(tracker: Tracker, commits: list[Commit]) -> set[tuple[str, str]]:
    """Give the (commit, path) of what merges and syncs put there, as can be done again from what they say they had."""
    return _twins(tracker, commits) | _merges(tracker, [one for one in commits if any(
        " " in old for _, old, _ in one.changes)])


def _twins(tracker: Tracker, commits: list[Commit]) -> set[tuple[str, str]]:
    """Find what a commit of a remote's branch has just so."""
    top = tracker.repository.top
    twins = bases.synced(top, [one.id for one in commits])
    there = {other: bases.is_on_remote(top, other) for other in set(twins.values())}
    rows = [(one.id, path, new, f"{twins[one.id]}:{_FOLDER}/{path}") for one in commits
            if there.get(twins.get(one.id, "")) for path, _, new in one.changes]
    found = ids_at(top, list(dict.fromkeys(name for *_, name in rows)))
    return {(oid, path) for oid, path, new, name in rows if found.get(name, "") == new}


def _merges(tracker: Tracker, commits: list[Commit]) -> set[tuple[str, str]]:
    """Find what merging the two parents gives, whichever side a dispute was decided for."""
    top = tracker.repository.top
    parents = bases.parents(top, [one.id for one in commits])
    found = set()
    for one in commits:
        sides = parents.get(one.id, [])
        base = bases.tracker_base(top, *sides) if len(sides) == 2 else ""
        names = [f"{commit}:{_FOLDER}/{path}" for path, *_ in one.changes for commit in (base, *sides)] if base else []
        blobs = read_blobs(top, [*names, *(new for _, _, new in one.changes if new)])
        for path, _, new in one.changes if base else ():
            versions = [blobs.get(f"{commit}:{_FOLDER}/{path}") for commit in (base, *sides)]
            if versions[1] is not None and versions[2] is not None and new and _gives(
                    path, versions[0], versions[1], versions[2], blobs.get(new, b"")):
                found.add((one.id, path))
    return found


def _gives(path: str, base: bytes | None, ours: bytes, theirs: bytes, new: bytes) -> bool:
    """Tell whether a merge of these gives those bytes, or their fields."""
    made = [combine(path, base, ours, theirs, is_later).data for is_later in (_never, _always)]
    cls = CLASSES.get(kinds.noun(path))
    if new in made or cls is None:
        return new in made
    try:
        now, *both = (recording.parse_as(cls, path, data)[0] for data in (new, *made))
    except InvalidDataError:
        return False
    one, other = (entity_md.differences(record, now).keys() for record in both)
    return not one & other


def _never(_: str) -> bool:
    return False


def _always(_: str) -> bool:
    return True
