"""`member list|show|add|update|remove`."""

from __future__ import annotations

from gittracker.cli import formats, writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.cli.output import one_line
from gittracker.cli.shown import print_fields
from gittracker.domain.errors import UsageError
from gittracker.domain.member import KINDS, ROLES
from gittracker.services import views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.members import Patch
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("username", "name", "kind", "email", "role")


def _list(cli: Cli, args: Args) -> int:
    found = [views.member(cli.tracker, name) for name in sorted(cli.tracker.settings.members)]
    if formats.rows(cli, args, _COLUMNS, found):
        return 0
    if cli.out.as_json:
        cli.out.json({"members": found, "total": len(found)})
        return 0
    for one in found:
        cli.out.row("  ".join(one_line(str(one[name] or "-")).ljust(12)
                              for name in ("username", "name", "kind", "role")).rstrip())
    if not found:
        cli.out.line("no members: gittracker member add NAME")
    return 0


def _show(cli: Cli, args: Args) -> int:
    return print_fields(cli, views.member(cli.tracker, cli.tracker.settings.member_file(args["member"])[0]), ("etag",))


def _read(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "description")


def _patch(args: Args) -> Patch:
    from gittracker.services.members import Patch
    return Patch(args["name"], args["kind"], args["email"], args["role"], args["body_text"])


def _add(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import members
    members.add(writing, args["username"], _patch(args))
    return []


def _update(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import members
    if all(args[name] is None for name in ("name", "kind", "email", "role", "body_text")):
        raise UsageError("no field was given", f"gittracker member update {args['member']} --role admin")
    members.update(writing, args["member"], _patch(args))
    return []


def _remove(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import members
    members.remove(writing, args["member"])
    return []


_MEMBER = Arg("member", "the username")
_FIELDS = (Flag("--name", "the name for people", "NAME"), Flag("--kind", " or ".join(KINDS), "KIND"),
           Flag("--email", "the address that git knows them by; none clears it", "ADDRESS"),
           Flag("--role", ", ".join(ROLES), "ROLE"), *body_flags("--description", "description: what they can do"))
LIST = Command("member list", "List the members that have a file.", (), LIST_FORM, run=_list,
               examples=("member list",))
SHOW = Command("member show", "Show one member.", (_MEMBER,), run=_show, examples=("member show alice",))
ADD = Command(
    "member add", "Add a member: a person, or a bot.",
    (Arg("username", "the name that tickets have; bot:NAME for a bot"),), _FIELDS,
    ("member add alice --name 'Alice Smith' --email alice@example.com --role admin",
     "member add bot:codex-1 --description 'Writes tests.'"), act=_add, prepare=_read)
UPDATE = Command("member update", "Change a member.", (_MEMBER,), _FIELDS,
                 ("member update alice --role viewer", "member update alice --email none"), act=_update, prepare=_read)
REMOVE = Command("member remove", "Remove a member's file; tickets keep the name.", (_MEMBER,), (),
                 ("member remove alice",), act=_remove)
