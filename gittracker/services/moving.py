"""Moving tickets between projects: a new slug, the old one as an alias, and the folder stays where it is."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.services.health import renumbering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.services.write.writing import Held, Writing


def move(writing: Writing, name: str, project: str) -> Held:
    """Give a ticket the next number of a project; in that project already, it stays as it is.

    Raises NotFoundError, and InvalidDataError where the ticket has no ref, by which links would find it.
    """
    key = writing.settings.project(project)
    held = writing.about(name)
    old = held.ticket.slug
    if (ids.parse_slug(old) or ("",))[0] == key:
        return held
    if not held.ticket.ref:
        raise InvalidDataError(f'"{old}" has no ref yet', "gittracker doctor --fix", held.path, 1)
    aliases = tuple(sorted({*held.ticket.aliases, renumbering.former_name(writing, held)}))
    writing.change(held, {"slug": writing.next_slug(key), "aliases": aliases}, "ticket.moved")
    writing.say(f"{old} moved to {key}: {held.ticket.slug}")
    return held
