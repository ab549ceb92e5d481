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
    """A comment with the file it stands in."""

    __slots__ = ("comment", "path", "data")

    def __init__(self, comment: Comment, path: str, data: bytes) -> None:
        self.comment = comment
        self.path = path
        self.data = data


def listed(tracker: Tracker, row: Row, deleted: bool = False) -> list[Found]:
    """List a ticket's comments, oldest first; deleted ones only where asked for."""
    from gittracker.store import atomic
    names = [r[0] for r in tracker.index.all(
        "SELECT name FROM comment WHERE ticket = ? AND (? OR deleted = 0) ORDER BY at, ref, name", row.id, deleted)]
    found = []
    for name in names:
        path = f"{row.folder}/{layout.COMMENTS}/{name}"
        data = atomic.read(tracker.path(path))
        if data is not None:
            found.append(read(path, data))
    return found


def add(writing: Writing, name: str, body: str, reply_to: str = "") -> tuple[Held, Found]:
    """Add a comment to a ticket."""
    held = writing.about(name)
    if not body.strip():
        raise UsageError("a comment needs a text", f"gittracker comment add {held.ticket.slug} --body 'found it'")
    answered = find(writing, held, reply_to).comment.ref if reply_to else ""
    tracker = writing.tracker
    comment = Comment(ref=writing.new_ref(ids.COMMENT), by=tracker.principal.name, at=tracker.now(),
                      reply_to=answered, body=entity_md.read_body(body))
    path = layout.comment_file(held.folder, comment.at, comment.ref)
    while writing.read(path) is not None:
        comment = comment.replace(ref=writing.new_ref(ids.COMMENT))
        path = layout.comment_file(held.folder, comment.at, comment.ref)
    found = Found(comment, path, entity_md.render(comment))
    writing.put(path, found.data)
    writing.touch("comment.created", comment.ref, held.ticket.slug, path, {"body": (None, comment.body)},
                  held.ticket.slug)
    writing.say(f"{held.ticket.slug} comment added")
    return held, found


def edit(writing: Writing, name: str, comment: str, body: str) -> tuple[Held, Found]:
    """Rewrite a comment; who and when is noted in it."""
    held = writing.about(name)
    found = find(writing, held, comment)
    if found.comment.deleted_at:
        raise ConflictError(f'the comment "{comment}" is deleted', f"gittracker comment list {held.ticket.slug}")
    writing.keep_nonempty("the comment", found.comment.body, body)
    text = entity_md.read_body(body)
    if text == found.comment.body:
        return held, found
    changes = {"body": text, "edited_at": writing.tracker.now(), "edited_by": writing.tracker.principal.name}
    _change(writing, held, found, changes, "comment.updated", "edited")
    return held, found


def delete(writing: Writing, name: str, comment: str) -> tuple[Held, Found]:
    """Empty a comment and note who did; its front matter stays."""
    held = writing.about(name)
    found = find(writing, held, comment)
    if not found.comment.deleted_at:
        changes = {"body": "", "deleted_at": writing.tracker.now(), "deleted_by": writing.tracker.principal.name}
        _change(writing, held, found, changes, "comment.deleted", "deleted")
    return held, found


def find(writing: Writing, held: Held, name: str) -> Found:
    """Find a ticket's comment by ref, a unique prefix of it, its file's name, or its number in the list."""
    row = writing.tracker.get(held.ticket.ref or held.ticket.slug)
    every = listed(writing.tracker, row, deleted=True)
    shown = [c for c in every if not c.comment.deleted_at]
    if name.isdecimal() and 0 < int(name) <= len(shown):
        return _pending(writing, shown[int(name) - 1])
    low = name.lower()
    matches = [c for c in every if low and (c.comment.ref.startswith(low) or ids.dashed(c.comment.ref) == low
               or c.path.rpartition("/")[2].removesuffix(".md").lower() == low.removesuffix(".md"))]
    if len(matches) > 1:
        raise AmbiguousError(name, [c.comment.ref for c in matches])
    if not matches:
        raise NotFoundError("comment", name, f"gittracker comment list {held.ticket.slug}")
    return _pending(writing, matches[0])


def _pending(writing: Writing, found: Found) -> Found:
    data = writing.read(found.path)
    return read(found.path, data) if data is not None else found


def _change(writing: Writing, held: Held, found: Found, changes: dict[str, str], kind: str, verb: str) -> None:
    old = found.comment
    found.comment = old.replace(**changes)
    found.data = entity_md.patch(Comment, found.data, changes, found.path)
    writing.put(found.path, found.data)
    writing.touch(kind, old.ref, held.ticket.slug, found.path, {"body": (old.body, found.comment.body)},
                  held.ticket.slug)
    writing.say(f"{held.ticket.slug} comment {verb}")


def read(path: str, data: bytes) -> Found:
    """Read a comment; one with broken front matter is shown as it stands."""
    try:
        return Found(entity_md.read(Comment, data, path)[0], path, data)
    except InvalidDataError:
        return Found(Comment(body=data.decode(errors="replace")), path, data)
