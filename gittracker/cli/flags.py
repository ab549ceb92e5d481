"""Commands as tables: read fast for the common case, by argparse for help and errors."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Args = dict[str, Any]
    Run = Callable[..., int]


class Flag:
    """One option: `--name VALUE`, repeatable when `many`, without a value when `metavar` is empty."""

    __slots__ = ("name", "dest", "metavar", "about", "many", "short")

    def __init__(self, name: str, about: str, metavar: str = "", many: bool = False, dest: str = "",
                 short: str = "") -> None:
        self.name = name
        self.about = about
        self.metavar = metavar
        self.many = many
        self.dest = dest or name.lstrip("-").replace("-", "_")
        self.short = short


class Arg:
    """One positional: exactly one, or `?` none or one, `*` any, `+` at least one."""

    __slots__ = ("name", "about", "count")

    def __init__(self, name: str, about: str, count: str = "") -> None:
        self.name = name
        self.about = about
        self.count = count


class Command:
    """One command: its words, what it does, its positionals, flags and examples, and the function that runs it.

    A writing command has `act(writing, args)` instead of `run(cli, args)`, so that `batch` can join it to others.
    """

    __slots__ = ("words", "about", "args", "flags", "examples", "run", "act", "prepare", "finish", "answer",
                 "carry")

    def __init__(self, words: str, about: str, args: tuple[Arg, ...] = (), flags: tuple[Flag, ...] = (),
                 examples: tuple[str, ...] = (), run: Run | None = None, act: Callable[..., Any] | None = None,
                 prepare: Callable[..., None] | None = None, finish: Callable[..., None] | None = None,
                 answer: str = "", carry: Callable[..., Any] | None = None) -> None:
        self.words = words
        self.about = about
        self.args = args
        self.flags = (*flags, *WRITE_FLAGS, *COMMON) if act else (*flags, *COMMON)
        self.examples = examples
        self.run = run
        self.act = act
        self.prepare = prepare  # before the lock: read texts, open the editor
        self.finish = finish  # after the write, with the error that stopped it, if any
        self.carry = carry  # does the write instead of `perform`, given that: where more than one is needed
        self.answer = answer  # how a write is told as JSON: FIRST or EVERY, or by how many records it changed


# A write's answer is about the first record, with what changed because of it under `also`; or a list in any case.
FIRST, EVERY = "first", "every"
COMMON = (
    Flag("-C", "work as if started in DIR", "DIR", dest="folder"),
    Flag("--as", "act as NAME; bot:NAME for a bot", "NAME", dest="acting"),
    Flag("--json", "print JSON, errors too"),
)
WRITE_FLAGS = (
    Flag("--if-match", "only if the record's etag is ETAG", "ETAG"),
    Flag("--idempotency-key", "do it once for this KEY, however often it is retried", "KEY"),
    Flag("--force", "allow what would otherwise be refused: emptying text, old values"),
)
LIST_FORM = (  # of what lists records; `cli/formats.py` prints them
    Flag("--format", "text, json, jsonl (a record a line), csv or md (a table)", "FORM"),
    Flag("--columns", "the columns of csv, md and jsonl, such as slug,title,x_team", "NAMES"),
)
BUDGET = Flag("--budget", "print about N tokens: what matters most, then how much more there is", "N")
HERE = Flag("--here", "read this worktree alone, not the board over all of them")
DRY_RUN = Flag("--dry-run", "say what would change, and change nothing")


def body_flags(name: str = "--body", what: str = "text") -> tuple[Flag, Flag]:
    """Give the flags by which a command takes a text."""
    return (Flag(name, f"the {what}, in markdown", "TEXT"),
            Flag("--body-file", f"read the {what} from FILE; - is standard input", "FILE"))


def read(command: Command, argv: list[str]) -> Args:
    """Read a command's arguments; anything unusual goes to argparse, which exits with help or a usage error."""
    found = _fast(command, argv)
    return found if found is not None else _argparse(command, argv)


def blank(command: Command) -> Args:
    """Give the arguments of a command that was given none: a flag with a value is None."""
    args: Args = {f.dest: [] if f.many else None if f.metavar else False for f in command.flags}
    args.update({a.name: [] if a.count in ("*", "+") else "" for a in command.args})
    return args


def _fast(command: Command, argv: list[str]) -> Args | None:
    by_name = {f.name: f for f in command.flags}
    by_name.update({f.short: f for f in command.flags if f.short})
    args = blank(command)
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            rest += words
        elif word.startswith("-") and len(word) > 1 and not _is_query_word(command, by_name, word):
            name, equals, value = word.partition("=")
            flag = by_name.get(name)
            if flag is None or (equals and not flag.metavar):
                return None
            given = value if equals or not flag.metavar else next(words, None)
            if given is None or (not equals and _is_flag(by_name, given)):  # `--label --json` lacks a value
                return None
            if flag.many:
                args[flag.dest].append(given)
            else:
                args[flag.dest] = given if flag.metavar else True
        else:
            rest.append(word)
    return args if _place(command, args, rest) else None


def _is_flag(by_name: dict[str, Flag], word: str) -> bool:
    """Tell a flag from a value that begins with a dash, such as `-5` or `- item`."""
    return word[:2] == "--" or word.partition("=")[0] in by_name


def _is_query_word(command: Command, by_name: dict[str, Flag], word: str) -> bool:
    """Tell a negated query term such as `-label:a` from a flag such as `-C=c:/work`."""
    return (any(a.name == "query" for a in command.args) and word[1] != "-" and ":" in word
            and word.partition("=")[0] not in by_name)


def _place(command: Command, args: Args, rest: list[str]) -> bool:
    """Hand out the positionals; False where there are too few or too many."""
    for number, arg in enumerate(command.args):
        later = sum(a.count in ("", "+") for a in command.args[number + 1:])
        if arg.count in ("*", "+"):
            take = max(0, len(rest) - later)
            if arg.count == "+" and not take:
                return False
            args[arg.name], rest = rest[:take], rest[take:]
        elif len(rest) > later:
            args[arg.name], rest = rest[0], rest[1:]
        elif arg.count != "?":
            return False
    return not rest


def _argparse(command: Command, argv: list[str]) -> Args:
    """Let argparse print help, or the usage error with its sentence."""
    from gittracker.cli import help as helps
    parser = helps.parser(command)
    args = blank(command)
    args.update({k: v for k, v in vars(parser.parse_intermixed_args(argv)).items() if v is not None})
    return args
