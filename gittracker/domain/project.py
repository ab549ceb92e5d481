"""A project: what a slug prefix stands for."""

from __future__ import annotations

from gittracker.domain.fields import CHOICE, NAMES, REF, TEXT, Record, field

STATUSES = ("planned", "active", "paused", "done")


class Project(Record):
    """A project; `body` is its description."""

    NOUN = "project"
    ref: str = field(REF, "permanent id", always=True)
    key: str = field(TEXT, "slug prefix, such as OW", always=True)
    name: str = field(TEXT, "name for people", always=True)
    status: str = field(CHOICE, "planned, active, paused or done", always=True)
    repos: tuple[str, ...] = field(NAMES, "repositories it spans", always=True)
