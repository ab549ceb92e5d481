"""From words to a command: the table, the common flags, and the one place where errors end."""

from __future__ import annotations

import os
import sys

from gittracker.cli import flags
from gittracker.cli.output import Output, clean
from gittracker.cli.table import COMMANDS
from gittracker.domain.errors import TrackerError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gittracker.cli.flags import Args, Command
    from gittracker.services.tracker import Tracker

NOUNS = frozenset(words.partition(" ")[0] for words in COMMANDS if " " in words)
# The usual index, and another two in its place; with the last, in memory, errors are told.
_INDEXES = 3


class Cli:
    """One run of the command line: its output, its common flags, and the tracker once it is needed."""

    def __init__(self, args: Args, clock: Callable[[], int], entropy: Callable[[int], bytes],
                 watch: Callable[..., None] | None = None) -> None:
        self.args = args
        self.form = _form(args)  # empty for text
        self.budget = _budget(args) if args.get("budget") is not None else 0  # tokens; 0 is no budget
        self.out = Output(self.form == "json", entropy(8).hex(), plain=bool(self.budget))
        self.folder: str = args["folder"] or os.curdir
        self.acting: str = args["acting"] or os.environ.get("GITTRACKER_AS", "")
        self.sandboxed = bool(os.environ.get("GITTRACKER_SANDBOXED"))
        self.clock = clock
        self.entropy = entropy
        self.watch = watch  # what the roof knows of the room next door
        self.source: tuple[str, ...] = ()  # of the index, if it is not the usual one
        self._tracker: Tracker | None = None

    @property
    def tracker(self) -> Tracker:
        """Open the tracker on first use."""
        if self._tracker is None:
            from gittracker.services.tracker import open_tracker
            self._tracker = open_tracker(self.folder, self.acting, self.clock, self.entropy, *self.source,
                                         here=bool(self.args.get("here")))
            self._tracker.sandboxed = self.sandboxed
            self._tracker.lease = os.environ.get("GITTRACKER_LEASE", "")
        return self._tracker

    def reopen(self) -> Tracker:
        """Open the tracker anew, with the index as it is now."""
        self._tracker = None
        return self.tracker

    def steadily(self, work: Callable[[], Any]) -> Any:
        """Do something with the index; where that is damaged or can't be written, again with another one."""
        for _ in range(_INDEXES):
            try:
                return work()
            except _index_error() as error:
                self.source = (_after(error, *self.source),)
                self._tracker = None
        return work()


def main(argv: list[str], clock: Callable[[], int], entropy: Callable[[int], bytes],
         watch: Callable[..., None] | None = None) -> int:
    """Run one command and give its exit status; `watch` is what runs a watcher."""
    as_json = "--json" in argv
    try:
        check_text(argv)
        command, rest = find(argv)
        if command is None:
            return _overview(rest)
        args = flags.read(command, rest)
        as_json = bool(args["json"] or args.get("format") == "json")
        cli = Cli(args, clock, entropy, watch)
        if command.act:
            from gittracker.cli import writes
            status = writes.run(cli, command, args, rest)
        else:
            assert command.run
            run = command.run
            status = cli.steadily(lambda: run(cli, args))
        sys.stdout.flush()
        return status
    except TrackerError as error:
        return report(error, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if os.environ.get("GITTRACKER_TRACEBACK"):
            raise
        return report(TrackerError(f"{type(error).__name__}: {error}",
                                   "GITTRACKER_TRACEBACK=1 shows where; please report it"), as_json)


def _form(args: Args) -> str:
    """Give the form of the output, which most commands have no flag for but `--json`."""
    if args.get("format") is None and args.get("columns") is None:
        return "json" if args["json"] else ""
    from gittracker.cli import formats
    return formats.check(args)


def _budget(args: Args) -> int:
    """Read `--budget`, which a table for programs has no last line for."""
    from gittracker.domain import budget
    if args.get("format") == "csv":
        raise UsageError("a budget ends with a line that says what is left out, and CSV has no place for it",
                         "--format jsonl, or md")
    return budget.read(args["budget"])


def check_text(argv: list[str]) -> None:
    """Refuse words that hold half a character, which no file can."""
    for word in argv:
        if not word.isprintable() and any("\ud800" <= c <= "\udfff" for c in word):
            raise UsageError(f"{word!a} is not UTF-8 text", "give the text in UTF-8")


def _index_error() -> type[Exception]:
    from gittracker.index import db
    return db.Error


def _after(error: Exception, *source: str) -> str:
    from gittracker.index import db
    return db.after(error, *source)


def find(argv: list[str]) -> tuple[Command | None, list[str]]:
    """Find the command that words name; common flags may stand before it. None asks for the overview."""
    leading, rest = part_leading(argv)
    if not rest or rest[0] in ("-h", "--help", "help"):
        return find([*rest[1:], "--help"]) if rest[1:] and rest[0] == "help" else (None, [])
    if rest[0] == "--version":
        rest[0] = "version"
    if rest[0] in NOUNS:
        more, tail = part_leading(rest[1:])
        leading, rest = leading + more, [rest[0], *tail]
    for length in (2, 1):
        place = COMMANDS.get(" ".join(rest[:length])) if len(rest) >= length else None
        if place:
            module = __import__(f"gittracker.cli.commands.{place[0]}", fromlist=[place[1]])
            return getattr(module, place[1]), leading + rest[length:]
    return _unknown(rest)


def part_leading(words: list[str]) -> tuple[list[str], list[str]]:
    """Part the common flags at the front from what follows."""
    end = 0
    while end < len(words) and (words[end] in ("-C", "--as", "--json") or words[end].startswith(("-C=", "--as="))):
        end += 2 if words[end] in ("-C", "--as") else 1
    return words[:end], words[end:]


def _unknown(rest: list[str]) -> tuple[None, list[str]]:
    """A noun alone, or asked for help, shows its commands; anything else is an error with the nearest command."""
    if rest[0] in NOUNS and (len(rest) == 1 or rest[1] in ("-h", "--help")):
        return None, [rest[0]]
    from difflib import get_close_matches
    words = " ".join(rest[:2] if rest[0] in NOUNS else rest[:1])
    near = get_close_matches(words, COMMANDS, 1)
    raise UsageError(f'there is no command "{words}"', f"gittracker {near[0] + ' ' if near else ''}--help")


def _overview(rest: list[str]) -> int:
    from gittracker.cli import overview
    return overview.show(COMMANDS, rest[0] if rest else "")


def report(error: TrackerError, as_json: bool) -> int:
    """Print an error to standard error and give its exit status."""
    if as_json:
        from gittracker.formats import json_text
        facts = {k: v for k, v in error.facts.items() if isinstance(v, str | int | list)}
        body = {"code": error.code, "message": error.message, "hint": error.hint, **facts}
        sys.stderr.write(json_text.dumps({"error": body}, 2) + "\n")
    else:
        sys.stderr.write(f"error: {clean(error.message)}\n")
        if error.hint:
            sys.stderr.write(f"hint: {clean(error.hint)}\n")
    return error.exit_status
