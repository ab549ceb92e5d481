"""What a shell can complete a value with, read from the index as it is and from folder listings; nothing is written."""

from __future__ import annotations

import marshal
import os

from gittracker.domain import ids
from gittracker.domain.query import SORTS, STATES
from gittracker.domain.settings import Settings
from gittracker.domain.status import CLOSED_STAGES, STAGES
from gittracker.domain.statussets import SETS
from gittracker.domain.ticket import LINK_FIELDS
from gittracker.git import discover
from gittracker.index import peek, shards
from gittracker.store import layout, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # a value, and what it is
    Candidates = list[tuple[str, str]]


class Place:
    """The tracker that values come from; raises UnavailableError outside of any repository."""

    def __init__(self, folder: str) -> None:
        repository = discover.placed(discover.discover(folder))
        self.root = repository.tracker
        self.worktree = discover.number_of(repository)
        self.index = peek.peek(repository.local)
        self._settings: Settings | None = None
        self.start = ""  # how the values that are wanted begin

    def tickets(self) -> list[tuple[str, str, str, int]]:
        """Give the tickets that the index knows and whose slugs begin so as (slug, title, stage, archived)."""
        return peek.tickets(self.index, self.worktree, self.start) if self.index else []

    def is_known(self, shard: str) -> bool:
        """Tell whether no ticket came to a shard or left it since the index was written."""
        try:
            stamp = os.stat(f"{self.root}/{layout.TICKETS}/{shard}").st_mtime_ns
        except OSError:
            return True
        return self.index is not None and stamp == shards.stamp(self.index, self.worktree, shard)

    @property
    def settings(self) -> Settings:
        """Give the configuration as the index has it, or from its files where they changed since."""
        if self._settings is None:
            listed = settings.stamps(self.root)
            kept = self.index.get(f"settings:{self.worktree}") if self.index else None
            seen, rows = marshal.loads(kept) if kept else (None, {})
            self._settings = Settings(**rows) if seen == listed else settings.load(self.root, listed)
        return self._settings

    def words(self, field: str) -> list[str]:
        """List the values that tickets have in a field."""
        return peek.words(self.index, self.worktree, field) if self.index else []

    def names(self, folder: str) -> list[str]:
        """List what lies in a folder of the tracker, hidden files left out."""
        try:
            return sorted(name for name in os.listdir(f"{self.root}/{folder}") if not name.startswith("."))
        except OSError:
            return []


def values(place: Place, source: str, start: str) -> Candidates:
    """List the candidates of a source that begin so, in any case."""
    place.start = start
    found = SOURCES.get(source)
    return [one for one in (found(place) if found else []) if one[0].lower().startswith(start.lower())]


def _tickets(place: Place) -> Candidates:
    """List tickets with their titles, closed ones only where no open one begins so.

    What was made around the tool since goes by its folder's name.
    """
    rows = [row for row in place.tickets() if not row[3]]
    found = [row for row in rows if row[2] not in CLOSED_STAGES] or rows
    return [(slug, title) for slug, title, *_ in found] + _new(place)


def _new(place: Place) -> Candidates:
    found = []
    for shard in place.names(layout.TICKETS):
        if not place.is_known(shard):
            folder = f"{layout.TICKETS}/{shard}"
            known = peek.names_in(place.index, place.worktree, folder) if place.index else set()
            found += [(ids.slug_of_folder(name), "") for name in place.names(folder) if name not in known]
    return found


def _closed(place: Place) -> Candidates:
    return [(slug, title) for slug, title, stage, gone in place.tickets() if stage in CLOSED_STAGES and not gone]


def _archived(place: Place) -> Candidates:
    return [(slug, title) for slug, title, _, gone in place.tickets() if gone]


def _statuses(place: Place) -> Candidates:
    return [(one.slug, f"{one.name}, {one.stage}") for one in place.settings.statuses]


