"""Workpads: the one living document of whoever works on a ticket, written by section."""

from __future__ import annotations

from gittracker.domain.errors import NotFoundError, UsageError
from gittracker.formats import sections
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.tickets import Row
    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing


def show(tracker: Tracker, row: Row, section: str = "") -> str:
    """Give a ticket's workpad, or one section of it; empty where there is none yet."""
    from gittracker.store import atomic
    data = atomic.read(tracker.shown(_path(row.folder)))
    text = data.decode(errors="replace") if data else ""
    if not section:
        return text
    found = sections.find(text, section)
    if found is None:
        raise NotFoundError("section", section, f"gittracker workpad show {row.ticket.slug}")
    return found


def put(writing: Writing, name: str, body: str, section: str = "", append: bool = False) -> Held:
    """Set or add to a workpad, or one section of it; every byte of the other sections stays."""
    held = writing.about(name)
    path = _path(held.folder)
    data = writing.read(path)
    old = data.decode(errors="surrogateescape") if data else ""
    if append and not body.strip():
        raise UsageError("nothing to append", "--body 'tests pass'")
    if section:
        before = sections.find(old, section) or ""
        writing.check_text(f"section {section}", "" if append else before, body)
        new = sections.replace(old, section, body, append)
    elif append:
        writing.check_text("the text", "", body)
        gap = "" if not old or old.endswith("\n") else "\n"
        new = old + gap + body.strip("\n") + "\n"
    else:
        writing.check_text(f"{held.ticket.slug}'s workpad", old, body)
        new = body.strip("\n") + "\n" if body.strip() else ""
    if new != old:
        writing.put(path, new.encode(errors="surrogateescape"))
        writing.touch("workpad.updated", held.ticket.ref, held.ticket.slug, path,
                      {"section": (None, section or None)}, held.ticket.slug)
        writing.say(f"{held.ticket.slug} workpad{' ' + section if section else ''} "
                    f"{'added to' if append else 'set'}")
    return held


def _path(folder: str) -> str:
    return f"{folder}/{layout.WORKPAD}"
