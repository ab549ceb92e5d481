"""What merging explains of a branch's commits: a merge has what its parents give, a sync's twin what the remote has."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.nouns import CLASSES
from gittracker.formats import entity_md
from gittracker.git import bases
from gittracker.git import history as git_history
from gittracker.git.objects import ids_at, read_blobs
from gittracker.services.merge.combining import combine
from gittracker.services.refresh import recording
from gittracker.store import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.git.history import Commit
    from gittracker.services.tracker import Tracker

_FOLDER = ".openkit"


def explained(tracker: Tracker, commits: list[Commit]) -> dict[tuple[str, str], tuple[str, str] | None]:
    """Tell by (commit, path) what merges, syncs and landings put there, as can be done again from what they had.

    It is None where that is audited elsewhere, else (old, new) of the branch that landed, which count instead.
    """
    top = tracker.repository.top
    named = bases.synced(top, [one.id for one in commits])
    head = git_history.resolve(top, "HEAD")
    audited = {other for other in set(named.values())
               if bases.is_on_remote(top, other) or (head and git_history.contains(top, head, other))}
    found: dict[tuple[str, str], tuple[str, str] | None] = dict.fromkeys(
        _same(tracker, commits, {oid: other for oid, other in named.items() if other in audited}))
    for one in commits:
        if one.id in named or any(" " in old for _, old, _ in one.changes):
            other = named.get(one.id, "")
            for path, blobs in _merge(tracker, one, other).items():
                found.setdefault((one.id, path), None if not other or other in audited else blobs)
    return found


def _same(tracker: Tracker, commits: list[Commit], twins: dict[str, str]) -> list[tuple[str, str]]:
    """Find what a commit has just as the one that it names."""
    rows = [(one.id, path, new, f"{twins[one.id]}:{_FOLDER}/{path}") for one in commits
            if one.id in twins for path, _, new in one.changes]
    found = ids_at(tracker.repository.top, list(dict.fromkeys(name for *_, name in rows)))
    return [(oid, path) for oid, path, new, name in rows if found.get(name, "") == new]


def _merge(tracker: Tracker, one: Commit, named: str) -> dict[str, tuple[str, str]]:
    """Find the files that merging the two sides gives, whichever side a dispute was decided for.

    The sides are the commit's parents, or its parent and the commit that it names; gives what the second side changed.
    """
    top = tracker.repository.top
    sides = [*bases.parents(top, [one.id]).get(one.id, []), *([named] if named else [])]
    base = bases.tracker_base(top, *sides) if len(sides) == 2 else ""
    if not base:
        return {}
    names = {path: [f"{commit}:{_FOLDER}/{path}" for commit in (base, *sides)] for path, *_ in one.changes}
    ids = ids_at(top, [name for some in names.values() for name in some])
    blobs = read_blobs(top, [*ids.values(), *(new for _, _, new in one.changes if new)])
    found = {}
    for path, _, new in one.changes:
        old, ours, theirs = (ids.get(name, "") for name in names[path])
        taken = new == theirs and ours == old
        if taken or (ours and theirs and new and _gives(path, blobs.get(old), blobs[ours], blobs[theirs],
                                                        blobs.get(new, b""))):
            found[path] = old, theirs
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
