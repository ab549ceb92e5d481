"""Renumbering: of tickets that share a slug the oldest keeps it, and each younger one gets a free number."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.index import tickets
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.write.writing import Held, Writing


def renumber(writing: Writing) -> list[tuple[str, str]]:
    """End every clash of names, in what is on disk and in what this command writes; gives (old name, new slug).

    The name that a younger ticket was shown by, `OW-43-k3f9`, stays its alias. An alias that another ticket has with
    more right is replaced in the same way. Copies of one ticket, which share its ref, are left to people.
    """
    writing.tracker.refresh()
    written = _written(writing)
    done = []
    for name in _suspects(writing, written):
        owners = _owners(writing, name, written.get(name, []))
        for held in owners[1:]:
            if held.ticket.ref in ("", owners[0].ticket.ref):
                continue
            shown = suffixed(held, name)
            if held.ticket.slug.lower() != name:
                _rename(writing, held, name, held.ticket.slug, shown)
                continue
            key = (ids.parse_slug(held.ticket.slug) or (writing.settings.project(), 0))[0]
            _rename(writing, held, name, writing.next_slug(key), shown)
            writing.say(f"{shown} renumbered: {held.ticket.slug}")
            done.append((shown, held.ticket.slug))
    return done


def former_name(writing: Writing, held: Held) -> str:
    """Give the name under which a ticket that gets another slug is still found: its slug, or its own form of it."""
    slug = held.ticket.slug
    alone = all(one is held or one.ticket.slug != slug for one in _owners(writing, slug.lower(), []))
    return slug if alone else suffixed(held, slug)


def suffixed(held: Held, name: str) -> str:
    """Write a name as no other ticket has it: `OW-43-k3f9`."""
    folder = held.folder.rpartition("/")[2]
    if ids.slug_of_folder(folder).lower() == name.lower():
        return folder
    return ids.folder_name(name.upper(), held.ticket.ref)


def _rename(writing: Writing, held: Held, name: str, slug: str, shown: str) -> None:
    aliases = {alias for alias in held.ticket.aliases if alias.lower() != name}
    writing.change(held, {"slug": slug, "aliases": tuple(sorted(aliases | {shown}))}, "ticket.renumbered")


def _suspects(writing: Writing, written: dict[str, list[Held]]) -> list[str]:
    """List the names, in lower case, that may be those of more than one ticket; slugs before aliases."""
    tracker = writing.tracker
    slugs = {slug.lower() for slug in tracker.clashes() if slug}
    slugs |= {held.ticket.slug.lower() for several in written.values() for held in several}
    aliases = {row[0].lower() for row in tickets.shared_aliases(tracker.index, tracker.view)}
    return [*sorted(slugs), *sorted((aliases | written.keys()) - slugs)]


def _owners(writing: Writing, name: str, written: list[Held]) -> list[Held]:
    """List the tickets that have a name, as the command leaves them: by slug before by alias, older before younger."""
    tracker = writing.tracker
    known = [_read(writing, folder) for folder in tickets.named(tracker.index, tracker.view, name)]
    found = {held.folder: held for held in (*known, *written) if held and name in _names(held)}
    return sorted(found.values(), key=lambda one: (one.ticket.slug.lower() != name, one.ticket.ref or "~", one.folder))


def _written(writing: Writing) -> dict[str, list[Held]]:
    """Give the tickets whose files this command has written so far, by all their names."""
    found: dict[str, list[Held]] = {}
    for path in [path for path, data in writing.after.items() if data and layout.is_ticket(path)]:
        held = _read(writing, layout.folder_of(path))
        if held:
            for name in _names(held):
                found.setdefault(name, []).append(held)
    return found


def _names(held: Held) -> set[str]:
    return {held.ticket.slug.lower(), *(alias.lower() for alias in held.ticket.aliases)}


def _read(writing: Writing, folder: str) -> Held | None:
    try:
        return writing.in_folder(folder)
    except InvalidDataError:
        return None  # a broken file keeps its last row and is a finding of its own
