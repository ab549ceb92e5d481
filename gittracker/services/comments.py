"""Comments: one file each, added, edited and deleted without touching the ticket's own file."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.comment import Comment, open_questions
from gittracker.domain.errors import AmbiguousError, ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.formats import entity_md
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing


class Found:
    """A comment with the file it stands in, and its number among the ticket's comments, deleted ones included.

    In a list, `is_open` says that it is a question without an answer, `answered` is the number of what it answers.
    """

    __slots__ = ("comment", "path", "data", "number", "is_open", "answered")

    def __init__(self, comment: Comment, path: str, data: bytes, number: int = 0) -> None:
        self.comment = comment
        self.path = path
        self.data = data
        self.number = number
        self.is_open = False
        self.answered = 0


class Thread:
    """Where comments lie: the folder, the name of the record they are about, and its slug if it is a ticket.

    `asked` are the tickets that get a receipt even where nothing changes, `cls` is what the entries are.
    """

    __slots__ = ("name", "folder", "ticket", "asked", "cls")

    def __init__(self, name: str, folder: str, ticket: str = "", asked: list[Held] | None = None,
                 cls: type[Comment] = Comment) -> None:
        self.name = name
        self.folder = folder
        self.ticket = ticket
        self.asked = asked or []
        self.cls = cls

    @property
    def listing(self) -> str:
        """The command that lists the entries."""
        return f"comment list {self.name}" if self.cls is Comment else f"log {self.name}"


def thread_of(writing: Writing, name: str) -> Thread:
    """Find the thread of the ticket, epic, page or update with a name; raises what finding it raises."""
    if ids.noun_of(name) != "ticket":
        from gittracker.services import records
        other = records.about_any(writing, name)
        if other:
            return Thread(other.name, layout.thread(other.path))
    try:
        held = writing.about(name)
    except NotFoundError:
        from gittracker.services import records
        if records.named(writing.tracker, "page", name) is None:  # a page at the top has no slash in its path
            raise
        page = records.about(writing, "page", name)
        return Thread(page.name, layout.thread(page.path))
    return Thread(held.ticket.slug, f"{held.folder}/{layout.COMMENTS}", held.ticket.slug, [held])


def listed_of(tracker: Tracker, name: str, deleted: bool = False) -> tuple[str, str, list[Found]]:
    """List the comments on a ticket, an epic, a page or an update: (its name, its place, the comments)."""
    if ids.noun_of(name) != "ticket":
        from gittracker.services import records
        other = records.find_any(tracker, name)
        if other:
            return other.name, other.place, listed_in(tracker, layout.thread(other.path), deleted)
    row = tracker.find(name)
    if row is None:
        from gittracker.services import records
        page = records.named(tracker, "page", name)
        if page is None:
            raise NotFoundError("ticket", name, "gittracker ls")
        return page.name, page.place, listed_in(tracker, layout.thread(page.path), deleted)
    return row.ticket.slug, row.folder, listed(tracker, row, deleted)


def listed_in(tracker: Tracker, folder: str, deleted: bool = False, cls: Any = Comment) -> list[Found]:
    """List the comments in a folder, oldest first; deleted ones only where asked for."""
    from gittracker.store import atomic
    if not os.path.isdir(tracker.shown(folder)) or os.path.islink(tracker.shown(folder)):
        return []
    names = sorted(n for n in os.listdir(tracker.shown(folder)) if n.endswith(".md"))
    found = [read(f"{folder}/{n}", atomic.read(tracker.shown(f"{folder}/{n}")) or b"", cls=cls) for n in names]
    return [one for one in _numbered(found) if deleted or not one.comment.deleted_at]


def listed(tracker: Tracker, row: Row, deleted: bool = False) -> list[Found]:
    """List a ticket's comments, oldest first; deleted ones only where asked for."""
    from gittracker.store import atomic
    found = []
    for number, path in enumerate(_paths(tracker, row), 1):
        data = atomic.read(tracker.shown(path))
        if data is not None:
            found.append(read(path, data, number))
    return [one for one in _joined(found) if deleted or not one.comment.deleted_at]


def number_of(tracker: Tracker, row: Row, path: str) -> int:
    """Give a comment's number among the ticket's comments; 0 where it is none of them."""
    paths = _paths(tracker, row)
    return paths.index(path) + 1 if path in paths else 0


def _paths(tracker: Tracker, row: Row) -> list[str]:
    """List a ticket's comment files in the order of their numbers; `pending` must agree."""
    return [f"{row.folder}/{layout.COMMENTS}/{name}" for name, in tracker.index.all(
        "SELECT name FROM comment WHERE ticket = ? ORDER BY at, ref, name", row.id)]


def add(writing: Writing, name: str, body: str, reply_to: str = "") -> None:
    """Add a comment to a ticket, an epic, a page or an update."""
    thread = thread_of(writing, name)
    if not body.strip():
        raise UsageError("a comment needs a text", f"gittracker comment add {thread.name} --body 'found it'")
    writing.check_text("the comment", "", body)
    replied = find(writing, thread, reply_to).comment.ref if reply_to else ""
    add_entry(writing, thread, blank(writing, thread).replace(reply_to=replied, body=entity_md.read_body(body)))


