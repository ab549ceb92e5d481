"""`deps tree|cycles`."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.output import one_line
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.naming.deps import Tree

_EXIT_CIRCLES = 7
_USUAL_STEPS, _MOST_STEPS = 100, 1_000
_MARKS = {"": "", "again": "  (see above)", "circle": "  (a circle)", "cut": "  (goes on: --depth)"}


def _tree(cli: Cli, args: Args) -> int:
    from gittracker.domain import tree
    from gittracker.services.naming import deps
    if args["down"] and args["up"]:
        raise UsageError("--down and --up can't both be given", "give one of them")
    found = deps.draw(cli.tracker, args["ticket"], args["up"], _depth(args["depth"]))
    if cli.out.as_json:
        cli.out.json(deps.to_json(found))
        return 0
    for line, strokes in zip(found.lines, tree.strokes(found.lines), strict=True):
        cli.out.row(f"{strokes}{_ticket(cli, found, line.node)}{_MARKS[line.mark]}")
    if len(found.lines) == 1:
        nothing = "nothing waits for it" if args["up"] else "it waits for nothing"
        cli.out.line(cli.out.paint(nothing, "dim"))
    return 0


def _ticket(cli: Cli, found: Tree, name: str) -> str:
    node = found.nodes[name]
    status = node.status if node.status == node.stage else f"{node.status} ({node.stage})"
    status += ", not landed" if name in found.late else ""
    shown = cli.out.stage(status, node.stage) + "  " if node.stage else ""
    return f"{cli.out.paint(node.name, 'bold')}  {shown}{one_line(node.title)}"


def _depth(text: str | None) -> int:
    if text is None:
        return _USUAL_STEPS
    if not text.isascii() or not text.isdecimal() or int(text) > _MOST_STEPS:
        raise UsageError(f'depth "{text}" is no number from 0 to {_MOST_STEPS}', "--depth 2")
    return int(text)


def _cycles(cli: Cli, args: Args) -> int:
    from gittracker.services.naming import deps
    found = deps.circles(cli.tracker)
    if cli.out.as_json:
        cli.out.json({"cycles": [[deps.head(node) for node in circle] for circle in found], "total": len(found)})
    else:
        for circle in found:
            cli.out.row(" → ".join(node.name for node in [*circle, circle[0]]))
        if not found:
            cli.out.line("no circles")
    return _EXIT_CIRCLES if found else 0


TREE = Command(
    "deps tree", "Show what a ticket waits for, step by step; or what waits for it.",
    (Arg("ticket", "slug, ref, alias or a unique prefix"),),
    (Flag("--down", "what it waits for (the default)"), Flag("--up", "what waits for it"),
     Flag("--depth", f"how many steps at most (default {_USUAL_STEPS})", "N")),
    ("deps tree OW-1", "deps tree OW-1 --up --depth 2 --json"), run=_tree)
CYCLES = Command(
    "deps cycles", "List the circles in which tickets wait for each other; the exit status is 7 if there are any.",
    examples=("deps cycles", "deps cycles --json"), run=_cycles)
