"""The ticket: its field table and the rules that need nothing else."""

from __future__ import annotations

from gittracker.domain.fields import CHOICE, DATE, FLAG, LINK, LINKS, MOMENT, NAMES, NUMBER, REF, TEXT, Record, field

PRIORITIES = ("urgent", "high", "medium", "low", "none")
TYPES = ("feature", "bug", "bugfix", "refactor", "chore", "task", "epic", "docs")
LINK_FIELDS = ("depends_on", "related", "duplicates", "parent")
_BASE_RANK = 99


class Ticket(Record):
    """A unit of work; `body` is its description."""

    NOUN = "ticket"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    slug: str = field(TEXT, "name for people", always=True, settable=False)
    aliases: tuple[str, ...] = field(NAMES, "slugs it once had", settable=False)
    title: str = field(TEXT, "one line that says what is to be done", always=True)
    type: str = field(CHOICE, "feature, bug, chore, …", always=True)
    status: str = field(CHOICE, "slug of a status in statuses.yaml", always=True)
    priority: str = field(CHOICE, "urgent, high, medium, low or none", always=True)
    approval: str = field(CHOICE, "absent means approved, unless policy.yaml asks for it", settable=False)
    assignee: str = field(TEXT, "who works on it", always=True)
    reviewers: tuple[str, ...] = field(NAMES, "who reviews it")
    labels: tuple[str, ...] = field(NAMES, "free words to filter on", always=True)
    epic: str = field(LINK, "the epic it belongs to", always=True)
    parent: str = field(LINK, "the ticket it is a part of", always=True)
    depends_on: tuple[str, ...] = field(LINKS, "tickets that must be closed first", always=True)
    related: tuple[str, ...] = field(LINKS, "tickets worth knowing")
    duplicates: tuple[str, ...] = field(LINKS, "tickets that this one repeats")
    external_links: tuple[str, ...] = field(NAMES, "addresses elsewhere")
    external_ref: str = field(TEXT, "its id in another system")
    repo_scopes: tuple[str, ...] = field(NAMES, "repositories it touches")
    workflow: str = field(TEXT, "slug of the workflow that runs it")
    due: str = field(DATE, "when it should be done", always=True)
    estimate: float | None = field(NUMBER, "expected effort, in the team's own unit", always=True)
    budget_usd: float | None = field(NUMBER, "most money that runs may spend, in US dollars")
    started_at: str = field(MOMENT, "when work began", always=True, settable=False)
    completed_at: str = field(MOMENT, "when it was closed", always=True, settable=False)
    resolution: str = field(CHOICE, "how it ended: done, wontfix, duplicate, …", always=True)
    archived: bool = field(FLAG, "put away", settable=False)
    created_at: str = field(MOMENT, "when it was made", always=True, settable=False)
    created_by: str = field(TEXT, "who made it", always=True, settable=False)


def priority_rank(priority: str, priorities: tuple[str, ...] = PRIORITIES) -> int:
    """Order priorities, 0 first; what the list lacks comes last."""
    return priorities.index(priority) if priority in priorities else _BASE_RANK
