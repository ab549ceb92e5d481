"""Conflicts in the tracker's files: what is disputed between which sides, and the settling of it."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.formats import conflicts, entity_md
from gittracker.formats.conflicts import OURS, THEIRS
from gittracker.git import objects, trees, unmerged
from gittracker.services.merge import merging
from gittracker.store import atomic, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.fields import Record
    from gittracker.formats.merge_md import Choose
    from gittracker.git.unmerged import Operation, Stages
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

_PREFIX = ".openkit/"
_NONE = unmerged.Operation("", unmerged.Side("", ""), unmerged.Side("", ""))
WHOLE = ""  # the dispute over a file that has no fields, or that one side deleted
CONTENT, ADDED, OURS_GONE, THEIRS_GONE = "content", "both added", "deleted by ours", "deleted by theirs"
LEFT_OVER, EDITED = "left over", "edited"  # markers that git knows nothing of | settled by hand, and not yet added


class Dispute:
    """One field and its values on both sides; of a file without fields the whole."""

    __slots__ = ("field", "ours", "theirs")

    def __init__(self, field: str, ours: Any, theirs: Any) -> None:
        self.field = field
        self.ours = ours
        self.theirs = theirs

    def to_json(self) -> dict[str, Any]:
        """Give the dispute as it is printed."""
        return {"field": self.field or None, "ours": self.ours, "theirs": self.theirs}


class Conflict:
    """One file in conflict: what kind of conflict, its versions (None where there is none), and the disputes."""

    __slots__ = ("path", "kind", "base", "ours", "theirs", "disputes")

    def __init__(self, path: str, kind: str, base: bytes | None, ours: bytes | None, theirs: bytes | None) -> None:
        self.path = path
        self.kind = kind
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.disputes = _disputes(self)

    @property
    def name(self) -> str:
        """Give the name that people use for the record."""
        return kinds.name_of(kinds.place(self.path)) or self.path

    @property
    def is_certain(self) -> bool:
        """Tell whether it is a conflict for sure: a text may show markers that are meant."""
        return self.kind != LEFT_OVER or any(one.field not in ("body", WHOLE) for one in self.disputes)

    def to_json(self) -> dict[str, Any]:
        """Give the conflict as it is printed."""
        return {"record": self.name, "path": f"{_PREFIX}{self.path}", "kind": self.kind,
                "disputes": [one.to_json() for one in self.disputes]}


class Situation:
    """All conflicts of a worktree, and what git is in the middle of."""

    __slots__ = ("operation", "conflicts")

    def __init__(self, operation: Operation, found: list[Conflict]) -> None:
        self.operation = operation
        self.conflicts = found

    def of(self, name: str, path: str = "") -> list[Conflict]:
        """List those of one record, by its name, its folder's, its path, or the path that a name was resolved to."""
        wanted, place = name.lower().removeprefix(_PREFIX), kinds.place(path)
        return [one for one in self.conflicts if (
            kinds.place(one.path) == place if place else path == one.path or wanted in _names(one))]


def _names(one: Conflict) -> tuple[str, ...]:
    place = kinds.place(one.path)
    return tuple(name.lower() for name in (one.name, one.path, place, place.rpartition("/")[2]) if name)


def find(tracker: Tracker, path: str = "") -> Situation:
    """Find the files that git has unmerged, and those with markers that were left in them; of one file perhaps."""
    top = tracker.repository.top
    stages = unmerged.listed(top, _PREFIX)
    blobs = objects.read_blobs(top, [oid for one in stages for oid in (one.base, one.ours, one.theirs) if oid])
    found = [_of_stages(tracker, one, blobs) for one in stages]
    known = {one.path for one in stages}
    for marked in [path] if path else unmerged.with_markers(top, _PREFIX):
        both = _sides(atomic.read(tracker.path(marked))) if marked not in known else None
        if both:
            found.append(Conflict(marked, LEFT_OVER, None, *both))
    return Situation(unmerged.operation(tracker.repository) if found or not path else _NONE,
                     sorted(found, key=lambda one: one.path))


