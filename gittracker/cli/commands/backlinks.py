"""`backlinks` and `page backlinks`: where a record is mentioned."""

from __future__ import annotations

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Arg, Command
from gittracker.cli.output import one_line
from gittracker.services.naming import backlinks, resolving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.naming.targets import Target

_COLUMNS = ("name", "field", "number", "line", "snippet")


def _backlinks(cli: Cli, args: Args) -> int:
    return _show(cli, args, resolving.resolve(cli.tracker, args["record"]))


def _page(cli: Cli, args: Args) -> int:
    from gittracker.services import records
    from gittracker.services.naming import targets
    return _show(cli, args, targets.record(cli.tracker, records.find(cli.tracker, "page", args["path"])))


def _show(cli: Cli, args: Args, target: Target) -> int:
    found = backlinks.find(cli.tracker, target)
    if cli.form:
        rows = [one.to_json() for one in found]
        if not formats.rows(cli, args, _COLUMNS, rows):
            cli.out.json({"record": target.head(), "backlinks": rows, "total": len(rows)})
        return 0
    for one in found:
        cli.out.row(f"{cli.out.paint(one.source.name, 'bold')}  {one.where}  {one_line(one.snippet)}")
    if not found:
        cli.out.line(f"nothing mentions {target.name}")
    return 0


BACKLINKS = Command(
    "backlinks", "List the texts that mention a record, with a line of each.",
    (Arg("record", "a ref, slug, path of a page, @member or any other name"),), LIST_FORM,
    ("backlinks OW-1", "backlinks guide/setup", "backlinks @alice --json"), run=_backlinks)
PAGE = Command(
    "page backlinks", "List the texts that mention a page, with a line of each.",
    (Arg("path", "guide/setup, or OW/guide/setup with its project; also a ref or a path it once had"),), LIST_FORM,
    ("page backlinks guide/setup",), run=_page)
