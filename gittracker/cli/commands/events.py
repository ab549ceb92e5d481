"""`events`."""

from __future__ import annotations

import json
import sys

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Command, Flag
from gittracker.cli.output import one_line, value
from gittracker.domain.event import RESET
from gittracker.domain.query import limit as read_limit
from gittracker.formats import json_text
from gittracker.services.refresh import events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.event import Event

_COLUMNS = ("id", "at", "type", "slug", "changes", "actor", "source")
_TEXTS = ("body", "description", "text")
_BATCH = 1_000


def _events(cli: Cli, args: Args) -> int:
    tracker = cli.tracker
    if args["follow"]:
        return _follow(cli, args)
    events.refresh(tracker)
    most = read_limit(args["limit"] or str(events.PAGE))
    found = events.since(tracker, args["since"], most) if args["since"] else events.latest(tracker, most)
    if cli.form:
        rows = [_json(one) for one in found]
        if not formats.rows(cli, args, _COLUMNS, rows):
            cli.out.json({"events": rows, "last": found[-1].id if found else args["since"] or events.newest(tracker)})
        return 0
    for one in found:
        cli.out.row(_line(cli, one))
    if not found:
        cli.out.line("no events" + (" since then" if args["since"] else " yet"))
    return 0


def _follow(cli: Cli, args: Args) -> int:
    """Print events as they come, until the reader goes or interrupts."""
    start = args["since"]
    if start is None:
        events.refresh(cli.tracker)
        start = events.newest(cli.tracker)
    print_each(cli, start)
    return 0


def print_each(cli: Cli, start: str) -> None:
    """Print each event behind one as it comes: a line of text, or of JSON."""
    for found in events.follow(cli.reopen, start, _BATCH, lambda _: False, lambda: False):
        show(cli, found)


def show(cli: Cli, found: list[Event]) -> None:
    """Print events now: whoever reads them waits for them."""
    for one in found:
        if cli.form:
            cli.out.raw(json_text.dumps(_json(one)) + "\n")
        else:
            cli.out.row(_line(cli, one))
    sys.stdout.flush()


def _json(one: Event) -> dict[str, Any]:
    told = {name: getattr(one, name) or None for name in ("ref", "slug", "actor", "source", "worktree")}
    return {"id": one.id, "type": one.type, **told, "changes": json.loads(one.changes), "at": one.at}


def _line(cli: Cli, one: Event) -> str:
    head = f"{one.id}  {one.at[:16].replace('T', ' ')}"
    if one.type == RESET:
        return f"{head}  {cli.out.paint(RESET, 'bold')}  what was before is not known: read everything anew"
    by = one.actor if one.source == one.actor else f"{one.actor} ({one.source})"
    changes = "  ".join(_change(name, *change) for name, change in json.loads(one.changes).items())
    told = changes if one.type.endswith(".updated") else ""
    return f"{head}  {cli.out.paint(one.type, 'bold')}  {one_line(one.slug)}  by {by}" + (f"  {told}" if told else "")


def _change(name: str, old: Any, new: Any) -> str:
    return f"{name} changed" if name in _TEXTS else f"{name}: {value(old)} → {value(new)}"


EVENTS = Command(
    "events", "Show what changed, by commands, editors and git; --follow goes on as it happens.", (),
    (Flag("--since", "behind the event with this ID; a reset comes where its place is no longer known", "ID"),
     Flag("--follow", "go on: a line for each event as it comes, with --json a line of JSON", short="-f"),
     Flag("--limit", f"how many at most (default {events.PAGE})", "N"),
     *LIST_FORM),
    ("events", "events --since 1f0c9a2e.41 --json", "events --follow", "events --format jsonl --limit 1000"),
    run=_events)