def _of_stages(tracker: Tracker, one: Stages, blobs: dict[str, bytes]) -> Conflict:
    base, ours, theirs = (blobs.get(oid) for oid in (one.base, one.ours, one.theirs))
    if ours is None or theirs is None:
        return Conflict(one.path, OURS_GONE if ours is None else THEIRS_GONE, base, ours, theirs)
    there = atomic.read(tracker.path(one.path))
    both = _sides(there)
    if both and not (_sides(ours) or _sides(theirs)):
        ours, theirs = both  # what was edited round the markers is in both
    elif both:
        pass  # a side shows markers itself: which ones are git's can't be told, but git has both sides
    elif there is not None and there != blobs.get(one.ours):
        return Conflict(one.path, EDITED, base, there, there)
    return Conflict(one.path, CONTENT if base is not None else ADDED, base or b"", ours, theirs)


def _sides(data: bytes | None) -> tuple[bytes, bytes] | None:
    try:
        found = conflicts.sides(data.decode()) if data else None
    except UnicodeDecodeError:
        return None
    return (found[0].encode(), found[1].encode()) if found else None


def _disputes(one: Conflict) -> list[Dispute]:
    """Tell the fields that differ and can't be merged."""
    if one.kind == EDITED:
        return []
    made = merging.combined(one.path, one.base, one.ours, one.theirs) if (
        one.ours is not None and one.theirs is not None) else None
    cls = merging.class_of(one.path)
    if made is None or cls is None:
        return [Dispute(WHOLE, *("deleted" if side is None else "changed" for side in (one.ours, one.theirs)))]
    both = _sides(made.data) or (made.data, made.data)
    mine, other = (entity_md.read(cls, side, one.path)[0] for side in both)
    values = [{**side.values(), **side.extra, "body": side.body} for side in (mine, other)]
    return [Dispute(name, values[0].get(name), values[1].get(name)) for name in made.disputes]


def _chosen(tracker: Tracker, operation: Operation, how: str, one: Conflict) -> Choose:
    """Give what chooses a side for each field: `ours`, `theirs`, or for `board` the side whose value the board shows.

    Where it shows neither, for a third replica has another or the board is of no help, that is the later value's.
    """
    if how != "board" or one.kind == EDITED:
        return lambda name: how
    if one.kind in (OURS_GONE, THEIRS_GONE):
        return lambda name: THEIRS if one.kind == OURS_GONE else OURS  # what somebody still works on stays
    from gittracker.services.merge.lateness import Lateness, Side
    ours, theirs = operation.ours, operation.theirs
    if not ours.commit or not theirs.commit or one.kind == LEFT_OVER:
        raise ConflictError(f"git doesn't say whose the sides of {one.name} are, so neither is known to be later",
                            f"gittracker resolve {one.name} --ours, or --theirs")
    base = trees.merge_base(tracker.repository.top, ours.commit, theirs.commit) or trees.empty_tree(
        tracker.repository.top)
    # Neither is this clone's own: its journal has the files with markers too, which no commit of either side had.
    is_later = Lateness(tracker, base, *(Side(one.label, one.commit, False) for one in (ours, theirs))).judge(one.path)
    shown = _shown(tracker, one.path)
    there = {dispute.field: [side for side, value in ((OURS, dispute.ours), (THEIRS, dispute.theirs))
                             if dispute.field in shown and shown[dispute.field] == value] for dispute in one.disputes}
    return lambda name: there[name][0] if len(there.get(name, ())) == 1 else THEIRS if is_later(name) else OURS


def _shown(tracker: Tracker, path: str) -> dict[str, Any]:
    """Give the fields of a record as the board shows it, none where it can't be read there."""
    tracker.notice()
    cls, data = merging.class_of(path), atomic.read(tracker.shown(path))
    try:
        record = entity_md.read(cls, data, path)[0] if cls and data is not None else None
    except InvalidDataError:
        return {}  # home's own file, with the markers in it
    return {**record.values(), **record.extra, "body": record.body} if record else {}


