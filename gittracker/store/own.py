"""Files of the clone's own that a write changes along with the tracker's: leases, and what worktrees hold of them."""

from __future__ import annotations

import os

from gittracker.store import atomic, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def set_down(common_dir: str, files: Mapping[str, bytes | None]) -> None:
    """Write files by their paths below the common directory, each whole, in this order; None removes one.

    Raises StorageError.
    """
    for name, data in files.items():
        path = os.path.join(common_dir, name)
        if data is None:
            atomic.discard(path)
        else:
            atomic.write(path, data)
        steps.reached("state written")
