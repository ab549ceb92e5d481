"""`diff`: what a branch, or the working tree, changes in the tracker."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag
from gittracker.cli.output import one_line
from gittracker.domain.changes import file_said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.changes import Comparison, RecordChange

_FORMS = ("text", "md", "json")
_TEXTS = ("description", "text", "workpad")
_UNTOLD = ("ref", "slug", "title", "created_at", "created_by")
_MOST = 72
_SIGNS = {"created": ("+", "green"), "removed": ("-", "red")}


def _diff(cli: Cli, args: Args) -> int:
    from gittracker.cli import formats
    from gittracker.services import views
    from gittracker.services.past import diffing
    form = formats.own(args, _FORMS)
    found = diffing.compare(cli.tracker, args["range"])
    if form == "json":
        cli.out.json(views.comparison(found))
    elif form == "md":
        from gittracker.formats import diff_md
        cli.out.raw(diff_md.render(found))
    else:
        _print(cli, found)
    return 0


def _print(cli: Cli, found: Comparison) -> None:
    cli.out.line(cli.out.paint(f"{found.base} → {found.head}: {found.summary()}", "bold"))
    for record in found.records:
        _print_record(cli, found, record)
    for sentence in found.limits:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))


def _print_record(cli: Cli, found: Comparison, record: RecordChange) -> None:
    sign, color = _SIGNS.get(record.events[0], ("~", "yellow"))
    noun = "" if record.noun == "ticket" else f"{record.noun} "
    title = f"  {one_line(record.title)}" if record.title else ""
    cli.out.row(f"{cli.out.paint(sign, color)} {noun}{cli.out.paint(record.name, 'bold')} "
                f"{', '.join(record.events)}{title}")
    for name, old, new in record.fields:
        if name not in _UNTOLD or None not in (old, new):
            cli.out.row(f"    {_field(found, record, name, old, new)}")
    for remark in record.remarks:
        text = f": {_short(remark.text)}" if remark.text else ""
        cli.out.row(f"    {remark.what} {remark.event} by {remark.by or 'nobody'}{text}")
    for name, event in record.files:
        cli.out.row(f"    {file_said(name or record.path, event)}")


def _field(found: Comparison, record: RecordChange, name: str, old: Any, new: Any) -> str:
    from gittracker.formats.diff_md import value_text
    if name in _TEXTS and old is not None:
        return f"{name}: {_lines(str(old), str(new or ''))}"
    shown = _short(value_text(new, found.names))
    return f"{name}: {shown}" if old is None and record.events[0] == "created" else (
        f"{name}: {_short(value_text(old, found.names))} → {shown}")


def _lines(old: str, new: str) -> str:
    """Count the lines that a text gains and loses."""
    from difflib import unified_diff
    signs = [line[0] for line in list(unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=0))[2:]]
    return f"{signs.count('+')} line(s) added, {signs.count('-')} removed"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST else line[:_MOST - 1] + "…"


DIFF = Command("diff", "Show what a branch, or the working tree, changes in the tracker.",
               (Arg("range", "BASE..HEAD, BASE...HEAD (since they parted), or BASE to compare with the working tree; "
                    "without it, HEAD with the working tree", "?"),),
               (Flag("--format", "text, md (for a comment on a pull request) or json", "FORM",
                     dest="shape"),),
               ("diff", "diff main...HEAD", "diff main...HEAD --format md", "diff v1.2 --json"), run=_diff)
