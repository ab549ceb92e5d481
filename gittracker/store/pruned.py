"""What pruned journals told, without their bytes: an entry a line, so that an audit still knows who left what."""

from __future__ import annotations

import os

from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    # An entry's id, when it was made, by whom, and its changes as (path, old blob, new blob).
    Row = tuple[str, int, str, list[tuple[str, str, str]]]

_FOLDER = "pruned"


def save(state: str, worktree: str, rows: list[Row]) -> None:
    """Keep the entries of a worktree's journal; raises StorageError."""
    import json
    text = "".join(json.dumps(row) + "\n" for row in rows)
    atomic.write(os.path.join(state, _FOLDER, worktree), text.encode())


def load(state: str) -> list[Row]:
    """Give all that is kept, oldest first in each journal; a line that can't be read tells nothing."""
    import json
    folder = os.path.join(state, _FOLDER)
    found: list[Row] = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        for line in (atomic.read(os.path.join(folder, name)) or b"").decode(errors="replace").splitlines():
            try:
                oid, at, actor, changes = json.loads(line)
                found.append((str(oid), int(at), str(actor), [(str(p), str(o), str(n)) for p, o, n in changes]))
            except (ValueError, TypeError):
                continue
    return found
