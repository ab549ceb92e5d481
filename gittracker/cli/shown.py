"""How tickets and comments look in a terminal."""

from __future__ import annotations

import os

from gittracker.cli.output import one_line
from gittracker.domain.status import CLOSED_STAGES
from gittracker.services import surroundings
from gittracker.store import layout
from gittracker.store.layout import ticket_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.main import Cli
    from gittracker.index.records import Row as RecordRow
    from gittracker.index.tickets import Row
    from gittracker.services.comments import Found
    from gittracker.services.naming.backlinks import Backlink


_FEW = 10


def print_ticket(cli: Cli, row: Row) -> int:
    """Print one ticket whole: fields, links, description, comments."""
    if cli.out.as_json:
        cli.out.json(ticket_json(cli, row))
        return 0
    for line in head(cli, row):
        cli.out.line(line)
    if row.ticket.body:
        cli.out.line()
        cli.out.line(text(cli, row.ticket.body, ticket_file(row.folder)))
    _comments(cli, row)
    return 0


def ticket_json(cli: Cli, row: Row) -> dict[str, Any]:
    """Give all that is printed of one ticket that is shown."""
    from gittracker.services import views
    said = [one.to_json() for one in surroundings.mentions_of(cli.tracker, row)]
    return {**views.ticket(row), **views.attached(cli.tracker, f"{row.folder}/attachments"),
            **views.claimed(cli.tracker, row),
            "mentions": mentions(cli, row.ticket.body, ticket_file(row.folder)), "mentioned_in": said}


def head(cli: Cli, row: Row) -> list[str]:
    """Give the lines above a ticket's description: title, fields, links; the most important first."""
    out, ticket = cli.out, row.ticket
    status = cli.tracker.settings.status_of(ticket.status)
    facts = [out.stage(status.name if status else ticket.status, row.stage), ticket.priority, ticket.type,
             ticket.assignee, " ".join(f"#{label}" for label in ticket.labels)]
    return [f"{out.paint(ticket.slug, 'bold')}  {one_line(ticket.title)}", " · ".join(fact for fact in facts if fact),
            *_lease(cli, row), *_questions(cli, row), *_rest(cli, row), *_usage(cli, row),
            *files(cli, f"{row.folder}/attachments"),
            *(f"{what} {slug} {one_line(title)}" + (f" ({stage})" if stage else "")
              for what, slug, title, stage in surroundings.linked(cli.tracker, row)),
            *mentioned_in(row.ticket.slug, surroundings.mentions_of(cli.tracker, row))]


def _lease(cli: Cli, row: Row) -> list[str]:
    """Say who holds a ticket; where nobody ever claimed one, that costs one look."""
    if not os.path.exists(os.path.join(cli.tracker.state, layout.LEASES)):
        return []
    from gittracker.services.claim import leaseviews
    line = leaseviews.line(cli.tracker, row)
    return [line] if line else []


def _questions(cli: Cli, row: Row) -> list[str]:
    """Say which questions a ticket waits for the answers to."""
    if not row.questions:
        return []
    from gittracker.services import questions
    return [f"open question #{one.number}, {one.comment.by or 'unknown'}: {one_line(one.comment.body)}"
            for one in questions.of_ticket(cli.tracker, row)]


def text(cli: Cli, body: str, home: str) -> str:
    """Give the text of a file as it is shown: with colour, mentions are underlined and refs and slugs have titles."""
    if not cli.out.color:
        return body
    from gittracker.services.naming import mentions as services
    parts: list[str] = []
    done = 0
    for one, target in services.in_text(cli.tracker, body, home):
        title = f" ({one_line(target.label)})" if target and one.kind in ("ref", "slug") else ""
        parts += (body[done:one.start], cli.out.paint(body[one.start:one.end], "underline"),
                  cli.out.paint(title, "dim"))
        done = one.end
    return "".join(parts) + body[done:]


def mentions(cli: Cli, body: str, home: str) -> list[dict[str, Any]]:
    """Give what the text of a file mentions, as it is printed."""
    from gittracker.formats import mentions as formats
    if not formats.find(body):
        return []
    from gittracker.services.naming import mentions as services
    return services.to_json(cli.tracker, body, home)


def backlinks(cli: Cli, row: RecordRow) -> list[Backlink]:
    """List where a record that is no ticket is mentioned."""
    from gittracker.services.naming import backlinks as services
    from gittracker.services.naming import targets
    return services.find(cli.tracker, targets.record(cli.tracker, row))


def comment_json(cli: Cli, one: Found) -> dict[str, Any]:
    """Give a comment as it is printed, with what it mentions."""
    from gittracker.services import views
    return {**views.comment(one), "mentions": mentions(cli, one.comment.body, one.path)}


def mentioned_in(name: str, found: list[Backlink]) -> list[str]:
    """Say in one line where a record is mentioned; none where it isn't."""
    names = list(dict.fromkeys(one.source.name for one in found))
    more = f" and more: gittracker backlinks {name}" if len(names) > _FEW else ""
    return [f"mentioned in {', '.join(names[:_FEW])}{more}"] if names else []


