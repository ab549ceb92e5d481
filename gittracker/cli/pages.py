"""How a page of tickets is printed: rows for people, records for programs, either within a budget."""

from __future__ import annotations

from gittracker.cli.output import fit, one_line
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.index.search import Page
    from gittracker.index.snippets import Match
    from gittracker.index.tickets import Row

_MOST_NAME, _MOST_WORD = 24, 14
_COLUMNS = ("slug", "title", "status", "priority", "type", "assignee", "labels")
_FEW_COLUMNS = ("slug", "title", "status")
# How briefly a budget may have rows written: whole; the labels and all but one match gone; a short title alone.
_WHOLE, _BRIEF, _BARE = range(3)
_BARE_TITLE = 60


class Shown:
    """A page and what is told with it; `matches` and `blockers` are by row."""

    __slots__ = ("page", "empty", "backlog", "matches", "blockers")

    def __init__(self, page: Page, empty: str = "no tickets", backlog: int | None = None,
                 matches: dict[int, list[Match]] | None = None, blockers: dict[int, list[str]] | None = None) -> None:
        self.page = page
        self.empty = empty
        self.backlog = backlog
        self.matches = matches
        self.blockers = blockers


def show(cli: Cli, args: Args, shown: Shown) -> int:
    """Print a page as the flags ask."""
    if cli.budget:
        return _within_budget(cli, args, shown)
    if cli.form:
        return _records(cli, args, shown)
    for block in _blocks(cli, shown, _WHOLE):
        for line in block:
            cli.out.line(line)
    for line in _foot(cli, shown, len(shown.page.rows)):
        cli.out.line(line)
    return 0


def _records(cli: Cli, args: Args, shown: Shown) -> int:
    """Print records; what JSON has beside the tickets by slug, the other forms have in each."""
    page, records = shown.page, _as_records(cli, shown)
    if cli.out.as_json:
        more: dict[str, Any] = {} if shown.backlog is None else {"backlog": shown.backlog}
        if shown.blockers is not None:
            more["blockers"] = {r.ticket.slug: shown.blockers[r.id] for r in page.rows}
        cli.out.json({"tickets": records, "total": page.total, "cursor": page.cursor or None, **more})
        return 0
    from gittracker.cli import formats
    formats.rows(cli, args, _with_more(cli, shown, records), records, _more(page))
    return 0


def _as_records(cli: Cli, shown: Shown) -> list[dict[str, Any]]:
    from gittracker.services import views
    claims = listing.claims(cli.tracker)
    records = [{**views.ticket(row), "claim": views.claim(claims.get(row.ticket.ref))} for row in shown.page.rows]
    if shown.matches is not None:
        for row, record in zip(shown.page.rows, records, strict=True):
            record["matches"] = [views.match(m) for m in shown.matches.get(row.id, ())]
    return records


def _with_more(cli: Cli, shown: Shown, records: list[dict[str, Any]]) -> tuple[str, ...]:
    """Put into each record what its line of a table, or of JSON lines, has besides the ticket; gives the columns."""
    columns: tuple[str, ...] = _COLUMNS
    if shown.blockers is not None:
        columns += ("blockers",)
        for row, record in zip(shown.page.rows, records, strict=True):
            record["blockers"] = shown.blockers[row.id]
    if shown.matches is not None and cli.form in ("csv", "md"):
        columns += ("found",)
        for record in records:
            record["found"] = "\n".join(f"{m['field']}: {m['snippet']}" for m in record["matches"])
    return columns


def _more(page: Page) -> str:
    return f"{len(page.rows)} of {page.total}; more with --cursor {page.cursor}" if page.cursor else ""


def _blocks(cli: Cli, shown: Shown, level: int) -> list[list[str]]:
    """Give each ticket's lines."""
    rows = shown.page.rows
    if shown.blockers is not None:
        return [[_fitted(cli, f"{name}  {_title(row, level)}  waits for {_waits(cli, shown, row)}")]
                for row, name in zip(rows, _names(cli, rows), strict=True)]
    blocks = [[line] for line in _lines(cli, rows, level)]
    if shown.matches and level != _BARE:
        from gittracker.cli import matches
        for row, block in zip(rows, blocks, strict=True):
            found = shown.matches.get(row.id, [])
            block += [matches.line(cli.out, match) for match in (found if level == _WHOLE else found[-1:])]
    return blocks


