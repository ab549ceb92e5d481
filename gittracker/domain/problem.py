"""A problem: one located finding about a tracker's file."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Problem:
    """One finding; `fixable` says that `doctor --fix` mends it, `replica` where the file is if not in this worktree."""

    __slots__ = ("path", "line", "message", "fixable", "replica")

    def __init__(self, path: str, line: int, message: str, fixable: bool = False, replica: str = "") -> None:
        self.path = path
        self.line = line
        self.message = message
        self.fixable = fixable
        self.replica = replica

    @property
    def where(self) -> str:
        """Give the file from the top of the repository."""
        return f".openkit/{self.path}" if self.path else ".openkit"

    def to_json(self) -> dict[str, Any]:
        """Give the finding as it is printed."""
        return {"path": self.where, "line": self.line, "message": self.message,
                "fixable": self.fixable, "replica": self.replica or None}