def _members(place: Place) -> Candidates:
    files = {name: mail for name, (mail, _) in place.settings.members.items()}
    others = {*place.words("assignee"), *place.words("created_by"), *place.words("reviewers")} - files.keys()
    return [("@me", "whoever acts"), *sorted(files.items()), *((name, "") for name in sorted(others))]


def _records(place: Place, noun: str, names: list[str]) -> Candidates:
    """Give names with the titles that the index knows of."""
    titles: dict[str, str] = {}
    if place.index:
        for name, packed in place.index.all("SELECT name, packed FROM record WHERE worktree = ? AND noun = ?",
                                            place.worktree, noun):
            kept = marshal.loads(packed)[0]
            titles[name] = str(kept.get("title") or kept.get("description") or "")
    return [(name, titles.get(name, "")) for name in names]


def _pages(place: Place) -> list[str]:
    found = []
    top = f"{place.root}/{layout.PAGES}"
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(n for n in folders if not n.endswith((layout.PAGE_COMMENTS, layout.PAGE_FILES)))
        below = os.path.relpath(folder, top).replace(os.sep, "/")
        found += [f"{below}/{name[:-3]}" for name in sorted(names) if name.endswith(".md") and below != "."]
    return found


def _trustable(place: Place) -> Candidates:
    from gittracker.services.agents import trust
    return [(f".openkit/{path}", kind.what) for path, kind in trust.candidates(place.root)]


def _schemas(place: Place) -> Candidates:
    from gittracker.services.health import validating
    return [(name, str(body["title"])) for name, body in sorted(validating.every().items())]


def _files(folder: str, ending: str) -> Callable[[Place], Candidates]:
    return lambda place: [(name.removesuffix(ending), "") for name in place.names(folder) if name.endswith(ending)]


def _fixed(*words: str) -> Callable[[Place], Candidates]:
    return lambda place: [(word, "") for word in words]


# One line a source; `cli/completing.py` says which argument or flag takes which.
SOURCES: dict[str, Callable[[Place], Candidates]] = {
    "ticket": _tickets,
    "closed ticket": _closed,
    "archived ticket": _archived,
    "status": _statuses,
    "member": _members,
    "label": lambda place: [(word, "") for word in place.words("labels")],
    "type": lambda place: [(word, "") for word in place.settings.types],
    "priority": lambda place: [(word, "") for word in place.settings.priorities],
    "project": lambda place: [(key, "") for key in place.settings.projects],
    "resolution": lambda place: [(word, "") for word in sorted({*place.words("resolution"), "done", "wontfix",
                                                                "duplicate"})],
    "epic": lambda place: _records(place, "epic", [ids.epic_of_folder(name) for name in place.names(layout.EPICS)]),
    "page": lambda place: _records(place, "page", _pages(place)),
    "update": lambda place: _records(place, "update", place.names(layout.UPDATES)),
    "skill": lambda place: _records(place, "skill", place.names(layout.SKILLS)),
    "harness": _files(layout.HARNESSES, ".md"),
    "workflow": _files("workflows", ".yaml"),
    "trustable": _trustable,
    "record": lambda place: [*_tickets(place), *SOURCES["epic"](place), *SOURCES["page"](place)],
    "schema": _schemas,
    "link": _fixed(*LINK_FIELDS),
    "stage": _fixed(*STAGES),
    "state": _fixed(*STATES),
    "sort": _fixed(*SORTS[:-1]),
    "form": _fixed("text", "json", "jsonl", "csv", "md"),
    "diff form": _fixed("text", "md", "json"),
    "graph form": _fixed("text", "mermaid", "json"),
    "status set": _fixed(*SETS),
    "shell": _fixed("bash", "zsh", "fish"),
    "kind": _fixed("human", "bot"),
    "role": _fixed("admin", "member", "viewer"),
    "section": _fixed("Plan", "Progress", "Validation", "Notes"),
}
