"""The message of a journal entry: subject and trailers."""

from __future__ import annotations

PREFIX = "openkit: "
_MAX_SUBJECT = 200


class Message:
    """What an entry says of itself; `pending` is the id it had while it waited for the journal.

    `worktree` is the number of the one it was made from, if that is not the one it was made in. `command` is the same
    in all entries of a command that was not written in its own worktree alone.
    """

    __slots__ = ("subject", "tickets", "actor", "key", "undoes", "pending", "worktree", "command")

    def __init__(self, subject: str, tickets: list[str], actor: str, key: str = "", undoes: str = "",
                 pending: str = "", worktree: str = "", command: str = "") -> None:
        self.subject = subject
        self.tickets = tickets
        self.actor = actor
        self.key = key
        self.undoes = undoes
        self.pending = pending
        self.worktree = worktree
        self.command = command

    def render(self) -> str:
        """Write the commit message."""
        subject = " ".join(self.subject.split())
        if len(subject) > _MAX_SUBJECT:
            subject = subject[:_MAX_SUBJECT - 1] + "…"
        trailers = [f"Ticket: {slug}" for slug in self.tickets] + [f"Actor: {self.actor}"]
        if self.undoes:
            trailers.append(f"Undoes: {self.undoes}")
        if self.key:
            trailers.append(f"Idempotency-Key: {self.key}")
        if self.pending:
            trailers.append(f"Pending: {self.pending}")
        if self.worktree:
            trailers.append(f"Worktree: {self.worktree}")
        if self.command:
            trailers.append(f"Command: {self.command}")
        return f"{PREFIX}{subject}\n\n" + "".join(f"{' '.join(line.split())}\n" for line in trailers)


def read(text: str) -> Message:
    """Read a commit message; what has no trailers has empty ones."""
    lines = text.strip("\n").split("\n")
    found: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(": ")
        if colon and name and " " not in name:
            found.setdefault(name, []).append(value.strip())
    one = {name: values[-1] for name, values in found.items()}
    return Message(lines[0].removeprefix(PREFIX), found.get("Ticket", []), one.get("Actor", ""),
                   one.get("Idempotency-Key", ""), one.get("Undoes", ""), one.get("Pending", ""),
                   one.get("Worktree", ""), one.get("Command", ""))
