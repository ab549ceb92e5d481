"""`status list|show|create|update|delete|reset`."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import DRY_RUN, EVERY, FIRST, LIST_FORM, Arg, Command, Flag
from gittracker.cli.shown import print_fields
from gittracker.domain.errors import UsageError
from gittracker.domain.status import STAGES
from gittracker.domain.statussets import SETS
from gittracker.services import views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.statuses import Patch
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("slug", "name", "stage", "default", "color", "icon", "max_active_runs")


def _list(cli: Cli, args: Args) -> int:
    statuses = cli.tracker.settings.statuses
    found = [status.to_json() for status in statuses]
    if formats.rows(cli, args, _COLUMNS, found):
        return 0
    if cli.out.as_json:
        cli.out.json({"statuses": found, "total": len(found), "etag": views.etag_of_statuses(cli.tracker)})
        return 0
    for status in statuses:
        mark = " (default)" if status.is_default else ""
        slug = cli.out.stage(status.slug.ljust(14), status.stage)
        cli.out.line(f"{slug} {status.name.ljust(14)} {status.stage}{mark}")
    return 0


def _show(cli: Cli, args: Args) -> int:
    status = cli.tracker.settings.status(args["status"])
    return print_fields(cli, {**status.to_json(), "etag": views.etag_of_statuses(cli.tracker)}, ("etag",))


def _patch(args: Args) -> Patch:
    from gittracker.services.statuses import Patch
    return Patch(args.get("name"), args["slug"], args["stage"], args["color"], args["icon"], args["runs"],
                 args["default"], args["before"], args["after"])


def _create(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import statuses
    statuses.create(writing, _patch(args))
    return []


def _update(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import statuses
    given = ("name", "slug", "stage", "color", "icon", "runs", "before", "after")
    if not args["default"] and all(args[name] is None for name in given):
        raise UsageError("no field was given", f"gittracker status update '{args['status']}' --name 'In QA'")
    statuses.update(writing, args["status"], _patch(args))
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import statuses
    statuses.delete(writing, args["status"], args["to"] or "")
    return []


def _reset(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import statuses
    statuses.reset(writing, args["set"] or "openase")
    return []


_STATUS = Arg("status", "slug or name, in any case")
_FIELDS = (
    Flag("--slug", "the name in files and queries; made from NAME if not given", "SLUG"),
    Flag("--stage", f"{', '.join(STAGES)} (a new one: unstarted)", "STAGE"),
    Flag("--color", "a colour, such as '#3B82F6'", "COLOR"), Flag("--icon", "the name of an icon", "ICON"),
    Flag("--default", "the one that new tickets get; there is exactly one"),
    Flag("--max-active-runs", "most runs at one time; none for no limit", "N", dest="runs"),
    Flag("--before", "put it before this one", "STATUS"), Flag("--after", "put it behind this one", "STATUS"))
LIST = Command("status list", "List the board's statuses, in order.", (), LIST_FORM, run=_list,
               examples=("status list", "status list --json"))
SHOW = Command("status show", "Show one status.", (_STATUS,), examples=("status show 'in progress'",), run=_show)
CREATE = Command(
    "status create", "Add a status; without --before or --after it comes behind the last of its stage.",
    (Arg("name", "the name for people"),), _FIELDS,
    ("status create 'In QA' --stage started --before done", "status create Someday --stage backlog --color '#9CA3AF'"),
    act=_create, answer=FIRST)
UPDATE = Command(
    "status update", "Change a status; the tickets that have it follow, in the same entry.", (_STATUS,),
    (Flag("--name", "the name for people", "NAME"), *_FIELDS),
    ("status update 'in review' --name 'In QA'", "status update todo --default --after backlog"), act=_update,
    answer=FIRST)
DELETE = Command(
    "status delete", "Delete a status; its tickets get another, in the same entry.", (_STATUS,),
    (Flag("--to", "the status that its tickets get, and the default's role (else the default, or the next)", "STATUS"),
     DRY_RUN),
    ("status delete 'in review' --to 'in progress'", "status delete someday --dry-run"), act=_delete, answer=FIRST)
RESET = Command(
    "status reset", "Go back to a set of statuses; those of the same name stay, tickets of others move by stage.", (),
    (Flag("--set", f"{', '.join(SETS)} (default openase)", "SET"), DRY_RUN),
    ("status reset --dry-run", "status reset --set openkit"), act=_reset, answer=EVERY)
