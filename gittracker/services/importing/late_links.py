"""Links that an earlier import had to leave as text, because what they name came only now."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.importing.naming import Names
    from gittracker.services.write.writing import Writing


def lead(writing: Writing, names: Names, made: set[str]) -> int:
    """Let links of tickets here lead to the new ones that they name; gives how many did."""
    tracker = writing.tracker
    found: dict[str, dict[str, dict[str, str]]] = {}  # new targets by old, by field, by ticket
    for ref, field, target in tracker.index.all(
            "SELECT t.ref, e.field, e.target FROM edge e JOIN ticket t ON t.id = e.ticket WHERE t.worktree = ? "
            "AND e.loose = 1 AND e.target_ref IS NULL AND t.ref <> ''", tracker.view):
        goal, _ = names.find(target)
        if goal in made:
            found.setdefault(ref, {}).setdefault(field, {})[target] = goal
    for ref, fields in found.items():
        held = writing.ticket(ref)
        writing.change(held, {name: _replaced(held.ticket.__dict__[name], goals) for name, goals in fields.items()})
    return sum(len(goals) for fields in found.values() for goals in fields.values())


def _replaced(value: Any, goals: dict[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(sorted({goals.get(one, one) for one in value}))
    return goals.get(value, value)
