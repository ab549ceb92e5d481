"""`show --where`: each value of a ticket with the replica it comes from."""

from __future__ import annotations

from gittracker.cli.output import fit, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.main import Cli
    from gittracker.index.tickets import Row

_WIDEST = 40


def show(cli: Cli, row: Row) -> int:
    """Print where a ticket's values come from."""
    from gittracker.services.board import sources
    from gittracker.store.layout import ticket_file
    path = f".openkit/{ticket_file(row.folder)}"
    found = sources.of_ticket(cli.tracker, row)
    disputed = [one for one in sources.disputes(cli.tracker) if one["path"] == path]
    if cli.out.as_json:
        cli.out.json({"slug": row.ticket.slug, "ref": row.ticket.ref, "path": path,
                      "fields": [one.to_json() for one in found], "disputes": disputed})
        return 0
    cli.out.line(f"{cli.out.paint(row.ticket.slug, 'bold')}  {one_line(row.ticket.title)}")
    now = cli.clock() // 1_000_000_000
    for one in found:
        cli.out.line(f"{one.field:<13}{fit(_text(one.value), _WIDEST)}  {one.place}, {one.commit[:10] or 'uncommitted'}"
                     f"{', ' + _age(now - one.at) if one.at else ''}")
    for two in disputed:
        cli.out.line(f"disputed: {two['field'] or 'the file'} is {_text(two['other'])} in {two['other_in']}")
    return 0


def _text(value: Any) -> str:
    return fit(one_line(", ".join(value) if isinstance(value, list) else str(value)), _WIDEST).rstrip()


def _age(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{max(0, seconds)} s ago"
