"""Read the project's configuration: config.json, statuses.yaml, projects and members."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.settings import BRANCH, FORMAT, IN_TREE, JOURNAL, SIDE_BRANCH, Settings, lease_term, read_format
from gittracker.domain.status import Status
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Read = Callable[[str], bytes | None]
    Stamps = list[tuple[str, int, int, int]]

_MEND = "mend the file: until then nothing is written"


def names(tracker: str) -> list[str]:
    """List the configuration's files; the first three may be absent."""
    found = [layout.CONFIG, layout.STATUSES, layout.POLICY]
    for folder in (layout.PROJECTS, layout.MEMBERS):
        try:
            found += sorted(f"{folder}/{n}" for n in os.listdir(f"{tracker}/{folder}") if n.endswith(".md"))
        except OSError:
            continue
    return found


def is_one(path: str) -> bool:
    """Tell whether a path is a file of the configuration."""
    return path in (layout.CONFIG, layout.STATUSES, layout.POLICY) or (
        path.startswith((f"{layout.PROJECTS}/", f"{layout.MEMBERS}/")) and path.endswith(".md"))


def check_writable(settings: Settings, is_side: bool, adopts: bool = False) -> None:
    """Refuse to write a tracker of a newer format, one whose settings are broken, and one that says it lies elsewhere.

    `is_side` says that it has a branch of its own; where it should lie is for `init` to mend, which `adopts` it.
    Raises InvalidDataError.
    """
    if settings.format_version > FORMAT:
        raise InvalidDataError(f"the tracker has format {settings.format_version}; this gittracker writes "
                               f"format {FORMAT}", "pip install --upgrade gittracker", layout.CONFIG)
    for path, line, message in settings.broken:
        raise InvalidDataError(message, _MEND, path, line)
    if settings.placement not in ("", SIDE_BRANCH if is_side else IN_TREE) and not adopts:
        where, wanted = ("on a branch of its own", SIDE_BRANCH) if is_side else ("among this worktree's files", IN_TREE)
        raise InvalidDataError(f'tracker.placement is "{settings.placement}", and the tracker lies {where}',
                               f'put "{wanted}" there; docs/side-branch.md tells how a tracker moves', layout.CONFIG, 1)
    if settings.history not in (JOURNAL, BRANCH):
        raise InvalidDataError(f'tracker.history is "{settings.history}"; expected journal or branch', _MEND,
                               layout.CONFIG, 1)


def stamps(tracker: str) -> Stamps:
    """List the stamps of the configuration's files: (name, mtime, ctime, size)."""
    found = []
    for name in names(tracker):
        try:
            one = os.stat(f"{tracker}/{name}")
        except OSError:
            continue
        found.append((name, one.st_mtime_ns, one.st_ctime_ns, one.st_size))
    return found


def load(tracker: str, listed: Stamps) -> Settings:
    """Read the configuration as it is on disk."""
    return load_from(lambda name: atomic.read(f"{tracker}/{name}"), [name for name, *_ in listed])


def load_from(read: Read, names: Iterable[str]) -> Settings:
    """Read the configuration's files; what can't be read is left at its default and told in `problems`."""
    problems: list[tuple[str, int, str]] = []
    broken: list[tuple[str, int, str]] = []
    config = _config(read, broken)
    own = config.get("tracker")
    own = own if isinstance(own, dict) else {}
    rows = _statuses(read, problems, broken)
    rules = _policy(read, broken)
    projects: dict[str, str] = {}
    members: dict[str, tuple[str, str]] = {}
    for name in names:
        if name.startswith("projects/"):
            _project(read, name, projects, problems)
        elif name.startswith("members/"):
            _member(read, name, members, problems)
    settings = Settings(statuses=[s.row() for s in rows], projects=_ordered(projects, own), members=members,
                        broken=broken)
    settings.format_version = read_format(own.get("format")) or FORMAT
    settings.placement = str(own.get("placement", ""))
    settings.history = str(own.get("history", "branch" if settings.placement == "side-branch" else "journal"))
    settings.hooks = own.get("hooks") is True
    settings.types = _words(own.get("types")) or settings.types
    settings.priorities = _words(own.get("priorities")) or settings.priorities
    settings.board_sources = _sources(own, problems)
    settings.attachment_max_bytes = _size(own, problems) or settings.attachment_max_bytes
    settings.lease = _lease(own, problems) or settings.lease
    settings.landed, settings.needs_approval = rules
    settings.base_branch = str(config.get("baseBranch") or "")  # OpenKit's key
    settings.problems = problems + broken
    return settings


