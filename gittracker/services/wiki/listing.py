"""Pages as they are read: one whole, those that have some words, all as a tree."""

from __future__ import annotations

from gittracker.domain.errors import NotFoundError
from gittracker.domain.page import Page, is_below
from gittracker.domain.texts import around
from gittracker.services import comments, records, views
from gittracker.services.wiki import history, pages
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.records import Row
    from gittracker.services.comments import Found
    from gittracker.services.tracker import Tracker
    from gittracker.services.wiki.history import Revision


class Whole:
    """A page with what belongs to it: its comments, the full paths just below, when it last changed and by whom."""

    __slots__ = ("row", "comments", "children", "updated_at", "updated_by")

    def __init__(self, row: Row, found: list[Found], children: list[str], updated_at: str, updated_by: str) -> None:
        self.row = row
        self.comments = found
        self.children = children
        self.updated_at = updated_at
        self.updated_by = updated_by

    def to_json(self) -> dict[str, Any]:
        """Give the page as `page show --json` prints it, but for its comments."""
        return {**views.record(self.row), "project": self.row.name.partition("/")[0], "updated_at": self.updated_at,
                "updated_by": self.updated_by, "children": self.children}


class Hit:
    """A page that a search found, with a line of its text round the first of the words."""

    __slots__ = ("row", "snippet")

    def __init__(self, row: Row, snippet: str) -> None:
        self.row = row
        self.snippet = snippet

    def to_json(self) -> dict[str, Any]:
        """Give the page as `page list --json` prints it: without its text."""
        shown = views.record(self.row)
        del shown["body"]
        return {**shown, "project": self.row.name.partition("/")[0], "snippet": self.snippet or None}


class Branch:
    """One part of a path: its page, if it has one, and what is below."""

    __slots__ = ("name", "path", "row", "children")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.row: Row | None = None
        self.children: list[Branch] = []

    def count(self) -> int:
        """Count the pages here and below."""
        return int(self.row is not None) + sum(child.count() for child in self.children)

    def to_json(self) -> dict[str, Any]:
        """Give the branch as `page tree --json` prints it."""
        return {"name": self.name, "path": self.path, "ref": self.row.record.ref or None if self.row else None,
                "title": self.row.record.title or None if self.row else None, "is_page": self.row is not None,
                "children": [child.to_json() for child in self.children]}


def whole(tracker: Tracker, row: Row) -> Whole:
    """Gather what belongs to a page."""
    below = [one.name for one in records.every(tracker, Page.NOUN)
             if is_below(one.name, row.name) and one.name.count("/") == row.name.count("/") + 1]
    return Whole(row, comments.listed_in(tracker, layout.thread(row.path)), below,
                 *history.last_change(tracker, row))


def search(tracker: Tracker, words: list[str], project: str = "", labels: list[str] | None = None) -> list[Hit]:
    """List the pages whose path, title or text has all of the words, in any case; raises NotFoundError."""
    key = tracker.settings.project(project) + "/" if project else ""
    wanted = [word.casefold() for word in words]
    found = []
    for row in records.every(tracker, Page.NOUN):
        page = row.record
        if not row.name.startswith(key) or not set(labels or ()) <= set(page.labels):
            continue
        text = f"{row.name}\n{page.title}\n{page.body}".casefold()
        if all(word in text for word in wanted):
            found.append(Hit(row, _snippet(page.body, wanted)))
    return found


def _snippet(body: str, words: list[str]) -> str:
    """Give the first line that has one of the words."""
    for line in body.split("\n"):
        low = line.casefold()
        places = [low.find(word) for word in words if word in low]
        if places:
            return around(line, min(places))
    return ""


def tree(tracker: Tracker, path: str = "", project: str = "") -> list[Branch]:
    """Give the pages as trees, one a project, or the tree at and below a path; raises NotFoundError."""
    every = records.every(tracker, Page.NOUN)
    top = _top(tracker, path, project)
    tops: dict[str, Branch] = {}
    found: list[Branch] = []
    for row in sorted(every, key=lambda one: one.name.split("/")):
        if not top or is_below(row.name, top):
            _grow(tops, found, row, top)
    if path and not found:
        raise NotFoundError("page", path)
    return found


def _top(tracker: Tracker, path: str, project: str) -> str:
    """Give the full path of the top of a tree: a path's, a project's, or none."""
    if path.upper() in tracker.settings.projects:
        return path.upper()
    if path:
        row = records.named(tracker, Page.NOUN, path)
        return row.name if row and not project else pages.path_of(tracker, path.rstrip("/"), project)
    return tracker.settings.project(project) if project else ""


def _grow(branches: dict[str, Branch], found: list[Branch], row: Row, top: str) -> None:
    """Add a page to the tree, with the folders above it that have no page."""
    parts = row.name.split("/")
    first = top.count("/") + 1 if top else 1
    for length in range(first, len(parts) + 1):
        path = "/".join(parts[:length])
        if path not in branches:
            branches[path] = Branch(parts[length - 1], path)
            (branches["/".join(parts[:length - 1])].children if length > first else found).append(branches[path])
    branches[row.name].row = row


def revision(one: Revision, whole: bool = False) -> dict[str, Any]:
    """Give a page's revision as it is printed; with `whole` its fields and text too."""
    shown: dict[str, Any] = {
        "number": one.number or None, "at": one.at or None, "by": one.by or None, "entry": one.entry or None,
        "subject": one.subject or None, "name": one.name, "title": one.page.title or None, "added": one.added,
        "removed": one.removed}
    if whole:
        shown.update(views.fields(one.page), body=one.page.body)
    return shown
