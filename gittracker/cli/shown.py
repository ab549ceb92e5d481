"""How tickets and comments look in a terminal."""

from __future__ import annotations

from gittracker.cli.output import one_line
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.main import Cli
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found


def print_ticket(cli: Cli, row: Row) -> int:
    """Print one ticket whole: fields, links, description, comments."""
    if cli.out.as_json:
        from gittracker.services import views
        cli.out.json(views.ticket(row))
        return 0
    out, ticket = cli.out, row.ticket
    out.line(f"{out.paint(ticket.slug, 'bold')}  {one_line(ticket.title)}")
    status = cli.tracker.settings.status_of(ticket.status)
    facts = [out.stage(status.name if status else ticket.status, row.stage), ticket.priority, ticket.type,
             ticket.assignee, " ".join(f"#{label}" for label in ticket.labels)]
    out.line(" · ".join(fact for fact in facts if fact))
    _rest(cli, row)
    for what, slug, title, stage in listing.linked(cli.tracker, row):
        out.line(f"{what} {slug} {one_line(title)}" + (f" ({stage})" if stage else ""))
    if ticket.body:
        out.line()
        out.line(ticket.body)
    _comments(cli, row)
    return 0


def _rest(cli: Cli, row: Row) -> None:
    """Print the fields that the head line doesn't have."""
    ticket = row.ticket
    shown = {"due": ticket.due, "estimate": ticket.estimate, "epic": _epic(cli, ticket.epic),
             "resolution": ticket.resolution, "reviewers": ", ".join(ticket.reviewers),
             "workflow": ticket.workflow, "budget": ticket.budget_usd,
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


def _epic(cli: Cli, value: str) -> str:
    if not value:
        return ""
    from gittracker.services import epics
    row = epics.of_ticket(cli.tracker, value)
    return f"{row.name} {one_line(row.record.title)}" if row else value


def _comments(cli: Cli, row: Row) -> None:
    tracker = cli.tracker
    if row.comment_count:
        from gittracker.services import comments
        cli.out.line()
        for one in comments.listed(tracker, row):
            print_comment(cli, one)
    lost = listing.lost_comments(tracker, row)
    if lost:
        cli.out.line(f"{lost} lost comment(s): gittracker recover {row.ticket.slug}")
    for path, line, message in listing.problems_of(tracker, row):
        cli.out.line(cli.out.paint(f"problem: .openkit/{path}:{line}: {message}", "red"))


def _day(moment: str) -> str:
    return moment[:10] or "at an unknown time"


def print_comment(cli: Cli, one: Found) -> None:
    """Print one comment; piped output has its ref too."""
    comment = one.comment
    edited = f", edited {comment.edited_at[:16].replace('T', ' ')}" if comment.edited_at else ""
    deleted = f", deleted by {comment.deleted_by}" if comment.deleted_at else ""
    reply = f", answers {comment.reply_to[:12]}…" if comment.reply_to else ""
    head = f"#{one.number} {comment.by} {comment.at[:16].replace('T', ' ')}{edited}{deleted}{reply}"
    cli.out.line(cli.out.paint(head, "dim") + ("" if cli.out.tty else f"  {comment.ref}"))
    if comment.body:
        cli.out.line(comment.body)
    cli.out.line()
