"""`show` and `ticket show`."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.index.tickets import Row


def _show(cli: Cli, args: Args) -> int:
    if args["at"]:
        return _show_at(cli, args["ticket"], args["at"])
    return print_ticket(cli, cli.tracker.get(args["ticket"]))


def print_ticket(cli: Cli, row: Row) -> int:
    """Print one ticket whole: fields, links, description, comments."""
    if cli.out.as_json:
        from gittracker.services import views
        cli.out.json(views.ticket(row))
        return 0
    out, ticket = cli.out, row.ticket
    out.line(f"{out.paint(ticket.slug, 'bold')}  {ticket.title}")
    status = cli.tracker.settings.status_of(ticket.status)
    facts = [out.stage(status.name if status else ticket.status, row.stage), ticket.priority, ticket.type,
             ticket.assignee, " ".join(f"#{label}" for label in ticket.labels)]
    out.line(" · ".join(fact for fact in facts if fact))
    _rest(cli, row)
    for what, slug, title, stage in listing.linked(cli.tracker, row):
        out.line(f"{what} {slug} {title}" + (f" ({stage})" if stage else ""))
    if ticket.body:
        out.line()
        out.line(ticket.body)
    _comments(cli, row)
    return 0


def _rest(cli: Cli, row: Row) -> None:
    """Print the fields that the head line doesn't have."""
    ticket = row.ticket
    shown = {"due": ticket.due, "estimate": ticket.estimate, "epic": ticket.epic, "resolution": ticket.resolution,
             "reviewers": ", ".join(ticket.reviewers), "workflow": ticket.workflow, "budget": ticket.budget_usd,
             "external": ticket.external_ref, "links": " ".join(ticket.external_links),
             "approval": ticket.approval, "archived": "yes" if ticket.archived else ""}
    shown.update((k, ", ".join(v) if isinstance(v, list) else v)
                 for k, v in ticket.extra.items() if k.startswith("x_"))
    line = " · ".join(f"{name} {value}" for name, value in shown.items() if value not in ("", None))
    if line:
        cli.out.line(line)
    made = f"created {_day(ticket.created_at)} by {ticket.created_by or 'unknown'}"
    changed = f"updated {row.updated_at[:16].replace('T', ' ')} UTC"
    cli.out.line(cli.out.paint(f"{made} · {changed} · .openkit/{row.folder}", "dim"))


def _comments(cli: Cli, row: Row) -> None:
    tracker = cli.tracker
    if row.comment_count:
        from gittracker.cli.commands.comment import print_comment
        from gittracker.services import comments
        cli.out.line()
        for number, one in enumerate(comments.listed(tracker, row), 1):
            print_comment(cli, number, one)
    if tracker.index.one("SELECT 1 FROM change WHERE path >= ? AND path < ? LIMIT 1", f"{row.folder}/comments/",
                         f"{row.folder}/comments0"):
        from gittracker.services import recover
        lost = recover.count_lost_comments(tracker, row.folder)
        if lost:
            cli.out.line(f"{lost} lost comment(s): gittracker recover {row.ticket.slug}")
    for path, line, message in tracker.index.all(
            "SELECT path, line, message FROM problem WHERE worktree = ? AND path >= ? AND path < ?",
            tracker.worktree, row.folder + "/", row.folder + "0"):
        cli.out.line(cli.out.paint(f"problem: .openkit/{path}:{line}: {message}", "red"))


def _day(moment: str) -> str:
    return moment[:10] or "at an unknown time"


def _show_at(cli: Cli, name: str, moment: str) -> int:
    from gittracker.services import history, views
    ticket, since = history.show_at(cli.tracker, name, moment)
    settings = cli.tracker.settings
    if cli.out.as_json:
        cli.out.json({**views.old_ticket(ticket, settings.stage(ticket.status)), "as_of": since})
        return 0
    cli.out.line(f"{cli.out.paint(ticket.slug, 'bold')}  {ticket.title}")
    cli.out.line(cli.out.paint(f"as it was at {moment}, unchanged since {since}", "dim"))
    cli.out.line(" · ".join(f for f in (ticket.status, ticket.priority, ticket.type, ticket.assignee,
                                        " ".join(f"#{label}" for label in ticket.labels)) if f))
    if ticket.body:
        cli.out.line()
        cli.out.line(ticket.body)
    return 0


_ARGS = (Arg("ticket", "slug, ref, alias or a unique prefix"),)
_FLAGS = (Flag("--at", "as it was at a time (2026-11-01T10:00) or a revision (main~3)", "WHEN"),)
SHOW = Command("show", "Show a ticket; short for ticket show", _ARGS, _FLAGS,
               ("show OW-1", "show OW-1 --json", "show OW-1 --at 2026-11-01T10:00"), run=_show)
TICKET_SHOW = Command("ticket show", "Show a ticket.", _ARGS, _FLAGS,
                      ("ticket show OW-1", "ticket show OW-1 --at main~3"), run=_show)
