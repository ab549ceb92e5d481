"""Help and usage errors, by argparse."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from gittracker.domain.errors import UsageError

if TYPE_CHECKING:
    from gittracker.cli.flags import Command


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"{self.prog} --help")


def parser(command: Command) -> argparse.ArgumentParser:
    """Build the parser of one command."""
    examples = "examples:\n" + "\n".join(f"  gittracker {e}" for e in command.examples)
    made = _Parser(prog=f"gittracker {command.words}", description=command.about, epilog=examples,
                   formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    for arg in command.args:
        count = {"nargs": arg.count} if arg.count else {}
        made.add_argument(arg.name, help=arg.about, metavar=arg.name.upper(), **count)  # type: ignore[arg-type]
    for flag in command.flags:
        names = [flag.short, flag.name] if flag.short else [flag.name]
        if not flag.metavar:
            made.add_argument(*names, dest=flag.dest, help=flag.about, action="store_true", default=None)
        else:
            made.add_argument(*names, dest=flag.dest, help=flag.about, metavar=flag.metavar,
                              action="append" if flag.many else "store")
    return made
