"""`prime`: what an agent needs to start."""

from __future__ import annotations

from gittracker.cli.flags import Command, Flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli


def _prime(cli: Cli, args: Args) -> int:
    from gittracker.formats import primer
    from gittracker.services import priming
    found = priming.gather(cli.tracker, bool(args["acting"]), args["for"] or "")
    if cli.out.as_json:
        cli.out.json(primer.as_json(found))
    else:
        cli.out.line(primer.text(found))
    return 0


PRIME = Command("prime", "Print what an agent needs to start: its work, what is ready, commands and rules; "
                "2,048 bytes at most.", (), (Flag("--for", "one ticket: what its files say, too", "TICKET"),),
                ("prime", "prime --as bot:codex-1", "prime --for OW-1 --json"), run=_prime)
