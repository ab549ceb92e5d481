"""Notice what reading a ticket's folder anew finds changed: the rows as they were beside what the files say now."""

from __future__ import annotations

from gittracker.domain.fields import Record
from gittracker.formats.entity_md import differences
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.domain.ticket import Ticket
    from gittracker.index.known import Old

    # name, etag, ref, by, at, whether it is deleted, text, whether it asks, what it answers, packed stamp
    Comment = tuple[Any, ...]


class Seen:
    """One change around the tool: its event's kind, the record, the file with its etag (empty: it went; then `old` is
    the one it had), the fields.

    `record` is a ticket that came or went, so that one which only moved to another folder can be told.
    """

    __slots__ = ("kind", "ref", "slug", "path", "etag", "changes", "old", "record")

    def __init__(self, kind: str, ref: str, slug: str, path: str, etag: str, changes: dict[str, Any],
                 old: str = "", record: Record | None = None) -> None:
        self.old = old
        self.kind = kind
        self.ref = ref
        self.slug = slug
        self.path = path
        self.etag = etag
        self.changes = changes
        self.record = record


def gone(old: Old, folder: str) -> Seen:
    """Notice that a ticket's folder went."""
    ticket = old.row().ticket
    return Seen("ticket.deleted", ticket.ref, ticket.slug, layout.ticket_file(folder), "", {}, old.etag, ticket)


def changed(old: Old | None, folder: str, ticket: Ticket, etag: str, comments: list[Comment],
            workpad: tuple[str, str]) -> list[Seen]:
    """Notice what a ticket's files say that its rows don't; `workpad` is its etag and text."""
    path = layout.ticket_file(folder)
    if old is None:
        one, = of_record(path, ticket.slug, None, ticket, etag)
        one.record = ticket
        return [one]
    found = []
    if old.etag != etag and (fields := differences(old.row().ticket, ticket)):
        found.append(Seen("ticket.updated", ticket.ref, ticket.slug, path, etag, fields))
    if old.workpad != workpad[1]:
        found.append(Seen("workpad.updated", ticket.ref, ticket.slug, f"{folder}/{layout.WORKPAD}", workpad[0],
                          {"text": (old.workpad, workpad[1])}))
    if old.comments != comments:
        found += _remarks(old.comments, comments, f"{folder}/{layout.COMMENTS}", ticket.slug)
    return found


def _remarks(known: list[Comment], comments: list[Comment], base: str, slug: str) -> list[Seen]:
    old = {name: (etag, ref, bool(is_deleted), text, bool(asks), answers)
           for name, etag, ref, _, _, is_deleted, text, asks, answers, _ in known}
    found = []
    for name, etag, ref, _, _, is_deleted, text, asks, answers, _ in comments:
        before, now = old.pop(name, None), (text, bool(asks), answers)
        if before is None:
            made = {field: (None, value) for field, value in zip(_TOLD, now, strict=True) if value or field == "body"}
            found.append(Seen("comment.created", ref, slug, f"{base}/{name}", etag, made))
        elif before[0] != etag:
            kind = "deleted" if is_deleted and not before[2] else "updated"
            change = {field: (was, value) for field, was, value in zip(_TOLD, before[3:], now, strict=True)
                      if was != value}
            found.append(Seen(f"comment.{kind}", ref, slug, f"{base}/{name}", etag, change))
    return found + [Seen("comment.deleted", ref, slug, f"{base}/{name}", "", {"body": (text, None)}, etag)
                    for name, (etag, ref, _, text, *_) in old.items()]


_TOLD = ("body", "question", "answers")  # of a comment's fields, in the order of its row


def of_record(path: str, name: str, old: Record | None, new: Record | None, etag: str) -> list[Seen]:
    """Notice how one record changed, if it did; `etag` is its file's, of one that went the last.

    `name` is what people call it, or what it belongs to.
    """
    one = new or old
    if one is None:
        return []
    ref = one.__dict__.get("ref", "")
    if new is None:
        return [Seen(f"{one.NOUN}.deleted", ref, name, path, "", {}, etag)]
    if old is None:
        made = {field: (None, value) for field, value in new.values().items() if value != new.FIELDS[field].kind.empty}
        return [Seen(f"{one.NOUN}.created", ref, name, path, etag, made)]
    fields = differences(old, new)
    return [Seen(f"{one.NOUN}.updated", ref, name, path, etag, fields)] if fields else []


def joined(seen: list[Seen]) -> list[Seen]:
    """Make one change of a ticket that went from one folder and came in another: it moved, with what else differs."""
    went = {one.ref: one for one in seen if one.kind == "ticket.deleted" and one.ref}
    came = {one.ref: one for one in seen if one.kind == "ticket.created"}
    moved = went.keys() & came.keys()
    found = [one for one in seen if one.record is None or one.ref not in moved]
    for ref in moved:
        old, new = went[ref].record, came[ref].record
        fields = differences(old, new) if old and new else {}
        if fields:
            found.append(Seen("ticket.updated", ref, came[ref].slug, came[ref].path, came[ref].etag, fields))
    return found
