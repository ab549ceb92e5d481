"""What a name or a mention leads to, with what tells it from others."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.index.records import Row
    from gittracker.index.tickets import Row as TicketRow
    from gittracker.services.comments import Found
    from gittracker.services.tracker import Tracker


class Target:
    """What a name names: its type, ref, name for people, title, file (from `.openkit`), and the whole as JSON.

    `aliases` are names that it once had.
    """

    __slots__ = ("type", "ref", "name", "label", "path", "show", "aliases")

    def __init__(self, kind: str, ref: str, name: str, label: str, path: str, show: Callable[[], Any],
                 aliases: tuple[str, ...] = ()) -> None:
        self.type = kind
        self.ref = ref
        self.name = name
        self.label = label or name
        self.path = path
        self.show = show
        self.aliases = aliases

    def to_json(self) -> dict[str, Any]:
        """Give the answer as `resolve --json` prints it."""
        return {**self.head(), "id": ids.dashed(self.ref) if self.ref else None, "object": self.show()}

    def head(self) -> dict[str, Any]:
        """Give what tells it from others."""
        return {"type": self.type, "ref": self.ref or None, "name": self.name, "label": self.label,
                "path": f".openkit/{self.path}" if self.path else None}

    def is_same(self, other: Target) -> bool:
        """Tell whether two are one record: by ref, or by place where a file has none."""
        return (self.ref, self.path) == (other.ref, other.path)


def ticket(row: TicketRow) -> Target:
    """Give a ticket as a target."""
    def show() -> Any:
        from gittracker.services import views
        return views.ticket(row)
    return Target("ticket", row.ticket.ref, row.ticket.slug, row.ticket.title, layout.ticket_file(row.folder), show,
                  row.ticket.aliases)


def record(tracker: Tracker, row: Row) -> Target:
    """Give a record that is no ticket as a target; an entry's name is that of the record that it belongs to."""
    if row.noun in ("comment", "progress"):
        return entry(tracker, row.noun, row.path)

    def show() -> Any:
        from gittracker.services import views
        return views.record(row)
    own = row.record.__dict__
    return Target(row.noun, own.get("ref") or _ref(tracker, row), row.name, own.get("title", ""), row.path, show,
                  own.get("aliases", ()))


def entry(tracker: Tracker, noun: str, path: str) -> Target:
    """Give a comment or an entry of progress, which people name by its record and number."""
    from gittracker.services import comments, views
    from gittracker.store import kinds
    one = _found(tracker, noun, path) or comments.read(path, b"")
    owner = kinds.name_of(kinds.place(path))
    return Target(noun, one.comment.ref, f"{owner} {noun} {one.number}", one.comment.body.partition("\n")[0][:100],
                  path, lambda: {**views.comment(one), "record": owner})


def number_of(tracker: Tracker, noun: str, path: str) -> int:
    """Give the number of a comment or an entry among those beside it; 0 where it is gone."""
    one = _found(tracker, noun, path)
    return one.number if one else 0


def _found(tracker: Tracker, noun: str, path: str) -> Found | None:
    from gittracker.domain.nouns import CLASSES
    from gittracker.services import comments
    every = comments.listed_in(tracker, path.rpartition("/")[0], deleted=True, cls=CLASSES[noun])
    return next((one for one in every if one.path == path), None)


def _ref(tracker: Tracker, row: Row) -> str:
    if row.noun != "skill":
        return ""
    from gittracker.services.naming import derivedrefs
    return derivedrefs.skill(tracker, row.name)
