"""`ls`, `search`, `ready`, `blocked`, `next`."""

from __future__ import annotations

from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.cli.output import fit, one_line
from gittracker.domain.errors import UsageError
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.query import Query
    from gittracker.index.search import Page
    from gittracker.index.snippets import Match
    from gittracker.index.tickets import Row

_MOST_NAME, _MOST_WORD = 24, 14
_COLUMNS = ("slug", "title", "status", "priority", "type", "assignee", "labels")


def _query(cli: Cli, args: Args, extra: str = "") -> Query:
    if args["fresh"]:
        cli.tracker.reread()
    text = " ".join(part for part in (*args["query"], args["filter"], extra) if part)
    return listing.read(text, args["sort"] or "", args["limit"] or "", args["cursor"] or "", args["all"])


def _ls(cli: Cli, args: Args) -> int:
    query = _query(cli, args)
    return _print(cli, args, listing.page(cli.tracker, query, bodies=bool(cli.form)))


def _search(cli: Cli, args: Args) -> int:
    query = _query(cli, args)
    if not query.words and not query.terms:
        raise UsageError("nothing to search for", "gittracker search timeout")
    page = listing.page(cli.tracker, query, bodies=bool(cli.form))
    if cli.form:
        return _print_records(cli, args, page, {}, listing.matches(cli.tracker, query, page))
    from gittracker.cli import matches
    found = listing.matches(cli.tracker, query, page, matches.width(cli.out))
    for row, line in zip(page.rows, lines(cli, page.rows), strict=True):
        cli.out.line(line)
        for match in found.get(row.id, ()):
            cli.out.line(matches.line(cli.out, match))
    _foot(cli, page)
    return 0


def _ready(cli: Cli, args: Args) -> int:
    page, waiting = listing.ready(cli.tracker, _query(cli, args), bodies=bool(cli.form))
    status = _print(cli, args, page, {"backlog": waiting}, empty="nothing is ready")
    if waiting and not cli.form:
        cli.out.line(cli.out.paint(f"{waiting} in the backlog: gittracker ls stage:backlog", "dim"))
    return status


def _blocked(cli: Cli, args: Args) -> int:
    page = listing.page(cli.tracker, _query(cli, args, "is:blocked"), bodies=bool(cli.form))
    if cli.form:
        blockers = {r.ticket.slug: listing.blockers(cli.tracker, r) for r in page.rows}
        return _print(cli, args, page, {"blockers": blockers})
    names = _names(cli, page.rows)
    for row, name in zip(page.rows, names, strict=True):
        waits = ", ".join(listing.blockers(cli.tracker, row))
        cli.out.row(f"{name}  {one_line(row.ticket.title)}  waits for {waits}")
    _foot(cli, page)
    return 0


def _next(cli: Cli, args: Args) -> int:
    args["limit"] = "1"
    page, waiting = listing.ready(cli.tracker, _query(cli, args), bodies=True)
    if page.rows:
        from gittracker.cli.shown import print_ticket
        return print_ticket(cli, page.rows[0])
    if cli.out.as_json:
        cli.out.json(None)
    else:
        cli.out.line("nothing is ready" + (f"; {waiting} in the backlog: gittracker ls stage:backlog" if waiting
                                           else ""))
    return 0


def _print(cli: Cli, args: Args, page: Page, more: dict[str, Any] | None = None, empty: str = "no tickets") -> int:
    if cli.form:
        return _print_records(cli, args, page, more or {})
    for line in lines(cli, page.rows):
        cli.out.line(line)
    _foot(cli, page, empty)
    return 0


