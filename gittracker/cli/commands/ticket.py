"""`ticket edit|close|reopen|archive|unarchive|delete|move|link|unlink`, and `done`."""

from __future__ import annotations

import os

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.domain.errors import TrackerError, UsageError
from gittracker.domain.ticket import LINK_FIELDS
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_TICKET = Arg("ticket", "slug, ref, alias or a unique prefix")
_TICKETS = Arg("tickets", "slugs, refs, aliases or unique prefixes", "+")


def _close(writing: Writing, args: Args) -> list[Held]:
    return [tickets.close(writing, name, args["status"] or "", args["resolution"] or "") for name in args["tickets"]]


def _reopen(writing: Writing, args: Args) -> list[Held]:
    return [tickets.reopen(writing, name, args["status"] or "") for name in args["tickets"]]


def _approve(writing: Writing, args: Args) -> list[Held]:
    return [tickets.approve(writing, name, not args["withdraw"]) for name in args["tickets"]]


def _archive(writing: Writing, args: Args) -> list[Held]:
    return [tickets.archive(writing, name) for name in args["tickets"]]


def _unarchive(writing: Writing, args: Args) -> list[Held]:
    return [tickets.archive(writing, name, archived=False) for name in args["tickets"]]


def _delete(writing: Writing, args: Args) -> list[Held]:
    if not args["purge"]:
        return _archive(writing, args)
    tickets.purge(writing, args["tickets"])
    return []


def _move(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import moving
    if not args["project"]:
        raise UsageError("no project was named", f"gittracker ticket move {args['tickets'][0]} --project WEB")
    return [moving.move(writing, name, args["project"]) for name in args["tickets"]]


def _link(writing: Writing, args: Args) -> list[Held]:
    return [tickets.link(writing, args["ticket"], _kind(args), args["others"])]


def _unlink(writing: Writing, args: Args) -> list[Held]:
    return [tickets.link(writing, args["ticket"], _kind(args), args["others"], remove=True)]


def _kind(args: Args) -> str:
    kind = str(args["kind"]).replace("-", "_")
    if kind not in LINK_FIELDS:
        raise UsageError(f'"{args["kind"]}" is no kind of link', f"one of {', '.join(LINK_FIELDS)}")
    return kind


def _prepare_edit(cli: Cli, args: Args) -> None:
    from gittracker.services import editing
    editor = os.environ.get("GIT_EDITOR") or os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    args["draft"] = editing.open_editor(cli.tracker, args["ticket"], editor, args["if_match"] or "")


def _edit(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import editing
    return [editing.save(writing, args["draft"])]


def _finish_edit(args: Args, error: TrackerError | None) -> None:
    from gittracker.services import editing
    editing.close(args["draft"], error)


EDIT = Command(
    "ticket edit", "Edit a ticket in $EDITOR; what others change meanwhile is merged.", (_TICKET,), (),
    ("ticket edit OW-1", "ticket edit OW-1 --as alice"), act=_edit, prepare=_prepare_edit,
    finish=_finish_edit)
_CLOSE_FLAGS = (Flag("--status", "the closed status to use", "STATUS"),
                Flag("--resolution", "how it ended: done, wontfix, duplicate, …", "WORD"))
CLOSE = Command(
    "ticket close", "Close tickets.", (_TICKETS,), _CLOSE_FLAGS,
    ("ticket close OW-1 OW-2", "ticket close OW-1 --status cancelled --resolution wontfix"), act=_close)
DONE = Command(
    "done", "Close tickets; short for ticket close", (_TICKETS,), _CLOSE_FLAGS, ("done OW-1 OW-2",), act=_close)
REOPEN = Command(
    "ticket reopen", "Open closed tickets again.", (_TICKETS,), (Flag("--status", "the status to use", "STATUS"),),
    ("ticket reopen OW-1", "ticket reopen OW-1 --status 'in progress'"), act=_reopen)
APPROVE = Command(
    "ticket approve", "Approve tickets: they may be started.", (_TICKETS,),
    (Flag("--withdraw", "say that they are not approved, so that nobody starts them"),),
    ("ticket approve OW-1 OW-2", "ticket approve OW-1 --withdraw"), act=_approve)
ARCHIVE = Command(
    "ticket archive", "Put tickets away; lists no longer show them.", (_TICKETS,), (), ("ticket archive OW-1",),
    act=_archive)
UNARCHIVE = Command(
    "ticket unarchive", "Bring archived tickets back.", (_TICKETS,), (), ("ticket unarchive OW-1",), act=_unarchive)
DELETE = Command(
    "ticket delete", "Archive tickets; --purge removes their files.", (_TICKETS,),
    (Flag("--purge", "remove the folder; the journal and git still have it"),),
    ("ticket delete OW-1", "ticket delete OW-1 --purge"), act=_delete)
MOVE = Command(
    "ticket move", "Move tickets to another project; each gets its next number and keeps its old slug as an alias.",
    (_TICKETS,), (Flag("--project", "the project's key", "KEY"),), ("ticket move OW-1 OW-2 --project WEB",), act=_move)
_KIND = Arg("kind", ", ".join(LINK_FIELDS))
_OTHERS = Arg("others", "the tickets it leads to", "+")
LINK = Command(
    "ticket link", "Link a ticket to others; circles are refused.", (_TICKET, _KIND, _OTHERS), (),
    ("ticket link OW-1 depends_on OW-2 OW-3", "ticket link OW-4 parent OW-1"), act=_link)
UNLINK = Command(
    "ticket unlink", "Remove links.", (_TICKET, _KIND, _OTHERS), (), ("ticket unlink OW-1 depends_on OW-2",),
    act=_unlink)
