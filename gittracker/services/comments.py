"""Comments: one file each, added, edited and deleted without touching the ticket's own file."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.comment import Comment
from gittracker.domain.errors import AmbiguousError, ConflictError, InvalidDataError, NotFoundError, UsageError
from gittracker.formats import entity_md
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.writing import Held, Writing


class Found:
    """A comment with the file it stands in, and its number among the ticket's comments, deleted ones included."""

    __slots__ = ("comment", "path", "data", "number")

    def __init__(self, comment: Comment, path: str, data: bytes, number: int = 0) -> None:
        self.comment = comment
        self.path = path
        self.data = data
        self.number = number


def listed(tracker: Tracker, row: Row, deleted: bool = False) -> list[Found]:
    """List a ticket's comments, oldest first; deleted ones only where asked for."""
    from gittracker.store import atomic
    found = []
    for number, path in enumerate(_paths(tracker, row), 1):
        data = atomic.read(tracker.path(path))
        if data is not None:
            found.append(read(path, data, number))
    return [one for one in found if deleted or not one.comment.deleted_at]


def number_of(tracker: Tracker, row: Row, path: str) -> int:
    """Give a comment's number among the ticket's comments; 0 where it is none of them."""
    paths = _paths(tracker, row)
    return paths.index(path) + 1 if path in paths else 0


def _paths(tracker: Tracker, row: Row) -> list[str]:
    """List a ticket's comment files in the order of their numbers; `_pending` must agree."""
    return [f"{row.folder}/{layout.COMMENTS}/{name}" for name, in tracker.index.all(
        "SELECT name FROM comment WHERE ticket = ? ORDER BY at, ref, name", row.id)]


def add(writing: Writing, name: str, body: str, reply_to: str = "") -> None:
    """Add a comment to a ticket."""
    held = writing.about(name)
    if not body.strip():
        raise UsageError("a comment needs a text", f"gittracker comment add {held.ticket.slug} --body 'found it'")
    writing.check_text("the comment", "", body)
    answered = find(writing, held, reply_to).comment.ref if reply_to else ""
    tracker = writing.tracker
    comment = Comment(ref=writing.new_ref(ids.COMMENT), by=tracker.principal.name, at=tracker.now(),
                      reply_to=answered, body=entity_md.read_body(body))
    path = layout.comment_file(held.folder, comment.at, comment.ref)
    while writing.read(path) is not None:
        comment = comment.replace(ref=writing.new_ref(ids.COMMENT))
        path = layout.comment_file(held.folder, comment.at, comment.ref)
    writing.put(path, entity_md.render(comment))
    writing.touch("comment.created", comment.ref, held.ticket.slug, path, {"body": (None, comment.body)},
                  held.ticket.slug)
    writing.say(f"{held.ticket.slug} comment added")


def edit(writing: Writing, name: str, comment: str, body: str) -> Held:
    """Rewrite a comment; who and when is noted in it."""
    held = writing.about(name)
    found = find(writing, held, comment)
    if found.comment.deleted_at:
        raise ConflictError(f'the comment "{comment}" is deleted', f"gittracker comment list {held.ticket.slug}")
    writing.check_text("the comment", found.comment.body, body)
    text = entity_md.read_body(body)
    if text == found.comment.body:
        return held
    changes = {"body": text, "edited_at": writing.tracker.now(), "edited_by": writing.tracker.principal.name}
    _change(writing, held, found, changes, "comment.updated", "edited")
    return held


def delete(writing: Writing, name: str, comment: str) -> Held:
    """Empty a comment and note who did; its front matter stays."""
    held = writing.about(name)
    found = find(writing, held, comment)
    if not found.comment.deleted_at:
        changes = {"body": "", "deleted_at": writing.tracker.now(), "deleted_by": writing.tracker.principal.name}
        _change(writing, held, found, changes, "comment.deleted", "deleted")
    return held


def find(writing: Writing, held: Held, name: str) -> Found:
    """Find a ticket's comment by ref, a unique prefix of it, its file's name, or its number in the list."""
    every = _pending(writing, held)
    if name.isdecimal() and 0 < int(name) <= len(every):
        return every[int(name) - 1]
    low = name.lower()
    matches = [c for c in every if low and (c.comment.ref.startswith(low) or ids.dashed(c.comment.ref) == low
               or c.path.rpartition("/")[2].removesuffix(".md").lower() == low.removesuffix(".md"))]
    if len(matches) > 1:
        raise AmbiguousError(name, [c.comment.ref for c in matches])
    if not matches:
        raise NotFoundError("comment", name, f"gittracker comment list {held.ticket.slug}")
    return matches[0]


def _pending(writing: Writing, held: Held) -> list[Found]:
    """List a ticket's comments as the command leaves them."""
    found = [read(path, writing.read(path) or b"") for path in writing.files_below(held.folder)
             if layout.is_comment(path)]
    return sorted(found, key=lambda one: (one.comment.at, one.comment.ref, one.path))


def _change(writing: Writing, held: Held, found: Found, changes: dict[str, str], kind: str, verb: str) -> None:
    old = found.comment
    writing.put(found.path, entity_md.patch(Comment, found.data, changes, found.path))
    writing.touch(kind, old.ref, held.ticket.slug, found.path, {"body": (old.body, changes["body"])},
                  held.ticket.slug)
    writing.say(f"{held.ticket.slug} comment {verb}")


def read(path: str, data: bytes, number: int = 0) -> Found:
    """Read a comment; one with broken front matter is shown as it stands."""
    try:
        return Found(entity_md.read(Comment, data, path)[0], path, data, number)
    except InvalidDataError:
        return Found(Comment(body=data.decode(errors="replace")), path, data, number)
