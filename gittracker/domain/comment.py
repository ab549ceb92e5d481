"""A comment: one remark on a ticket, in one file."""

from __future__ import annotations

from gittracker.domain.fields import MOMENT, REF, TEXT, Record, field


class Comment(Record):
    """A remark; `body` is its text, empty once deleted."""

    NOUN = "comment"
    ref: str = field(REF, "permanent id", always=True)
    by: str = field(TEXT, "who wrote it", always=True)
    at: str = field(MOMENT, "when it was written", always=True)
    edited_at: str = field(MOMENT, "when it was last edited")
    edited_by: str = field(TEXT, "who edited it last")
    deleted_at: str = field(MOMENT, "when it was deleted")
    deleted_by: str = field(TEXT, "who deleted it")
    reply_to: str = field(TEXT, "ref of the comment it answers")
