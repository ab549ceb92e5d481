"""The clone's id, kept in its state; a copied clone gets one of its own."""

from __future__ import annotations

import os

from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "clone"
_BYTES = 8


def known(local: str) -> str:
    """Give this clone's id; empty where it has none yet, or where what is noted is another clone's.

    `local` is the clone's folder for machine-local state, in its common directory. A clone that was moved keeps its
    inode and one restored from a backup its path; where both differ it is a copy.
    """
    noted = _read(local)
    place, inode = _place(local)
    return noted[0] if noted and (noted[1] == place or noted[2] == inode) else ""


def settle(local: str, entropy: Callable[[int], bytes]) -> str:
    """Give this clone's id; make one, or note where the clone lies now, where that is needed. Raises StorageError."""
    place, inode = _place(local)
    name = known(local) or entropy(_BYTES).hex()
    if _read(local) != (name, place, inode):
        text = f"{name}\n{inode}\n{place}\n"
        atomic.write(os.path.join(local, "state", _NAME), text.encode(errors="surrogateescape"))
    return name


def _place(local: str) -> tuple[str, str]:
    common = os.path.dirname(os.path.realpath(local))
    return common, str(os.stat(common).st_ino)


def _read(local: str) -> tuple[str, str, str] | None:
    data = atomic.read(os.path.join(local, "state", _NAME))
    lines = (data or b"").decode(errors="surrogateescape").split("\n", 2)
    return (lines[0], lines[2].removesuffix("\n"), lines[1]) if len(lines) == 3 else None
