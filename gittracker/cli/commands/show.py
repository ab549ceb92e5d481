"""`show` and `ticket show`."""

from __future__ import annotations

from gittracker.cli.flags import BUDGET, HERE, Arg, Command, Flag
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
    if args["where"]:
        from gittracker.cli import where
        return where.show(cli, cli.tracker.get(args["ticket"]))
    if cli.budget:
        from gittracker.cli import budgeted
        return budgeted.show(cli, cli.tracker.get(args["ticket"]))
    from gittracker.cli.shown import print_ticket
    return print_ticket(cli, cli.tracker.get(args["ticket"]))


def _show_at(cli: Cli, name: str, moment: str) -> int:
    from gittracker.services import views
    from gittracker.services.past import history
    from gittracker.store import kinds
    path, record, since = history.show_at(cli.tracker, name, moment)
    if cli.out.as_json:
        stage = cli.tracker.settings.stage(record.status) if record.NOUN == "ticket" else ""
        cli.out.json({**(views.old_ticket(record, stage) if stage else views.old_record(path, record)), "as_of": since})
        return 0
    values = record.__dict__
    title = values.get("title") or values.get("name") or ""
    name = values.get("slug") or kinds.name_of(kinds.place(path))
    cli.out.line(f"{cli.out.paint(name, 'bold')}  {one_line(title)}".rstrip())
    cli.out.line(cli.out.paint(f"as it was at {moment}, unchanged since {since}", "dim"))
    words = [values.get(key) for key in ("status", "priority", "type", "assignee", "owner")]
    words.append(" ".join(f"#{label}" for label in values.get("labels", ())))
    if any(words):
        cli.out.line(" · ".join(word for word in words if word))
    if record.body:
        cli.out.line()
        cli.out.line(record.body)
    return 0


_ARGS = (Arg("ticket", "slug, ref, alias or a unique prefix; with --at the name of any record"),)
_FLAGS = (Flag("--at", "as it was at a time (2026-11-01T10:00) or a revision (main~3)", "WHEN"),
          Flag("--where", "where each value comes from: worktree, branch, commit or uncommitted, and its age"), BUDGET,
          HERE)
SHOW = Command("show", "Show a ticket; short for ticket show", _ARGS, _FLAGS,
               ("show OW-1", "show OW-1 --json", "show OW-1 --at 2026-11-01T10:00", "show OW-1 --budget 500",
                "show OW-1 --where", "show OW-E1 --at main~3"),
               run=_show)
TICKET_SHOW = Command("ticket show", "Show a ticket.", _ARGS, _FLAGS,
                      ("ticket show OW-1", "ticket show OW-1 --at main~3"), run=_show)
