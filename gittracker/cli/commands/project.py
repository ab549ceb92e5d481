"""`project` and `member`."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command
from gittracker.cli.shown import print_fields
from gittracker.domain.errors import NotFoundError
from gittracker.domain.member import Member
from gittracker.domain.project import Project
from gittracker.formats import entity_md
from gittracker.services import views
from gittracker.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _projects(cli: Cli, args: Args) -> int:
    records = [_record(cli, Project, path) for path in cli.tracker.settings.projects.values()]
    return _list(cli, "projects", records, ("key", "name", "status"))


def _project(cli: Cli, args: Args) -> int:
    key = cli.tracker.settings.project(args["project"])
    return print_fields(cli, _record(cli, Project, cli.tracker.settings.projects[key]))


def _members(cli: Cli, args: Args) -> int:
    members = sorted(cli.tracker.settings.members.items())
    return _list(cli, "members", [_record(cli, Member, path) for _, (_, path) in members],
                 ("username", "name", "kind", "role"))


def _member(cli: Cli, args: Args) -> int:
    name = next((n for n in cli.tracker.settings.members if n.lower() == args["member"].lower()), "")
    if not name:
        raise NotFoundError("member", args["member"])
    return print_fields(cli, _record(cli, Member, cli.tracker.settings.members[name][1]))


def _record(cli: Cli, cls: Any, path: str) -> dict[str, Any]:
    data = atomic.read(cli.tracker.path(path))
    record = entity_md.read(cls, data, path)[0] if data is not None else cls()
    return {**views.fields(record), "description": record.body, "path": f".openkit/{path}"}


def _list(cli: Cli, noun: str, records: list[dict[str, Any]], columns: tuple[str, ...]) -> int:
    if cli.out.as_json:
        cli.out.json({noun: records, "total": len(records)})
        return 0
    for record in records:
        cli.out.line("  ".join(str(record[c] or "-").ljust(12) for c in columns).rstrip())
    if not records:
        cli.out.line(f"no {noun}: add a file .openkit/{noun}/NAME.md")
    return 0


PROJECT_LIST = Command("project list", "List the projects.", run=_projects, examples=("project list",))
PROJECT_SHOW = Command("project show", "Show one project.", (Arg("project", "its key"),), run=_project,
                       examples=("project show OW",))
MEMBER_LIST = Command("member list", "List the members that have a file.", run=_members, examples=("member list",))
MEMBER_SHOW = Command("member show", "Show one member.", (Arg("member", "the username"),), run=_member,
                      examples=("member show alice",))