def _rest(cli: Cli, row: Row) -> list[str]:
    """Give the fields that the first lines don't have."""
    ticket = row.ticket
    shown = {"due": ticket.due, "estimate": ticket.estimate, "epic": _epic(cli, ticket.epic),
             "resolution": ticket.resolution, "reviewers": ", ".join(ticket.reviewers),
             "workflow": ticket.workflow, "budget": ticket.budget_usd,
             "external": ticket.external_ref, "links": " ".join(ticket.external_links),
             "approval": _approval(cli, row), "archived": "yes" if ticket.archived else ""}
    shown.update((k, ", ".join(v) if isinstance(v, list) else v)
                 for k, v in ticket.extra.items() if k.startswith("x_"))
    line = " · ".join(f"{name} {value}" for name, value in shown.items() if value not in ("", None))
    made = f"created {_day(ticket.created_at)} by {ticket.created_by or 'unknown'}"
    changed = f"updated {row.updated_at[:16].replace('T', ' ')} UTC"
    return [*([line] if line else ()), cli.out.paint(f"{made} · {changed} · .openkit/{row.folder}", "dim")]


def _approval(cli: Cli, row: Row) -> str:
    word = row.ticket.approval
    return word or ("" if cli.tracker.settings.approves(word) or row.stage in CLOSED_STAGES else "needed")


def _usage(cli: Cli, row: Row) -> list[str]:
    """Say what a ticket took, if anything was reported; the look at the folder is all that others pay."""
    try:
        if not os.listdir(cli.tracker.shown(f"{row.folder}/usage")):
            return []
    except OSError:
        return []
    from gittracker.services import usage
    line = usage.line(cli.tracker, row.folder, row.ticket)
    return [line] if line else []


def files(cli: Cli, folder: str) -> list[str]:
    """Name the files that are attached, if there is a folder of them."""
    if not os.path.isdir(cli.tracker.shown(folder)):
        return []
    from gittracker.domain.texts import size_shown
    from gittracker.services.attached import attachments
    found = attachments.sizes(cli.tracker, folder)
    return [f"attached {', '.join(f'{name} ({size_shown(size)})' for name, size in found)}"] if found else []


def _epic(cli: Cli, value: str) -> str:
    if not value:
        return ""
    from gittracker.services import epics
    row = epics.of_ticket(cli.tracker, value)
    return f"{row.name} {one_line(row.record.title)}" if row else value


def _comments(cli: Cli, row: Row) -> None:
    if row.comment_count:
        from gittracker.services import comments
        cli.out.line()
        for one in comments.listed(cli.tracker, row):
            print_comment(cli, one)
    for line in foot(cli, row):
        cli.out.line(line)


def foot(cli: Cli, row: Row) -> list[str]:
    """Say what of a ticket is lost or can't be read."""
    lost = surroundings.lost_comments(cli.tracker, row)
    return [*([f"{lost} lost comment(s): gittracker recover {row.ticket.slug}"] if lost else ()),
            *(cli.out.paint(f"problem: .openkit/{path}:{line}: {message}", "red")
              for path, line, message in surroundings.problems_of(cli.tracker, row))]


def _day(moment: str) -> str:
    return moment[:10] or "at an unknown time"


def print_comment(cli: Cli, one: Found) -> None:
    """Print one comment; piped output has its ref too."""
    ref = "" if cli.out.tty else f"  {one.comment.ref}"
    cli.out.line(cli.out.paint(comment_head(one), "dim") + ref)
    if one.comment.body:
        cli.out.line(text(cli, one.comment.body, one.path))
    cli.out.line()


def comment_head(one: Found) -> str:
    """Say which comment it is, whose, and what became of it."""
    comment = one.comment
    edited = f", edited {comment.edited_at[:16].replace('T', ' ')}" if comment.edited_at else ""
    deleted = f", deleted by {comment.deleted_by}" if comment.deleted_at else ""
    reply = f", reply to {comment.reply_to[:12]}…" if comment.reply_to else ""
    reply += f", answers #{one.answered}" if one.answered else ", an answer" if comment.answers else ""
    asks = ", open question" if one.is_open else ", question" if comment.question else ""
    return f"#{one.number} {comment.by or 'unknown'} {comment.at[:16].replace('T', ' ')}{asks}{edited}{deleted}{reply}"


def print_fields(cli: Cli, record: dict[str, Any], hidden: tuple[str, ...] = ()) -> int:
    """Print one record by its fields, one a line; as JSON with those that people don't need."""
    if cli.out.as_json:
        cli.out.json(record)
        return 0
    for name, value in record.items():
        shown = _shown(value) if name not in hidden else ""
        if shown:
            cli.out.line(f"{name + ':':<17}{shown}")
    return 0


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
