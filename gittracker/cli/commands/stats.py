"""`stats`: how work flows, as tables with bars or JSON."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.output import fit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.flow import Times
    from gittracker.services.past.stats import Group, Stats

_BAR = 24
_MOST_GROUPS = 8
_COUNTS = ("created", "started", "completed", "dropped", "reopened", "open")


def _stats(cli: Cli, args: Args) -> int:
    from gittracker.services.past import stats
    text = " ".join([*args["query"], args["filter"] or "", f"project:{args['project']}" if args["project"] else ""])
    if args["project"]:
        cli.tracker.settings.project(args["project"])
    found = stats.gather(cli.tracker, text, args["by"] or "", args["since"] or "", args["until"] or "")
    if cli.out.as_json:
        cli.out.json(stats.to_json(found))
    else:
        _print(cli, found)
    return 0


def _print(cli: Cli, found: Stats) -> None:
    _print_periods(cli, found)
    cli.out.line()
    cli.out.line(f"cycle time, from start to completion: {_times(found.cycle)}")
    cli.out.line(f"lead time, from creation to completion: {_times(found.lead)}")
    cli.out.line("open: " + (", ".join(f"{count} {cli.out.stage(status or 'without a status', stage)}"
                                       for status, stage, count in found.progress) or "nothing"))
    for title, groups in (("assignee", found.assignees), ("type", found.types)):
        _print_groups(cli, title, groups)
    for sentence in found.limits:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))


def _print_periods(cli: Cli, found: Stats) -> None:
    """Print a line a period, with the done and the scope at its end as a bar."""
    from gittracker.services.past import moments
    cli.out.row(cli.out.paint(f"{found.by.ljust(10)}  {'  '.join(_COUNTS)}  done of scope", "bold"))
    most = max([one.scope for one in found.periods], default=0)
    for one in found.periods:
        counts = "  ".join(str(getattr(one, name)).rjust(len(name)) for name in _COUNTS)
        done, scope = (_scaled(value, most) for value in (one.done, one.scope))
        bar = f"{'█' * done}{'░' * (scope - done)}{' ' * (_BAR - scope)}" if most else ""
        cli.out.row(f"{moments.day(one.start)}  {counts}  {bar}  {one.done} of {one.scope}")


def _scaled(value: int, most: int) -> int:
    return -(-value * _BAR // most) if most else 0


def _print_groups(cli: Cli, title: str, groups: list[Group]) -> None:
    if not groups:
        return
    cli.out.line()
    cli.out.row(cli.out.paint(f"{title.ljust(16)}  completed  open  started  cycle time", "bold"))
    for one in groups[:_MOST_GROUPS]:
        median = _duration(one.cycle.median) if one.cycle.median is not None else "-"
        cli.out.row(f"{fit(one.name or 'none', 16)}  {one.completed:>9}  {one.open:>4}  {one.started:>7}  {median}")
    if len(groups) > _MOST_GROUPS:
        cli.out.line(cli.out.paint(f"{len(groups) - _MOST_GROUPS} more: --json", "dim"))


def _times(one: Times) -> str:
    if one.median is None or one.p85 is None or one.mean is None:
        return "none was completed"
    return (f"median {_duration(one.median)}, 85 % within {_duration(one.p85)}, mean {_duration(one.mean)} "
            f"({one.count} ticket(s))")


def _duration(seconds: float) -> str:
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


STATS = Command(
    "stats", "Show how work flows: what was created and completed when, how long it took, what is open.",
    (Arg("query", "of the tickets that this finds, closed ones too; all without it", "*"),),
    (Flag("--query", "more of the query", "QUERY", dest="filter", short="-q"),
     Flag("--since", "from this date, time or age on (default: the last 12 weeks, 14 days or 12 months)", "WHEN"),
     Flag("--until", "to this date or time (default: now)", "WHEN"),
     Flag("--by", "week (default), day or month", "PERIOD"), Flag("--project", "one project's tickets", "KEY")),
    ("stats", "stats --by day --since 7d", "stats label:api --since 2026-10-01 --json"), run=_stats)
