"""Sums of usage reports: of which tickets, whose, since when, and told apart by what."""

from __future__ import annotations

from gittracker.domain import ids, times
from gittracker.domain.epic import Epic
from gittracker.domain.errors import NotFoundError, UsageError
from gittracker.domain.usage import Totals
from gittracker.index import tickets
from gittracker.index import usage as rows
from gittracker.services import records, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.usage import Budget
    from gittracker.services.tracker import Tracker

DIMENSIONS = ("ticket", "epic", "project", "actor", "model", "provider", "run", "day")
_OF_TICKETS = ("ticket", "epic", "project")


class Asked:
    """Which reports are meant, each condition empty where it is not asked for, and what tells the sums apart."""

    __slots__ = ("ticket", "epic", "project", "actor", "model", "since", "until", "by")

    def __init__(self, by: str = "", ticket: str = "", epic: str = "", project: str = "", actor: str = "",
                 model: str = "", since: str = "", until: str = "") -> None:
        self.ticket, self.epic, self.project = ticket, epic, project
        self.actor, self.model = actor, model
        self.since, self.until = since, until
        self.by = tuple(dict.fromkeys(word.strip().lower() for word in by.split(",") if word.strip()))
        unknown = [word for word in self.by if word not in DIMENSIONS]
        if unknown:
            raise UsageError(f'sums can\'t be told apart by "{unknown[0]}"', f"--by {', '.join(DIMENSIONS)}")


class Answer:
    """The sums: by group (the words that `by` names), and of all; budgets by group where one ticket is one group."""

    __slots__ = ("by", "groups", "total", "budgets", "budget")

    def __init__(self, by: tuple[str, ...], groups: dict[tuple[str, ...], Totals], total: Totals,
                 budgets: dict[tuple[str, ...], Budget], budget: Budget | None) -> None:
        self.by = by
        self.groups = groups
        self.total = total
        self.budgets = budgets
        self.budget = budget


class _Known:
    """What a ticket's reports are told apart by besides what they say themselves."""

    __slots__ = ("ticket", "epic", "project", "budget_usd")

    def __init__(self, ticket: str, epic: str, project: str, budget_usd: float | None) -> None:
        self.ticket = ticket
        self.epic = epic
        self.project = project
        self.budget_usd = budget_usd


def answer(tracker: Tracker, asked: Asked) -> Answer:
    """Sum the reports that are asked for, the most expensive group first, days in order.

    Raises UsageError, NotFoundError, AmbiguousError.
    """
    tracker.refresh()
    usage.refresh(tracker)
    known = _known(tracker)
    folders = _folders(tracker, asked, known)
    spent = rows.spent(tracker.index, tracker.view)
    total = Totals()
    groups: dict[tuple[str, ...], Totals] = {}
    budgets: dict[tuple[str, ...], Budget] = {}
    for words, reports, sums in rows.sums(tracker.index, tracker.view, _where(tracker, asked), _needed(asked)):
        folder = words.get("folder", "")
        if folders is not None and folder not in folders:
            continue
        about = known.get(folder) or _Known(ids.slug_of_folder(folder.rpartition("/")[2]), "", "", None)
        key = tuple(str(getattr(about, name) if name in _OF_TICKETS else words[name]) for name in asked.by)
        total.add(reports, sums)
        if key not in groups:
            groups[key] = Totals()
        groups[key].add(reports, sums)
        budget = usage.budget(about.budget_usd, spent.get(folder, 0))
        if budget and asked.by == ("ticket",):
            budgets[key] = budget
    return Answer(asked.by, _ordered(asked.by, groups) if asked.by else {}, total, budgets,
                  _own_budget(asked, folders, known, spent))


def _needed(asked: Asked) -> list[str]:
    """Give what the index must tell apart; the fewer, the faster."""
    of_tickets = asked.ticket or asked.epic or asked.project or any(name in _OF_TICKETS for name in asked.by)
    return [*(["folder"] if of_tickets else []), *(name for name in asked.by if name in rows.GROUPED)]


def _own_budget(asked: Asked, folders: set[str] | None, known: dict[str, _Known],
                spent: dict[str, int]) -> Budget | None:
    """Give the budget of the one ticket that was asked for."""
    folder = next(iter(folders), "") if asked.ticket and folders else ""
    return usage.budget(known[folder].budget_usd, spent.get(folder, 0)) if folder else None


def _ordered(by: tuple[str, ...], groups: dict[tuple[str, ...], Totals]) -> dict[tuple[str, ...], Totals]:
    def place(key: tuple[str, ...]) -> Any:
        total = groups[key]
        days = tuple(word for name, word in zip(by, key, strict=True) if name == "day")
        return days, -(total.cost_usd or 0), -(total.input_tokens + total.output_tokens), key
    return {key: groups[key] for key in sorted(groups, key=place)}


def _known(tracker: Tracker) -> dict[str, _Known]:
    """Give what is known of each ticket, by folder."""
    epics = {}
    for row in records.every(tracker, Epic.NOUN):
        epics[row.record.ref] = epics[row.name.lower()] = row.name
    clashes = tracker.clashes()
    return {folder: _Known(folder.rpartition("/")[2] if slug in clashes else slug,
                           epics.get(epic, epics.get(epic.lower(), epic)), key, budget)
            for folder, slug, key, epic, budget in tickets.charged(tracker.index, tracker.view)}


def _folders(tracker: Tracker, asked: Asked, known: dict[str, _Known]) -> set[str] | None:
    """Give the folders of the tickets that are meant, None for all; raises NotFoundError, AmbiguousError."""
    if not (asked.ticket or asked.epic or asked.project):
        return None
    epic = records.find(tracker, Epic.NOUN, asked.epic).name if asked.epic else ""
    key = tracker.settings.project(asked.project) if asked.project else ""
    found = {folder for folder, one in known.items() if epic in ("", one.epic) and key in ("", one.project)}
    return found & {_folder(tracker, asked.ticket)} if asked.ticket else found


def _folder(tracker: Tracker, name: str) -> str:
    row = tracker.find(name)
    if row is None:
        raise NotFoundError("ticket", name, "gittracker usage show --by ticket")
    usage.refresh_ticket(tracker, row.folder)
    return str(row.folder)


def _where(tracker: Tracker, asked: Asked) -> list[tuple[str, str]]:
    """Give the conditions that the reports themselves meet."""
    found = []
    if asked.actor:
        name = tracker.principal.name if asked.actor == "@me" else asked.actor
        found.append(("by = ? COLLATE NOCASE", name))
    if asked.model:
        found.append(("model = ? COLLATE NOCASE", asked.model))
    if asked.since:
        found.append(("at >= ?", moment(tracker, "--since", asked.since)))
    if asked.until:
        found.append(("at <= ?", moment(tracker, "--until", asked.until, end=True)))
    return found


def moment(tracker: Tracker, flag: str, text: str, end: bool = False) -> str:
    """Read a day or a time as typed (local unless it ends in Z), or an age such as 7d; raises UsageError.

    A day means its first second, or its last with `end`.
    """
    from datetime import UTC, datetime, timedelta
    age = times.seconds(text)
    if age is not None:
        return times.utc(max(0, tracker.clock() // _SECOND - age))
    try:
        found = datetime.fromisoformat(text)
        if len(text) == len("2026-11-01") and end:
            found += timedelta(days=1, seconds=-1)
        return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError) as error:
        raise UsageError(f'{flag} "{text}" is no day, no time and no age', f"{flag} 2026-11-01, or {flag} 7d"
                         ) from error


_SECOND = 1_000_000_000
