"""`harness create|list|show|edit|validate|delete`."""

from __future__ import annotations

from gittracker.cli import drafts, findings, formats, writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, body_flags
from gittracker.cli.output import one_line
from gittracker.domain.harness import Harness
from gittracker.services import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("name", "path")


def _create(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import harnesses
    harnesses.create(writing, args["harness"], writes.text_of(args))
    return []


def _prepare_edit(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args)
    if args["body_text"] is None:
        drafts.open_record(cli, args, Harness.NOUN, args["harness"])


def _edit(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import harnesses
    draft = args.get("draft")
    if draft:
        harnesses.save(writing, draft.name, draft.start, draft.edited)
    else:
        harnesses.edit(writing, args["harness"], args["body_text"])
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.agents import harnesses
    harnesses.delete(writing, args["harness"])
    return []


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services import views
    rows = records.every(cli.tracker, Harness.NOUN)
    if cli.form:
        found = [views.record(row) for row in rows]
        if not formats.rows(cli, args, _COLUMNS, found):
            cli.out.json({"harnesses": found, "total": len(found)})
        return 0
    for row in rows:
        first = next((line for line in row.record.body.split("\n") if line.strip()), "")
        cli.out.row(f"{cli.out.paint(row.name, 'bold')}  {one_line(first.lstrip('# '))}")
    if not rows:
        cli.out.line("no harnesses")
    return 0


def _show(cli: Cli, args: Args) -> int:
    from gittracker.services import views
    row = records.find(cli.tracker, Harness.NOUN, args["harness"])
    if cli.out.as_json:
        cli.out.json(views.record(row))
    else:
        cli.out.line(row.record.body.rstrip("\n"))
    return 0


def _validate(cli: Cli, args: Args) -> int:
    from gittracker.services.agents import harnesses
    names = args["harnesses"] or [row.name for row in records.every(cli.tracker, Harness.NOUN)]
    return findings.show(cli, [one for name in names for one in harnesses.validate(cli.tracker, name)], len(names))


_HARNESS = Arg("harness", "its name")
_BODY = body_flags("--body", "instructions")
CREATE = Command("harness create", "Create a harness; a broken template is refused.", (_HARNESS,), _BODY,
                         ("harness create coder --body-file coder.md",), act=_create, prepare=writes.read_body)
LIST = Command("harness list", "List the harnesses.", (), LIST_FORM, ("harness list",), run=_list)
SHOW = Command("harness show", "Print a harness.", (_HARNESS,), (), ("harness show coder",), run=_show)
EDIT = Command(
    "harness edit", "Give a harness another text; without a flag, in $EDITOR.", (_HARNESS,), _BODY,
    ("harness edit coder", "harness edit coder --body-file coder.md"), act=_edit,
    prepare=_prepare_edit, finish=drafts.close)
VALIDATE = Command(
    "harness validate", "Check harnesses as templates: all of them, some by name, or files elsewhere.",
    (Arg("harnesses", "names, or files elsewhere", "*"),), (), ("harness validate", "harness validate ./coder.md"),
    run=_validate)
DELETE = Command("harness delete", "Delete a harness; journal and git still have it.", (_HARNESS,), (),
                         ("harness delete coder",), act=_delete)
