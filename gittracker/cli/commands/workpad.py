"""`workpad show|set|append`."""

from __future__ import annotations

from gittracker.cli import writes
from gittracker.cli.flags import Arg, Command, Flag, body_flags
from gittracker.domain.texts import one_line
from gittracker.services import workpads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_TICKET = Arg("ticket", "slug, ref, alias or a unique prefix")
_SECTION = Flag("--section", "one section only: Plan, Progress, Validation, Notes, …", "NAME")
_BODY = body_flags()


def _show(cli: Cli, args: Args) -> int:
    row = cli.tracker.get(args["ticket"])
    text = workpads.show(cli.tracker, row, _section(args))
    if cli.out.as_json:
        cli.out.json({"ticket": row.ticket.slug, "section": args["section"], "body": text})
    elif text:
        cli.out.line(text.rstrip("\n"))
    else:
        cli.out.line(f"{row.ticket.slug} has no workpad yet: gittracker workpad set {row.ticket.slug} --body TEXT")
    return 0


def _section(args: Args) -> str:
    """Give the section that was named; an empty name is an unset variable, not the whole workpad."""
    return "" if args["section"] is None else one_line("--section", args["section"])


def _set(writing: Writing, args: Args) -> list[Held]:
    return [workpads.put(writing, args["ticket"], writes.text_of(args), _section(args))]


def _append(writing: Writing, args: Args) -> list[Held]:
    return [workpads.put(writing, args["ticket"], writes.text_of(args), _section(args), append=True)]


SHOW = Command("workpad show", "Show a ticket's workpad.", (_TICKET,), (_SECTION,),
               ("workpad show OW-1", "workpad show OW-1 --section Plan"), run=_show)
SET = Command("workpad set", "Set a workpad, or one section of it; the other sections stay byte for byte.", (_TICKET,),
              (_SECTION, *_BODY), ("workpad set OW-1 --section Plan --body '1. reproduce'",), act=_set,
              prepare=writes.read_body)
APPEND = Command("workpad append", "Add to a workpad, or to one section of it.", (_TICKET,), (_SECTION, *_BODY),
                 ("workpad append OW-1 --section Progress --body 'tests pass'",), act=_append,
                 prepare=writes.read_body)
