"""`show` and `ticket show`."""

from __future__ import annotations

from gittracker.cli.flags import BUDGET, Arg, Command, Flag
from gittracker.cli.output import one_line
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _show(cli: Cli, args: Args) -> int:
    if args["at"]:
        if cli.budget:
            raise UsageError("--at shows the past whole, without a budget", "gittracker show OW-1 --budget 1000")
        return _show_at(cli, args["ticket"], args["at"])
    if cli.budget:
        from gittracker.cli import budgeted
        return budgeted.show(cli, cli.tracker.get(args["ticket"]))
    from gittracker.cli.shown import print_ticket
    return print_ticket(cli, cli.tracker.get(args["ticket"]))


def _show_at(cli: Cli, name: str, moment: str) -> int:
    from gittracker.services import history, views
    ticket, since = history.show_at(cli.tracker, name, moment)
    settings = cli.tracker.settings
    if cli.out.as_json:
        cli.out.json({**views.old_ticket(ticket, settings.stage(ticket.status)), "as_of": since})
        return 0
    cli.out.line(f"{cli.out.paint(ticket.slug, 'bold')}  {one_line(ticket.title)}")
    cli.out.line(cli.out.paint(f"as it was at {moment}, unchanged since {since}", "dim"))
    cli.out.line(" · ".join(f for f in (ticket.status, ticket.priority, ticket.type, ticket.assignee,
                                        " ".join(f"#{label}" for label in ticket.labels)) if f))
    if ticket.body:
        cli.out.line()
        cli.out.line(ticket.body)
    return 0


_ARGS = (Arg("ticket", "slug, ref, alias or a unique prefix"),)
_FLAGS = (Flag("--at", "as it was at a time (2026-11-01T10:00) or a revision (main~3)", "WHEN"), BUDGET)
SHOW = Command("show", "Show a ticket; short for ticket show", _ARGS, _FLAGS,
               ("show OW-1", "show OW-1 --json", "show OW-1 --at 2026-11-01T10:00", "show OW-1 --budget 500"),
               run=_show)
TICKET_SHOW = Command("ticket show", "Show a ticket.", _ARGS, _FLAGS,
                      ("ticket show OW-1", "ticket show OW-1 --at main~3"), run=_show)
