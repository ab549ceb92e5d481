"""`resolve`: what a ref, or any other name, names."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command
from gittracker.cli.output import one_line
from gittracker.domain.errors import NotFoundError
from gittracker.services import resolving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.targets import Target


def _resolve(cli: Cli, args: Args) -> int:
    found = _all(cli, args["names"])
    if cli.out.as_json:
        shown = [one.to_json() for one in found]
        cli.out.json(shown[0] if len(shown) == 1 else {"records": shown, "total": len(shown)})
        return 0
    for one in found:
        path = f".openkit/{one.path}" if one.path else "-"
        label = one_line(one.label) if one.label != one.name else ""
        cli.out.row("  ".join(part for part in (one.type.ljust(10), one.ref or "-", path,
                                                cli.out.paint(one.name, "bold"), label) if part))
    return 0


def _all(cli: Cli, names: list[str]) -> list[Target]:
    """Find what every name names; all that name nothing are told at once."""
    found: list[Target] = []
    missing: list[NotFoundError] = []
    for name in names:
        try:
            found.append(resolving.resolve(cli.tracker, name))
        except NotFoundError as error:
            missing.append(error)
    if missing:
        raise NotFoundError("record", '", "'.join(str(error.facts["name"]) for error in missing), missing[0].hint)
    return found


RESOLVE = Command(
    "resolve", "Say what refs name; slugs, paths, aliases, UUIDs and unique beginnings too.",
    (Arg("names", "refs of any kind, OW-1, OW-E1, guide/setup, @alice, #backend", "+"),), (),
    ("resolve tik_0199c0f4a1b27c3d8e9f0a1b2c3d4e5f", "resolve OW-1 guide/setup @alice --json"), run=_resolve)
