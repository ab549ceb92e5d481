"""Files to records: each format's own places and configuration, then its parser."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from gittracker.domain import synonyms
from gittracker.domain.errors import InvalidDataError, UsageError
from gittracker.domain.foreign import Anomaly, Asset, Foreign, Parsed
from gittracker.formats import yaml_doc
from gittracker.formats.foreign import backlog, beads, beans, openkit, texts, tk
from gittracker.services.importing import files
from gittracker.services.importing.files import Found, Root
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MARKDOWN = (".md", ".markdown")
_BACKLOG_PLACES = ("tasks", "completed", "drafts", "archive", "milestones", "docs", "decisions")
_ISSUES = ("issues.jsonl", "beads.jsonl")
_ISSUE_FILES = {"issue.json", "task.json"}


class Gathered(NamedTuple):
    """What a source holds; `stages` are those that its configuration gives statuses, by plain word."""

    format: str
    records: list[Foreign]
    anomalies: list[Anomaly]
    stages: dict[str, str] = {}  # never changed
    prefixed: bool = False  # people leave the ids' prefix out or change it, and pad numbers with zeros

    @property
    def seen(self) -> int:
        """Count the records, and what could not be read as one."""
        return len(self.records) + sum(one.lost for one in self.anomalies)


def gather(name: str, path: str) -> Gathered:
    """Read a source; raises NotFoundError, and UsageError where it holds nothing of the format."""
    return _GATHERERS[name](path)


def _parse(found: list[Found], parser: Callable[[str, Found], Parsed], anomalies: list[Anomaly]) -> list[Foreign]:
    records: list[Foreign] = []
    for one in found:
        text, latin = texts.decode(one.data)
        anomalies += [Anomaly(one.path, line, "encoding", "not UTF-8; read as Latin-1") for line in latin]
        parsed = parser(text, one)
        records += parsed.records
        anomalies += parsed.anomalies
    return records


def _tk(path: str) -> Gathered:
    anomalies: list[Anomaly] = []
    root = files.locate(path, (".tickets",))
    found = files.walk(root, _MARKDOWN, anomalies)
    files.refuse_nothing(found, path, "tk ticket", "name the folder that holds .tickets, or a ticket's file")
    records = _parse(found, lambda text, one: tk.read(text, one.path, one.stem), anomalies)
    return Gathered("tk", records, anomalies)


def _beans(path: str) -> Gathered:
    anomalies: list[Anomaly] = []
    root = files.locate(path, (".beans",))
    config = _config(os.path.join(path, ".beans.yml"), anomalies)
    inner = config.get("beans")
    place = inner.get("path") if isinstance(inner, dict) else None
    if isinstance(place, str) and os.path.isdir(os.path.join(path, place)) and root.path == path:
        root = Root(os.path.join(path, place))
    found = files.walk(root, _MARKDOWN, anomalies)
    files.refuse_nothing(found, path, "bean", "name the folder that holds .beans, or a bean's file")
    records = _parse(found, lambda text, one: beans.read(text, one.path, one.stem, "archive" in one.place), anomalies)
    return Gathered("beans", records, anomalies, prefixed=True)


def _backlog(path: str) -> Gathered:
    anomalies: list[Anomaly] = []
    root = files.locate(path, ("backlog", ".backlog"), (*files.CONFIGS[:2], "tasks"))
    config: dict[str, Any] = {}
    for folder in dict.fromkeys((path, root.path, os.path.dirname(os.path.abspath(root.path)))):
        for name in files.CONFIGS:
            config = config or _config(os.path.join(folder, name), anomalies)
    place = config.get("backlog_directory")
    if isinstance(place, str) and os.path.isdir(os.path.join(path, place)):
        root = Root(os.path.join(path, place))
    base = os.path.basename(os.path.abspath(root.path if os.path.isdir(root.path) else os.path.dirname(root.path)))
    if base in _BACKLOG_PLACES:
        root = root._replace(place=(base,))
    found = files.walk(root, _MARKDOWN, anomalies)
    files.refuse_nothing(found, path, "Backlog.md task", "name the folder that holds backlog, or a task's file")
    records = _parse(found, lambda text, one: backlog.read(text, one.path, one.place, one.stem), anomalies)
    return Gathered("backlog", records, anomalies, _stages(config.get("statuses")), prefixed=True)


def _stages(statuses: Any) -> dict[str, str]:
    """Give statuses their stages by their place: the first is not begun, the last is done."""
    if not isinstance(statuses, list) or not statuses:
        return {}
    words = [synonyms.plain(str(status)) for status in statuses]
    found = {word: synonyms.stage_of(word) or "started" for word in words}
    found[words[0]] = synonyms.stage_of(words[0]) or "unstarted"
    found[words[-1]] = synonyms.stage_of(words[-1]) or "completed"
    return found


def _beads(path: str) -> Gathered:
    anomalies: list[Anomaly] = []
    root = files.locate(path, (".beads",))
    if os.path.isdir(root.path):
        names = {name for name in os.listdir(root.path) if name.endswith((".jsonl", ".json"))}
        first = next((name for name in _ISSUES if name in names), "")
        if not first and len(names) == 1:
            first = names.pop()
        files.refuse_nothing(first, path, "beads export", "bd export -o issues.jsonl, then import that file")
        for name in sorted(names - {first}):
            anomalies.append(Anomaly(files.shown(os.path.join(root.path, name)), 0, "other-file",
                                     f"a file beside {first}, which is the one that was read", True))
        root = Root(os.path.join(root.path, first))
    one = files.read(root.path, (), anomalies)
    if one is None:
        raise UsageError(f'"{path}" holds nothing: {anomalies[-1].message}', "name the issues.jsonl of beads")
    records = _parse([one], lambda text, found: beads.read(text, found.path), anomalies)
    return Gathered("beads", records, anomalies)


def _openkit(path: str) -> Gathered:
    anomalies: list[Anomaly] = []
    root = files.locate(path, (".openkit/issues", "issues")).path
    if os.path.isfile(root):
        folders = [os.path.dirname(os.path.abspath(root))]
    else:
        folders = sorted({folder for folder, _, names in os.walk(root) if _ISSUE_FILES & set(names)
                          or "notes.json" in names}, key=lambda folder: files.natural(os.path.relpath(folder, root)))
    files.refuse_nothing(folders, path, "OpenKit issue", "name the repository, or its .openkit/issues")
    records: list[Foreign] = []
    for folder in folders:
        parsed = _openkit_issue(folder, anomalies)
        records += parsed.records
        anomalies += parsed.anomalies
    return Gathered("openkit", records, anomalies)


def _openkit_issue(folder: str, anomalies: list[Anomaly]) -> Parsed:
    """Read one issue's folder: the issue, its notes, and which files are attached to it."""
    name = next((n for n in ("issue.json", "task.json") if os.path.lexists(os.path.join(folder, n))), "")
    if not name:
        lost = Anomaly(files.shown(os.path.join(folder, "notes.json")), 0, "other-file", "notes without an issue", True)
        return Parsed([], [lost])
    issue = files.read(os.path.join(folder, name), (), anomalies)
    if issue is None:
        return Parsed([], [])
    notes_path = os.path.join(folder, "notes.json")
    notes = files.read(notes_path, (), []) if os.path.isfile(notes_path) else None
    text, latin = texts.decode(issue.data)
    anomalies += [Anomaly(issue.path, line, "encoding", "not UTF-8; read as Latin-1") for line in latin]
    source, own = os.path.split(os.path.abspath(folder))
    parsed = openkit.read(text, texts.decode(notes.data)[0] if notes else "", issue.path, os.path.basename(source), own)
    assets = tuple(Asset(n, os.path.join(folder, "attachments", n)) for n in _attached(folder))
    return Parsed([one._replace(assets=assets) for one in parsed.records], parsed.anomalies)


def _attached(folder: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(os.path.join(folder, "attachments")) if not n.startswith("."))
    except OSError:
        return []


def _config(path: str, anomalies: list[Anomaly]) -> dict[str, Any]:
    """Read a configuration file; what is absent or can't be read says nothing."""
    if not os.path.isfile(path):
        return {}
    try:
        found = yaml_doc.load(atomic.read(path) or b"", files.shown(path))
    except (InvalidDataError, OSError) as error:
        anomalies.append(Anomaly(files.shown(path), getattr(error, "line", 0), "configuration",
                                 getattr(error, "reason", "") or str(error)))
        return {}
    return found if isinstance(found, dict) else {}


_GATHERERS: dict[str, Callable[[str], Gathered]] = {
    "backlog": _backlog, "beads": _beads, "beans": _beans, "openkit": _openkit, "tk": _tk}
