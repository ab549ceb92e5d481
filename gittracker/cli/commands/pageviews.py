"""`page show|list|tree|log|diff`."""

from __future__ import annotations

from gittracker.cli import formats, shown
from gittracker.cli.commands.page import PATH, PROJECT
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.cli.output import one_line
from gittracker.domain.page import Page, title_of
from gittracker.services import records, views
from gittracker.services.wiki import listing
from gittracker.store.layout import attachments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.index.records import Row
    from gittracker.services.wiki.listing import Branch

_LIST_COLUMNS = ("name", "title", "labels", "snippet")
_LOG_COLUMNS = ("number", "at", "by", "entry", "added", "removed", "name", "subject")
_SHORT = 10
_DIFF_COLORS = {"+": "green", "-": "red", "@": "blue"}


def _show(cli: Cli, args: Args) -> int:
    row = records.find(cli.tracker, Page.NOUN, args["path"])
    if args["at"]:
        return _show_at(cli, row, args["at"])
    found, said = listing.whole(cli.tracker, row), shown.backlinks(cli, row)
    if cli.out.as_json:
        cli.out.json({**found.to_json(), **views.attached(cli.tracker, attachments(row.path)),
                      "comments": [shown.comment_json(cli, one) for one in found.comments],
                      "mentions": shown.mentions(cli, row.record.body, row.path),
                      "mentioned_in": [one.to_json() for one in said]})
        return 0
    _head(cli, row.name, row.record)
    by = f" by {found.updated_by}" if found.updated_by else ""
    cli.out.line(cli.out.paint(f"updated {found.updated_at[:16].replace('T', ' ')} UTC{by} · .openkit/{row.path}",
                               "dim"))
    for line in shown.files(cli, attachments(row.path)):
        cli.out.line(line)
    if found.children:
        cli.out.line(f"below: {', '.join(found.children)}")
    for line in shown.mentioned_in(row.name, said):
        cli.out.line(line)
    if row.record.body:
        cli.out.line(f"\n{shown.text(cli, row.record.body, row.path)}")
    if found.comments:
        cli.out.line("\nComments\n")
    for one in found.comments:
        shown.print_comment(cli, one)
    return 0


def _show_at(cli: Cli, row: Row, moment: str) -> int:
    from gittracker.services.wiki import history as pagehistory
    found = pagehistory.choose(cli.tracker, row, pagehistory.revisions(cli.tracker, row), moment)
    if cli.out.as_json:
        cli.out.json(listing.revision(found, whole=True))
        return 0
    _head(cli, found.name, found.page)
    since = f"unchanged since {found.at}" if found.at else f"at {found.entry[:_SHORT]}"
    cli.out.line(cli.out.paint(f"as it was at {moment}, {since}" if found.at else f"as it was {since}", "dim"))
    if found.page.body:
        cli.out.line(f"\n{found.page.body}")
    return 0


def _head(cli: Cli, name: str, page: Page) -> None:
    cli.out.line(f"{cli.out.paint(name, 'bold')}  {one_line(title_of(page, name))}")
    if page.labels:
        cli.out.line(" ".join(f"#{label}" for label in page.labels))


def _list(cli: Cli, args: Args) -> int:
    found = listing.search(cli.tracker, args["words"], args["project"] or "", args["labels"])
    if cli.form:
        rows = [one.to_json() for one in found]
        if not formats.rows(cli, args, _LIST_COLUMNS, rows):
            cli.out.json({"pages": rows, "total": len(rows)})
        return 0
    for one in found:
        title = one.row.record.title
        labels = " ".join(f"#{label}" for label in one.row.record.labels)
        cli.out.row("  ".join(part for part in (cli.out.paint(one.row.name, "bold"), one_line(title), labels) if part))
        if one.snippet:
            cli.out.row(f"    {one.snippet}")
    if not found:
        cli.out.line("no pages" if not args["words"] else f'no page has "{" ".join(args["words"])}"')
    return 0


def _tree(cli: Cli, args: Args) -> int:
    found = listing.tree(cli.tracker, args["path"], args["project"] or "")
    if cli.out.as_json:
        cli.out.json({"tree": [one.to_json() for one in found], "total": sum(one.count() for one in found)})
        return 0
    for one in found:
        cli.out.row(_branch(cli, one, one.path))
        _below(cli, one, "")
    if not found:
        cli.out.line("no pages")
    return 0


