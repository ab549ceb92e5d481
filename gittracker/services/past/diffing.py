"""What one state of the tracker changes in another: two commits, or a commit and the working tree."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.changes import Comparison
from gittracker.domain.errors import InvalidDataError, NotFoundError
from gittracker.domain.settings import Settings
from gittracker.formats.etag import blob_id
from gittracker.git import history as revisions
from gittracker.git import trees
from gittracker.git.objects import read_blobs
from gittracker.index import records as rows
from gittracker.index import tickets
from gittracker.services.attached import largefiles
from gittracker.services.refresh import recordchanges, recording
from gittracker.services.refresh.recordchanges import Changed
from gittracker.store import atomic, kinds, layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.changes import RecordChange
    from gittracker.services.tracker import Tracker

_PREFIX = ".openkit/"
WORKTREE = "working tree"


class Side:
    """One of the two states: what it is called, and its commit; without one it is the working tree."""

    __slots__ = ("label", "commit", "tree")

    def __init__(self, label: str, commit: str, tree: str = "") -> None:
        self.label = label
        self.commit = commit
        self.tree = tree or commit


def compare(tracker: Tracker, asked: str = "") -> Comparison:
    """Compare `BASE..HEAD`, `BASE...HEAD` (from their merge base), `BASE` or nothing (HEAD) with the working tree.

    Raises NotFoundError where a revision or the merge base is not here.
    """
    base, head = _sides(tracker, asked)
    changed = _changed(tracker, base, head)
    own = _owners(tracker, head, changed)
    rules = _rules(tracker, base), _rules(tracker, head)
    records, limits = recordchanges.gather(changed, own, *rules)
    return Comparison(base.label, head.label, base.commit, head.commit, records, limits, _names(tracker, records))


def _sides(tracker: Tracker, asked: str) -> tuple[Side, Side]:
    top = tracker.repository.top
    for dots in ("...", ".."):
        one, found, other = asked.partition(dots)
        if not found:
            continue
        base, head = _commit(tracker, one or "HEAD"), _commit(tracker, other or "HEAD")
        if dots == "...":
            base = Side(base.label, trees.merge_base(top, base.commit, head.commit))
            if not base.commit:
                raise NotFoundError("common commit", asked, _deepen(tracker) or
                                    f"gittracker diff {one or 'HEAD'}..{other or 'HEAD'}")
        return base, head
    if not asked and not revisions.resolve(top, "HEAD"):
        return Side("no commit", "", trees.empty_tree(top)), Side(WORKTREE, "")
    return _commit(tracker, asked or "HEAD"), Side(WORKTREE, "")


def _commit(tracker: Tracker, name: str) -> Side:
    found = revisions.resolve(tracker.repository.top, name)
    if not found:
        raise NotFoundError("revision", name, _deepen(tracker) or "git log --oneline --all")
    return Side(name, found)


def _deepen(tracker: Tracker) -> str:
    """Say how to get the commits that a shallow clone lacks."""
    shallow = os.path.exists(os.path.join(tracker.repository.common_dir, "shallow"))
    return "the clone is shallow: git fetch --unshallow" if shallow else ""


def _changed(tracker: Tracker, base: Side, head: Side) -> list[Changed]:
    """List the changed files with their bytes; attachments and the like are only named."""
    top = tracker.repository.top
    if head.commit:
        found = [Changed(path, kinds.part(path), old, new)
                 for path, old, new in trees.between(top, base.tree, head.commit, _PREFIX)]
    else:
        found = []
        for path, old in trees.in_worktree(top, base.tree, _PREFIX):
            changed = Changed(path, kinds.part(path), old, "")
            data = largefiles.for_history(tracker, path, _read(tracker, changed))
            changed.new = "" if data is None else blob_id(data, tracker.repository.object_format)
            changed.after = data
            if changed.new != old or changed.problem:
                found.append(changed)
    text = [one for one in found if one.place.part != kinds.FILE]
    blobs = read_blobs(top, [oid for one in text for oid in (one.old, one.new) if oid])
    for one in text:
        one.before = blobs.get(one.old)
        one.after = one.after if one.after is not None else blobs.get(one.new)
    return found


def _read(tracker: Tracker, changed: Changed) -> bytes | None:
    """Read a file of the working tree; one that is no plain file is a problem of its own."""
    try:
        return atomic.read(tracker.path(changed.path))
    except InvalidDataError as error:
        changed.problem = error.message
        return None


def _owners(tracker: Tracker, head: Side, changed: list[Changed]) -> dict[str, bytes]:
    """Give the own files of records of which only other parts changed, for their names."""
    there = {one.path for one in changed}
    wanted = list(dict.fromkeys(one.place.own for one in changed if one.place.own not in there))
    if not head.commit:
        read = {path: atomic.read(tracker.path(path)) for path in wanted if os.path.isfile(tracker.path(path))}
        return {path: data for path, data in read.items() if data is not None}
    names = {f"{head.commit}:{_PREFIX}{path}": path for path in wanted if "\n" not in path}
    return {names[name]: data for name, data in read_blobs(tracker.repository.top, list(names)).items()}


def _rules(tracker: Tracker, side: Side) -> Settings:
    """Give the statuses of one state; stages are told by these."""
    if not side.commit:
        return tracker.settings
    name = f"{side.commit}:{_PREFIX}{layout.STATUSES}"
    data = read_blobs(tracker.repository.top, [name]).get(name)
    found = settings.read_statuses(data) if data is not None else []
    return Settings(statuses=[s.row() for s in found]) if found else tracker.settings


def _names(tracker: Tracker, records: list[RecordChange]) -> dict[str, str]:
    """Give the slugs of the refs that the changed fields hold."""
    refs = {item for record in records for _, *pair in record.fields for value in pair
            for item in (value if isinstance(value, tuple) else (value,))
            if isinstance(item, str) and ids.is_ref(item)}
    found = {str(new or old): record.name for record in records for name, old, new in record.fields if name == "ref"}
    unknown = refs - found.keys()
    if unknown:
        tracker.refresh()
        recording.refresh(tracker, layout.EPICS)
    for ref in unknown:
        found.update((ref, slug) for slug, _ in tickets.by_ref(tracker.index, tracker.view, ref))
        found.update((ref, row.name) for row in rows.by_ref(tracker.index, tracker.view, ref))
    return {ref: name for ref, name in found.items() if ref in refs}
