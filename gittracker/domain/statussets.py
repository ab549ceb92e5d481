"""The three sets of statuses to start from."""

from __future__ import annotations

from gittracker.domain.status import Status, slugify


def _set(*rows: tuple[str, str, str, str]) -> list[Status]:
    return [Status(slugify(name), name, stage, color, icon, is_default=number == 0)
            for number, (name, stage, color, icon) in enumerate(rows)]


SETS = {
    "openase": _set(
        ("Backlog", "backlog", "#6B7280", "archive"),
        ("Todo", "unstarted", "#3B82F6", "list-todo"),
        ("In Progress", "started", "#F59E0B", "play-circle"),
        ("In Review", "started", "#8B5CF6", "search-check"),
        ("Done", "completed", "#10B981", "check-circle-2"),
        ("Cancelled", "canceled", "#4B5563", "circle-slash")),
    "openweave": _set(
        ("Open", "unstarted", "#3B82F6", "list-todo"),
        ("In Progress", "started", "#F59E0B", "play-circle"),
        ("In Testing", "started", "#8B5CF6", "search-check"),
        ("Blocked", "started", "#EF4444", "octagon-x"),
        ("Resolved", "completed", "#10B981", "check-circle-2"),
        ("Closed", "completed", "#4B5563", "archive")),
    "openkit": _set(
        ("Todo", "unstarted", "#3B82F6", "list-todo"),
        ("In Progress", "started", "#F59E0B", "play-circle"),
        ("Done", "completed", "#10B981", "check-circle-2")),
}
