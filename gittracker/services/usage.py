"""Usage reports of tickets: add, list, remove; their rows in the index follow the files."""

from __future__ import annotations

import marshal
import os
import time
from _stat import S_ISDIR

from gittracker.domain import ids, usage
from gittracker.domain.errors import AmbiguousError, InvalidDataError, NotFoundError, UsageError
from gittracker.domain.texts import one_line
from gittracker.domain.usage import Budget, Count, Usage
from gittracker.formats import usage_json
from gittracker.index import usage as rows
from gittracker.store import atomic, layout, stamps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.domain.usage import Totals
    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Writing

_BILLION = 10 ** 9
_DAY = len("20261122")  # what a file's name begins with; fewer digits are a number in the list


class Report:
    """A usage report with its file, and its number among the ticket's reports."""

    __slots__ = ("usage", "path", "number")

    def __init__(self, usage: Usage, path: str, number: int = 0) -> None:
        self.usage = usage
        self.path = path
        self.number = number

    @property
    def name(self) -> str:
        """Its file's name, which is its own."""
        return self.path.rpartition("/")[2].removesuffix(".json")


def add(writing: Writing, name: str, given: dict[str, str]) -> None:
    """Report what work on a ticket took; `given` has fields as typed. Raises UsageError, InvalidDataError."""
    held = writing.about(name)
    slug = held.ticket.slug
    report = Usage(ref=writing.new_ref(ids.USAGE), by=writing.tracker.principal.name, at=writing.tracker.now(),
                   **{field: _value(field, text) for field, text in given.items()})
    if not usage.says_something(report):
        raise UsageError("a report needs tokens, a cost or a time",
                         f"gittracker usage add {slug} --input-tokens 1200 --output-tokens 300")
    path = layout.usage_file(held.folder, report.at, report.ref)
    while writing.read(path) is not None:
        report = report.replace(ref=writing.new_ref(ids.USAGE))
        path = layout.usage_file(held.folder, report.at, report.ref)
    writing.put(path, usage_json.render(report))
    writing.touch("usage.created", report.ref, slug, path, _told(report), slug)
    writing.say(f"{slug} usage added: {usage.describe(report)}{_of_budget(writing, held.folder, held.ticket)}")


def remove(writing: Writing, name: str, report: str) -> None:
    """Remove a report that is wrong; the history still has it. Raises NotFoundError, AmbiguousError."""
    held = writing.about(name)
    slug = held.ticket.slug
    found = _find(writing, held.folder, slug, report)
    writing.put(found.path, None)
    writing.touch("usage.deleted", found.usage.ref or found.name, slug, found.path,
                  {name: (old, None) for name, (_, old) in _told(found.usage).items()}, slug)
    writing.say(f"{slug} usage removed: {usage.describe(found.usage)}")


def listed(tracker: Tracker, row: Row) -> list[Report]:
    """List a ticket's reports, oldest first."""
    refresh_ticket(tracker, row.folder)
    base = f"{row.folder}/{layout.USAGE}"
    return [Report(one, f"{base}/{name}", number) for number, (name, one) in enumerate(
        rows.listed(tracker.index, tracker.view, row.folder), 1)]


def of_ticket(tracker: Tracker, folder: str, ticket: Ticket) -> tuple[Totals, Budget | None]:
    """Sum a ticket's reports, and hold them against its budget, if it has one."""
    refresh_ticket(tracker, folder)
    total = rows.total(tracker.index, tracker.view, folder)
    return total, budget(ticket.budget_usd, total.cost_usd or 0)


def budget(allowed: float | None, spent: int) -> Budget | None:
    """Hold what was spent against what a ticket's `budget_usd` allows; None where it has no budget."""
    return None if allowed is None else Budget(round(allowed * _BILLION), spent)


def refresh(tracker: Tracker) -> None:
    """Bring the rows of all tickets in step with their files, where a folder of reports has changed."""
    known = rows.folders(tracker.index, tracker.view)
    base = tracker.shown(layout.TICKETS)
    now = time.time_ns()
    found: dict[str, int] = {}
    for shard in stamps.subfolders(base):
        for name in os.listdir(f"{base}/{shard}"):
            stamp = _stamp(f"{base}/{shard}/{name}/{layout.USAGE}", now)
            if stamp is not None and _is_text(name):
                found[f"{layout.TICKETS}/{shard}/{name}"] = stamp
    for place in tracker.board.overlays if tracker.board else ():
        found.pop(place, None)
        stamp = _stamp(tracker.shown(f"{place}/{layout.USAGE}"), now)
        if stamp is not None and place.startswith(layout.TICKETS):
            found[place] = stamp
    changed = [folder for folder, stamp in found.items() if stamp == stamps.NEVER or known.get(folder) != stamp]
    gone = known.keys() - found.keys()
    if changed or gone:
        with tracker.index as index:
            for folder in gone:
                rows.forget_folder(index, tracker.view, folder)
            for folder in changed:
                _read_folder(tracker, folder, found[folder])


def refresh_ticket(tracker: Tracker, folder: str) -> None:
    """Bring the rows of one ticket in step, with a look at each of its reports."""
    stamp = _stamp(tracker.shown(f"{folder}/{layout.USAGE}"), time.time_ns())
    with tracker.index as index:
        if stamp is None:
            rows.forget_folder(index, tracker.view, folder)
        else:
            _read_folder(tracker, folder, stamp)


