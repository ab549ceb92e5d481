"""`usage add|show|list|remove`."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.cli.output import columns as width_of
from gittracker.cli.output import one_line
from gittracker.domain import money
from gittracker.domain.usage import SUMMED, WORDS, Totals, Usage, describe, duration
from gittracker.services import usage, usagetotals
from gittracker.services.usagetotals import DIMENSIONS, Asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.usage import Report
    from gittracker.services.usagetotals import Answer
    from gittracker.services.write.writing import Held, Writing

_SETTABLE = tuple(name for name, field in Usage.FIELDS.items() if field.settable)
_LIST_COLUMNS = ("number", "at", "by", "input_tokens", "output_tokens", "cost_usd", "seconds", "model", "note")
_TITLES = {**WORDS, "cost_usd": "cost", "seconds": "time"}
_CONDITIONS = ("ticket", "epic", "project", "actor", "model", "since", "until")


def _add(writing: Writing, args: Args) -> list[Held]:
    usage.add(writing, args["ticket"], {name: args[name] for name in _SETTABLE if args[name] is not None})
    return []


def _remove(writing: Writing, args: Args) -> list[Held]:
    usage.remove(writing, args["ticket"], args["report"])
    return []


def _list(cli: Cli, args: Args) -> int:
    row = cli.tracker.get(args["ticket"])
    found = usage.listed(cli.tracker, row)
    if cli.form:
        from gittracker.services import views
        shown = [views.usage(one) for one in found]
        if not formats.rows(cli, args, _LIST_COLUMNS, shown):
            cli.out.json({"reports": shown, "total": len(found)})
        return 0
    for one in found:
        cli.out.row(_report_line(one))
    if not found:
        cli.out.line(f"{row.ticket.slug} has no usage")
    return 0


def _report_line(one: Report) -> str:
    report = one.usage
    rest = [" ".join(word for word in (report.provider, report.model) if word), f"run {report.run}" if report.run
            else "", report.note]
    told = "".join(f"  {one_line(text)}" for text in rest if text)
    return f"#{one.number} {report.by} {report.at[:16].replace('T', ' ')}  {describe(report)}{told}"


def _show(cli: Cli, args: Args) -> int:
    asked = Asked(args["by"] or "", **{name: args[name] or "" for name in _CONDITIONS})
    found = usagetotals.answer(cli.tracker, asked)
    if cli.form:
        groups = [_group_json(found, key, total) for key, total in found.groups.items()]
        rows = groups if found.by else [found.total.to_json()]
        if not formats.rows(cli, args, (*found.by, "reports", *SUMMED), rows):
            cli.out.json({"by": list(found.by), "groups": groups, "total": found.total.to_json(),
                          "budget": found.budget.to_json() if found.budget else None})
        return 0
    if not found.total.reports:
        cli.out.line("no usage was reported")
    elif found.by:
        _print_table(cli, found)
    else:
        cli.out.line(f"{found.total.reports} report(s): {describe(found.total)}")
    if found.budget:
        cli.out.line(f"{'' if found.budget.is_exceeded else 'budget: '}{usage.describe(found.budget)}")
    return 0


def _group_json(found: Answer, key: tuple[str, ...], total: Totals) -> dict[str, Any]:
    named = {name: word or None for name, word in zip(found.by, key, strict=True)}
    budget = found.budgets.get(key)
    return {**named, **total.to_json(), "budget_usd": money.write(budget.allowed) if budget else None,
            "budget_exceeded": bool(budget and budget.is_exceeded)}


def _print_table(cli: Cli, found: Answer) -> None:
    """Print the groups in columns; those of tokens and money only where there are any."""
    whole = found.total
    used = [name for name in SUMMED if getattr(whole, name)] or ["cost_usd"]
    titles = [*found.by, "reports", *(_TITLES[name] for name in used)]
    lines = [[*(word or "none" for word in key), *_cells(total, used)] for key, total in found.groups.items()]
    notes = ["" if key not in found.budgets else f"  {usage.describe(found.budgets[key])}" for key in found.groups]
    lines = [titles, *lines, ["total", *[""] * (len(found.by) - 1), *_cells(whole, used)]]
    widths = [max(width_of(line[place]) for line in lines) for place in range(len(titles))]
    for line, note in zip(lines, ["", *notes, ""], strict=True):
        words = [_filled(cell, width, left=place < len(found.by))
                 for place, (cell, width) in enumerate(zip(line, widths, strict=True))]
        cli.out.row(one_line("  ".join(words)) + note if line is not titles else "  ".join(words))


def _cells(total: Totals, used: list[str]) -> list[str]:
    shown = []
    for name in used:
        value = getattr(total, name)
        if name == "cost_usd":
            shown.append("" if value is None else money.shown(value))
        else:
            shown.append(f"{value:,}" if name != "seconds" else duration(value) if value else "")
    return [f"{total.reports:,}", *shown]


def _filled(cell: str, width: int, left: bool) -> str:
    space = " " * (width - width_of(cell))
    return cell + space if left else space + cell


_TICKET = Arg("ticket", "slug, ref, alias or a unique prefix")
_METAVARS = {"cost_usd": "DOLLARS", "model": "MODEL", "provider": "PROVIDER", "run": "RUN", "note": "TEXT"}
ADD = Command(
    "usage add", "Report what work on a ticket took: tokens, money, time.", (_TICKET,),
    tuple(Flag(f"--{name.replace('_', '-')}", Usage.FIELDS[name].about, _METAVARS.get(name, "N"))
          for name in _SETTABLE),
    ("usage add OW-1 --input-tokens 12000 --output-tokens 800 --cost-usd 0.31 --model sonnet",
     "usage add OW-1 --seconds 5400 --note 'pairing'"), act=_add)
SHOW = Command(
    "usage show", "Sum the reports, of one ticket or of many.", (),
    (Flag("--ticket", "of this ticket, with its budget", "TICKET"), Flag("--epic", "of an epic's tickets", "EPIC"),
     Flag("--project", "of a project's tickets", "KEY"), Flag("--actor", "reported by NAME; @me is you", "NAME"),
     Flag("--model", "of this model", "MODEL"),
     Flag("--since", "reported since a day, a time or an age (2026-11-01, 7d)", "WHEN"),
     Flag("--until", "reported until then, a day included", "WHEN"),
     Flag("--by", f"a sum for each {', '.join(DIMENSIONS[:-1])} or {DIMENSIONS[-1]}; several with commas", "WHAT"),
     *LIST_FORM),
    ("usage show --ticket OW-1", "usage show --by actor,model --since 30d", "usage show --by ticket --format csv"),
    run=_show)
LIST = Command("usage list", "List the reports of a ticket, oldest first.", (_TICKET,), LIST_FORM,
               ("usage list OW-1", "usage list OW-1 --json"), run=_list)
REMOVE = Command("usage remove", "Remove a report that is wrong; undo brings it back.",
                 (_TICKET, Arg("report", "its number in the list, its ref, or its file's name")), (),
                 ("usage remove OW-1 2",), act=_remove)
