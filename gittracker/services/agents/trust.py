"""Trust: what a repository can make a machine execute runs only after this clone's user has read it and said so.

Whoever executes something asks `check`, and runs the bytes that it gives, never the file, which may change meanwhile.
"""

from __future__ import annotations

import os

from gittracker.domain import trust as kinds
from gittracker.domain.errors import InvalidDataError, NotFoundError, RefusedError, UsageError
from gittracker.formats import runnable
from gittracker.services.write import access
from gittracker.store import clone
from gittracker.store import trust as store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.domain.trust import Kind
    from gittracker.services.tracker import Tracker
    from gittracker.store.trust import Entry

TRUSTED, CHANGED, NEW, BROKEN = "trusted", "changed", "not trusted", "unusable"
_LINK = kinds.Kind("", "a link, which is not followed", kinds.SCRIPT)
_MOST_FILES = 5_000
_KEPT = 20  # contents a path: branches that differ can all be trusted


class File:
    """One file that can make a machine execute something, and whether it may."""

    __slots__ = ("path", "kind", "state", "data", "digest", "runs", "problem", "entry")

    def __init__(self, path: str, kind: Kind, state: str, data: bytes, runs: list[str], problem: str = "",
                 entry: Entry | None = None) -> None:
        self.path = path
        self.kind = kind
        self.state = state
        self.data = data
        self.digest = store.digest(data)
        self.runs = runs
        self.problem = problem
        self.entry = entry  # that made it trusted, or the last one before it changed


def is_trusted(tracker: Tracker, path: str, data: bytes | None = None) -> bool:
    """Tell whether a file's bytes, or `data` as found at that path elsewhere, are trusted in this clone."""
    try:
        check(tracker, path, data)
    except (RefusedError, NotFoundError):
        return False
    return True


def check(tracker: Tracker, path: str, data: bytes | None = None) -> bytes:
    """Give the trusted bytes of a file below `.openkit`: run these and not the file, which may change meanwhile.

    Raises RefusedError where these very bytes are not trusted at this path, NotFoundError where there is no file.
    """
    shown = f".openkit/{path}"
    hint = f"gittracker trust show {_quoted(shown)}"
    if data is None:
        try:
            data = store.read(tracker.root, path)
        except InvalidDataError as error:
            raise RefusedError(f'"{shown}" is {error.reason}', hint, path=shown) from error
    if data is None:
        raise NotFoundError("file", shown, "gittracker trust list")
    try:
        found = _entries(tracker).get(path, [])
    except InvalidDataError as error:
        raise RefusedError(f'"{shown}" is not run: {error.message}', error.hint, path=shown) from error
    wanted = store.digest(data)
    if not any(one.digest == wanted for one in found):
        why = "changed since it was trusted" if found else "is not trusted in this clone"
        raise RefusedError(f'"{shown}" {why}, so nothing of it is run', hint, path=shown)
    return data


def listed(tracker: Tracker) -> list[File]:
    """List every file of this worktree's tracker that can make a machine execute something."""
    entries = _entries(tracker)
    found = [_examine(tracker, path, kind, entries) for path, kind in candidates(tracker.root)]
    return [one for one in found if one.runs or one.problem or not one.kind.quiet]


def examine(tracker: Tracker, name: str) -> File:
    """Look at one file, named from the top of the repository or below `.openkit`; raises NotFoundError, UsageError."""
    path = _below(tracker, name)
    kind = _LINK if os.path.islink(tracker.path(path)) else kinds.kind_of(path)
    if kind is None:
        raise UsageError(f'"{name}" is no file that a machine would execute', "gittracker trust list")
    if not os.path.lexists(tracker.path(path)):
        raise NotFoundError("file", name, "gittracker trust list")
    return _examine(tracker, path, kind, _entries(tracker))


def trust(tracker: Tracker, names: list[str], digest: str = "") -> list[File]:
    """Trust the content that files have now, all files where no names are given; gives what was trusted.

    With `digest` only that content is trusted. Raises RefusedError for a bot, InvalidDataError for what can't be read.
    """
    if tracker.principal.name.startswith("bot:"):
        raise RefusedError("what a machine executes is trusted by a person, not by a bot", "gittracker trust list")
    files = [examine(tracker, name) for name in names] if names else listed(tracker)
    for one in files:
        if one.problem:
            raise InvalidDataError(one.problem, f"gittracker trust show .openkit/{one.path}", f".openkit/{one.path}")
        if digest and not one.digest.startswith(digest.lower()):
            raise RefusedError(f'".openkit/{one.path}" is {one.digest[:12]}…, not "{digest}"',
                               f"gittracker trust show {_quoted(f'.openkit/{one.path}')}")
    with access.Needed(tracker, "trust"), store.lock(tracker.state, tracker.principal.name):
        name = clone.settle(tracker.repository.local, tracker.entropy)
        entries = [one for one in store.load(tracker.state) if one.clone == name]
        for one in files:
            entries = [old for old in entries if (old.path, old.digest) != (one.path, one.digest)]
            one.entry = store.Entry(one.path, one.digest, name, tracker.now(), tracker.principal.name)
            one.state = TRUSTED
            entries.append(one.entry)
        store.save(tracker.state, _newest(entries), {one.digest: one.data for one in files})
    return files


