"""Lists of tickets: the query, the freshness it needs, and the page."""

from __future__ import annotations

import os

from gittracker.domain import query as queries
from gittracker.domain.query import Query, Term
from gittracker.git import discover
from gittracker.index import edges, problems, search
from gittracker.services.refresh import remarks
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.ticket import Ticket
    from gittracker.index.search import Page
    from gittracker.index.snippets import Match
    from gittracker.services.tracker import Tracker

PAGE = 50
_LOOKS = 3


def read(text: str, sort: str = "", limit: str = "", cursor: str = "", everything: bool = False,
         usual: int = PAGE) -> Query:
    """Read a query with its flags; a flag beats the query's own word. A page has `usual` rows unless they say so."""
    query = queries.parse(text)
    query.sort = queries.check_sort(sort or query.sort)
    query.limit = queries.limit(limit) if limit else query.limit or usual
    query.cursor = cursor
    if everything:
        query.terms.append(Term("is", "=", ("open", "closed", "archived"), False))
    return query


def page(tracker: Tracker, query: Query, bodies: bool = False) -> Page:
    """Answer a query from files as they are now.

    Folders and comments are looked at only where the answer depends on them; with `bodies` (the whole record is
    shown), and where questions and their answers decide, of the tickets on the page.
    """
    deep = bool(query.words or query.unwanted) or query.uses_updates
    if query.uses_remarks:
        remarks.refresh(tracker, deep)
    else:
        tracker.refresh(deep)
    if any(term.key == "epic" for term in query.terms):
        from gittracker.services.refresh import recording
        recording.refresh(tracker, layout.EPICS)
    found = search.select(tracker.index, query, tracker.context(), bodies)
    if query.uses_remarks:
        found = _settled(tracker, query, bodies, found)
    if not bodies:
        return found
    scanner = tracker.scanner
    stale = [row.folder for row in found.rows if not scanner.is_current(row.id, row.folder)]
    if not stale:
        return found
    scanner.refresh_folders(stale)
    return search.select(tracker.index, query, tracker.context(), bodies)


def _settled(tracker: Tracker, query: Query, bodies: bool, found: Page) -> Page:
    """Answer again while an answer or a question has come that was put beside a ticket by hand."""
    for _ in range(_LOOKS):
        folders = [*edges.asked(tracker.index, tracker.view), *(row.folder for row in found.rows)]
        if not remarks.look_into(tracker, folders):
            break
        found = search.select(tracker.index, query, tracker.context(), bodies)
    return found


def matches(tracker: Tracker, query: Query, found: Page, width: int = 0) -> dict[int, list[Match]]:
    """Tell by row where the words of a query stand in the tickets of its page, in lines of about `width` characters."""
    if not query.words or not found.rows:
        return {}
    from gittracker.index import snippets
    return snippets.found(tracker.index, search.match_expression(query.words), [row.id for row in found.rows],
                          width or snippets.WIDTH)


def ready(tracker: Tracker, query: Query, bodies: bool = False) -> tuple[Page, int]:
    """List what can be started now, and count what waits in the backlog."""
    query.terms.append(Term("is", "=", ("ready",), False))
    found = page(tracker, query, bodies)
    waiting = Query([Term("stage", "=", ("backlog",), False)], [])
    return found, search.count(tracker.index, waiting, tracker.context())


def claims(tracker: Tracker) -> dict[str, tuple[str, int, bool]]:
    """Give who has claimed which ticket, until when (seconds since 1970), and whether that is to come; by ref."""
    now = tracker.clock() // 1_000_000_000
    return {ref: (holder, until, until > now) for ref, (holder, until) in edges.claims(tracker.index).items()}


def who(ticket: Ticket, claimed: dict[str, tuple[str, int, bool]]) -> str:
    """Name who has a ticket: the holder of a claim behind a star, else its assignee."""
    holder, _, is_live = claimed.get(ticket.ref, ("", 0, False))
    return f"*{holder}" if is_live else ticket.assignee


def lost_tickets(tracker: Tracker) -> int:
    """Count whole tickets that are lost; counted anew only after tickets came or went around the tool."""
    key = f"lost:{tracker.view}"
    stamp = _worktrees_stamp(tracker)
    kept, _, known = str(tracker.index.get(key) or "").partition(" ")
    # What is lost may have been deleted by a commit since; where nothing is, commits need no look.
    if not known or kept.split(":")[0] != stamp or (known != "0" and kept != f"{stamp}:{_refs_stamp(tracker)}"):
        from gittracker.services.past import losses
        refs = _refs_stamp(tracker)
        known = str(len({one.folder for one in losses.lost(tracker) if one.what == "ticket"}))
        with tracker.index as index:
            index.put(key, f"{stamp}:{refs} {known}")
    return int(known)


def _worktrees_stamp(tracker: Tracker) -> str:
    """Tell when a worktree last came or went."""
    try:
        return str(os.stat(os.path.join(tracker.repository.common_dir, "worktrees")).st_mtime_ns)
    except OSError:
        return "0"


def _refs_stamp(tracker: Tracker) -> str:
    """Tell when a branch last moved, as a name without spaces."""
    return repr(discover.ref_stamps(tracker.repository.common_dir)).replace(" ", "")


def count_problems(tracker: Tracker) -> int:
    """Count the files that can't be read as they should."""
    found = problems.count_files(tracker.index, tracker.view)
    return found + len({p[0] for p in tracker.settings.problems})
