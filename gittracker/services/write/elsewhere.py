"""What a write raises when it belongs to another worktree; `apply` follows it there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Elsewhere(Exception):
    """A record's file lives in another replica: `source` is a worktree's top or a ref's full name.

    With `values`, by field, the write is right where it is, but would be hidden unless the other one says so, too.
    `whole` says that the command can only go there as a whole.
    """

    whole = False

    def __init__(self, source: str, path: str, values: dict[str, Any] | None = None) -> None:
        super().__init__(f"{path} lives in {source}")
        self.source = source
        self.path = path
        self.values = values or {}