def revoke(tracker: Tracker, names: list[str]) -> list[str]:
    """Trust files no longer, all of them where no names are given; gives the paths that were trusted."""
    paths = {_below(tracker, name) for name in names}
    with access.Needed(tracker, "trust"), store.lock(tracker.state, tracker.principal.name):
        if not names:
            gone = _paths(tracker)
            store.save(tracker.state, [], {})
            return gone
        entries = store.load(tracker.state)
        gone = sorted({one.path for one in entries} & paths)
        if len(gone) < len(paths):
            raise NotFoundError("trusted file", sorted(paths - {*gone})[0], "gittracker trust list")
        store.save(tracker.state, [one for one in entries if one.path not in paths], {})
        return gone


def before(tracker: Tracker, one: File) -> bytes | None:
    """Give the content of a changed file that was trusted last."""
    return store.content(tracker.state, one.entry) if one.entry and one.state == CHANGED else None


def _entries(tracker: Tracker) -> dict[str, list[Entry]]:
    """Give what is trusted in this clone by path; nothing where it was copied, or where others could have written."""
    name = clone.known(tracker.repository.local)
    found: dict[str, list[Entry]] = {}
    for one in store.load(tracker.state) if name else ():
        if one.clone == name:
            found.setdefault(one.path, []).append(one)
    return found


def _paths(tracker: Tracker) -> list[str]:
    """List what is trusted; nothing where the list can't be read."""
    try:
        return sorted(_entries(tracker))
    except InvalidDataError:
        return []


def _newest(entries: list[Entry]) -> list[Entry]:
    """Keep the newest contents of each path."""
    count: dict[str, int] = {}
    kept = []
    for one in reversed(entries):
        count[one.path] = count.get(one.path, 0) + 1
        if count[one.path] <= _KEPT:
            kept.append(one)
    return kept[::-1]


def _examine(tracker: Tracker, path: str, kind: Kind, entries: dict[str, list[Entry]]) -> File:
    try:
        data = store.read(tracker.root, path) or b""
        runs = runnable.lines(data, kind.form, f".openkit/{path}")
    except InvalidDataError as error:
        return File(path, kind, BROKEN, b"", [], error.reason)
    known = entries.get(path, [])
    same = next((one for one in known if one.digest == store.digest(data)), None)
    state = TRUSTED if same else CHANGED if known else NEW
    return File(path, kind, state, data, runs, "", same or (known[-1] if known else None))


def candidates(root: str) -> list[tuple[str, Kind]]:
    """Find the files of all kinds below a tracker's folder; links are told, and not followed."""
    found = [(name, kind) for name in _names(root) if (kind := kinds.kind_of(name))]
    for top, deep in kinds.folders().items():
        if os.path.islink(f"{root}/{top}"):
            found.append((top, _LINK))
            continue
        for folder, folders, names in os.walk(f"{root}/{top}"):
            below = os.path.relpath(folder, root).replace(os.sep, "/")
            found += [(f"{below}/{name}", _LINK) for name in folders if os.path.islink(f"{folder}/{name}")]
            found += [(path, kind) for path in (f"{below}/{name}" for name in names) if (kind := kinds.kind_of(path))]
            if not deep or len(found) > _MOST_FILES:
                break
    return sorted(found, key=lambda one: one[0])


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _below(tracker: Tracker, name: str) -> str:
    """Give a path below `.openkit` for a file as people name it; raises UsageError for one elsewhere."""
    full = os.path.abspath(name) if os.path.isabs(name) else os.path.abspath(f"{tracker.caller.repository.top}/{name}")
    root = tracker.root + os.sep
    if not full.startswith(root) and not os.path.isabs(name):
        full = os.path.abspath(root + name)
    if not full.startswith(root):
        raise UsageError(f'"{name}" is not below "{tracker.root}"', "gittracker trust list")
    return full[len(root):].replace(os.sep, "/")


def _quoted(text: str) -> str:
    from shlex import quote
    return quote(text)
