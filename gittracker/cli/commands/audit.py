"""`audit verify`: what was changed around the tool, is unsigned, or is missing."""

from __future__ import annotations

from gittracker.cli.commands.history import change_line
from gittracker.cli.flags import Command, Flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.audit import Audit, Finding

_EXIT_FINDINGS = 7
_SHORT = 10
_MOST_CHANGES = 20


def _verify(cli: Cli, args: Args) -> int:
    from gittracker.services import views
    from gittracker.services.past import audit
    found = audit.verify(cli.tracker, args["since"] or "", args["strict"])
    if cli.out.as_json:
        cli.out.json(views.audit(found))
    else:
        _print(cli, found)
    return _EXIT_FINDINGS if found.findings else 0


def _print(cli: Cli, found: Audit) -> None:
    for one in found.findings:
        _print_finding(cli, one, cli.out.paint(one.kind.ljust(9), "red"))
    for one in found.notes:
        _print_finding(cli, one, cli.out.paint("(note)   ", "dim"))
    for sentence in found.limits:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))
    checked = ", ".join(f"{count} {name}" for name, count in found.checked.items())
    kinds = [one.kind for one in found.findings]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    cli.out.line(f"{len(kinds)} finding(s): {counts}; checked {checked}" if kinds else f"clean; checked {checked}")


def _print_finding(cli: Cli, one: Finding, head: str) -> None:
    where = (one.entry or one.commit)[:_SHORT]
    when = one.at.replace("T", " ")[:16]
    cli.out.row("  ".join(part for part in (head, where, when, one.actor, one.message) if part))
    for change in one.changes[:_MOST_CHANGES]:
        cli.out.row(change_line(cli, *change))
    if len(one.changes) > _MOST_CHANGES:
        cli.out.row(f"    {len(one.changes) - _MOST_CHANGES} more changes")


VERIFY = Command(
    "audit verify", "Name what was changed around the tool, is unsigned where it must not be, or is missing; exit 7.",
    (), (Flag("--since", "entries and commits from this date, time or age on", "WHEN"),
         Flag("--strict", "commits by others are findings too, though their journals are not here")),
    ("audit verify", "audit verify --since 30d --json"), run=_verify)
