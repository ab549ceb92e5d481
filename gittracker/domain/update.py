"""An update: what a project's people say about how it goes, with a thread of comments."""

from __future__ import annotations

from gittracker.domain.fields import CHOICE, MOMENT, REF, TEXT, Record, field

STATUSES = ("on_track", "at_risk", "off_track")
_HEADING = 100


class Update(Record):
    """One update of a project; `body` is its text, empty once deleted."""

    NOUN = "update"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    project: str = field(TEXT, "key of the project", always=True, settable=False)
    status: str = field(CHOICE, "on_track, at_risk or off_track", always=True)
    title: str = field(TEXT, "one line; the text's beginning where empty", always=True)
    by: str = field(TEXT, "who wrote it", always=True, settable=False)
    at: str = field(MOMENT, "when it was written", always=True, settable=False)
    edited_at: str = field(MOMENT, "when it was last edited", settable=False)
    edited_by: str = field(TEXT, "who edited it last", settable=False)
    deleted_at: str = field(MOMENT, "when it was deleted", settable=False)
    deleted_by: str = field(TEXT, "who deleted it", settable=False)


def heading(update: Update) -> str:
    """Give an update's title, or the first characters of its text on one line."""
    return update.title or " ".join(update.body.split())[:_HEADING].rstrip()