def settle(writing: Writing, found: list[Conflict], operation: Operation, how: str,
           values: dict[str, str]) -> list[str]:
    """Settle conflicts: some fields by a given value, the rest by a choice; gives the paths that are settled whole.

    Raises UsageError where a value is of no disputed field, or doesn't fit it.
    """
    done = []
    missing = set(values) - {dispute.field for one in found for dispute in one.disputes}
    if missing:
        known = ", ".join(dict.fromkeys(d.field for one in found for d in one.disputes if d.field))
        raise UsageError(f"{', '.join(sorted(missing))} is not in dispute", f"in dispute: {known or 'no field'}")
    for one in found:
        choose = _chosen(writing.tracker, operation, how, one)
        data, left = _settled(writing, one, choose, values)
        if data is not None and left and data == writing.read(one.path):
            continue
        writing.put(one.path, data)
        said = [f"{d.field or kinds.noun(one.path)}: {values.get(d.field) or choose(d.field)}" for d in one.disputes
                if d.field not in left]
        writing.say(f"{one.name} conflict settled, {', '.join(said) or 'as edited'}")
        _touch(writing, one, data, left)
        if not left:
            done.append(one.path)
    return done


def _settled(writing: Writing, one: Conflict, choose: Choose,
             values: dict[str, str]) -> tuple[bytes | None, list[str]]:
    """Give a file as it is settled, and what is still disputed in it."""
    if one.kind == EDITED:
        return one.ours, []
    cls = merging.class_of(one.path)
    given = {name: value for name, value in values.items() if name in {d.field for d in one.disputes}}
    made = None
    if one.ours is not None and one.theirs is not None and cls:
        # A value that both sides have is in dispute no longer.
        changes = _values(writing, cls, given)
        both = [entity_md.patch(cls, side, changes, one.path) if given else side for side in (one.ours, one.theirs)]
        made = merging.combined(one.path, one.base, both[0], both[1], lambda name: OURS if name in given
                                else choose(name))
    if made is None:
        side = choose(WHOLE)
        return (one.ours if side == OURS else one.theirs, []) if side else (writing.read(one.path), [WHOLE])
    return made.data, made.disputes


def _values(writing: Writing, cls: type[Record], given: dict[str, str]) -> dict[str, Any]:
    """Read values as they were typed; a ticket's are checked as those of `update` are."""
    made: dict[str, Any] = {}
    for name, text in given.items():
        field = cls.FIELDS.get(name)
        if name == "title" and not text.strip():
            raise UsageError("a title can't be empty", "--set title=TEXT")
        if cls.NOUN == "ticket" and name in ("status", "type", "priority"):
            made[name] = _word(writing, name, text)
        elif field is None:
            made[name] = text if name == "body" else text or None
        else:
            raw = [part.strip() for part in text.split(",") if part.strip()] if field.kind.many else text
            try:
                made[name] = field.kind.read(raw)
            except ValueError as error:
                raise UsageError(f'{name} is "{text}"; expected {error}', f"--set {name}=VALUE") from error
    return made


def _word(writing: Writing, name: str, text: str) -> str:
    """Read one of a project's words."""
    settings = writing.settings
    if name == "status":
        return settings.status(text).slug
    allowed = settings.types if name == "type" else settings.priorities
    word = text.strip().lower()
    if word not in allowed:
        raise UsageError(f'"{text}" is none of {", ".join(allowed)}', f"--set {name}={allowed[0]}")
    return word


def _touch(writing: Writing, one: Conflict, data: bytes | None, left: list[str]) -> None:
    """Note what was settled, for the receipt and the event."""
    cls, noun = merging.class_of(one.path), kinds.noun(one.path)
    ref, changes = one.path, {}
    if cls and data is not None and not left:
        record = entity_md.read(cls, data, one.path)[0]
        ref = record.__dict__.get("ref") or ref
        if one.ours is not None:
            changes = dict(entity_md.differences(entity_md.read(cls, one.ours)[0], record))
    slug = one.name if one.path.startswith("tickets/") else ""
    writing.touch(f"{noun}.deleted" if data is None else f"{noun}.updated", ref, one.name, one.path, changes, slug)


def named(situation: Situation, name: str, path: str) -> list[Conflict]:
    """List the conflicts of one record; raises NotFoundError where it has none."""
    found = situation.of(name, path)
    if not found:
        raise NotFoundError("conflict", name, "gittracker resolve")
    return found
