"""Where leases lie: the clone's book in its state, and what a worktree holds beside that worktree's number."""

from __future__ import annotations

import os

from gittracker.domain.lease import Book
from gittracker.formats import lease_text
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.lease import Sight
    from gittracker.formats.lease_text import Note



def load(path: str) -> Book:
    """Read the clone's book of leases; an empty one where there is none yet."""
    return lease_text.read(atomic.read(path) or b"")


def save(path: str, book: Book) -> None:
    """Write the clone's book; raises StorageError. The caller holds the clone's lock."""
    atomic.write(path, lease_text.render(book))


def held(git_dir: str) -> str:
    """Give the file of the leases that a worktree holds."""
    return os.path.join(git_dir, "gittracker", layout.LEASES)


def notes(git_dir: str) -> list[Note]:
    """Read which leases a worktree holds."""
    return lease_text.read_notes(atomic.read(held(git_dir)) or b"")


def sights(path: str) -> list[Sight]:
    """Read what was seen on remotes."""
    return lease_text.read_sights(atomic.read(path) or b"")


def save_sights(path: str, seen: list[Sight]) -> None:
    """Write what was seen on remotes; raises StorageError. The caller holds the clone's lock."""
    atomic.write(path, lease_text.render_sights(seen))
