"""A page: one text of the shared wiki, found by its path."""

from __future__ import annotations

from gittracker.domain.fields import MOMENT, NAMES, REF, TEXT, Record, field


class Page(Record):
    """A page of the wiki; `body` is its text, its path is where the file lies."""

    NOUN = "page"
    ref: str = field(REF, "permanent id", always=True, settable=False)
    title: str = field(TEXT, "name for people; the path's last part where empty", always=True)
    labels: tuple[str, ...] = field(NAMES, "free words to filter on", always=True)
    created_at: str = field(MOMENT, "when it was made", always=True, settable=False)
    created_by: str = field(TEXT, "who made it", always=True, settable=False)
