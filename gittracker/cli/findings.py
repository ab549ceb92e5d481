"""How what is wrong with files is printed by the commands that check them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.main import Cli
    from gittracker.services.agents.bundles import Finding

_EXIT_PROBLEMS = 7


def show(cli: Cli, found: list[Finding], count: int) -> int:
    """Print the findings about `count` files; the exit status is 0 where all of them are advice."""
    wrong = sum(not one.is_advice for one in found)
    if cli.out.as_json:
        cli.out.json({"findings": [one.to_json() for one in found], "checked": count, "errors": wrong})
        return _EXIT_PROBLEMS if wrong else 0
    for one in found:
        where = f"{one.path}:{one.line}" if one.line else one.path
        cli.out.line(f"{where}: {'advice: ' if one.is_advice else ''}{one.message}")
    cli.out.line(f"{count} checked, {wrong} error(s)")
    return _EXIT_PROBLEMS if wrong else 0
