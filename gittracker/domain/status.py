"""Statuses: the columns of the board, and their stages."""

from __future__ import annotations

from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STAGES = ("backlog", "unstarted", "started", "completed", "canceled")
CLOSED_STAGES = ("completed", "canceled")


class Status:
    """One column of the board."""

    __slots__ = ("slug", "name", "stage", "color", "icon", "is_default", "max_active_runs")

    def __init__(self, slug: str, name: str, stage: str, color: str = "", icon: str = "",
                 is_default: bool = False, max_active_runs: int | None = None) -> None:
        self.slug = slug
        self.name = name
        self.stage = stage
        self.color = color
        self.icon = icon
        self.is_default = is_default
        self.max_active_runs = max_active_runs

    def replace(self, **changes: Any) -> Status:
        """Make a copy that differs in `changes`."""
        return Status(**{name: changes.get(name, getattr(self, name)) for name in self.__slots__})

    def row(self) -> tuple[Any, ...]:
        """Give the constructor's arguments."""
        return tuple(getattr(self, name) for name in self.__slots__)

    def to_json(self) -> dict[str, Any]:
        """Give the status as it is printed."""
        shown = {name: getattr(self, name) for name in self.__slots__ if name != "is_default"}
        return {**shown, "default": self.is_default}


def slugify(name: str) -> str:
    """Make a status slug from its name: `In Progress` gives `in-progress`."""
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return "-".join(words)


def find(statuses: list[Status], name: str) -> Status | None:
    """Find a status by slug or name, in any case."""
    wanted = slugify(name)
    return next((s for s in statuses if wanted and wanted in (s.slug, slugify(s.name))), None)


def same(one: Status, other: Status) -> bool:
    """Tell whether a name could mean both of two statuses."""
    return bool(find([one], other.slug) or find([one], other.name) or find([other], one.slug))


def default(statuses: list[Status]) -> Status:
    """Give the status of new tickets."""
    return next((s for s in statuses if s.is_default), statuses[0])


def first_of_stage(statuses: list[Status], *stages: str) -> Status | None:
    """Give the first status of the earliest of `stages` that any status has."""
    return next((s for stage in stages for s in statuses if s.stage == stage), None)


def stage_of(text: str) -> str:
    """Read a stage in any case; raises UsageError with the list, and with the stage that a status's name suggests."""
    stage = text.strip().lower()
    if stage not in STAGES:
        raise UsageError(f'stage "{text}" is none of {", ".join(STAGES)}',
                         f"--stage {_SUGGESTED.get(slugify(text), STAGES[1])}")
    return stage


_SUGGESTED = {word: stage for stage, words in {
    "unstarted": "todo ready ready-for-work queued triaged planned open", "backlog": "icebox later inbox",
    "started": "in-progress in-review review qa testing blocked doing wip",
    "completed": "done complete closed resolved merged shipped finished",
    "canceled": "cancelled wontfix won-t-fix duplicate invalid archived rejected"}.items() for word in words.split()}