def _below(cli: Cli, branch: Branch, indent: str) -> None:
    for number, one in enumerate(branch.children, 1):
        last = number == len(branch.children)
        cli.out.row(f"{indent}{'└' if last else '├'}─ {_branch(cli, one, one.name)}")
        _below(cli, one, indent + ("   " if last else "│  "))


def _branch(cli: Cli, branch: Branch, name: str) -> str:
    """Write one line of the tree; a slash says that there is no page of that path itself."""
    if branch.row is None:
        return f"{name}/"
    title = branch.row.record.title
    return cli.out.paint(name, "bold") + (f"  {one_line(title)}" if title else "")


def _log(cli: Cli, args: Args) -> int:
    from gittracker.services.past import history
    from gittracker.services.wiki import history as pagehistory
    row = records.find(cli.tracker, Page.NOUN, args["path"])
    found = list(reversed(pagehistory.revisions(cli.tracker, row)))
    said = history.limits(cli.tracker)
    if cli.form:
        rows: list[dict[str, Any]] = [listing.revision(one) for one in found]
        if not formats.rows(cli, args, _LOG_COLUMNS, rows, "\n".join(said)):
            cli.out.json({"revisions": rows, "total": len(rows), "limits": said})
        return 0
    for one in found:
        when = one.at.replace("T", " ")[:16] or "before all that is known"
        cli.out.row(f"{one.number}  {one.entry[:_SHORT] or '-'}  {when}  {one.by or '-'}  +{one.added} -{one.removed}  "
                    f"{one.subject}")
    for sentence in said:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))
    return 0


def _diff(cli: Cli, args: Args) -> int:
    from gittracker.services.wiki import history as pagehistory
    row = records.find(cli.tracker, Page.NOUN, args["path"])
    every = pagehistory.revisions(cli.tracker, row)
    new = pagehistory.choose(cli.tracker, row, every, args["to"]) if args["to"] else every[-1]
    old = pagehistory.choose(cli.tracker, row, every, args["from"]) if args["from"] else every[max(0, len(every) - 2)]
    lines = pagehistory.diff(old, new)
    if cli.out.as_json:
        cli.out.json({"from": listing.revision(old), "to": listing.revision(new), "diff": lines})
        return 0
    for line in lines:
        color = _DIFF_COLORS.get(line[:1], "")
        cli.out.line(cli.out.paint(line, color) if color else line)
    if not lines:
        cli.out.line(f"{old.label} and {new.label} are the same" if old is not new else f"{row.name} has one revision")
    return 0


_WHEN = "its number, an entry's id, a time (2026-11-01T10:00) or a revision of git (main~3)"
SHOW = Command("page show", "Show a page with its comments.", (PATH,), (Flag("--at", f"as it was: {_WHEN}", "WHEN"),),
               ("page show guide/setup", "page show OW/guide/setup --json", "page show guide/setup --at 2026-11-01"),
               run=_show)
LIST = Command("page list", "List pages, all of them or those whose path, title or text has all of the words.",
               (Arg("words", "words to look for", "*"),),
               (Flag("--project", "the pages of one project", "KEY"),
                Flag("--label", "those with a label; can be repeated", "LABEL", many=True, dest="labels"), *LIST_FORM),
               ("page list", "page list time limit --label onboarding", "page list --format csv"), run=_list)
TREE = Command("page tree", "Show the pages as a tree.", (Arg("path", "only what is at and below it", "?"),),
               (PROJECT,), ("page tree", "page tree guide", "page tree --json"), run=_tree)
LOG = Command("page log", "List the revisions of a page, over all paths that it had, the newest first.", (PATH,),
              LIST_FORM, ("page log guide/setup", "page log guide/setup --format csv"), run=_log)
DIFF = Command("page diff", "Show how two revisions of a page differ; without any, what the last one changed.",
               (PATH, Arg("from", _WHEN, "?"), Arg("to", "the same; the newest where left out", "?")), (),
               ("page diff guide/setup", "page diff guide/setup 1 3", "page diff guide/setup 2026-11-01"), run=_diff)
