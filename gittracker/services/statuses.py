"""The board's statuses: made, changed, deleted and reset, with all that is bound to them in the same entry."""

from __future__ import annotations

from gittracker.domain import status as rules
from gittracker.domain.errors import ConflictError, NotFoundError, UsageError
from gittracker.domain.status import CLOSED_STAGES, Status
from gittracker.domain.statussets import SETS
from gittracker.domain.texts import one_line
from gittracker.formats import statuses_yaml
from gittracker.services import rebinding
from gittracker.services.write.writing import UNCHANGED
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.write.writing import Writing

    Wanted = list[tuple[str, Status]]  # the slug that it has now, empty for a new one, and what it becomes

_LIST = "gittracker status list"


class Patch:
    """What is to change of a status, as typed; None and False leave it as it is. `before` and `after` name statuses."""

    __slots__ = ("name", "slug", "stage", "color", "icon", "runs", "default", "before", "after")

    def __init__(self, name: str | None = None, slug: str | None = None, stage: str | None = None,
                 color: str | None = None, icon: str | None = None, runs: str | None = None, default: bool = False,
                 before: str | None = None, after: str | None = None) -> None:
        self.name = name
        self.slug = slug
        self.stage = stage
        self.color = color
        self.icon = icon
        self.runs = runs
        self.default = default
        self.before = before
        self.after = after


def create(writing: Writing, patch: Patch) -> Status:
    """Add a status; raises UsageError, and ConflictError where its name is taken or it can't be the default."""
    board = _board(writing)
    new = _patched(Status("", "", "unstarted"), patch)
    _check(new, [status for _, status in board])
    if patch.before or patch.after:
        place = _place(board, patch)
    else:
        place = max((n for n, (_, one) in enumerate(board, 1) if one.stage == new.stage), default=len(board))
    wanted = _with_default(board, new)
    wanted.insert(place, ("", new))
    _write(writing, board, wanted, new.slug)
    writing.say(f"status {new.slug} created ({new.stage})")
    return new


def update(writing: Writing, name: str, patch: Patch) -> Status:
    """Change a status; tickets that name it follow to its new slug and stage. Raises what `create` raises."""
    board = _board(writing)
    old = _find(writing, board, name)
    rest = [(slug, status) for slug, status in board if status is not old]
    new = _patched(old, patch)
    _check(new, [status for _, status in rest])
    was = [slug for slug, _ in board].index(old.slug)
    place = _place(rest, patch) if patch.before or patch.after else was
    wanted = _with_default(rest, new)
    wanted.insert(place, (old.slug, new))
    changes = _differences(old, new)
    if place != was:
        changes["place"] = was + 1, place + 1
    writing.touch("status.updated" if changes else UNCHANGED, new.slug, new.slug, layout.STATUSES, changes, "")
    moved = _write(writing, board, wanted, new.slug, {old.slug: new})
    if changes:
        told = ", ".join(f"{key} {_shown(one)} → {_shown(other)}" for key, (one, other) in changes.items())
        writing.say(f"status {old.slug} {told}{_tail(moved)}")
    return new


def delete(writing: Writing, name: str, to: str = "") -> Status:
    """Take a status out; its tickets get the status `to`, else the default one, or the next. Gives the replacement.

    Raises ConflictError where it is the last, or where the replacement can't be the default in its place.
    """
    board = _board(writing)
    old = _find(writing, board, name)
    if len(board) == 1:
        raise ConflictError(f'"{old.name}" is the last status, and a board needs one', "gittracker status create NAME")
    new = _replacement(old, [status for _, status in board], to)
    new = new.replace(is_default=new.is_default or old.is_default)
    wanted = [(slug, new if slug == new.slug else one) for slug, one in board if slug != old.slug]
    moved = _write(writing, board, wanted, old.slug, {old.slug: new})
    writing.say(f"status {old.slug} deleted" + (f", {len(moved)} ticket(s) moved to {new.slug}" if moved else "")
                + (f"; {new.slug} is the default now" if old.is_default else ""))
    return new


def reset(writing: Writing, name: str = "openase") -> None:
    """Make the statuses those of a set: one of the same name stays and is changed to fit, the others go.

    Tickets of a status that goes get the set's first one of the same stage, else (closed ones) another closed one,
    else the backlog, else the default.
    """
    if name not in SETS:
        raise UsageError(f'"{name}" is no set of statuses', f"--set {'|'.join(SETS)}")
    board = _board(writing)
    wanted: Wanted = []
    for model in SETS[name]:
        known = next((one for _, one in board if rules.slugify(one.name) == model.slug), None)
        wanted.append((known.slug, model.replace(max_active_runs=known.max_active_runs)) if known else ("", model))
    made = [status for _, status in wanted]
    stays = dict(wanted)
    moves = {slug: stays.get(slug) or _successor(old, made) for slug, old in board}
    moved = _write(writing, board, wanted, "", moves)
    if writing.after[layout.STATUSES] != writing.before[layout.STATUSES]:
        gone = [slug for slug, _ in board if slug not in stays]
        told = f"; {', '.join(gone)} deleted" if gone else ""
        writing.say(f"statuses reset to {name}{told}{_tail(moved)}")


def _find(writing: Writing, board: Wanted, name: str) -> Status:
    slug = writing.settings.status(name).slug
    return next(status for known, status in board if known == slug)


def _board(writing: Writing) -> Wanted:
    """Give the statuses as this command leaves them, the default one marked; the first to look meets `--if-match`."""
    data = writing.read(layout.STATUSES)
    if data is not None:
        writing.meet(layout.STATUSES, data, _LIST)
    found = writing.settings.statuses
    chosen = rules.default(found)
    if chosen.stage in CLOSED_STAGES:  # written by hand: new tickets would be closed
        chosen = next((one for one in found if one.stage not in CLOSED_STAGES), chosen)
    return [(one.slug, one.replace(is_default=one is chosen)) for one in found]


