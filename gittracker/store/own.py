"""Files of the clone's own that a write changes along with the tracker's: leases, and what worktrees hold of them."""

from __future__ import annotations

import os

from gittracker.store import atomic, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def load(common_dir: str, names: Iterable[str]) -> dict[str, bytes | None]:
    """Read files by their paths below the common directory; None where one is absent."""
    return {name: atomic.read(os.path.join(common_dir, name)) for name in names}


def set_down(common_dir: str, files: Mapping[str, bytes | None]) -> None:
    """Write files, each whole, in this order; None removes one. Raises StorageError."""
    for name, data in files.items():
        path = os.path.join(common_dir, name)
        if data is None:
            atomic.discard(path)
        else:
            atomic.write(path, data)
        steps.reached("state written")
