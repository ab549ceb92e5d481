"""Lists in the form that `--format` asks for: JSON lines, CSV, a markdown table.

A command that prints a list adds `flags.LIST_FORM` to its flags and begins its printing with

    if cli.form and formats.rows(cli, args, ("slug", "title"), records):
        return 0

where `records` are what its `--json` lists. `--format json` is `--json`, and text is the command's own.
"""

from __future__ import annotations

import sys

from gittracker.domain.errors import UsageError
from gittracker.formats import json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli

    Record = dict[str, Any]

FORMS = ("text", "json", "jsonl", "csv", "md")
_QUOTED_IN_CSV = frozenset('",\r\n')


def check(args: Args) -> str:
    """Give the form that a command's flags ask for, empty where it is text; raises UsageError."""
    form: str = args.get("format") or "text"
    if form not in FORMS:
        raise UsageError(f'there is no format "{form}"', f"--format {', '.join(FORMS[:-1])} or {FORMS[-1]}")
    if args["json"] and form != "json" and args.get("format"):
        raise UsageError(f'--json and --format "{form}" ask for two forms', "give one of them")
    if args.get("columns") is not None and form not in ("jsonl", "csv", "md"):
        raise UsageError("--columns chooses what a table has", "--format csv, md or jsonl has columns")
    return "" if form == "text" else form


def own(args: Args, forms: Sequence[str]) -> str:
    """Give the form of a report that has forms of its own, told by a flag `shape`; raises UsageError."""
    form: str = args["shape"] or ("json" if args["json"] else forms[0])
    if form not in forms:
        raise UsageError(f'there is no format "{form}"', f"--format {', '.join(forms[:-1])} or {forms[-1]}")
    if args["json"] and form != "json":
        raise UsageError(f'--json and --format "{form}" ask for two forms', "give one of them")
    return form


def rows(cli: Cli, args: Args, columns: Sequence[str], records: Sequence[Record], more: str = "") -> bool:
    """Print records as the flags ask; False where the command prints them itself, as text or JSON.

    `columns` are those of a table unless `--columns` names others; `more` says on standard error what is left out.
    """
    if cli.form not in ("jsonl", "csv", "md"):
        return False
    names = chosen(args, records)
    if cli.form == "jsonl":
        for record in records:
            cli.out.raw(json_text.dumps({c: record.get(c) for c in names} if names else record) + "\n")
    else:
        for line in (csv if cli.form == "csv" else markdown)(names or tuple(columns), records):
            cli.out.raw(line)
    if more:
        sys.stdout.flush()
        cli.out.aside(more)
    return True


def csv(columns: Sequence[str], records: Sequence[Record]) -> list[str]:
    """Give the lines of a CSV file by RFC 4180: a head, then a record a line; a list's items stand behind commas."""
    lines = [columns, *([cell(record.get(c)) for c in columns] for record in records)]
    # A line of one empty cell would be an empty line, which readers skip.
    return [(",".join(_csv_cell(text) for text in line) or '""') + "\r\n" for line in lines]


def markdown(columns: Sequence[str], records: Sequence[Record]) -> list[str]:
    """Give the lines of a GitHub table."""
    lines = [columns, ["---"] * len(columns), *([cell(record.get(c)) for c in columns] for record in records)]
    return [f"| {' | '.join(_markdown_cell(text) for text in line)} |\n" for line in lines]


def cell(value: Any) -> str:
    """Write a JSON value as a table shows it: nothing for null, a list's items behind commas."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(item, dict | list | tuple) for item in value):
        return ", ".join(map(cell, value))
    return json_text.dumps(value)


def _csv_cell(text: str) -> str:
    if _QUOTED_IN_CSV.isdisjoint(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def _markdown_cell(text: str) -> str:
    """Keep a cell on one line, and its pipes from ending it; backslashes before a pipe would free it again."""
    parts = "<br>".join(text.strip().splitlines()).split("|")
    return "\\|".join([part + "\\" * (len(part) - len(part.rstrip("\\"))) for part in parts[:-1]] + parts[-1:])


def chosen(args: Args, records: Sequence[Record]) -> tuple[str, ...]:
    """Read `--columns`; a name that no record has is a slip, unless it is a custom field's."""
    given = args.get("columns")
    if given is None:
        return ()
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    known = {name: None for record in records for name in record}
    unknown = [n for n in names if n not in known and not n.startswith("x_")] if records else []
    if unknown or not names:
        raise UsageError(f'there is no column "{unknown[0] if unknown else given}"', f"--columns {','.join(known)}")
    return names
