"""Attached files: whose they are, what they are, and their bytes."""

from __future__ import annotations

import os
from _stat import S_ISREG

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError, NotFoundError, UnavailableError
from gittracker.domain.names import folded
from gittracker.formats import lfs, sniff
from gittracker.formats.etag import blob_id, blob_id_of
from gittracker.services import records
from gittracker.services.attached import largefiles
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

_PREFIXES = {"ticket": ids.TICKET_FILE, "epic": ids.EPIC_FILE, "page": ids.PAGE_FILE}
_CHUNK = 1 << 20


class Owner:
    """The record that files are attached to: a ticket, an epic or a page; `ticket` is its slug if it is a ticket."""

    __slots__ = ("noun", "name", "ref", "path", "ticket", "asked")

    def __init__(self, noun: str, name: str, ref: str, path: str, asked: list[Held] | None = None) -> None:
        self.noun = noun
        self.name = name
        self.ref = ref
        self.path = path
        self.ticket = name if noun == "ticket" else ""
        self.asked = asked or []

    @property
    def folder(self) -> str:
        """Where the files lie."""
        return layout.attachments(self.path)

    def ref_of(self, name: str) -> str:
        """Give a file's ref, which follows from its record and its name."""
        return ids.derived(_PREFIXES[self.noun], self.ref or self.path, name)


class Attachment:
    """One attached file.

    `kind` is its type, empty where git LFS has not fetched it; `lfs` says that LFS keeps it; `by` and `at` are empty
    where history doesn't know who added it.
    """

    __slots__ = ("owner", "name", "path", "size", "kind", "etag", "lfs", "fetched", "by", "at")

    def __init__(self, owner: Owner, name: str, size: int, kind: str, etag: str, kept: bool = False,
                 fetched: bool = True) -> None:
        self.owner = owner
        self.name = name
        self.path = f"{owner.folder}/{name}"
        self.size = size
        self.kind = kind
        self.etag = etag
        self.lfs = kept
        self.fetched = fetched
        self.by = self.at = ""

    @property
    def ref(self) -> str:
        """Its ref, the same wherever it is asked."""
        return self.owner.ref_of(self.name)

    def to_json(self) -> dict[str, Any]:
        """Give the file as it is printed."""
        return {"name": self.name, "ref": self.ref, "record": self.owner.name, "type": self.kind or None,
                "active": sniff.is_active(self.kind), "size": self.size, "etag": self.etag, "by": self.by or None,
                "at": self.at or None, "lfs": self.lfs, "fetched": self.fetched, "path": f".openkit/{self.path}"}


def owner_of(tracker: Tracker, name: str) -> Owner:
    """Find the ticket, epic or page with a name; raises NotFoundError, AmbiguousError."""
    noun = ids.noun_of(name)
    if noun in ("epic", "page"):
        row = records.find(tracker, noun, name)
        return Owner(noun, row.name, row.record.ref, row.path)
    ticket = tracker.get(name)
    return Owner("ticket", ticket.ticket.slug, ticket.ticket.ref, layout.ticket_file(ticket.folder))


def owner_about(writing: Writing, name: str) -> Owner:
    """Find the record whose files a command changes; the first must meet `--if-match`."""
    noun = ids.noun_of(name)
    if noun in ("epic", "page"):
        held = records.about(writing, noun, name)
        return Owner(noun, held.name, str(held.record.ref), held.path)
    ticket = writing.about(name)
    return Owner("ticket", ticket.ticket.slug, ticket.ticket.ref, ticket.path, [ticket])


def owner_at(tracker: Tracker, place: str) -> Owner | None:
    """Find the record that lies at a place; None where it has no files of this kind."""
    if place.startswith(layout.TICKETS):
        ticket = tracker.at(place)
        return Owner("ticket", ticket.ticket.slug, ticket.ticket.ref, layout.ticket_file(place)) if ticket else None
    from gittracker.index import records as rows
    row = rows.own(tracker.index, tracker.view, place)
    return Owner(row.noun, row.name, row.record.ref, row.path) if row and row.noun in _PREFIXES else None


def names(tracker: Tracker, folder: str) -> list[str]:
    """List the names in a folder of attached files, those of a subfolder with its name; raises InvalidDataError."""
    top = tracker.shown(folder)
    if os.path.islink(top):
        raise InvalidDataError("a symbolic link, which git does not look behind", "put the folder itself in its place",
                               folder)
    found = [os.path.relpath(os.path.join(base, name), top).replace(os.sep, "/")
             for base, folders, files in os.walk(top)
             for name in (*files, *(one for one in folders if os.path.islink(os.path.join(base, one))))]
    return sorted(name for name in found if not name.endswith(layout.TEMPORARY))