def _write(writing: Writing, board: Wanted, wanted: Wanted, first: str,
           moves: dict[str, Status] | None = None) -> list[str]:
    """Write the statuses and rebind what names them; gives the slugs of what moved. `first` is told first."""
    before = writing.settings
    data = writing.read(layout.STATUSES)
    if data is None:
        data = statuses_yaml.render(before.statuses)
    writing.put(layout.STATUSES, statuses_yaml.rewrite(data, wanted))
    for kind, slug, changes in sorted(_events(board, wanted), key=lambda event: event[1] != first):
        writing.touch(f"status.{kind}", slug, slug, layout.STATUSES, changes, "")
    bound = {slug: new for slug, new in (moves or {}).items() if not _is_named_as(before.status(slug), new)}
    return rebinding.rebind(writing, before, bound) if bound else []


def _is_named_as(old: Status, new: Status) -> bool:
    return (old.slug, old.name, old.stage) == (new.slug, new.name, new.stage)


def _events(board: Wanted, wanted: Wanted) -> list[tuple[str, str, dict[str, Any]]]:
    """Say what becomes of each status: (created, deleted or updated, its slug, its changes)."""
    there, stays = dict(board), {slug for slug, _ in wanted}
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("deleted", slug, {key: (value, None) for key, value in statuses_yaml.row(old).items()})
        for slug, old in board if slug not in stays]
    for slug, new in wanted:
        if not slug:
            found.append(("created", new.slug, {k: (None, v) for k, v in statuses_yaml.row(new).items()}))
        elif different := _differences(there[slug], new):
            found.append(("updated", new.slug, different))
    return found


def _patched(old: Status, patch: Patch) -> Status:
    """Give a status as the patch makes it; its slug follows its name unless it had one of its own."""
    name = " ".join(one_line("the name", patch.name).split()) if patch.name is not None else old.name
    own_slug = old.slug if old.slug != rules.slugify(old.name) else rules.slugify(name)
    slug = rules.slugify(patch.slug) if patch.slug is not None else own_slug
    if not slug:
        raise UsageError(f'"{name if patch.slug is None else patch.slug}" has no letter or digit to make a slug of',
                         "--slug in-review")
    return Status(slug, name, rules.stage_of(patch.stage) if patch.stage is not None else old.stage,
                  _text("color", patch.color, old.color), _text("icon", patch.icon, old.icon),
                  patch.default or old.is_default, _runs(patch.runs, old.max_active_runs))


def _text(what: str, text: str | None, old: str) -> str:
    if text is None:
        return old
    return "" if text.strip().lower() in ("", "none") else one_line(what, text)


def _runs(text: str | None, old: int | None) -> int | None:
    if text is None:
        return old
    if text.strip().lower() in ("", "none"):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UsageError(f'max_active_runs "{text}" is no number such as 3', "--max-active-runs 3, or none")
    return int(text)


def _check(new: Status, others: list[Status]) -> None:
    """Refuse a name that is taken, and a default that is closed."""
    taken = next((one for one in others if rules.same(one, new)), None)
    if taken:
        raise ConflictError(f'there is a status "{taken.name}" ({taken.slug}) already',
                            f"gittracker status show {taken.slug}")
    _check_default(new)


def _check_default(status: Status) -> None:
    if status.is_default and status.stage in CLOSED_STAGES:
        raise ConflictError(f"{status.slug} is {status.stage}, and new tickets can't be closed: it can't be the "
                            "default", "make an open one the default: gittracker status update STATUS --default")


def _place(others: Wanted, patch: Patch) -> int:
    """Give the place among the others that `before` or `after` names."""
    if patch.before and patch.after:
        raise UsageError("--before and --after can't both be given", "give one of them")
    statuses = [status for _, status in others]
    return statuses.index(_other(statuses, patch.before or patch.after or "")) + (0 if patch.before else 1)


def _other(statuses: list[Status], name: str) -> Status:
    found = rules.find(statuses, name)
    if found is None:
        raise NotFoundError("other status", name, _LIST)
    return found


def _with_default(board: Wanted, new: Status) -> Wanted:
    """Give the statuses beside a new one, none of which is the default if it is."""
    return [(slug, one.replace(is_default=False) if new.is_default and one.is_default else one) for slug, one in board]


def _replacement(old: Status, statuses: list[Status], to: str) -> Status:
    """Find what takes a deleted status's place: the one named, else the default, else the next that can be it."""
    rest = [one for one in statuses if one is not old]
    if to:
        named = _other(rest, to)
        _check_default(named.replace(is_default=old.is_default))
        return named
    if not old.is_default:
        return next(one for one in rest if one.is_default)
    place = statuses.index(old)
    following = [*statuses[place + 1:], *reversed(statuses[:place])]
    found = next((one for one in following if one.stage not in CLOSED_STAGES), None)
    if found is None:
        raise ConflictError(f'"{old.name}" is the last status that is open, and new tickets need one',
                            "gittracker status create NAME --stage unstarted")
    return found


def _successor(old: Status, made: list[Status]) -> Status:
    stages = [old.stage, *(CLOSED_STAGES if old.stage in CLOSED_STAGES else ()), "backlog"]
    return rules.first_of_stage(made, *stages) or rules.default(made)


def _differences(old: Status, new: Status) -> dict[str, tuple[Any, Any]]:
    before, after = old.to_json(), new.to_json()
    return {key: (before[key], after[key]) for key in after if before[key] != after[key]}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in ("", None) else str(value)


def _tail(moved: list[str]) -> str:
    return f"; {len(moved)} ticket(s) changed" if moved else ""
