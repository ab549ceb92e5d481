"""Questions: comments that their ticket waits for the answer to; an answer is a comment that names its question."""

from __future__ import annotations

from gittracker.domain.errors import ConflictError, UsageError
from gittracker.domain.query import Term
from gittracker.formats import entity_md
from gittracker.index import search, tickets
from gittracker.services import comments
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.query import Query
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found, Thread
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing


def ask(writing: Writing, name: str, body: str) -> None:
    """Add a question to a ticket, which is not ready until somebody has answered it."""
    thread = _thread(writing, name)
    _add(writing, thread, body, f"gittracker ask {thread.name} --body 'Which port?'", "question asked", question=True)


def answer(writing: Writing, name: str, question: str, body: str) -> None:
    """Answer a ticket's question: the one named, or the only open one.

    Raises ConflictError where there is none to answer, UsageError where several are open and none is named, and
    NotFoundError. A question that has an answer gets another one, with a warning.
    """
    thread = _thread(writing, name)
    every = comments.pending(writing, thread)
    found = _named(writing, thread, question) if question else _only(thread, every)
    if not found.comment.ref:
        raise ConflictError(f"question {found.number} of {thread.name} has no ref", "gittracker doctor --fix")
    hint = f"gittracker answer {thread.name} {found.number} --body 'The usual one.'"
    before = [one.comment.by for one in every if one.answered == found.number]
    if before:
        writing.warn(f"question {found.number} of {thread.name} was answered before, by {', '.join(before)}")
    _add(writing, thread, body, hint, f"question {found.number} answered", answers=found.comment.ref)


def _thread(writing: Writing, name: str) -> Thread:
    thread = comments.thread_of(writing, name)
    if not thread.ticket:
        raise UsageError(f'"{thread.name}" is no ticket, and only tickets wait for answers',
                         f"gittracker comment add {thread.name} --body TEXT")
    return thread


def _add(writing: Writing, thread: Thread, body: str, hint: str, said: str, **fields: bool | str) -> None:
    what = said.partition(" ")[0] if "question" in fields else "answer"
    if not body.strip():
        raise UsageError(f"{'an' if what == 'answer' else 'a'} {what} needs a text", hint)
    writing.check_text(f"the {what}", "", body)
    made = comments.blank(writing, thread).replace(body=entity_md.read_body(body), **fields)
    comments.add_entry(writing, thread, made, said)


def _named(writing: Writing, thread: Thread, name: str) -> Found:
    """Find a question by any name that a comment has."""
    found = comments.find(writing, thread, name)
    if not found.comment.question:
        raise ConflictError(f"comment {found.number} of {thread.name} is no question",
                            f"gittracker comment add {thread.name} --reply-to {found.number} --body TEXT")
    if found.comment.deleted_at:
        raise ConflictError(f"question {found.number} of {thread.name} is deleted", f"gittracker show {thread.name}")
    return found


def _only(thread: Thread, every: list[Found]) -> Found:
    """Give the one open question of a thread."""
    found = among(every)
    if not found:
        raise ConflictError(f"{thread.name} has no open question", f"gittracker comment list {thread.name}")
    if len(found) > 1:
        numbers = ", ".join(str(one.number) for one in found)
        raise UsageError(f"{thread.name} has {len(found)} open questions ({numbers}), and none was named",
                         f"gittracker answer {thread.name} {found[0].number} --body TEXT")
    return found[0]


def among(every: list[Found]) -> list[Found]:
    """Give those of a ticket's comments that are open questions."""
    return [one for one in every if one.is_open]


def of_ticket(tracker: Tracker, row: Row) -> list[Found]:
    """List a ticket's open questions, oldest first; a ticket without any costs nothing."""
    return among(comments.listed(tracker, row)) if row.questions else []


def are_pending(writing: Writing, held: Held) -> bool:
    """Tell whether a ticket has an open question because of what an earlier line of a batch wrote."""
    folder = f"{held.folder}/{layout.COMMENTS}"
    return any(path.startswith(f"{folder}/") for path in writing.after) and bool(
        among(comments.pending(writing, comments.Thread(held.ticket.slug, folder, held.ticket.slug))))


def listed(tracker: Tracker, query: Query) -> list[tuple[Row, Found]]:
    """List the open questions of the tickets that a query finds, oldest first."""
    tracker.refresh(deep=True)
    query.terms.append(Term("is", "=", ("asked",), False))
    rows = tickets.load_all(tracker.index, search.ids(tracker.index, query, tracker.context()), bodies=False)
    found = [(row, one) for row in rows for one in of_ticket(tracker, row)]
    return sorted(found, key=lambda pair: (pair[1].comment.at, pair[1].comment.ref))
