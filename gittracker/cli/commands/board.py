"""`board`: the columns, what is disputed, what each replica would add, and the past."""

from __future__ import annotations

from gittracker.cli.flags import HERE, Command, Flag
from gittracker.cli.output import columns, fit, one_line, value
from gittracker.domain.errors import UsageError
from gittracker.services import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.board.columns import Column

_MOST = 20
_NARROWEST, _GAP = 16, 2
_CLEAR = "\x1b[H\x1b[2J"
_PAUSE = 1.0  # seconds between two looks of --watch


def _board(cli: Cli, args: Args) -> int:
    asked = [name for name in ("disputes", "drift", "at", "watch") if args[name]]
    if len(asked) > 1:
        raise UsageError(f"--{asked[0]} and --{asked[1]} show different things", f"gittracker board --{asked[0]}")
    if args["disputes"]:
        return _disputes(cli)
    if args["drift"]:
        return _drift(cli)
    if args["watch"]:
        return _watch(cli, args)
    found = _columns(cli, args)
    return _print(cli, _json(found), lines(cli, found))


def _columns(cli: Cli, args: Args) -> list[Column]:
    from gittracker.domain import query
    from gittracker.services.board import columns as services
    most = query.limit(args["limit"]) if args["limit"] else _MOST
    found = services.at(cli.tracker, args["at"], most) if args["at"] else services.now(cli.tracker, most)
    if args["all"]:
        return found
    return [one for one in found if one.status.stage not in services.CLOSED]


def _json(found: list[Column]) -> dict[str, Any]:
    from gittracker.services import views
    return {"columns": [{"status": one.status.slug, "name": one.status.name, "stage": one.status.stage,
                         "total": one.total, "tickets": [
                             {"slug": t.slug, "title": t.title, "priority": t.priority or None,
                              "assignee": t.assignee or None, "ref": t.ref,
                              "claim": views.claim(one.claims.get(t.ref))} for t in one.tickets]}
                        for one in found]}


def lines(cli: Cli, found: list[Column]) -> list[str]:
    """Lay columns side by side as wide as the terminal, or one below the other where that is too narrow."""
    width = (cli.out.width + _GAP) // max(1, len(found)) - _GAP
    if width < _NARROWEST:
        return [line for one in found for line in (*_column(one, cli.out.width), "")]
    parts = [_column(one, width) for one in found]
    rows = []
    for number in range(max(map(len, parts), default=0)):
        cells = [part[number] if number < len(part) else "" for part in parts]
        rows.append((" " * _GAP).join(fit(cell, width) for cell in cells).rstrip())
    return rows


def _column(one: Column, width: int) -> list[str]:
    head = fit(f"{one.status.name} {one.total}", width).rstrip()
    found = [head, "-" * columns(head)]
    for ticket in one.tickets:
        who = listing.who(ticket, one.claims)
        who = f" {who if who.startswith('*') else f'@{who}'}" if who else ""
        room = max(1, width - len(ticket.slug) - 1 - columns(who))
        title = fit(one_line(ticket.title), room).rstrip()
        found.append(fit(f"{ticket.slug} {title}{who}", width).rstrip())
    left = one.total - len(one.tickets)
    return [*found, *([f"and {left} more"] if left else [])]


def _watch(cli: Cli, args: Args) -> int:
    """Print the columns anew whenever they change, until the user has seen enough."""
    import sys
    import time
    seen: list[str] = []
    while True:
        found = lines(cli, _columns(cli, args))
        if found != seen:
            sys.stdout.write(_CLEAR if cli.out.tty else "")
            for line in found:
                cli.out.line(line)
            sys.stdout.flush()
            seen = found
        time.sleep(_PAUSE)


def _disputes(cli: Cli) -> int:
    from gittracker.services.board import sources
    cli.tracker.refresh(deep=True)
    found = sources.disputes(cli.tracker)
    rows = [f"{one['name']} {one['field'] or 'file'}: {value(one['shown'])} in {one['shown_in']}, "
            f"{value(one['other'])} in {one['other_in']}" for one in found]
    rows.append(f"{len(found)} disputed; the first value is shown, for it is the later one" if found else
                "nothing is disputed")
    return _print(cli, {"disputes": found}, rows)


def _drift(cli: Cli) -> int:
    from gittracker.services.board import sources
    cli.tracker.refresh(deep=True)
    found = sources.drift(cli.tracker)
    rows = [] if found else ["no other worktree or branch has anything that is not here"]
    for one in found:
        rows.append(cli.out.paint(one["replica"], "bold"))
        rows += [f"  {record['change']:<8} {record['record']} {record['name']}" for record in one["records"]]
        rows += [f"  problem: {one['problem']}"] if one["problem"] else []
    return _print(cli, {"drift": found}, rows)


def _print(cli: Cli, found: dict[str, Any], rows: list[str]) -> int:
    if cli.out.as_json:
        cli.out.json(found)
        return 0
    for row in rows:
        cli.out.line(row)
    return 0


BOARD = Command(
    "board", "Show the board over all worktrees and branches in columns.", (),
    (Flag("--all", "columns of closed statuses, too"), Flag("--limit", f"tickets a column (default {_MOST})", "N"),
     Flag("--watch", "go on, and print it again when it changes"),
     Flag("--disputes", "list the fields that two replicas changed differently"),
     Flag("--drift", "list what each worktree and branch would add if it were merged now"),
     Flag("--at", "as the files were at a revision", "REV"), HERE),
    ("board", "board --all --json", "board --disputes", "board --drift", "board --at main~3"), run=_board)
