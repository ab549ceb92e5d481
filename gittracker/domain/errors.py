"""Every error the tracker reports: a stable code, an exit status, one safe next step."""

from __future__ import annotations


class TrackerError(Exception):
    """Base of all reported errors; `hint` is the one next step that is safe to take."""

    code = "unexpected"
    exit_status = 1

    def __init__(self, message: str, hint: str = "", **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts


class UsageError(TrackerError):
    """The request itself is malformed."""

    code = "usage"
    exit_status = 2


class NotFoundError(TrackerError):
    """Nothing has the given name."""

    code = "not_found"
    exit_status = 3

    def __init__(self, kind: str, name: str, hint: str = "") -> None:
        super().__init__(f'no {kind} "{name}"', hint or f"gittracker {_LISTING.get(kind, 'ls')}", name=name)


_LISTING = {"status": "status list", "project": "project list", "member": "member list",
            "comment": "comment list TICKET", "entry": "log", "command": "--help", "epic": "epic list --all",
            "page": "page tree", "update": "updates list", "skill": "skill list", "harness": "harness list",
            "label": "label list"}


_SHOWING = {"epic": "epic show", "page": "page show", "update": "updates show"}


class UnavailableError(TrackerError):
    """The command can't work in this place: no repository, no tracker, no git."""

    code = "unavailable"
    exit_status = 4


class ConflictError(TrackerError):
    """Somebody or something else stands in the way."""

    code = "conflict"
    exit_status = 5


class AmbiguousError(ConflictError):
    """A name fits more than one record."""

    code = "ambiguous"

    def __init__(self, name: str, candidates: list[str]) -> None:
        super().__init__(f'"{name}" could be {", ".join(candidates)}',
                         f"say which: {candidates[0]}", name=name, candidates=candidates)


class StaleEtagError(ConflictError):
    """The record changed since the caller read it."""

    code = "stale_etag"

    def __init__(self, slug: str, given: str, current: str, hint: str = "") -> None:
        from gittracker.domain.ids import noun_of
        super().__init__(f'{slug} is at etag "{current}", not "{given}"',
                         hint or f"gittracker {_SHOWING.get(noun_of(slug), 'show')} {slug}", slug=slug, etag=current)


class LockedError(ConflictError):
    """Another process kept the clone's lock past the deadline."""

    code = "locked"

    def __init__(self, holder: str, seconds: float) -> None:
        super().__init__(f'the tracker is locked by "{holder}" (waited {seconds:g} s)',
                         "try again when that command has ended", holder=holder)


class CycleError(ConflictError):
    """A link would close a circle."""

    code = "cycle"

    def __init__(self, field: str, path: list[str]) -> None:
        super().__init__(f'{field} would make a circle: {" → ".join(path)}',
                         f"gittracker show {path[0]}", field=field, path=path)


class RefusedError(TrackerError):
    """Permission, trust or a rule says no."""

    code = "refused"
    exit_status = 6


class SandboxedError(RefusedError):
    """The command must write git's own folder, which this process may only read."""

    code = "sandboxed"

    def __init__(self, what: str, folder: str, roots: list[str]) -> None:
        super().__init__(f'{what} must write "{folder}", which this process may only read',
                         f"add to the sandbox's writable roots: {' '.join(roots)}", path=folder, writable_roots=roots)


class InvalidDataError(TrackerError):
    """A file or a value can't be used as it is."""

    code = "invalid_data"
    exit_status = 7

    def __init__(self, message: str, hint: str = "", path: str = "", line: int = 0) -> None:
        where = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(where + message, hint, path=path, line=line)
        self.reason = message
        self.path = path
        self.line = line


class StorageError(TrackerError):
    """The file system refused: full disk, read-only folder, missing rights."""

    code = "storage"
    exit_status = 4


class AccessError(StorageError):
    """The folder may be read, not written: missing rights, a read-only mount, a sandbox."""
