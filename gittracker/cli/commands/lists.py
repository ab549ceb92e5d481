"""`ls`, `search`, `ready`, `blocked`, `next`."""

from __future__ import annotations

from gittracker.cli import pages
from gittracker.cli.flags import BUDGET, HERE, LIST_FORM, Arg, Command, Flag
from gittracker.cli.pages import Shown
from gittracker.domain.errors import UsageError
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.query import Query
    from gittracker.index.search import Page
_MOST = 100_000  # rows of a page
_LEAST_TOKENS = 8  # no row has fewer, so a budget needs no more rows than this makes of it


def _query(cli: Cli, args: Args, extra: str = "") -> Query:
    if args["fresh"]:
        from gittracker.services.refresh import refreshing
        refreshing.reread(cli.tracker)
    text = " ".join(part for part in (*args["query"], args["filter"], extra) if part)
    usual = min(_MOST, cli.budget // _LEAST_TOKENS + 1) if cli.budget else listing.PAGE
    return listing.read(text, args["sort"] or "", args["limit"] or "", args["cursor"] or "", args["all"], usual)


def _found(cli: Cli, args: Args, extra: str = "") -> Page:
    return listing.page(cli.tracker, _query(cli, args, extra), bodies=bool(cli.form))


def _ls(cli: Cli, args: Args) -> int:
    return pages.show(cli, args, Shown(_found(cli, args)))


def _search(cli: Cli, args: Args) -> int:
    query = _query(cli, args)
    if not query.words and not query.terms:
        raise UsageError("nothing to search for", "gittracker search timeout")
    page = listing.page(cli.tracker, query, bodies=bool(cli.form))
    from gittracker.cli import matches
    found = listing.matches(cli.tracker, query, page, 0 if cli.form else matches.width(cli.out))
    return pages.show(cli, args, Shown(page, matches=found))


def _ready(cli: Cli, args: Args) -> int:
    page, waiting = listing.ready(cli.tracker, _query(cli, args), bodies=bool(cli.form))
    return pages.show(cli, args, Shown(page, "nothing is ready", waiting))


def _blocked(cli: Cli, args: Args) -> int:
    page = _found(cli, args, "is:blocked")
    from gittracker.services import surroundings
    blockers = {row.id: surroundings.blockers(cli.tracker, row) for row in page.rows}
    return pages.show(cli, args, Shown(page, blockers=blockers))


def _next(cli: Cli, args: Args) -> int:
    args["limit"] = "1"
    page, waiting = listing.ready(cli.tracker, _query(cli, args), bodies=True)
    if page.rows and cli.budget:
        from gittracker.cli import budgeted
        return budgeted.show(cli, page.rows[0])
    if page.rows:
        from gittracker.cli.shown import print_ticket
        return print_ticket(cli, page.rows[0])
    if cli.out.as_json:
        cli.out.json(None)
    else:
        cli.out.line("nothing is ready" + (f"; {waiting} in the backlog: gittracker ls stage:backlog" if waiting
                                           else ""))
    return 0


_QUERY = Arg("query", "words and terms, such as status:todo label:api -type:bug timeout", "*")
_FLAGS = (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"),
          Flag("--sort", "priority, created, updated, due, title, status or number; -KEY turns it round", "KEY"),
          Flag("--limit", f"how many at most (default {listing.PAGE})", "N"),
          Flag("--cursor", "go on where the last page ended", "CURSOR"),
          Flag("--all", "closed and archived ones too"),
          Flag("--fresh", "read every file again first, whatever its time stamp says"))
_LIST_FLAGS = (*_FLAGS, *LIST_FORM, BUDGET, HERE)
_EXAMPLES = ("ls status:todo,in-progress assignee:@me", "ls 'priority:>=high' -label:later sort:due",
             "ls is:closed 'completed:<7d' --json", "ls --limit 1000 --format csv --columns slug,title,due,x_team")
LS = Command("ls", "List tickets; short for ticket list", (_QUERY,), _LIST_FLAGS, _EXAMPLES, run=_ls)
LIST = Command("ticket list", "List tickets: open ones, unless the query asks for others.", (_QUERY,), _LIST_FLAGS,
               tuple(f"ticket list{e[2:]}" for e in _EXAMPLES), run=_ls)
_SEARCH_EXAMPLES = ("search timeout", "search 'slow line' type:bug --all", "search upload sort:updated --json")
SEARCH = Command("search", "Search titles, descriptions, comments and workpads; short for ticket search", (_QUERY,),
                 _LIST_FLAGS, _SEARCH_EXAMPLES, run=_search)
TICKET_SEARCH = Command("ticket search", "Search titles, descriptions, comments and workpads.", (_QUERY,),
                        _LIST_FLAGS, tuple(f"ticket {e}" for e in _SEARCH_EXAMPLES), run=_search)
READY = Command("ready", "List what can be started now; best first.", (_QUERY,), _LIST_FLAGS,
                ("ready", "ready label:backend --limit 5 --json"), run=_ready)
BLOCKED = Command("blocked", "List open tickets that wait for others.", (_QUERY,), _LIST_FLAGS,
                  ("blocked", "blocked --format md"), run=_blocked)
NEXT = Command("next", "Show the best ticket to start now.", (_QUERY,), (*_FLAGS, BUDGET),
               ("next", "next type:bug --json", "next --budget 500"), run=_next)
