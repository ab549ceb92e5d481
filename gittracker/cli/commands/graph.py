"""`graph`: what needs what, as an indented tree, Mermaid or JSON."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.output import one_line
from gittracker.domain.errors import UsageError
from gittracker.domain.query import limit as read_limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.graph import Graph

_FORMS = ("text", "mermaid", "json")
_MOST_STEPS = 1_000


def _graph(cli: Cli, args: Args) -> int:
    from gittracker.cli import formats
    from gittracker.services.naming import graphing
    form = formats.own(args, _FORMS)
    limit = read_limit(args["limit"]) if args["limit"] else graphing.LIMIT
    found = graphing.draw(cli.tracker, args["query"], args["filter"] or "", _depth(args["depth"]), limit, args["all"])
    if form == "json":
        cli.out.json(graphing.to_json(found))
    elif form == "mermaid":
        from gittracker.formats import mermaid
        cli.out.raw(mermaid.render(found, graphing.notes(found)))
    else:
        _print(cli, found)
        for note in graphing.notes(found):
            cli.out.line(cli.out.paint(f"({note})", "dim"))
    return 0


def _depth(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) > _MOST_STEPS:
        raise UsageError(f'depth "{text}" is no number from 0 to {_MOST_STEPS}', "--depth 1")
    return int(text)


def _print(cli: Cli, graph: Graph) -> None:
    from gittracker.formats import graph_text
    for line in graph_text.lines(graph):
        node = graph.nodes[line.place]
        word = f"{line.word} " if line.word else ""
        head = f"{line.strokes}{word}{cli.out.paint(node.name, 'bold')}"
        again = (f"  ({line.again})" if line.again else "") + ("  ←" if line.place in graph.named else "")
        cli.out.row(f"{head}  {cli.out.stage(node.status, node.stage)}  {one_line(node.title)}{again}")
    if not graph.nodes:
        cli.out.line(cli.out.paint("no links", "dim"))


GRAPH = Command(
    "graph", "Show what needs what and what is part of what.",
    (Arg("query", "tickets, shown with all that is linked to them, an epic, or a query; none: all open tickets", "*"),),
    (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"),
     Flag("--depth", "how many steps from the tickets named (default all) or found (default 0)", "N"),
     Flag("--limit", "how many tickets at most (default 200)", "N"), Flag("--all", "closed and archived ones too"),
     Flag("--format", "text, mermaid (for markdown pages) or json", "FORM", dest="shape")),
    ("graph", "graph OW-1", "graph OW-1 --depth 1 --format mermaid", "graph label:api --all --json"), run=_graph)
