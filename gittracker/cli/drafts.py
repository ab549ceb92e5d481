"""What the commands share that let a user edit a record's file in an editor."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.errors import TrackerError


def open_record(cli: Cli, args: Args, noun: str, name: str) -> None:
    """Let the user edit the file of a record; the draft is kept in `draft`."""
    from gittracker.services import editing, records
    from gittracker.store import atomic
    row = records.find(cli.tracker, noun, name)
    start = atomic.read(cli.tracker.path(row.path)) or b""
    editor = os.environ.get("GIT_EDITOR") or os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    args["draft"] = editing.open_draft(cli.tracker, row.name, row.name, start, editor)


def close(args: Args, error: TrackerError | None) -> None:
    """Drop the draft, if there is one, once it is saved."""
    if args.get("draft"):
        from gittracker.services import editing
        editing.close(args["draft"], error)
