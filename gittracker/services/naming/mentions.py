"""What the mentions in a text lead to, as the index knows it."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import AmbiguousError
from gittracker.formats import mentions as formats
from gittracker.index import lookups, tickets
from gittracker.services.naming import targets
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.formats.mentions import Mention
    from gittracker.services.naming.targets import Target
    from gittracker.services.tracker import Tracker

_PAGES = layout.PAGES + "/"
_IN_ROWS = (ids.EPIC, ids.PAGE, ids.UPDATE, ids.PROGRESS, ids.COMMENT, ids.PAGE_COMMENT)
_TYPES = {formats.SLUG: "ticket", formats.WIKI: "page", formats.LINK: "page", formats.MEMBER: "member"}


class Resolver:
    """Finds what mentions lead to; each name is looked up once."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self._known: dict[tuple[str, str], Target | None] = {}
        self._kinds: dict[str, dict[str, Target]] = {}

    def target(self, one: Mention, home: str) -> Target | None:
        """Find what a mention in the text of a file leads to; None where nothing has the name here."""
        names = _pages(self.tracker, one, home) if one.kind in (formats.WIKI, formats.LINK) else [one.name]
        for name in names:
            if (one.kind, name) not in self._known:
                self._known[one.kind, name] = self._look_up(one.kind, name)
            found = self._known[one.kind, name]
            if found:
                return found
        return None

    def _look_up(self, kind: str, name: str) -> Target | None:
        try:
            return {formats.REF: self._ref, formats.SLUG: self._slug, formats.WIKI: self._place,
                    formats.LINK: self._place, formats.MEMBER: self._member}[kind](name)
        except AmbiguousError:
            return None

    def _ref(self, ref: str) -> Target | None:
        prefix = ref.partition("_")[0]
        if prefix == ids.TICKET:
            return self._ticket(ref)
        index, worktree = self.tracker.index, self.tracker.view
        if prefix in _IN_ROWS:
            for row in lookups.records(index, worktree, ref):
                return targets.record(self.tracker, row)
            for _, folder, name in lookups.comments(index, worktree, ref):
                return targets.entry(self.tracker, "comment", f"{folder}/{layout.COMMENTS}/{name}")
            return None
        if prefix not in self._kinds:
            from gittracker.services.naming import resolving
            self._kinds[prefix] = {one.ref: one for one in resolving.by_ref(self.tracker, f"{prefix}_")}
        return self._kinds[prefix].get(ref)

    def _slug(self, name: str) -> Target | None:
        epic = ids.epic_of_folder(name)
        if ids.parse_epic(epic):
            return self._record("epic", name) or self._record("epic", epic)
        return self._ticket(name) or self._ticket(ids.slug_of_folder(name))

    def _ticket(self, name: str) -> Target | None:
        row = tickets.find(self.tracker.index, self.tracker.view, name, whole=True)
        return targets.ticket(row) if row else None

    def _record(self, noun: str, name: str) -> Target | None:
        from gittracker.services import records
        row = records.known(self.tracker, noun, name)
        return targets.record(self.tracker, row) if row else None

    def _place(self, place: str) -> Target | None:
        """Find the record at a place; a page at a path that it once had too."""
        if place.startswith(_PAGES):
            return self._record("page", place[len(_PAGES):])
        from gittracker.index import records
        if place.startswith(layout.TICKETS):
            row = tickets.at(self.tracker.index, self.tracker.view, place)
            return targets.ticket(row) if row else None
        found = records.own(self.tracker.index, self.tracker.view, place)
        return targets.record(self.tracker, found) if found else None

    def _member(self, name: str) -> Target | None:
        wanted = name.removeprefix("bot:").lower()
        if wanted not in (one.lower() for one in self.tracker.settings.members):
            return None
        from gittracker.services.naming import resolving
        return resolving.by_name(self.tracker, "@" + wanted)[0]


