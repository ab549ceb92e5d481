"""Labels: counted, put on tickets and taken off, and renamed or removed everywhere in one entry."""

from __future__ import annotations

from gittracker.domain.epic import Epic
from gittracker.domain.errors import NotFoundError
from gittracker.index import search
from gittracker.index import tickets as rows
from gittracker.services import listing, records, tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.records import HeldRecord
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing


class Count:
    """How many tickets have a label: those that are open, and all."""

    __slots__ = ("label", "open", "total")

    def __init__(self, label: str) -> None:
        self.label = label
        self.open = 0
        self.total = 0


def counts(tracker: Tracker, text: str) -> list[Count]:
    """Count the labels of the tickets that a query finds, closed and archived ones too, by name."""
    query = listing.read(text, everything=True)
    tracker.refresh(bool(query.words or query.unwanted) or query.uses_updates)
    query.limit = 0
    wanted = set(search.ids(tracker.index, query, tracker.context()))
    found: dict[str, Count] = {}
    for row_id, _, labels, is_open in rows.labelled(tracker.index, tracker.view):
        for label in labels if row_id in wanted else ():
            one = found.setdefault(label, Count(label))
            one.open += is_open
            one.total += 1
    return sorted(found.values(), key=lambda one: (one.label.casefold(), one.label))


def add(writing: Writing, label: str, names: list[str]) -> list[Held]:
    """Put a label on tickets; raises what `tickets.update` raises."""
    found = []
    for name in names:
        patch = tickets.Patch()
        patch.add["labels"] = [label]
        found.append(tickets.update(writing, name, patch))
    return found


def remove(writing: Writing, label: str, names: list[str]) -> list[Held]:
    """Take a label off tickets, in whatever case they have it if not as it was typed."""
    found = []
    for name in names:
        patch = tickets.Patch()
        patch.remove["labels"] = _spellings(label.strip(), set(writing.ticket(name).ticket.labels))
        found.append(tickets.update(writing, name, patch))
    return found


def rename(writing: Writing, old: str, new: str) -> None:
    """Give every ticket and epic that has a label another one instead; raises NotFoundError, UsageError."""
    wanted = tickets.member("labels", new)
    spelled, told = _replace(writing, old, wanted)
    if told:
        writing.say(f"label {', '.join(spelled)} renamed to {wanted} on {told}")


def delete(writing: Writing, label: str) -> None:
    """Take a label off every ticket and epic that has it; raises NotFoundError."""
    spelled, told = _replace(writing, label, "")
    writing.say(f"label {', '.join(spelled)} deleted from {told}")


def _replace(writing: Writing, label: str, new: str) -> tuple[list[str], str]:
    """Replace a label, or take it off where there is no new one; gives how it was spelled, and where it was."""
    held, epics = _tickets(writing, label), _epics(writing, label)
    there = {one for ticket in held for one in ticket.ticket.labels} | {one for e in epics for one in e.record.labels}
    spelled = _spellings(label.strip(), there)
    if not spelled:
        raise NotFoundError("label", label)
    changed = {"ticket": 0, "epic": 0}
    for one in held:
        before = one.ticket
        writing.change(one, {"labels": _without(before.labels, spelled, new)})
        changed["ticket"] += one.ticket is not before
    for epic in epics:
        if set(spelled) & set(epic.record.labels):
            changed["epic"] += records.change(writing, epic, {"labels": _without(epic.record.labels, spelled, new)})
    return spelled, " and ".join(f"{count} {noun}(s)" for noun, count in changed.items() if count)


def _tickets(writing: Writing, label: str) -> list[Held]:
    """List the tickets that may have a label, in any case, closed and archived ones too."""
    tracker = writing.tracker
    tracker.refresh()
    folders = [folder for _, folder, labels, _ in rows.labelled(tracker.index, tracker.view)
               if _spellings(label.strip(), set(labels))]
    pending = [held.folder for held in writing.holds()]
    return [held for folder in dict.fromkeys([*folders, *pending]) if (held := writing.in_folder(folder))]


def _epics(writing: Writing, label: str) -> list[HeldRecord]:
    found = [records.look_up(writing, Epic.NOUN, row.record.ref or row.name)
             for row in records.every(writing.tracker, Epic.NOUN) if _spellings(label.strip(), set(row.record.labels))]
    pending = [held for held in writing.records.values() if held.record.NOUN == Epic.NOUN]
    return list({held.path: held for held in (*found, *pending)}.values())


def _without(labels: tuple[str, ...], spelled: list[str], new: str) -> tuple[str, ...]:
    if not set(spelled) & set(labels):
        return labels
    return tuple(sorted({*(one for one in labels if one not in spelled), *([new] if new else ())}))


def _spellings(label: str, there: set[str]) -> list[str]:
    """Give the label itself where it is there, else those that differ from it in case alone."""
    if label in there:
        return [label]
    return sorted(one for one in there if one.casefold() == label.casefold())
