"""How a write was asked for, what it holds and touches, and what it raises where it belongs to another worktree."""

from __future__ import annotations

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.ticket import Ticket
from gittracker.formats import entity_md
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# These are about this worktree's files and journal, whatever other replicas have.
_STAYING = ("undo", "recover", "purge", "doctor", "sync", "watch", "land", "resolve", "commit", "init")


class Request:
    """How a write was asked for: what it is called, its idempotency key, the etag it must meet, whether to force."""

    __slots__ = ("name", "key", "fingerprint", "if_match", "force")

    def __init__(self, name: str, key: str = "", fingerprint: str = "", if_match: str = "",
                 force: bool = False) -> None:
        self.name = name
        self.key = key
        self.fingerprint = fingerprint
        self.if_match = if_match
        self.force = force

    @property
    def stays(self) -> bool:
        """Tell whether it must not be done in another worktree instead."""
        return self.name.partition(" ")[0] in _STAYING


class Held:
    """A ticket as the command in the making leaves it on the board; `data` are its file's bytes in this worktree.

    `shown` are the bytes that the board had for it when the command looked.
    """

    __slots__ = ("ticket", "folder", "data", "shown")

    def __init__(self, ticket: Ticket, folder: str, data: bytes, shown: bytes | None = None) -> None:
        self.ticket = ticket
        self.folder = folder
        self.data = data  # empty where this worktree has no such ticket
        self.shown = data if shown is None else shown

    @property
    def path(self) -> str:
        """The ticket's own file."""
        return layout.ticket_file(self.folder)


def hold(folder: str, slug: str, data: bytes, shown: bytes) -> Held:
    """Hold a ticket as the board shows it, or as it is here where another worktree has a file that can't be read.

    `slug` is its name where its file has none. Raises InvalidDataError.
    """
    path = layout.ticket_file(folder)
    try:
        ticket, _ = entity_md.read(Ticket, shown, path)
    except InvalidDataError:
        if data in (b"", shown):
            raise
        return hold(folder, slug, data, data)
    name = ticket.slug or slug or folder.rpartition("/")[2]
    return Held(ticket.replace(slug=name), folder, data, shown)


class Touched:
    """One record that the command changes, for its receipt and its event."""

    __slots__ = ("kind", "ref", "slug", "path", "changes", "ticket")

    def __init__(self, kind: str, ref: str, slug: str, path: str, changes: dict[str, Any], ticket: str) -> None:
        self.kind = kind
        self.ref = ref
        self.slug = slug
        self.path = path
        self.changes = changes
        self.ticket = ticket


class Elsewhere(Exception):
    """A record's file lives in another replica: `source` is a worktree's top or a ref's full name.

    `whole` says that the command can only go there as a whole.
    """

    whole = False

    def __init__(self, source: str, path: str) -> None:
        super().__init__(f"{path} lives in {source}")
        self.source = source
        self.path = path
