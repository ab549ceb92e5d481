"""The three-way merge of a board's statuses: by status and field, and their order."""

from __future__ import annotations

from gittracker.domain.status import Status, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Table = dict[str, Status]


class Merged:
    """What a merge gives: the statuses in their order, and the names of what both sides changed differently."""

    __slots__ = ("statuses", "disputes")

    def __init__(self, statuses: list[Status], disputes: list[str]) -> None:
        self.statuses = statuses
        self.disputes = disputes


def merge(base: list[Status], ours: list[Status], theirs: list[Status]) -> Merged:
    """Merge by status, which its slug tells, and by field: what one side changed wins; a dispute takes theirs."""
    tables = {one.slug: one for one in base}, {one.slug: one for one in ours}, {one.slug: one for one in theirs}
    disputes: list[str] = []
    found = {slug: status for slug in _order(*tables, disputes)
             if (status := _status(slug, *tables, disputes)) is not None}
    statuses = _one_name(list(found.values()), tables[2], disputes)
    if not statuses:
        disputes.append("every status")
        statuses = list(theirs)
    _one_default(statuses, theirs, disputes)
    return Merged(statuses, disputes)


def _status(slug: str, base: Table, ours: Table, theirs: Table, disputes: list[str]) -> Status | None:
    old, mine, other = base.get(slug), ours.get(slug), theirs.get(slug)
    if mine is None or other is None or old is None:
        kept = mine if _row(other) == _row(old) else other
        if _row(old) not in (_row(mine), _row(other)) and _row(mine) != _row(other):
            disputes.append(f"status {slug}")
        return kept
    values: dict[str, Any] = {}
    for name in Status.__slots__:
        before, one, two = getattr(old, name), getattr(mine, name), getattr(other, name)
        values[name] = one if two == before else two
        if before not in (one, two) and one != two:
            disputes.append(f"{name} of {slug}")
    return Status(**values)


def _row(status: Status | None) -> Any:
    """Give what tells whether a status changed; that another became the default is no change of this one."""
    return status.replace(is_default=False).row() if status else None


def _order(base: Table, ours: Table, theirs: Table, disputes: list[str]) -> list[str]:
    """Keep our order with what is theirs alone put in where it stands there; theirs where only they changed it."""
    orders = [[slug for slug in table if slug in base and slug in ours and slug in theirs]
              for table in (base, ours, theirs)]
    if orders[2] != orders[0] and orders[1] not in (orders[0], orders[2]):
        disputes.append("the order")
    first, second = (theirs, ours) if orders[2] != orders[0] else (ours, theirs)
    found = list(first)
    before = ""
    for slug in second:
        if slug not in first:
            found.insert(found.index(before) + 1 if before in found else 0, slug)
        before = slug
    return found


def _one_name(statuses: list[Status], theirs: Table, disputes: list[str]) -> list[Status]:
    """Where a name could mean two statuses, keep theirs."""
    kept: list[Status] = []
    for one in statuses:
        other = next((o for o in kept if same(o, one)), None)
        if other is None:
            kept.append(one)
            continue
        disputes.append(f"the name {one.name}")
        if other.slug not in theirs:
            kept[kept.index(other)] = one
    return kept


def _one_default(statuses: list[Status], theirs: list[Status], disputes: list[str]) -> None:
    """Where two are the default, or none is, take theirs if it is still there."""
    chosen = [one.slug for one in statuses if one.is_default]
    if len(chosen) == 1:
        return
    disputes.append("the default")
    wanted = next((one.slug for one in theirs if one.is_default and one.slug in [s.slug for s in statuses]),
                  chosen[0] if chosen else statuses[0].slug)
    statuses[:] = [one.replace(is_default=one.slug == wanted) for one in statuses]
