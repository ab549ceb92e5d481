"""`batch`: many commands as one entry, all or nothing."""

from __future__ import annotations

import sys

from gittracker.cli import flags, writes
from gittracker.cli.flags import Command
from gittracker.domain.errors import TrackerError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing


class Step:
    """One line of a batch, read."""

    __slots__ = ("number", "command", "args")

    def __init__(self, number: int, command: Command, args: Args) -> None:
        self.number = number
        self.command = command
        self.args = args


def _prepare(cli: Cli, args: Args) -> None:
    if args["if_match"] is not None:
        raise UsageError("--if-match belongs to a line of the batch", _MATCH_FORM)
    lines = sys.stdin.buffer.read().split(b"\n")
    args["steps"] = [_step(cli, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    args["body_text"] = b"\n".join(lines).decode()


def _step(cli: Cli, number: int, line: bytes) -> Step:
    from gittracker.cli.main import check_text, find
    words = _words(number, line)
    try:
        check_text(words)
        command, rest = find(words)
        if command is None or not command.act or command.words in _ALONE:
            raise UsageError(f'"{" ".join(words[:2])}" can\'t be part of a batch', _FORM)
        args = flags.read(command, rest)
        _check_flags(args)
        if command.prepare:
            command.prepare(cli, args)
    except TrackerError as error:
        raise _numbered(number, error) from error
    except SystemExit as error:
        raise UsageError(f"line {number} asks for help", _FORM) from error
    return Step(number, command, args)


def _words(number: int, line: bytes) -> list[str]:
    """Read one line; raises UsageError."""
    import json
    try:
        words = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise UsageError(f"line {number} is not UTF-8 text", "give the batch in UTF-8") from error
    except ValueError as error:
        raise UsageError(f"line {number} is not JSON: {error}", _FORM) from error
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        raise UsageError(f"line {number} is not a JSON array of strings", _FORM)
    return words


def _check_flags(args: Args) -> None:
    """Refuse on a line what belongs to the whole batch."""
    if "-" in (args.get("body_file"), args.get("folder"), *args.get("files", ())) or args["folder"] or args["acting"]:
        raise UsageError("-C, --as and standard input belong to the whole batch", _FORM)
    if args.get("remote"):
        raise UsageError("--remote is for a command alone", _FORM)
    if args.get("dry_run"):
        raise UsageError("--dry-run is for a command alone", _FORM)
    writes.check_request_flags(args)
    if args["idempotency_key"]:
        raise UsageError("--idempotency-key belongs to the whole batch", "gittracker batch --idempotency-key KEY")


def _act(writing: Writing, args: Args) -> list[Held]:
    held: list[Held] = []
    whole = writing.request
    for step in args["steps"]:
        act = step.command.act
        assert act
        try:
            writing.enter(writes.request_of(step.command.words, step.args, whole))
            held += act(writing, step.args)
            writing.leave()
        except TrackerError as error:
            raise _numbered(step.number, error) from error
    return held


def _numbered(number: int, error: TrackerError) -> TrackerError:
    """Say which line failed; code and exit status stay."""
    error.message = f"line {number}: {error.message} (nothing of the batch was done)"
    error.args = (error.message,)
    error.facts["line"] = number
    return error


_FORM = """one JSON array a line: ["ticket","update","OW-1","--status","done"]"""
_MATCH_FORM = """["update","OW-1","--status","done","--if-match","ETAG"]"""
# An editor can't wait in a line, and undo is about whole entries.
_ALONE = ("batch", "ticket edit", "skill edit", "harness edit", "undo")
BATCH = Command(
    "batch", "Run writing commands from standard input as one entry, all or nothing; one JSON array a line; "
    "undo and what opens an editor stand alone.",
    examples=("""batch <<'END'\n  ["new","Plan the release"]\n  ["done","OW-1"]\n  END""",), act=_act, prepare=_prepare,
    answer=flags.EVERY)
