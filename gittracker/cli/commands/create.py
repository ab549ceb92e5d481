"""`new` and `ticket create`."""

from __future__ import annotations

from gittracker.cli import writes
from gittracker.cli.commands import fields
from gittracker.cli.flags import Arg, Command, Flag
from gittracker.services import tickets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing


def _prepare(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "description")


def _create(writing: Writing, args: Args) -> list[Held]:
    patch = fields.patch(args)
    title = patch.set.pop("title", "")
    return [tickets.create(writing, title, patch, args["project"] or "")]


_PROJECT = Flag("--project", "the project whose next number it gets", "KEY")
_FIELDS = fields.create_flags()

NEW = Command(
    "new", "Create a ticket; short for ticket create --title TITLE", (Arg("title", "what is to be done"),),
    (_PROJECT, *_FIELDS),
    ("new 'Upload fails on a slow line' --type bug --priority high --label backend",
     "new 'Write the migration' --depends-on OW-3 --as bot:codex-1 --json"),
    act=_create, prepare=_prepare)
CREATE = Command(
    "ticket create", "Create a ticket.", (),
    (Flag("--title", "one line that says what is to be done", "TEXT"), _PROJECT, *_FIELDS),
    ("ticket create --title 'Upload fails' --body-file report.md --assignee alice",
     "ticket create --title 'Cut the release' --status todo --due 2027-01-01 --estimate 3"),
    act=_create, prepare=_prepare)