def _print_records(cli: Cli, args: Args, page: Page, more: dict[str, Any],
                   found: dict[int, list[Match]] | None = None) -> int:
    """Print a page for a program; what JSON has beside the tickets by slug, the other forms have in each."""
    from gittracker.services import views
    records = [views.ticket(r) for r in page.rows]
    if found is not None:
        for row, record in zip(page.rows, records, strict=True):
            record["matches"] = [views.match(m) for m in found.get(row.id, ())]
    if cli.out.as_json:
        cli.out.json({"tickets": records, "total": page.total, "cursor": page.cursor or None, **more})
        return 0
    from gittracker.cli import formats
    columns: tuple[str, ...] = _COLUMNS
    if "blockers" in more:
        columns = (*columns, "blockers")
        for record in records:
            record["blockers"] = more["blockers"][record["slug"]]
    if found is not None and cli.form != "jsonl":
        columns = (*columns, "found")
        for record in records:
            record["found"] = "\n".join(f"{m['field']}: {m['snippet']}" for m in record["matches"])
    formats.rows(cli, args, columns, records, _more(page))
    return 0


def _more(page: Page) -> str:
    return f"{len(page.rows)} of {page.total}; more with --cursor {page.cursor}" if page.cursor else ""


def lines(cli: Cli, rows: list[Row]) -> list[str]:
    """Lay tickets out in columns that fit the terminal; piped output keeps whole titles."""
    out = cli.out
    names = _names(cli, rows)
    status = _widest([r.ticket.status for r in rows])
    priority = _widest([r.ticket.priority for r in rows])
    assignee = _widest([r.ticket.assignee for r in rows])
    found = []
    for row, name in zip(rows, names, strict=True):
        ticket = row.ticket
        head = [out.paint(name, "bold"), out.stage(fit(ticket.status, status), row.stage),
                fit(ticket.priority, priority)]
        if assignee:
            head.append(fit(ticket.assignee, assignee))
        used = len(name) + status + priority + assignee + 2 * len(head)
        labels = " ".join(f"#{label}" for label in ticket.labels)
        title = one_line(f"{ticket.title}  {labels}" if labels else ticket.title)
        if out.tty:
            title = fit(title, max(10, out.width - used)).rstrip()
        found.append("  ".join(head) + "  " + title)
    return found


def _names(cli: Cli, rows: list[Row]) -> list[str]:
    """Give each ticket's slug, or its folder's name where the slug is not its alone."""
    clashes = {slug.lower() for slug in cli.tracker.clashes()}
    names = [r.folder.rpartition("/")[2] if r.ticket.slug.lower() in clashes else r.ticket.slug for r in rows]
    width = min(max(map(len, names), default=0), _MOST_NAME)
    return [name.ljust(width) for name in names]


def _widest(words: list[str]) -> int:
    return min(max(map(len, words), default=0), _MOST_WORD)


def _foot(cli: Cli, page: Page, empty: str = "no tickets") -> None:
    """Say how much there is beyond the lines above, and what can't be read."""
    if page.cursor:
        cli.out.line(cli.out.paint(_more(page), "dim"))
    elif not page.rows:
        cli.out.line(cli.out.paint(empty, "dim"))
    lost = listing.lost_tickets(cli.tracker)
    if lost:
        cli.out.line(cli.out.paint(f"{lost} lost ticket(s): gittracker recover", "red"))
    problems = listing.count_problems(cli.tracker)
    if problems:
        cli.out.line(cli.out.paint(f"{problems} file(s) with problems: gittracker doctor", "red"))


_QUERY = Arg("query", "words and terms, such as status:todo label:api -type:bug timeout", "*")
_FLAGS = (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"),
          Flag("--sort", "priority, created, updated, due, title, status or number; -KEY turns it round", "KEY"),
          Flag("--limit", f"how many at most (default {listing.PAGE})", "N"),
          Flag("--cursor", "go on where the last page ended", "CURSOR"),
          Flag("--all", "closed and archived ones too"),
          Flag("--fresh", "read every file again first, whatever its time stamp says"))
_LIST_FLAGS = (*_FLAGS, *LIST_FORM)
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
NEXT = Command("next", "Show the best ticket to start now.", (_QUERY,), _FLAGS, ("next", "next type:bug --json"),
               run=_next)
