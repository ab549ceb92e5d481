"""`update` and `ticket update`."""

from __future__ import annotations

from gittracker.cli import writes
from gittracker.cli.commands import fields
from gittracker.cli.flags import Arg, Command
from gittracker.domain.errors import UsageError
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing


def _prepare(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "description")


def _update(writing: Writing, args: Args) -> list[Held]:
    if not _any_field(args):
        raise UsageError("no field was given", f"gittracker ticket update {args['tickets'][0]} --status todo")
    return [tickets.update(writing, name, fields.patch(args)) for name in args["tickets"]]


def _any_field(args: Args) -> bool:
    patch = fields.patch(args)
    return bool(patch.set or patch.add or patch.remove or patch.extra or patch.body is not None)


_TICKETS = (Arg("tickets", "slugs, refs, aliases or unique prefixes", "+"),)
_FLAGS = fields.update_flags()
UPDATE = Command(
    "ticket update", "Change fields of tickets.", _TICKETS, _FLAGS,
    ("ticket update OW-1 --status 'in progress' --assignee @me",
     "ticket update OW-1 --due 2027-01-01 --estimate 3 --label-add api --label-remove triage",
     "ticket update OW-1 --depends-on-add OW-2 --set x_team=core --if-match ETAG"),
    act=_update, prepare=_prepare)
UPDATE_SHORT = Command(
    "update", "Change fields of tickets; short for ticket update", _TICKETS, _FLAGS,
    ("update OW-1 --status done",), act=_update, prepare=_prepare)
