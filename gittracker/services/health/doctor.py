"""The doctor: what is wrong with the tracker's files, and the mending of what has one right answer."""

from __future__ import annotations

import os

from gittracker.domain import graph
from gittracker.domain.comment import Comment
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.problem import Problem
from gittracker.formats import frontmatter
from gittracker.index import edges, problems, tickets
from gittracker.services import usage
from gittracker.services.clone import setup, upgrading
from gittracker.services.health import checking, clone, files, mending, records, side
from gittracker.store import atomic, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.formats.frontmatter import Document
    from gittracker.services.tracker import Tracker


def examine(tracker: Tracker) -> list[Problem]:
    """List everything that is wrong, by path and line."""
    tracker.refresh(deep=True)
    faults = records.faults(tracker)
    found = [Problem(*row) for row in tracker.settings.problems]
    fixes = {one.path for one in mending.plan(tracker)}
    noted = problems.listed(tracker.index, tracker.view)
    found += [Problem(path, line, message, path in fixes) for path, line, message in noted]
    found += [Problem(path, 1, "not written as the tool writes it (keys, links or status)", True)
              for path in fixes - {path for path, _, _ in noted}]
    found += [Problem(*fault) for fault in faults]
    found += _links(tracker)
    found += _circles(tracker)
    found += _clashes(tracker)
    found += _words(tracker)
    _place(tracker, found)
    found += _hidden(tracker, {path for path, _, _ in noted})
    found += [Problem(*one) for one in (*usage.problems(tracker), *files.faults(tracker))]
    for path in mending.setup_files(tracker):
        found.append(Problem(path, 0, "lines are missing", True))
    if upgrading.is_due(tracker):
        found.append(Problem(layout.CONFIG, 1, "names no format: gittracker doctor --upgrade"))
    found += _leftovers(tracker)
    found += _waiting(tracker)
    found += _state(tracker)
    found += [*_lost(tracker), *clone.faults(tracker), *side.faults(tracker)]
    where = setup.ignored(tracker.repository)
    if where:
        found.append(Problem("", 0, f"git ignores the tracker's files ({where})"))
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


def _hidden(tracker: Tracker, noted: set[str]) -> list[Problem]:
    """Find broken files of this worktree that the board doesn't show, as another replica's are later."""
    found = []
    for place in tracker.board.overlays if tracker.board else ():
        path = kinds.own_file(place)
        data = atomic.read(tracker.path(path)) if path not in noted else None
        found += [Problem(path, line, message) for line, message in checking.broken(path, data or b"") if data]
    return found


def _place(tracker: Tracker, found: list[Problem]) -> None:
    """Say where the files are that only another replica has so."""
    if not tracker.board:
        return
    from gittracker.services.board import sources
    for one in found:
        if kinds.place(one.path):
            one.replica = sources.beside(tracker, one.path)
            one.fixable = one.fixable and not one.replica  # `--fix` is about this worktree's files


def _links(tracker: Tracker) -> list[Problem]:
    return [Problem(layout.ticket_file(folder), _line(tracker, folder, field), f'{field} names "{target}", which is '
                    "not here") for folder, field, target in edges.dangling(tracker.index, tracker.view)]


def _circles(tracker: Tracker) -> list[Problem]:
    """Find tickets that wait for themselves, by way of others."""
    found = []
    for field in ("depends_on", "parent", "duplicates"):
        for circle in graph.loops(edges.targets(tracker.index, tracker.view, field)):
            names = [tickets.by_ref(tracker.index, tracker.view, ref)[0] for ref in circle]
            shown = " → ".join(n[0] for n in [*names, names[0]])
            found.append(Problem(layout.ticket_file(names[0][1]), _line(tracker, names[0][1], field),
                                 f"{field} goes in a circle: {shown}"))
    return found


def _clashes(tracker: Tracker) -> list[Problem]:
    """Find slugs and refs that more than one ticket has; a copy with its ref is not renumbered."""
    found = []
    shared = tickets.shared_refs(tracker.index, tracker.view)
    copies = {folder for ref in shared for _, folder in tickets.by_ref(tracker.index, tracker.view, ref)}
    for slug in tracker.clashes() - {""}:
        for _, folder in tickets.folders(tracker.index, tracker.view, slug):
            found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, "slug"),
                                 f"another ticket is {slug} too; name it {folder.rpartition('/')[2]}",
                                 folder not in copies))
    for alias, folder, other in tickets.shared_aliases(tracker.index, tracker.view):
        found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, "aliases"),
                             f'the alias "{alias}" names {other} too', folder not in copies))
    for ref in shared:
        for slug, folder in tickets.by_ref(tracker.index, tracker.view, ref):
            found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, "ref"),
                                 f"{slug} has the ref of another ticket; take the line out of the copy, and doctor "
                                 "--fix gives it its own"))
    return found


def _words(tracker: Tracker) -> list[Problem]:
    found = []
    for field, allowed in (("type", tracker.settings.types), ("priority", tracker.settings.priorities)):
        for folder, value in tickets.outside_list(tracker.index, tracker.view, field, allowed):
            found.append(Problem(layout.ticket_file(folder), _line(tracker, folder, field),
                                 f'{field} "{value}" is none of {", ".join(allowed)}'))
    return found


def _leftovers(tracker: Tracker) -> list[Problem]:
    """Find temp files of commands that died, and comments that no reader knows."""
    found = []
    for folder, folders, names in os.walk(tracker.root):
        if folder == tracker.root:
            folders[:] = [name for name in folders if f"{name}/" not in layout.IGNORED]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), tracker.root).replace(os.sep, "/")
            if name.endswith(layout.TEMPORARY):
                found.append(Problem(path, 0, "left behind by a command that died; it can be removed"))
    for folder, name in tickets.comments_without_ref(tracker.index, tracker.view):
        found.append(Problem(f"{folder}/{layout.COMMENTS}/{name}", 1, f"a {Comment.NOUN} without a ref"))
    return found


def _waiting(tracker: Tracker) -> list[Problem]:
    """Find what of the pending file can't be journalled."""
    from gittracker.services.write import waiting
    return [Problem(*row) for row in waiting.problems(tracker)]


def _state(tracker: Tracker) -> list[Problem]:
    """Find what is gone of the clone's own state, which nothing can rebuild."""
    written = not tracker.worktree.startswith("?")
    if not written or os.path.isfile(os.path.join(tracker.journal, "HEAD")):
        return []
    return [Problem("", 0, "this clone's journal is gone, and with it the history that no branch has; "
                           "the next write begins a new one")]


def _lost(tracker: Tracker) -> list[Problem]:
    """Find what the journal holds and no file and no branch shows."""
    from gittracker.services.past import losses
    found = losses.lost(tracker)
    return [Problem(one.path, 0, f"a lost {one.what}: gittracker recover") for one in found]


def _line(tracker: Tracker, folder: str, field: str) -> int:
    try:
        document: Document = frontmatter.parse(atomic.read(tracker.shown(layout.ticket_file(folder))) or b"")
    except InvalidDataError:
        return 1
    return document.line_of(field)