def problems(tracker: Tracker) -> list[tuple[str, int, str]]:
    """List the reports that can't be read as (path, line, what is wrong)."""
    refresh(tracker)
    found = []
    for folder, name, told in rows.problems(tracker.index, tracker.view):
        line, _, reason = told.partition(":")
        found.append((f"{folder}/{layout.USAGE}/{name}", int(line), reason))
    return found


def _stamp(folder: str, now: int) -> int | None:
    """Give a folder's ctime, None where it is no folder."""
    try:
        one = os.lstat(folder)
    except OSError:
        return None
    return stamps.settled(one.st_ctime_ns, now) if S_ISDIR(one.st_mode) else None


def _read_folder(tracker: Tracker, folder: str, stamp: int) -> None:
    index, worktree = tracker.index, tracker.view
    base = f"{folder}/{layout.USAGE}"
    known = rows.stamps(index, worktree, folder)
    names = {name for name in os.listdir(tracker.shown(base)) if name.endswith(".json") and _is_text(name)}
    for name in known.keys() - names:
        rows.remove(index, worktree, folder, name)
    for name in names:
        now = stamps.of_file(tracker.shown(f"{base}/{name}"))
        if now and known.get(name) != marshal.dumps(now):
            _read(tracker, folder, name)
    rows.put_folder(index, worktree, folder, stamp)


def _read(tracker: Tracker, folder: str, name: str) -> None:
    """Read one report; a broken one keeps its last good row."""
    index, worktree = tracker.index, tracker.view
    path = f"{folder}/{layout.USAGE}/{name}"
    now = time.time_ns()
    try:
        found = stamps.read(tracker.shown(path), now)
        if found:
            rows.put(index, worktree, folder, name, marshal.dumps(found[0]), usage_json.read(found[1], path))
    except InvalidDataError as error:
        stamp = stamps.of_file(tracker.shown(path), now) or (0, 0, 0)
        rows.put_broken(index, worktree, folder, name, marshal.dumps(stamp), f"{error.line}:{error.reason}")


def _is_text(name: str) -> bool:
    return name.isprintable() or not any("\udc80" <= c <= "\udcff" for c in name)


def _find(writing: Writing, folder: str, slug: str, name: str) -> Report:
    """Find a report by its number in the list, its ref, its file's name, or a unique prefix of these."""
    every, broken = _pending(writing, folder)
    low = name.lower().removesuffix(".json")
    if low.isdecimal() and len(low) < _DAY:
        found = [one for number, one in enumerate(every, 1) if str(number) == low]
    else:
        found = [one for one in (*every, *broken) if low and (
            one.usage.ref.startswith(low) or one.name.lower().startswith(low) or _dashed(one.usage) == low)]
    if len(found) > 1:
        raise AmbiguousError(name, [one.name for one in found])
    if not found:
        raise NotFoundError("usage report", name, f"gittracker usage list {slug}")
    return found[0]


def _dashed(report: Usage) -> str:
    return ids.dashed(report.ref) if report.ref else ""


def _pending(writing: Writing, folder: str) -> tuple[list[Report], list[Report]]:
    """List a ticket's reports as the command leaves them, and those that can't be read."""
    found, broken = [], []
    for path in writing.files_shown(f"{folder}/{layout.USAGE}"):
        try:
            found.append(Report(usage_json.read(writing.peek(path) or b"", path), path))
        except InvalidDataError:
            broken.append(Report(Usage(), path))
    return sorted(found, key=lambda one: (one.usage.at, one.usage.ref, one.path)), broken


def _of_budget(writing: Writing, folder: str, ticket: Ticket) -> str:
    """Say how much of a ticket's budget is left, reports of this command included; nothing where it has none."""
    if ticket.budget_usd is None:
        return ""
    spent = of_ticket(writing.tracker, folder, ticket)[0].cost_usd or 0
    for path, data in writing.after.items():
        if path.startswith(f"{folder}/{layout.USAGE}/"):
            spent += _cost(data) - _cost(atomic.read(writing.path(path)))
    found = budget(ticket.budget_usd, spent)
    return f"; {describe(found)}" if found else ""


def _cost(data: bytes | None) -> int:
    try:
        return usage_json.read(data).cost_usd or 0 if data is not None else 0
    except InvalidDataError:
        return 0


def describe(found: Budget) -> str:
    """Say in words how a budget stands."""
    from gittracker.domain.money import shown
    said = f"{shown(found.spent)} of {shown(found.allowed)} spent"
    over = found.spent - found.allowed
    return f"budget exceeded: {said}{f', {shown(over)} too much' if over else ''}" if found.is_exceeded else said


def line(tracker: Tracker, folder: str, ticket: Ticket) -> str:
    """Say in one line what a ticket took, and how its budget stands; nothing where no report can be read."""
    total, held = of_ticket(tracker, folder, ticket)
    return f"usage {usage.describe(total)}{f'; {describe(held)}' if held else ''}" if total.reports else ""


def _value(name: str, text: str) -> Any:
    """Read one field as typed; raises InvalidDataError, UsageError."""
    kind = Usage.FIELDS[name].kind
    flag = f"--{name.replace('_', '-')}"
    text = one_line(flag, text)
    try:
        return kind.read(text)
    except ValueError as error:
        example = "1200" if isinstance(kind, Count) else "1.25"
        raise InvalidDataError(f'{flag} is "{text}"; expected {error}', f"{flag} {example}") from error


def _told(report: Usage) -> dict[str, tuple[Any, Any]]:
    """Give a report's fields as changes from nothing."""
    return {name: (None, field.kind.to_json(report.__dict__[name])) for name, field in Usage.FIELDS.items()
            if report.__dict__[name] != field.kind.empty}