def listed(tracker: Tracker, owner: Owner) -> tuple[list[Attachment], list[tuple[str, str]]]:
    """List the files attached to a record, and what lies there but can't be used, as (path, why)."""
    found, odd = [], []
    present = names(tracker, owner.folder)
    largefiles.look_up(tracker, [f"{owner.folder}/{name}" for name in present if _is_text(name)])
    for name in present:
        path = f"{owner.folder}/{name}"
        try:
            one = look_at(tracker, owner, name) if _is_text(name) else None
        except InvalidDataError as error:
            odd.append((path, error.reason))
            continue
        if one:
            found.append(one)
        else:
            shown = path.encode(errors="surrogateescape").decode(errors="replace")
            odd.append((shown, "its name is not UTF-8 text"))
    if found:
        _tell_authors(tracker, owner, found)
    return found, odd


def look_at(tracker: Tracker, owner: Owner, name: str) -> Attachment | None:
    """Look at one attached file; None where it is gone. Raises InvalidDataError where it is no plain file."""
    path = f"{owner.folder}/{name}"
    opened = atomic.open_plain(tracker.shown(path))
    if opened is None:
        return None
    fd, one = opened
    try:
        head = os.read(fd, sniff.HEAD)
        pointer = lfs.read(head)
        kept = largefiles.is_kept(tracker, path)
        object_format = tracker.repository.object_format
        if kept and pointer:
            return Attachment(owner, name, pointer.size, "", blob_id(head, object_format), kept=True, fetched=False)
        chunks = _chunks(fd, head)
        etag = (blob_id(lfs.write(lfs.point_of(chunks)), object_format) if kept
                else blob_id_of(chunks, one.st_size, object_format))
        return Attachment(owner, name, one.st_size, sniff.sniff(head, one.st_size), etag, kept)
    finally:
        os.close(fd)


def find(tracker: Tracker, owner: Owner, wanted: str) -> Attachment:
    """Find one of a record's files by name or ref; raises NotFoundError, InvalidDataError (no plain file)."""
    name = match([name for name in names(tracker, owner.folder) if _is_text(name)], wanted, owner)
    found = look_at(tracker, owner, name)
    if found is None:
        raise NotFoundError("attachment", wanted, f"gittracker attachment list {owner.name}")
    return with_author(tracker, found)


def match(present: Iterable[str], wanted: str, owner: Owner) -> str:
    """Find a name among those that are there: the very name, the ref, or the name in another case."""
    there = list(present)
    low = wanted.lower()
    found = next((name for name in there if name == wanted), "") or next(
        (name for name in there if low == owner.ref_of(name)), "")
    alike = [name for name in there if folded(name) == folded(wanted)]
    if not found and len(alike) != 1:
        raise NotFoundError("attachment", wanted, f"gittracker attachment list {owner.name}")
    return found or alike[0]


def content(tracker: Tracker, one: Attachment) -> bytes:
    """Give a file's bytes.

    Raises UnavailableError where git LFS has not fetched them, NotFoundError, InvalidDataError (no plain file).
    """
    data = atomic.read(tracker.shown(one.path))
    if data is None:
        raise NotFoundError("attachment", one.name, f"gittracker attachment list {one.owner.name}")
    pointer = None if one.fetched else lfs.read(data)
    if pointer is None:
        return data
    found = largefiles.stored(tracker, pointer)
    if found is None:
        raise UnavailableError(f'"{one.name}" is kept by git LFS and was not fetched',
                               f"git lfs pull --include '.openkit/{one.path}'", path=one.path, oid=pointer.oid)
    return found


def sizes(tracker: Tracker, folder: str) -> list[tuple[str, int]]:
    """List (name, size on disk) of the files in a folder with one look at each; what is no plain file is left out."""
    top = tracker.shown(folder)
    try:
        if os.path.islink(top):
            return []
        with os.scandir(top) as entries:
            there = [(one.name, one.stat(follow_symlinks=False)) for one in entries]
    except OSError:
        return []
    return sorted((name, one.st_size) for name, one in there
                  if S_ISREG(one.st_mode) and _is_text(name) and not name.endswith(layout.TEMPORARY))


def _chunks(fd: int, head: bytes) -> Iterable[bytes]:
    yield head
    while chunk := os.read(fd, _CHUNK):
        yield chunk


def with_author(tracker: Tracker, one: Attachment) -> Attachment:
    """Say of a file who added it, and when."""
    _tell_authors(tracker, one.owner, [one])
    return one


def _tell_authors(tracker: Tracker, owner: Owner, found: list[Attachment]) -> None:
    """Say of each file who last added or replaced it, and when, as far as history knows."""
    from gittracker.services.past import history
    from gittracker.store import kinds
    known: dict[str, tuple[str, str]] = {}
    for entry in history.entries_at(tracker, (kinds.place(owner.path),)):
        for path, _, new in entry.paths:
            if new and path not in known:
                known[path] = entry.actor, entry.at
    for one in found:
        one.by, one.at = known.get(one.path, ("", ""))


def _is_text(name: str) -> bool:
    return name.isprintable() or not any("\udc80" <= c <= "\udcff" for c in name)
