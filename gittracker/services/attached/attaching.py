"""Attach files to records, and take them off again."""

from __future__ import annotations

import os

from gittracker.domain import names
from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.texts import size_shown
from gittracker.formats import lfs, sniff
from gittracker.services.attached import attachments, largefiles
from gittracker.services.write.writing import UNCHANGED
from gittracker.store import atomic, incoming

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.attached.attachments import Owner
    from gittracker.services.write.writing import Held, Writing

# What git keeps for good, and every clone fetches: a user should know from here on.
LARGE = 1 << 20


def add(writing: Writing, record: str, files: list[tuple[str, bytes]]) -> list[Held]:
    """Attach files, given as (wanted name, bytes), to a record.

    Bytes that are attached to it already stay what they are, whatever they are called. A name that can't stand beside
    those that are there gets a number. Raises InvalidDataError (too large), UsageError (empty).
    """
    owner = attachments.owner_about(writing, record)
    for wanted, data in files:
        incoming.check_size(wanted, len(data), writing.tracker.settings.attachment_max_bytes)
        if not data and not writing.request.force:
            raise UsageError(f'"{wanted}" is empty', "look at the file; --force attaches it all the same")
        _add(writing, owner, wanted, data)
    return owner.asked


def _add(writing: Writing, owner: Owner, wanted: str, data: bytes) -> None:
    present = _present(writing, owner)
    same = next((name for name in present if _holds(writing, f"{owner.folder}/{name}", data)), "")
    if same:
        path = f"{owner.folder}/{same}"
        if path in writing.after or os.path.exists(writing.path(path)):  # else another replica has it
            writing.put(path, writing.read(path))
        writing.touch(UNCHANGED, owner.ref_of(same), owner.name, path, {}, owner.ticket)
        writing.say(f"{owner.name} has these bytes already: {same}")
        return
    name = names.numbered(names.make_safe(wanted), {one.partition("/")[0] for one in present})
    path = f"{owner.folder}/{name}"
    kind = sniff.sniff(data[:sniff.HEAD], len(data))
    writing.put(path, data)
    writing.touch("attachment.created", owner.ref_of(name), owner.name, path,
                  {"name": (None, name), "type": (None, kind), "size": (None, len(data))}, owner.ticket)
    writing.say(f"{owner.name} attachment added: {name} ({kind}, {size_shown(len(data))})")
    if len(data) > LARGE and not largefiles.is_kept(writing.tracker, path):
        where = "attachments" if owner.noun != "page" else "*.files"
        writing.warn(f"{owner.name} {name} has {size_shown(len(data))}, which git keeps for good once it is committed; "
                     f"git LFS would keep it apart: git lfs track '.openkit/**/{where}/**'")


def remove(writing: Writing, record: str, wanted: list[str]) -> list[Held]:
    """Take files off a record; the history still has them. Raises NotFoundError, InvalidDataError (no plain file)."""
    owner = attachments.owner_about(writing, record)
    for one in wanted:
        name = attachments.match(_present(writing, owner), one, owner)
        path = f"{owner.folder}/{name}"
        size = len(writing.read(path) or b"")
        writing.put(path, None)
        writing.touch("attachment.deleted", owner.ref_of(name), owner.name, path,
                      {"name": (name, None), "size": (size, None)}, owner.ticket)
        writing.say(f"{owner.name} attachment removed: {name}")
    return owner.asked


def _present(writing: Writing, owner: Owner) -> list[str]:
    """List the names of a record's files as the command leaves them."""
    attachments.names(writing.tracker, owner.folder)  # refuses a folder that is a link
    start = len(owner.folder) + 1
    return sorted(path[start:] for path in writing.files_shown(owner.folder))


def _holds(writing: Writing, path: str, data: bytes) -> bool:
    """Tell whether a file has these bytes, perhaps by a pointer of git LFS."""
    pending = writing.after.get(path)
    here = writing.path(path)
    there = here if os.path.lexists(here) else writing.tracker.shown(path)
    try:
        size = len(pending) if pending is not None else os.lstat(there).st_size
        if size == len(data):
            return (pending if pending is not None else atomic.read(there)) == data
        pointer = lfs.read(writing.peek(path) or b"") if size <= lfs.MOST else None
    except (OSError, InvalidDataError):
        return False  # gone meanwhile, or no plain file
    return pointer is not None and pointer.size == len(data) and pointer.oid == lfs.point(data).oid
