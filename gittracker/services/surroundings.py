"""What stands round a ticket where it is shown: links both ways, mentions, losses, problems."""

from __future__ import annotations

from gittracker.index import edges, problems, tickets
from gittracker.index import history as trail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.index.tickets import Row
    from gittracker.services.naming.backlinks import Backlink
    from gittracker.services.tracker import Tracker


NOT_LANDED = "not landed"  # closed, and not so on the base branch


def blockers(tracker: Tracker, row: Row) -> list[str]:
    """Name the open tickets that a ticket waits for, and the links that lead nowhere."""
    return edges.open_blockers(tracker.index, tracker.view, row.id)


def told(tracker: Tracker, names: list[str]) -> list[str]:
    """Say of blockers, by name, which are closed and not landed."""
    late = edges.unlanded(tracker.index, tracker.view).values()
    return [f"{name} (closed, {NOT_LANDED})" if name in late else name for name in names]


def linked(tracker: Tracker, row: Row) -> list[tuple[str, str, str, str]]:
    """List a ticket's links both ways: (what it is, slug, title, stage)."""
    late = edges.unlanded(tracker.index, tracker.view)
    found = [(_WAYS[field][0], slug or target, title or "(not found)",
              f"{stage}, {NOT_LANDED}" if field == "depends_on" and other in late else stage or "")
             for field, target, other, slug, title, stage in edges.outgoing(tracker.index, tracker.view, row.id)]
    if row.ticket.ref:
        found += [(_WAYS[field][1], slug, title, stage)
                  for field, slug, title, stage in edges.incoming(tracker.index, tracker.view, row.ticket.ref)]
    return list(dict.fromkeys(found))


_WAYS = {"depends_on": ("depends on", "blocks"), "related": ("related to", "related to"),
         "duplicates": ("duplicates", "duplicated by"), "parent": ("part of", "has part")}


def mentions_of(tracker: Tracker, row: Row) -> list[Backlink]:
    """List where a ticket is mentioned, as far as the index knows and the first ones only."""
    from gittracker.index import mentions
    from gittracker.services.refresh import folders
    folders.look(tracker)
    index, worktree, ticket = tracker.index, tracker.view, row.ticket
    keys = [*([ticket.ref] if ticket.ref else ()), *(name.upper() for name in (ticket.slug, *ticket.aliases))]
    if mentions.paths(index, worktree, keys) or mentions.has_other(index, worktree, keys, row.id):
        from gittracker.services.naming import backlinks, targets
        return backlinks.find(tracker, targets.ticket(row), fresh=False, few=True)
    return []


def lost_comments(tracker: Tracker, row: Row) -> int:
    """Count a ticket's lost comments; git is asked only where the index knows one that is not there."""
    base = f"{row.folder}/comments"
    held = trail.paths_below(tracker.index, base)
    here = {f"{base}/{name}" for name in tickets.comment_names(tracker.index, row.id)}
    if held <= here:
        return 0
    from gittracker.services.past import losses
    return losses.count_lost_comments(tracker, row.folder)


def problems_of(tracker: Tracker, row: Row) -> list[tuple[str, int, str]]:
    """List what is wrong with a ticket's files as (path, line, message)."""
    return problems.listed(tracker.index, tracker.view, row.folder)
