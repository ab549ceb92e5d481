"""`project list|show|create|update|delete|default`."""

from __future__ import annotations

from gittracker.cli import formats, writes
from gittracker.cli.flags import FIRST, LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.cli.output import one_line
from gittracker.cli.shown import print_fields
from gittracker.domain.errors import UsageError
from gittracker.domain.project import STATUSES
from gittracker.services import views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.projects import Patch
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("key", "name", "status", "default", "repos")


def _list(cli: Cli, args: Args) -> int:
    found = [views.project(cli.tracker, key) for key in cli.tracker.settings.projects]
    if formats.rows(cli, args, _COLUMNS, found):
        return 0
    if cli.out.as_json:
        cli.out.json({"projects": found, "total": len(found)})
        return 0
    for one in found:
        mark = " (default)" if one["default"] else ""
        cli.out.row(f"{one['key']:<12}  {one_line(one['name'] or '-'):<12}  {one['status'] or '-'}{mark}")
    if not found:
        cli.out.line("no projects: gittracker project create KEY")
    return 0


def _show(cli: Cli, args: Args) -> int:
    return print_fields(cli, views.project(cli.tracker, cli.tracker.settings.project(args["project"])), ("etag",))


def _read(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "description")


def _patch(args: Args) -> Patch:
    from gittracker.services.projects import Patch
    return Patch(args["name"], args["status"], args["repos+"], args.get("repos-"), args["body_text"], args["default"])


def _create(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import projects
    projects.create(writing, args["key"], _patch(args))
    return []


def _update(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import projects
    given = [args[name] for name in ("name", "status", "repos+", "repos-", "default")]
    if not any(given) and args["body_text"] is None:
        raise UsageError("no field was given", f"gittracker project update {args['project']} --name 'Web shop'")
    projects.update(writing, args["project"], _patch(args))
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import projects
    projects.delete(writing, args["project"])
    return []


def _default(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import projects
    projects.make_default(writing, args["project"])
    return []


_PROJECT = Arg("project", "its key")
_FIELDS = (Flag("--name", "the name for people", "NAME"), Flag("--status", ", ".join(STATUSES), "STATUS"),
           Flag("--default", "let new tickets go here"), *body_flags("--description", "description"))
LIST = Command("project list", "List the projects; the default first.", (), LIST_FORM, run=_list,
               examples=("project list",))
SHOW = Command("project show", "Show one project.", (_PROJECT,), run=_show, examples=("project show OW",))
CREATE = Command(
    "project create", "Make a project; its key begins the slugs of its tickets.", (Arg("key", "such as OW"),),
    (*_FIELDS, Flag("--repo", "a repository that it spans; can be repeated", "REPO", many=True, dest="repos+")),
    ("project create WEB --name 'Web shop'", "project create API --status planned --repo api --repo sdk --default"),
    act=_create, prepare=_read, answer=FIRST)
UPDATE = Command(
    "project update", "Change a project.", (_PROJECT,),
    (*_FIELDS, Flag("--repo-add", "add a repository", "REPO", many=True, dest="repos+"),
     Flag("--repo-remove", "remove a repository", "REPO", many=True, dest="repos-")),
    ("project update WEB --status paused", "project update WEB --description 'What customers see.' --repo-add web"),
    act=_update, prepare=_read, answer=FIRST)
DELETE = Command("project delete", "Delete a project that has no tickets, epics and pages.", (_PROJECT,), (),
                 ("project delete WEB",), act=_delete, answer=FIRST)
DEFAULT = Command("project default", "Let new tickets go to a project.", (_PROJECT,), (), ("project default WEB",),
                  act=_default)