def blank(writing: Writing, thread: Thread) -> Comment:
    """Give a new comment for a thread, by who acts and as of now."""
    prefix = ids.PAGE_COMMENT if thread.folder.startswith(f"{layout.PAGES}/") else ids.COMMENT
    return Comment(ref=writing.new_ref(prefix), by=writing.tracker.principal.name, at=writing.tracker.now())


def add_entry(writing: Writing, thread: Thread, comment: Comment, said: str = "") -> str:
    """Add one entry to a thread (a comment, or what begins with its fields); gives its file.

    `said` is what the history says of it, where that is more than that it was added.
    """
    path = layout.comment_file(thread.folder, comment.at, comment.ref)
    while writing.read(path) is not None:
        comment = comment.replace(ref=writing.new_ref(comment.ref[:3]))
        path = layout.comment_file(thread.folder, comment.at, comment.ref)
    writing.put(path, entity_md.render(comment))
    told = {name: (None, comment.__dict__[name]) for name in ("question", "answers") if comment.__dict__[name]}
    writing.touch(f"{comment.NOUN}.created", comment.ref, thread.name, path, {"body": (None, comment.body), **told},
                  thread.ticket)
    writing.say(f"{thread.name} {said or f'{comment.NOUN} added'}")
    return path


def edit(writing: Writing, name: str, comment: str, body: str) -> list[Held]:
    """Rewrite a comment; who and when is noted in it."""
    return edit_entry(writing, thread_of(writing, name), comment, body)


def edit_entry(writing: Writing, thread: Thread, name: str, body: str) -> list[Held]:
    """Rewrite one entry of a thread."""
    found = find(writing, thread, name)
    if found.comment.deleted_at:
        raise ConflictError(f'the {thread.cls.NOUN} "{name}" is deleted', f"gittracker log {thread.name}")
    writing.check_text(f"the {thread.cls.NOUN}", found.comment.body, body)
    text = entity_md.read_body(body)
    if text != found.comment.body:
        changes = {"body": text, "edited_at": writing.tracker.now(), "edited_by": writing.tracker.principal.name}
        _change(writing, thread, found, changes, "updated", "edited")
    return thread.asked


def delete(writing: Writing, name: str, comment: str) -> list[Held]:
    """Empty a comment and note who did; its front matter stays."""
    return delete_entry(writing, thread_of(writing, name), comment)


def delete_entry(writing: Writing, thread: Thread, name: str) -> list[Held]:
    """Empty one entry of a thread and note who did."""
    found = find(writing, thread, name)
    if not found.comment.deleted_at:
        changes = {"body": "", "deleted_at": writing.tracker.now(), "deleted_by": writing.tracker.principal.name}
        _change(writing, thread, found, changes, "deleted", "deleted")
    return thread.asked


def find(writing: Writing, thread: Thread, name: str) -> Found:
    """Find a thread's comment by ref, a unique prefix of it, its file's name, or its number in the list."""
    every = pending(writing, thread)
    if name.isdecimal() and 0 < int(name) <= len(every):
        return every[int(name) - 1]
    low = name.lower()
    matches = [c for c in every if low and (c.comment.ref.startswith(low) or ids.dashed(c.comment.ref) == low
               or c.path.rpartition("/")[2].removesuffix(".md").lower() == low.removesuffix(".md"))]
    if len(matches) > 1:
        raise AmbiguousError(name, [c.comment.ref for c in matches])
    if not matches:
        raise NotFoundError(thread.cls.NOUN, name, f"gittracker {thread.listing}")
    return matches[0]


def pending(writing: Writing, thread: Thread) -> list[Found]:
    """List a thread's comments, deleted ones too, as the command leaves them."""
    found = [read(path, writing.peek(path) or b"", cls=thread.cls) for path in writing.files_shown(thread.folder)
             if path.endswith(".md") and path.count("/") == thread.folder.count("/") + 1]
    return _numbered(found)


def _numbered(found: list[Found]) -> list[Found]:
    """Put comments in the order of their numbers, and say these."""
    found.sort(key=lambda one: (one.comment.at, one.comment.ref, one.path))
    for number, one in enumerate(found, 1):
        one.number = number
    return _joined(found)


def _joined(found: list[Found]) -> list[Found]:
    """Say which comments of a thread are open questions, and which answer which."""
    if any(one.comment.question or one.comment.answers for one in found):
        shown = [one for one in found if not one.comment.deleted_at]
        for place in open_questions([(o.comment.ref, o.comment.question, o.comment.answers) for o in shown]):
            shown[place].is_open = True
        numbers = {one.comment.ref: one.number for one in found if one.comment.question and one.comment.ref}
        for one in shown:
            one.answered = numbers.get(one.comment.answers, 0)
    return found


def _change(writing: Writing, thread: Thread, found: Found, changes: dict[str, str], kind: str, verb: str) -> None:
    old = found.comment
    writing.put(found.path, entity_md.patch(thread.cls, found.data, changes, found.path))
    writing.touch(f"{thread.cls.NOUN}.{kind}", old.ref, thread.name, found.path, {"body": (old.body, changes["body"])},
                  thread.ticket)
    writing.say(f"{thread.name} {thread.cls.NOUN} {verb}")


def read(path: str, data: bytes, number: int = 0, cls: type[Comment] = Comment) -> Found:
    """Read a comment; one with broken front matter is shown as it stands."""
    try:
        return Found(entity_md.read(cls, data, path)[0], path, data, number)
    except InvalidDataError:
        return Found(cls(body=data.decode(errors="replace")), path, data, number)
