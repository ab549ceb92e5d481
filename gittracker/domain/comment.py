"""A comment: one remark on a ticket, in one file."""

from __future__ import annotations

from gittracker.domain.fields import FLAG, MOMENT, REF, TEXT, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


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
    reply_to: str = field(TEXT, "ref of the comment it replies to")
    question: bool = field(FLAG, "whether its ticket waits for an answer to it")
    answers: str = field(TEXT, "ref of the question it answers")


def open_questions(remarks: Sequence[tuple[str, bool, str]]) -> list[int]:
    """Tell which of some comments are questions that none of the others answers, by their places.

    Each is (its ref, whether it is a question, the ref of what it answers). Deleted ones are not among them: a deleted
    question waits no longer, and a deleted answer is none.
    """
    answered = {answers for _, _, answers in remarks if answers}
    return [place for place, (ref, asks, _) in enumerate(remarks) if asks and ref not in answered]
