"""`label list|add|remove|rename|delete`."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import DRY_RUN, EVERY, LIST_FORM, Arg, Command, Flag
from gittracker.cli.output import fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_MOST_WIDTH = 40


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services import labels
    counts = labels.counts(cli.tracker, " ".join(part for part in (*args["query"], args["filter"]) if part))
    found = [{"label": one.label, "open": one.open, "total": one.total} for one in counts]
    if formats.rows(cli, args, ("label", "open", "total"), found):
        return 0
    if cli.out.as_json:
        cli.out.json({"labels": found, "total": len(found)})
        return 0
    width = min(max((len(one.label) for one in counts), default=0), _MOST_WIDTH)
    for one in counts:
        cli.out.row(f"{fit(one.label, width) if cli.out.tty else one.label.ljust(width)}  {one.open:>5} open  "
                    f"{one.total:>5} in all")
    if not counts:
        cli.out.line(cli.out.paint("no labels", "dim"))
    return 0


def _add(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import labels
    return labels.add(writing, args["label"], args["tickets"])


def _remove(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import labels
    return labels.remove(writing, args["label"], args["tickets"])


def _rename(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import labels
    labels.rename(writing, args["old"], args["new"])
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import labels
    labels.delete(writing, args["label"])
    return []


_LABEL = Arg("label", "a word that tickets have")
_TICKETS = Arg("tickets", "slugs, refs, aliases or unique prefixes", "+")
LIST = Command(
    "label list", "Count the open tickets and all tickets that have each label.",
    (Arg("query", "only of the tickets that it finds, such as type:bug -label:later", "*"),),
    (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"), *LIST_FORM),
    ("label list", "label list project:WEB type:bug --format md"), run=_list)
ADD = Command("label add", "Put a label on tickets.", (_LABEL, _TICKETS), (), ("label add api OW-1 OW-2",), act=_add)
REMOVE = Command("label remove", "Take a label off tickets.", (_LABEL, _TICKETS), (), ("label remove api OW-1",),
                 act=_remove)
RENAME = Command(
    "label rename", "Rename a label on all tickets and epics, closed and archived ones too, as one entry.",
    (Arg("old", "the label as it is, in any case if it is not there as typed"),
     Arg("new", "what it becomes; a label that is there already takes the tickets in")), (DRY_RUN,),
    ("label rename backend api", "label rename Backend backend --dry-run"), act=_rename, answer=EVERY)
DELETE = Command("label delete", "Take a label off all tickets and epics, as one entry.", (_LABEL,), (DRY_RUN,),
                 ("label delete triage",), act=_delete, answer=EVERY)
