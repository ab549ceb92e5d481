"""Commands that were not written in the worktree alone that they were made from: the entries that name one command."""

from __future__ import annotations

from gittracker.index.history import OURS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.db import Index


class Part:
    """What a command wrote in one worktree, which `number` names; `undoes` are the entries that it undid, if any."""

    __slots__ = ("number", "seq", "oid", "subject", "undoes", "actor", "at")

    def __init__(self, number: str, seq: int, oid: str, subject: str, undoes: str, actor: str, at: int) -> None:
        self.number = number
        self.seq = seq
        self.oid = oid
        self.subject = subject
        self.undoes = undoes
        self.actor = actor
        self.at = at


class Command:
    """A command with its parts; `tip` is the newest entry its own worktree had before, "-" for none, "?" unknown."""

    __slots__ = ("name", "parts", "tip", "moment")

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[Part] = []
        _, self.tip, moment = name.split(" ")
        self.moment = int(moment, 16)


def commands(index: Index, worktree: str) -> list[Command]:
    """Give the commands made from a worktree that were written in others, too, or only there; the newest first."""
    found: dict[str, Command] = {}
    for name, *rest in index.all(
            "SELECT command, worktree, seq, id, subject, undoes, actor, at FROM entry WHERE command > ? AND "
            f"command < ? AND command <> '' AND {OURS} ORDER BY worktree <> ?, seq", f"{worktree} ", f"{worktree}!",
            worktree):
        try:
            one = found.get(name) or found.setdefault(name, Command(name))
        except ValueError:
            continue  # somebody else's trailer
        one.parts.append(Part(*rest))
    return sorted(found.values(), key=lambda one: (one.moment, one.parts[-1].seq), reverse=True)


def is_later(index: Index, worktree: str, command: Command, seq: int) -> bool:
    """Tell whether a command that was written elsewhere came after an entry of the worktree it was made from."""
    if command.tip == "-":
        return False
    row = index.one("SELECT seq FROM entry WHERE worktree = ? AND id = ?", worktree, command.tip)
    if row:
        return bool(row[0] >= seq)
    at = index.one("SELECT at FROM entry WHERE seq = ?", seq)[0]  # a purge has given the entry another id
    return bool(command.parts[0].at >= at)
