"""What a write raises when it belongs to another worktree; `apply` follows it there."""

from __future__ import annotations


class Elsewhere(Exception):
    """A record's file lives in another replica: `source` is a worktree's top or a ref's full name.

    `whole` says that the command can only go there as a whole.
    """

    whole = False

    def __init__(self, source: str, path: str) -> None:
        super().__init__(f"{path} lives in {source}")
        self.source = source
        self.path = path