def _size(own: dict[str, Any], problems: list[tuple[str, int, str]]) -> int:
    """Read how large an attachment may be; 0 where nothing that makes sense is said."""
    value = own.get("attachment_max_bytes")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value or 0
    problems.append((layout.CONFIG, 1, f"tracker.attachment_max_bytes is {value!r}; expected a number of bytes"))
    return 0


def _lease(own: dict[str, Any], problems: list[tuple[str, int, str]]) -> int:
    """Read how long a claim lasts; 0 where nothing that makes sense is said."""
    value = own.get("lease")
    term = lease_term(value)
    if value is not None and not term:
        problems.append((layout.CONFIG, 1, f"tracker.lease is {value!r}; expected a duration such as \"30m\""))
    return term


def _sources(own: dict[str, Any], problems: list[tuple[str, int, str]]) -> tuple[str, ...]:
    """Read the patterns of the branches that the board folds besides the usual ones; what is no text is left out."""
    value = own.get("board_sources")
    if value is None or (isinstance(value, list) and all(isinstance(one, str) and one for one in value)):
        return tuple(value or ())
    problems.append((layout.CONFIG, 1, f"tracker.board_sources is {value!r}; expected a list of branches such as "
                     '["origin/release-*"]'))
    return ()


def _config(read: Read, broken: list[tuple[str, int, str]]) -> dict[str, Any]:
    import json
    try:
        data = read(layout.CONFIG)
        config = json.loads(data) if data else {}
    except InvalidDataError as error:
        broken.append((layout.CONFIG, 1, error.reason))
        return {}
    except ValueError as error:
        broken.append((layout.CONFIG, getattr(error, "lineno", 1), f"broken JSON: {error}"))
        return {}
    if not isinstance(config, dict):
        broken.append((layout.CONFIG, 1, "not an object"))
        return {}
    return config


def _policy(read: Read, broken: list[tuple[str, int, str]]) -> tuple[bool, bool]:
    """Tell what policy.yaml asks of ready tickets: that what they wait for is landed, and that they are approved."""
    try:
        data = read(layout.POLICY)
        if data is None:
            return False, False
        from gittracker.domain import policy
        from gittracker.formats import yaml_doc
        found = policy.read(yaml_doc.load(data, layout.POLICY), layout.POLICY)
    except InvalidDataError as error:
        broken.append((layout.POLICY, error.line, error.reason))
        return False, False
    return found.landed, found.needs_approval


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(v).lower() for v in value) if isinstance(value, list) else ()


def _ordered(projects: dict[str, str], own: dict[str, Any]) -> dict[str, str]:
    """Put the configured default project first."""
    first = str(own.get("project", ""))
    return {key: projects[key] for key in sorted(projects, key=lambda k: (k != first, k))}


def _statuses(read: Read, problems: list[tuple[str, int, str]],
              broken: list[tuple[str, int, str]]) -> list[Status]:
    from gittracker.domain.statussets import SETS
    try:
        data = read(layout.STATUSES)
        if data is None:
            return SETS["openase"]
        from gittracker.formats import statuses_yaml
        board = statuses_yaml.read(data)
    except InvalidDataError as error:
        broken.append((layout.STATUSES, error.line, error.reason))
        return SETS["openase"]
    problems += [(layout.STATUSES, line, message) for line, message in board.problems]
    if not board.statuses:
        broken.append((layout.STATUSES, 1, "no status"))
    return board.statuses or SETS["openase"]


def _project(read: Read, name: str, projects: dict[str, str], problems: list[tuple[str, int, str]]) -> None:
    from gittracker.domain.project import Project
    key = name[9:-3].upper()
    project = _record(read, name, Project, problems)
    if project and ids.is_project_key(key):
        projects[key] = name


def _member(read: Read, name: str, members: dict[str, tuple[str, str]],
            problems: list[tuple[str, int, str]]) -> None:
    from gittracker.domain.member import Member
    member = _record(read, name, Member, problems)
    if member:
        members[member.username or name[8:-3]] = member.email.lower(), name


def _record(read: Read, name: str, cls: Any, problems: list[tuple[str, int, str]]) -> Any:
    from gittracker.formats import entity_md
    try:
        record, findings = entity_md.read(cls, read(name) or b"", name)
    except InvalidDataError as error:
        problems.append((name, error.line, error.reason))
        return None
    problems += [(f.path, f.line, f.message) for f in findings]
    return record


def read_statuses(data: bytes) -> list[Status]:
    """Read the bytes of a statuses.yaml, of today or of the past; what can't be read is left out."""
    from gittracker.formats import statuses_yaml
    try:
        return statuses_yaml.read(data).statuses
    except InvalidDataError:
        return []
