"""Bring a tracker of an older format to the current one, in one history entry: a step for each format."""

from __future__ import annotations

from gittracker.domain import ids
from gittracker.domain.errors import InvalidDataError
from gittracker.domain.settings import FORMAT, read_format
from gittracker.services.clone import setup
from gittracker.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.services.tracker import Tracker
    from gittracker.services.write.writing import Held, Writing

_OPENKIT = ("startCommand", "installCommand", "baseBranch", "localIssuePrefix", "ports")


class Step:
    """From one format to the next: gives the files that change, as the steps before it leave them."""

    __slots__ = ("format", "about", "plan")

    def __init__(self, number: int, about: str, plan: Callable[[Writing], dict[str, bytes | None]]) -> None:
        self.format = number
        self.about = about
        self.plan = plan


def version(writing: Writing) -> int:
    """Give the format of the files, 0 where they name none; raises InvalidDataError for a newer one."""
    own = _config(writing).get("tracker")
    found = read_format(own.get("format")) if isinstance(own, dict) else 0
    if found > FORMAT:
        raise newer(found)
    return found


def newer(found: int) -> InvalidDataError:
    """Say that the files are of a newer format, with the command that upgrades the tool."""
    return InvalidDataError(f"the tracker has format {found}; this gittracker knows format {FORMAT}",
                            "pip install --upgrade gittracker", layout.CONFIG)


def upgrade(writing: Writing) -> list[Held]:
    """Gather the changes of every step that is due; none where the format is current."""
    found = version(writing)
    for step in STEPS[found:]:
        for path, data in step.plan(writing).items():
            writing.put(path, data)
    if found < FORMAT:
        writing.put(layout.CONFIG, _with_format(_config(writing)))
        for path in writing.after:
            writing.touch("file.updated", path, path, path, {}, "")
        writing.say(f"tracker upgraded from format {found} to {FORMAT}")
    return []


def is_due(tracker: Tracker) -> bool:
    """Tell whether the files are of an older format than this gittracker writes."""
    from gittracker.services.write.writing import Request, Writing
    try:
        return version(Writing(tracker, Request("doctor"))) < FORMAT
    except InvalidDataError:
        return False  # a newer format, or a broken file, is told elsewhere


def _config(writing: Writing) -> dict[str, Any]:
    import json
    data = writing.read(layout.CONFIG)
    try:
        found = json.loads(data) if data and data.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InvalidDataError(f"broken JSON: {error}", "mend the file, then run the command again", layout.CONFIG,
                               getattr(error, "lineno", 1)) from error
    if not isinstance(found, dict):
        raise InvalidDataError("not an object", "mend the file, then run the command again", layout.CONFIG, 1)
    return found


def _with_format(config: dict[str, Any]) -> bytes:
    import json
    own = config.get("tracker")
    config["tracker"] = {"format": FORMAT, **{k: v for k, v in (own if isinstance(own, dict) else {}).items()
                                              if k != "format"}}
    return (json.dumps(config, indent=2, ensure_ascii=False) + "\n").encode()


def _adopt(writing: Writing) -> dict[str, bytes | None]:
    """Take in files that name no format: OpenKit's, or a tracker's that was begun by hand.

    What is missing is added; OpenKit's own keys and files stay, and its statuses and prefix are taken over.
    """
    config = _config(writing)
    openkit = "tracker" not in config and any(key in config for key in _OPENKIT)
    prefix = str(config.get("localIssuePrefix", "LOCAL")).upper() if openkit else ""
    planned = setup.plan(writing.tracker.repository, prefix if ids.is_project_key(prefix) else "",
                         "openkit" if openkit else "openase", writing.new_ref)
    return dict(planned)


# The step at place N leads from format N to N + 1; a new format is a line here, and FORMAT one more.
STEPS = (Step(0, "files without a format", _adopt),)
