"""An epic: a goal that many tickets serve, with its progress told in entries."""

from __future__ import annotations

from gittracker.domain.comment import Comment
from gittracker.domain.fields import CHOICE, DATE, FLAG, MOMENT, NAMES, REF, TEXT, Record, field

STATUSES = ("planned", "active", "done", "canceled")


class Epic(Record):
    """A goal that many tickets serve; `body` is its description."""

    NOUN = "epic"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    slug: str = field(TEXT, "name for people", always=True, settable=False)
    title: str = field(TEXT, "one line that says what is to be reached", always=True)
    status: str = field(CHOICE, "planned, active, done or canceled", always=True)
    owner: str = field(TEXT, "who answers for it", always=True)
    labels: tuple[str, ...] = field(NAMES, "free words to filter on", always=True)
    due: str = field(DATE, "when it should be done", always=True)
    started_at: str = field(MOMENT, "when it first became active", always=True, settable=False)
    completed_at: str = field(MOMENT, "when it was closed", always=True, settable=False)
    archived: bool = field(FLAG, "put away", settable=False)
    created_at: str = field(MOMENT, "when it was made", always=True, settable=False)
    created_by: str = field(TEXT, "who made it", always=True, settable=False)


class Progress(Comment):
    """One entry of an epic's progress; `body` is its text, empty once deleted."""

    NOUN = "progress"
