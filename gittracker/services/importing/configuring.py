"""An export's configuration: it is the tracker's where nothing is here yet, else it adds what is missing."""

from __future__ import annotations

import json

from gittracker.domain.errors import InvalidDataError
from gittracker.domain.foreign import Anomaly
from gittracker.domain.status import Status, stage_of
from gittracker.formats import statuses_yaml, transfer
from gittracker.services import statuses
from gittracker.services.exporting.everything import LOCAL_KEYS, SETTINGS, STATUSES
from gittracker.services.statuses import Patch
from gittracker.store import kinds, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.services.importing.report import Report
    from gittracker.services.write.writing import Writing

    Lines = list[tuple[int, dict[str, Any]]]

_LISTS = ("types", "priorities")


def take(writing: Writing, lines: Lines, is_fresh: bool, report: Report, anomalies: list[Anomaly],
         path: str) -> Lines:
    """Take the configuration over; gives the lines that are records."""
    rest: Lines = []
    for number, line in lines:
        kind = line.get("type")
        if kind not in (SETTINGS, STATUSES):
            rest.append((number, line))
            continue
        try:
            if kind == SETTINGS:
                changed = _settings(writing, line.get("record"), is_fresh)
            else:
                changed = _statuses(writing, line, is_fresh)
        except (ValueError, TypeError, KeyError, InvalidDataError) as error:
            reason = getattr(error, "reason", "") or str(error)
            anomalies.append(Anomaly(path, number, "broken-line", f"the {kind} can't be read: {reason}", True))
            continue
        report.imported += changed
        report.already += not changed
    if is_fresh:
        _drop_projects(writing, rest)
    return rest


def _settings(writing: Writing, given: Any, is_fresh: bool) -> bool:
    if not isinstance(given, dict):
        raise ValueError('"record" is no object')
    data = writing.read(layout.CONFIG) or b"{}"
    config = json.loads(data)
    own = config.setdefault("tracker", {})
    before = json.dumps(own)
    for name, value in given.items():
        if name in LOCAL_KEYS:
            continue
        if is_fresh or name not in own:
            own[name] = value
        elif name in _LISTS and isinstance(value, list) and isinstance(own[name], list):
            own[name] = own[name] + [word for word in value if word not in own[name]]
    if is_fresh:
        for name in [name for name in own if name not in given and name not in LOCAL_KEYS]:
            del own[name]
    if json.dumps(own) == before:
        return False
    writing.put(layout.CONFIG, (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode())
    writing.touch("file.updated", layout.CONFIG, layout.CONFIG, layout.CONFIG, {}, "")
    return True


def _statuses(writing: Writing, line: dict[str, Any], is_fresh: bool) -> bool:
    found = [_status(row) for row in line["record"]]
    if is_fresh and found:
        raw = line.get(transfer.RAW)
        text = raw.get(transfer.TEXT) if isinstance(raw, dict) else None
        data = text.encode("utf-8", "replace") if isinstance(text, str) else statuses_yaml.render(found)
        statuses_yaml.read(data)
        if data == writing.read(layout.STATUSES):
            return False
        writing.put(layout.STATUSES, data)
        writing.touch("file.updated", layout.STATUSES, layout.STATUSES, layout.STATUSES, {}, "")
        return True
    known = {status.slug for status in writing.settings.statuses}
    missing = [status for status in found if status.slug not in known]
    for status in missing:
        statuses.create(writing, Patch(status.name, status.slug, status.stage, status.color or None,
                                       status.icon or None))
    return bool(missing)


def _status(row: dict[str, Any]) -> Status:
    runs = row.get("max_active_runs")
    return Status(str(row["slug"]), str(row["name"]), stage_of(str(row["stage"])), str(row.get("color") or ""),
                  str(row.get("icon") or ""), bool(row.get("default")), runs if isinstance(runs, int) else None)


def _drop_projects(writing: Writing, lines: Lines) -> None:
    """Take out the project that `init` made where the export has others: it is named after nothing but the folder."""
    given = {line.get("path") for _, line in lines if kinds.noun(str(line.get("path"))) == "project"}
    for file in writing.tracker.settings.projects.values():
        if given and file not in given:
            writing.put(file, None)
            writing.touch("project.deleted", file, file, file, {}, "")
