"""Read the project's configuration: config.json, statuses.yaml, projects and members."""

from __future__ import annotations

import os

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.settings import FORMAT, Settings
from gittracker.domain.status import STAGES, Status, slugify
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Stamps = list[tuple[str, int, int, int]]


def stamps(tracker: str) -> Stamps:
    """List the stamps of the configuration's files: (name, mtime, ctime, size)."""
    found = []
    names = [layout.CONFIG, layout.STATUSES]
    for folder in (layout.PROJECTS, layout.MEMBERS):
        try:
            names += sorted(f"{folder}/{n}" for n in os.listdir(f"{tracker}/{folder}") if n.endswith(".md"))
        except OSError:
            continue
    for name in names:
        try:
            one = os.stat(f"{tracker}/{name}")
        except OSError:
            continue
        found.append((name, one.st_mtime_ns, one.st_ctime_ns, one.st_size))
    return found


def load(tracker: str, listed: Stamps) -> Settings:
    """Read the configuration; what can't be read is left at its default and told in `problems`."""
    problems: list[tuple[str, int, str]] = []
    broken: list[tuple[str, int, str]] = []
    config = _config(tracker, broken)
    own = config.get("tracker")
    own = own if isinstance(own, dict) else {}
    rows = _statuses(tracker, problems, broken)
    projects: dict[str, str] = {}
    members: dict[str, tuple[str, str]] = {}
    for name, *_ in listed:
        if name.startswith("projects/"):
            _project(tracker, name, projects, problems)
        elif name.startswith("members/"):
            _member(tracker, name, members, problems)
    settings = Settings(statuses=[s.row() for s in rows], projects=_ordered(projects, own), members=members,
                        problems=problems + broken, broken=broken)
    settings.format_version = own.get("format", FORMAT) if isinstance(own.get("format", FORMAT), int) else FORMAT
    settings.placement = str(own.get("placement", "in-tree"))
    settings.history = str(own.get("history", "journal"))
    settings.types = _words(own.get("types")) or settings.types
    settings.priorities = _words(own.get("priorities")) or settings.priorities
    return settings


def _config(tracker: str, broken: list[tuple[str, int, str]]) -> dict[str, Any]:
    import json
    try:
        data = atomic.read(f"{tracker}/{layout.CONFIG}")
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


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(v).lower() for v in value) if isinstance(value, list) else ()


def _ordered(projects: dict[str, str], own: dict[str, Any]) -> dict[str, str]:
    """Put the configured default project first."""
    first = str(own.get("project", ""))
    return {key: projects[key] for key in sorted(projects, key=lambda k: (k != first, k))}


def _statuses(tracker: str, problems: list[tuple[str, int, str]],
              broken: list[tuple[str, int, str]]) -> list[Status]:
    from gittracker.domain.status import SETS
    try:
        data = atomic.read(f"{tracker}/{layout.STATUSES}")
        if data is None:
            return SETS["openase"]
        from gittracker.formats import yaml_doc
        rows = yaml_doc.load(data, layout.STATUSES)
    except InvalidDataError as error:
        broken.append((layout.STATUSES, error.line, error.reason))
        return SETS["openase"]
    found: list[Status] = []
    for row in rows if isinstance(rows, list) else []:
        status = _status(row)
        if status is None or status.slug in {s.slug for s in found}:
            problems.append((layout.STATUSES, 1, f"not a status of its own: {row!r}"))
            continue
        found.append(status)
        if str(row.get("stage", "unstarted")).strip().lower() not in STAGES:
            problems.append((layout.STATUSES, 1, f'stage "{row["stage"]}" of {status.slug} is none of '
                             f"{', '.join(STAGES)}; it counts as unstarted"))
    if not found:
        broken.append((layout.STATUSES, 1, "no status"))
    return found or SETS["openase"]


def _status(row: Any) -> Status | None:
    if not isinstance(row, dict) or not row.get("name", row.get("slug")):
        return None
    name = str(row.get("name") or row["slug"])
    stage = str(row.get("stage", "unstarted")).strip().lower()
    runs = row.get("max_active_runs")
    return Status(slugify(str(row.get("slug") or name)), name, stage if stage in STAGES else "unstarted",
                  str(row.get("color") or ""), str(row.get("icon") or ""), bool(row.get("default")),
                  runs if isinstance(runs, int) else None)


def _project(tracker: str, name: str, projects: dict[str, str], problems: list[tuple[str, int, str]]) -> None:
    from gittracker.domain.project import Project
    key = name[9:-3].upper()
    project = _record(tracker, name, Project, problems)
    if project and ids.is_project_key(key):
        projects[key] = name


def _member(tracker: str, name: str, members: dict[str, tuple[str, str]],
            problems: list[tuple[str, int, str]]) -> None:
    from gittracker.domain.member import Member
    member = _record(tracker, name, Member, problems)
    if member:
        members[member.username or name[8:-3]] = member.email.lower(), name


def _record(tracker: str, name: str, cls: Any, problems: list[tuple[str, int, str]]) -> Any:
    from gittracker.formats import entity_md
    try:
        record, findings = entity_md.read(cls, atomic.read(f"{tracker}/{name}") or b"", name)
    except InvalidDataError as error:
        problems.append((name, error.line, error.reason))
        return None
    problems += [(f.path, f.line, f.message) for f in findings]
    return record


def read_statuses(data: bytes) -> list[Status]:
    """Read the bytes of a statuses.yaml, of today or of the past; what can't be read is left out."""
    from gittracker.formats import yaml_doc
    try:
        rows = yaml_doc.load(data, layout.STATUSES)
    except InvalidDataError:
        return []
    found = [_status(row) for row in rows] if isinstance(rows, list) else []
    return [status for status in found if status]
