"""What an audit finds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The kinds of findings, and what each says.
KINDS = {
    "edit": "a file was changed with an editor, not with a command",
    "commit": "a commit changes the tracker, and no entry of the journal does",
    "unsigned": "a commit that the policy wants signed has no good signature",
    "policy": "policy.yaml can't be read, so what it wants is not known",
    "foreign": "an entry of the journal was not written by the tool",
    "gap": "the journal lacks an entry that it had",
    "receipt": "a receipt says something else than the journal",
    "broken": "objects of the journal are damaged or missing",
    "missing": "a commit's file is not in the repository",
}


class Finding:
    """One finding; `changes` holds (path, what, field, old, new), and what does not apply is empty."""

    __slots__ = ("kind", "message", "path", "entry", "commit", "actor", "at", "changes")

    def __init__(self, kind: str, message: str, path: str = "", entry: str = "", commit: str = "", actor: str = "",
                 at: str = "", changes: list[tuple[str, str, str, Any, Any]] | None = None) -> None:
        self.kind = kind
        self.message = message
        self.path = path
        self.entry = entry
        self.commit = commit
        self.actor = actor
        self.at = at
        self.changes = changes or []


class Audit:
    """A whole audit: findings, notes (what is explained), limits (what can't be told), and how much was checked."""

    __slots__ = ("findings", "notes", "limits", "checked")

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.notes: list[Finding] = []
        self.limits: list[str] = []
        self.checked = dict.fromkeys(("entries", "commits", "files", "receipts", "objects"), 0)