def _waits(cli: Cli, shown: Shown, row: Row) -> str:
    from gittracker.services import surroundings
    answers = [f"{row.questions} answer{'s' if row.questions > 1 else ''}"] if row.questions else []
    return ", ".join([*surroundings.told(cli.tracker, (shown.blockers or {}).get(row.id, [])), *answers])


def _fitted(cli: Cli, text: str) -> str:
    return fit(text, cli.out.width).rstrip() if cli.out.tty else text


def _title(row: Row, level: int) -> str:
    title = one_line(row.ticket.title)
    return fit(title, _BARE_TITLE).rstrip() if level == _BARE else title


def _lines(cli: Cli, rows: list[Row], level: int = _WHOLE) -> list[str]:
    """Lay tickets out in columns that fit the terminal; piped output keeps whole titles."""
    out = cli.out
    names = _names(cli, rows)
    status = _widest([r.ticket.status for r in rows])
    priority = _widest([r.ticket.priority for r in rows])
    claims = listing.claims(cli.tracker)
    people = [listing.who(r.ticket, claims) for r in rows]
    assignee = _widest(people)
    found = []
    for row, name, who in zip(rows, names, people, strict=True):
        ticket = row.ticket
        head = [out.paint(name, "bold"), out.stage(fit(ticket.status, status), row.stage),
                fit(ticket.priority, priority)]
        if assignee:
            head.append(fit(who, assignee))
        used = len(name) + status + priority + assignee + 2 * len(head)
        title = _title(row, level)
        if ticket.labels and level == _WHOLE:
            title = one_line(f"{title}  {' '.join(f'#{label}' for label in ticket.labels)}")
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


def _foot(cli: Cli, shown: Shown, count: int) -> list[str]:
    """Say how much there is beyond so many rows, and what can't be read; within a budget, the former last."""
    page, out = shown.page, cli.out
    told = []
    if not page.rows:
        told.append(out.paint(shown.empty, "dim"))
    elif page.cursor and not cli.budget:
        told.append(out.paint(_more(page), "dim"))
    lost = listing.lost_tickets(cli.tracker)
    if lost:
        told.append(out.paint(f"{lost} lost ticket(s): gittracker recover", "red"))
    problems = listing.count_problems(cli.tracker)
    if problems:
        told.append(out.paint(f"{problems} file(s) with problems: gittracker doctor", "red"))
    if shown.backlog:
        told.append(out.paint(f"{shown.backlog} in the backlog: gittracker ls stage:backlog", "dim"))
    if cli.budget and page.left > count:
        from gittracker.cli import budgets
        told.append(budgets.more(page.left - count, page.short_cursor_after(count, cli.tracker.clashes())))
    return told


def _within_budget(cli: Cli, args: Args, shown: Shown) -> int:
    """Print as much of a page as the budget allows, and at the end what it left out."""
    from gittracker.cli import budgets
    page = shown.page
    if not cli.form:
        levels = (["\n".join(block) for block in _blocks(cli, shown, level)] for level in (_WHOLE, _BRIEF, _BARE))
        return budgets.lines(cli, levels, len(page.rows), lambda count: _foot(cli, shown, count))
    records, clashes = _as_records(cli, shown), cli.tracker.clashes()
    tables = (_with_more(cli, shown, records), _FEW_COLUMNS)

    def tail(count: int) -> dict[str, Any]:
        told = {"total": page.total} if shown.backlog is None else {"total": page.total, "backlog": shown.backlog}
        cursor = page.short_cursor_after(count, clashes) if page.left > count else None
        return {**told, "omitted": page.left - count, "cursor": cursor}
    return budgets.records(cli, args, "tickets", budgets.ticket_levels(records), len(records), tables, tail)
