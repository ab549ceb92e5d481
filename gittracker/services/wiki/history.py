"""What a page said before: its states in history, over all paths that it had, and how two of them differ."""

from __future__ import annotations

import os

from gittracker.domain import times
from gittracker.domain.errors import InvalidDataError, NotFoundError, UsageError
from gittracker.domain.page import Page
from gittracker.formats.etag import blob_id
from gittracker.git import history as git_history
from gittracker.git.objects import read_blobs
from gittracker.index import boards
from gittracker.services.past import history
from gittracker.services.refresh import recording
from gittracker.store import atomic, kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.index.records import Row
    from gittracker.services.tracker import Tracker

_SHORTEST_ID = 4
EDITOR = "editor"


class Revision:
    """One state of a page: its number, since when, by whom, the entry that made it (empty where none did), its path."""

    __slots__ = ("number", "at", "by", "entry", "subject", "name", "data", "page", "added", "removed")

    def __init__(self, at: str, by: str, entry: str, subject: str, name: str, data: bytes) -> None:
        self.number = 0
        self.at = at
        self.by = by
        self.entry = entry
        self.subject = subject
        self.name = name
        self.data = data
        self.page = _read(data)
        self.added = 0
        self.removed = 0

    @property
    def label(self) -> str:
        """Name the revision in a diff."""
        return f"{self.name} revision {self.number}" if self.number else f"{self.name} at {self.entry[:10]}"


def revisions(tracker: Tracker, row: Row) -> list[Revision]:
    """List the states of a page, the oldest first; an edit by hand that no entry has yet is the last."""
    places = tuple(f"{layout.PAGES}/{name}" for name in (row.name, *row.record.aliases))
    files = {f"{place}.md" for place in places}
    entries = list(reversed(history.entries_at(tracker, places)))
    steps = [(entry, path, old.split(" ")[0], new) for entry in entries for path, old, new in entry.paths
             if path in files]
    blobs = history.read_all(tracker, [blob for *_, old, new in steps for blob in (old, new) if blob])
    found: list[Revision] = []
    for entry, path, old, new in steps:
        if not found and old in blobs:  # history doesn't reach back to the beginning
            _add(found, row, Revision("", "", "", "", _name(path), blobs[old]))
        if new in blobs:
            _add(found, row, Revision(entry.at, entry.actor, entry.id, entry.subject, _name(path), blobs[new]))
    _add_current(tracker, row, found)
    for number, one in enumerate(found, 1):
        one.number = number
        one.added, one.removed = count(found[number - 2].data if number > 1 else b"", one.data)
    return found


def _add_current(tracker: Tracker, row: Row, found: list[Revision]) -> None:
    """Add what stands in the file, where no entry has it."""
    data = atomic.read(tracker.shown(row.path))
    if data is None or (found and found[-1].data == data and found[-1].name == row.name):
        return
    seconds = int(os.stat(tracker.shown(row.path)).st_mtime)
    found.append(Revision(times.utc(seconds), EDITOR, "", "not journalled yet", row.name, data))


def _add(found: list[Revision], row: Row, one: Revision) -> None:
    """Add a state, unless it repeats the last or is another page's, which once had the same path."""
    same = not row.record.ref or one.page.ref in (row.record.ref, "")
    if same and not (found and (found[-1].data, found[-1].name) == (one.data, one.name)):
        found.append(one)


def choose(tracker: Tracker, row: Row, every: list[Revision], word: str) -> Revision:
    """Find the state that a number, an entry's id, a time or a revision of git names; raises NotFoundError."""
    if word.isdecimal() and 0 < int(word) <= len(every):
        return every[int(word) - 1]
    ids = [one for one in every if len(word) >= _SHORTEST_ID and one.entry.startswith(word.lower())]
    if ids:
        return ids[-1]
    if word[:4].isdecimal() and times.is_date(word[:10]):
        seconds = times.utc(history.seconds_of(word))
        before = [one for one in every if one.at <= seconds]
        if before:
            return before[-1]
    else:
        found = _in_git(tracker, row, word)
        if found:
            return found
    raise NotFoundError("page", f"{row.name} at {word}", f"gittracker page log {row.name}")


def _in_git(tracker: Tracker, row: Row, word: str) -> Revision | None:
    """Read the page as a commit has it, at its path of then."""
    commit = git_history.resolve(tracker.repository.top, word)
    if not commit:
        raise UsageError(f'"{word}" is no number, entry, time or revision', f"gittracker page log {row.name}")
    names = {f"{commit}:.openkit/{layout.page_file(name)}": name for name in (row.name, *row.record.aliases)}
    for blob, data in read_blobs(tracker.repository.top, list(names)).items():
        found = Revision("", "", commit, "", names[blob], data)
        if not row.record.ref or found.page.ref == row.record.ref:
            return found
    return None


def diff(old: Revision, new: Revision) -> list[str]:
    """Give the lines of a unified diff of two states, front matter included."""
    from difflib import unified_diff
    before, after = _lines(old.data), _lines(new.data)
    return list(unified_diff(before, after, old.label, new.label, old.at, new.at, lineterm=""))


def count(old: bytes, new: bytes) -> tuple[int, int]:
    """Count the lines that came and that went."""
    from difflib import SequenceMatcher
    codes = SequenceMatcher(None, _lines(old), _lines(new)).get_opcodes()
    changed = [(b - a, d - c) for tag, a, b, c, d in codes if tag != "equal"]
    return sum(came for _, came in changed), sum(went for went, _ in changed)


def last_change(tracker: Tracker, row: Row) -> tuple[str, str]:
    """Tell when a page's file last changed, and by whom."""
    shown = _blob(tracker, tracker.shown(row.path))
    parts = {shown}
    if tracker.board and row.place in tracker.board.overlays:
        files = {blob for _, path, _, blob in boards.at(tracker.index, tracker.view, row.place) if path == row.path}
        files.add(_blob(tracker, f"{tracker.ground.tracker}/{row.path}"))
        parts |= files if shown not in files else set()  # the board has put it together from them
    found = [one for one in history.last_of(tracker, row.path) if one[2] in parts]
    if found:
        at, by, _ = max(found, key=lambda one: one[0])
        return times.utc(at), by
    return times.utc(int(os.stat(tracker.shown(row.path)).st_mtime)), EDITOR


def _blob(tracker: Tracker, path: str) -> str:
    return blob_id(atomic.read(path) or b"", tracker.repository.object_format)


def _read(data: bytes) -> Page:
    try:
        page: Any = recording.parse_as(Page, "", data)[0]
    except InvalidDataError:
        page = Page(body=data.decode(errors="replace"))
    return page  # type: ignore[no-any-return]


def _lines(data: bytes) -> list[str]:
    return data.decode(errors="replace").replace("\r\n", "\n").splitlines()


def _name(path: str) -> str:
    return kinds.name_of(kinds.place(path))