def _pages(tracker: Tracker, one: Mention, home: str) -> list[str]:
    """Give the places that a link may lead to, the likeliest first: as a file's path, then as a page's."""
    path = formats.path_of(one)
    if one.kind == formats.LINK:
        file = _joined(home, path)
        places = [_place_of(file)] if file else []
        return [place for place in (*places, *_by_page(tracker, path, home)) if place]
    if path.startswith("."):
        joined = _joined(home, path)
        return [_PAGES + _plain(joined[len(_PAGES):])] if joined.startswith(_PAGES) else []
    return _by_page(tracker, path, home)


def _by_page(tracker: Tracker, path: str, home: str) -> list[str]:
    """Read a path as that of a page of the project that the text belongs to."""
    from gittracker.domain import page
    projects = tracker.settings.projects
    if not projects or path.startswith((".", "/")):
        return []
    return [_PAGES + page.full(path, projects, _project(tracker, home))]


def _plain(path: str) -> str:
    from gittracker.domain import page
    project, _, rest = path.partition("/")
    return f"{project}/{page.plain(rest)}"


def _project(tracker: Tracker, home: str) -> str:
    """Give the project of a text's file: that of its page, ticket or epic, else the default one."""
    parts = home.split("/")
    key = parts[1] if home.startswith(_PAGES) else parts[2 if home.startswith(layout.TICKETS) else 1].partition("-")[0]
    return key if key in tracker.settings.projects else tracker.settings.project()


def _joined(home: str, path: str) -> str:
    """Follow a relative path from a file of the tracker; one from the repository's top is taken too. Empty outside."""
    inside = path.removeprefix("/").removeprefix(".openkit/")
    if inside != path:
        return inside if path.removeprefix("/").startswith(".openkit/") else ""
    parts = home.split("/")[:-1]
    for part in path.split("/"):
        if part == ".." and not parts:
            return ""
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _place_of(file: str) -> str:
    """Give the place of the record whose own file this is; empty where it is none's."""
    from gittracker.store import kinds
    if kinds.noun(file) == "page":
        return _PAGES + _plain(file[len(_PAGES):])
    return kinds.place(file) if kinds.noun(file) in ("ticket", "epic", "update", "skill", "harness") else ""


def in_text(tracker: Tracker, text: str, home: str, resolver: Resolver | None = None) -> list[tuple[Mention, Any]]:
    """List the mentions in the text of a file with what they lead to, None where it isn't here.

    A slug of nothing counts only in capitals and with a project's key, `@name` only of a member that has a file.
    """
    found = formats.find(text)
    if not found:
        return []
    resolver = resolver or Resolver(tracker)
    pairs = [(one, resolver.target(one, home)) for one in found]
    return [(one, target) for one, target in pairs if target or _is_meant(tracker, one, text)]


def _is_meant(tracker: Tracker, one: Mention, text: str) -> bool:
    """Tell whether a mention of nothing is one all the same."""
    if one.kind == formats.SLUG:
        return one.name.partition("-")[0] in tracker.settings.projects
    if one.kind == formats.MEMBER:
        return text[one.start:one.start + 2] == "@["
    return one.kind != formats.LINK


def to_json(tracker: Tracker, text: str, home: str) -> list[dict[str, Any]]:
    """List the mentions in a text as they are printed: what each leads to, and where it stands, in characters."""
    shown = []
    for one, target in in_text(tracker, text, home):
        head = target.head() if target else {"type": _type(one), "ref": one.name if one.kind == formats.REF else None,
                                             "name": one.name, "label": None, "path": None}
        shown.append({**head, "text": text[one.start:one.end], "span": [one.start, one.end]})
    return shown


def _type(one: Mention) -> str:
    """Guess what a mention of nothing would be."""
    if one.kind == formats.SLUG and ids.parse_epic(ids.epic_of_folder(one.name)):
        return "epic"
    if one.kind == formats.REF:
        nouns = {prefix: noun for noun, prefix in ids.PREFIXES.items()}
        return nouns.get(one.name[:3], one.name[:3])
    return _TYPES[one.kind]
