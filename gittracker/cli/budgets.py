"""Printing within a budget of tokens: lines for people, records for programs, and at the end what is left out."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.output import clean
from gittracker.domain import budget
from gittracker.formats import json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli

    Record = dict[str, Any]
    Tail = Callable[[int], Record]

# What a ticket keeps when a budget is small, and when it is smaller still.
_IMPORTANT = ("slug", "title", "status", "priority", "type", "assignee", "labels", "parent", "epic", "depends_on",
              "due", "blockers", "stage", "ready", "comment_count", "updated_at", "etag")
_LEAST = ("slug", "title", "status", "priority", "assignee", "labels", "blockers")
_BARE = ("slug", "title", "status")
_LONG, _SHORT, _TITLE = 400, 160, 80  # quarters of a token


def lines(cli: Cli, levels: Iterable[Iterable[str]], count: int, foot: Callable[[int], list[str]],
          head: Sequence[str] = ()) -> int:
    """Print as many of `count` records' lines as fit, the lines of `head` before and those of `foot` behind."""
    def frame(shown: int) -> str:
        return "".join(clean(line) + "\n" for line in (*head, *foot(shown)))
    written = ((clean(piece) + "\n" for piece in level) for level in levels)
    pieces = budget.choose(written, count, cli.budget, frame)
    for line in (*head, *(piece[:-1] for piece in pieces), *foot(len(pieces))):
        cli.out.line(line)
    return 0


def records(cli: Cli, args: Args, noun: str, levels: Iterable[Iterable[Record]], count: int,
            tables: Sequence[Sequence[str]], tail: Tail) -> int:
    """Print as many of `count` records as fit, in the form that is asked for; `tail` says what stands behind so many.

    `tail` has `omitted` and `cursor`: a last line for people or of JSON, or members of the one JSON value. `tables` are
    the columns of a table, and fewer ones for a smaller budget.
    """
    if args.get("columns") is not None:
        whole = list(next(iter(levels)))
        tables = [formats.chosen(args, whole)]
        levels = [[{name: record.get(name) for name in tables[0]} for record in whole]]
    if cli.form == "md":
        return _table(cli, list(next(iter(levels))), tables, tail)
    joint = "\n" if cli.form == "jsonl" else ",\n"
    written = ((json_text.dumps(record) + joint for record in level) for level in levels)
    pieces = budget.choose(written, count, cli.budget, lambda shown: "".join(_frame(cli.form, noun, tail(shown))))
    head, end = _frame(cli.form, noun, tail(len(pieces)))
    text = "".join(pieces)
    cli.out.raw(head + (text if cli.form == "jsonl" else text.removesuffix(joint)) + end)
    return 0


def _frame(form: str, noun: str, told: Record) -> tuple[str, str]:
    """Give what stands before and behind the records."""
    if form == "jsonl":
        return "", json_text.dumps({k: told[k] for k in ("omitted", "cursor")}) + "\n" if told["omitted"] else ""
    return f'{{"{noun}": [\n', "],\n" + json_text.dumps(told)[1:] + "\n"


def _table(cli: Cli, whole: list[Record], tables: Sequence[Sequence[str]], tail: Tail) -> int:
    """Print the first table of which all rows fit, or at least ten; else the last."""
    def foot(shown: int) -> list[str]:
        told = tail(shown)
        return ["", more(told["omitted"], told["cursor"])] if told["omitted"] else []
    for columns in tables[:-1]:
        text = "".join(formats.markdown(columns, whole[:budget.ENOUGH]))
        if budget.tokens(text + "\n".join(foot(min(len(whole), budget.ENOUGH)))) <= cli.budget:
            tables = [columns]
            break
    head, rule, *body = (line.rstrip("\n") for line in formats.markdown(tables[-1], whole))
    return lines(cli, [body], len(body), foot, [head, rule])


def more(count: int, cursor: str | None) -> str:
    """Say what a budget left out."""
    return f"{count} more, cursor {cursor}"


def ticket_levels(whole: list[Record]) -> Iterator[Iterator[Record]]:
    """Give tickets ever more briefly: whole, without what is unset, with what matters, with what is needed."""
    yield iter(whole)
    yield (_described({k: v for k, v in r.items() if v not in (None, [], "", False)}, _LONG) for r in whole)
    yield (_described(_some(r, (*_IMPORTANT, "description")), _SHORT) for r in whole)
    yield (_some(r, _LEAST) for r in whole)
    yield ({**_some(r, _BARE), "title": budget.cut(r["title"] or "", _TITLE, lambda _: "…")} for r in whole)


def _some(record: Record, names: Sequence[str]) -> Record:
    """Give some members, where they are set; of matches, the best."""
    kept = {name: record[name] for name in names if record.get(name) not in (None, [], "")}
    if record.get("matches") and "assignee" in names:
        kept["matches"] = [{k: v for k, v in record["matches"][-1].items() if k in ("field", "snippet")}]
    return kept


def _described(record: Record, most: int) -> Record:
    text = record.get("description", "")
    cut = budget.cut(text, most, lambda left: rest(left, f"show {record['slug']}"))
    return {**record, "description": cut} if cut else record


def rest(left: int, command: str) -> str:
    """Say how much of a text was cut off, and which command has it."""
    return f"… ({left:,} more characters: gittracker {command})"
