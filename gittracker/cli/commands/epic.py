"""`epic create|list|show|update|archive|unarchive|delete|progress`."""

from __future__ import annotations

from gittracker.cli import formats, shown, writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.cli.output import one_line
from gittracker.domain.epic import STATUSES, Epic
from gittracker.domain.errors import UsageError
from gittracker.services import epics, records
from gittracker.store.layout import attachments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.index.edges import Share
    from gittracker.index.records import Row
    from gittracker.services.write.writing import Held, Writing

_SETTABLE = ("status", "owner", "due")
_BAR = 20
_COLUMNS = ("slug", "status", "owner", "due", "percent", "tickets_done", "tickets_total", "title")


def _read(cli: Cli, args: Args) -> None:
    writes.read_body(cli, args, "description")


def _given(args: Args) -> dict[str, Any]:
    given = {name: args[name] for name in (*_SETTABLE, "title") if args.get(name) is not None}
    if args["body_text"] is not None:
        given["body"] = args["body_text"]
    return given


def _create(writing: Writing, args: Args) -> list[Held]:
    given = _given(args)
    given.pop("title")
    if args["labels"]:
        given["labels"] = tuple(sorted(args["labels"]))
    epics.create(writing, args["title"], given, args["project"] or "")
    return []


def _update(writing: Writing, args: Args) -> list[Held]:
    given = _given(args)
    if not given and not args["labels+"] and not args["labels-"]:
        raise UsageError("no field was given", f"gittracker epic update {args['epic']} --status active")
    if args["labels+"] or args["labels-"]:
        now = records.look_up(writing, Epic.NOUN, args["epic"]).record.labels
        given["labels"] = tuple(sorted({*now, *args["labels+"]} - set(args["labels-"])))
    epics.update(writing, args["epic"], given)
    return []


def _archive(writing: Writing, args: Args) -> list[Held]:
    for name in args["epics"]:
        epics.archive(writing, name)
    return []


def _unarchive(writing: Writing, args: Args) -> list[Held]:
    for name in args["epics"]:
        epics.archive(writing, name, archived=False)
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    epics.delete(writing, args["epic"])
    return []


def _progress(writing: Writing, args: Args) -> list[Held]:
    epics.add_progress(writing, args["epic"], args["body_text"] or "")
    return []


def _list(cli: Cli, args: Args) -> int:
    every = records.every(cli.tracker, Epic.NOUN)
    shown = [row for row in every if args["all"] or (not row.record.archived and not row.record.completed_at)]
    shares = epics.shares(cli.tracker, shown)
    if cli.form:
        found = [{**_json(row), **_share_json(share)} for row, share in zip(shown, shares, strict=True)]
        if not formats.rows(cli, args, _COLUMNS, found):
            cli.out.json({"epics": found, "total": len(found)})
        return 0
    for row, share in zip(shown, shares, strict=True):
        cli.out.row(f"{cli.out.paint(row.name, 'bold')}  {row.record.status.ljust(8)}  {share.percent:3}% "
                    f"({share.done} of {share.total})  {one_line(row.record.title)}")
    if not shown:
        cli.out.line("no epics" + (": gittracker epic list --all" if every else ""))
    return 0


def _show(cli: Cli, args: Args) -> int:
    row = records.find(cli.tracker, Epic.NOUN, args["epic"])
    share = epics.shares(cli.tracker, [row])[0]
    entries = epics.entries(cli.tracker, row)
    said = shown.backlinks(cli, row)
    if cli.out.as_json:
        from gittracker.services import views
        told = [shown.comment_json(cli, one) for one in entries]
        cli.out.json({**_json(row), **views.attached(cli.tracker, attachments(row.path)), **_share_json(share),
                      "progress": told, "mentions": shown.mentions(cli, row.record.body, row.path),
                      "mentioned_in": [one.to_json() for one in said],
                      "tickets": [{"slug": t.slug, "title": t.title, "status": t.status}
                                  for t in epics.tickets_of(cli.tracker, row)]})
        return 0
    _print(cli, row, share)
    for line in shown.files(cli, attachments(row.path)):
        cli.out.line(line)
    for ticket in epics.tickets_of(cli.tracker, row):
        cli.out.row(f"  {ticket.slug}  {ticket.status}  {one_line(ticket.title)}")
    for line in shown.mentioned_in(row.name, said):
        cli.out.line(line)
    if row.record.body:
        cli.out.line(f"\n{shown.text(cli, row.record.body, row.path)}")
    for title, found in (("Progress", entries), ("Comments", epics.comments_of(cli.tracker, row))):
        if found:
            cli.out.line(f"\n{title}\n")
        for one in found:
            shown.print_comment(cli, one)
    return 0


def _print(cli: Cli, row: Row, share: Share) -> None:
    epic = row.record
    done = share.percent * _BAR // 100
    cli.out.line(f"{cli.out.paint(row.name, 'bold')}  {one_line(epic.title)}")
    facts = [epic.status, epic.owner, f"due {epic.due}" if epic.due else "", " ".join(f"#{one}" for one in epic.labels),
             "archived" if epic.archived else ""]
    cli.out.line(" · ".join(fact for fact in facts if fact))
    cli.out.line(f"{'█' * done}{'░' * (_BAR - done)} {share.percent}%: {share.done} of {share.total} ticket(s) done, "
                 f"{share.started} under way")


def _json(row: Row) -> dict[str, Any]:
    from gittracker.services import views
    return views.record(row)


def _share_json(share: Share) -> dict[str, Any]:
    return {"tickets_total": share.total, "tickets_started": share.started, "tickets_done": share.done,
            "percent": share.percent}


_EPIC = Arg("epic", "slug, ref or a unique prefix")
_EPICS = Arg("epics", "slugs, refs or unique prefixes", "+")
_FIELDS = (Flag("--status", ", ".join(STATUSES), "STATUS"), Flag("--owner", "who answers for it; @me is you", "NAME"),
           Flag("--due", "when it should be done", "DATE"), *body_flags("--description", "description"))
CREATE = Command(
    "epic create", "Create an epic.", (Arg("title", "what is to be reached"),),
    (Flag("--project", "the project whose next number it gets", "KEY"), *_FIELDS,
     Flag("--label", "a label; can be repeated", "LABEL", many=True, dest="labels")),
    ("epic create 'Uploads never fail' --owner alice --due 2027-03-01", "epic create 'Release 2' --status active"),
    act=_create, prepare=_read)
LIST = Command("epic list", "List the open epics and how far their tickets are.", (),
               (Flag("--all", "closed and archived ones too"), *LIST_FORM), ("epic list", "epic list --all --json"),
               run=_list)
SHOW = Command("epic show", "Show an epic, its tickets, its progress and its comments.", (_EPIC,),
               examples=("epic show OW-E1", "epic show OW-E1 --json"), run=_show)
UPDATE = Command(
    "epic update", "Change fields of an epic.", (_EPIC,),
    (Flag("--title", "one line that says what is to be reached", "TEXT"), *_FIELDS,
     Flag("--label-add", "add a label", "LABEL", many=True, dest="labels+"),
     Flag("--label-remove", "remove a label", "LABEL", many=True, dest="labels-")),
    ("epic update OW-E1 --status active", "epic update OW-E1 --due none --label-add q3"), act=_update, prepare=_read)
ARCHIVE = Command("epic archive", "Put epics away; their tickets stay as they are.", (_EPICS,), (),
                  ("epic archive OW-E1",), act=_archive)
UNARCHIVE = Command("epic unarchive", "Bring archived epics back.", (_EPICS,), (), ("epic unarchive OW-E1",),
                    act=_unarchive)
DELETE = Command("epic delete", "Delete an epic that no ticket names; --force frees its tickets.", (_EPIC,), (),
                 ("epic delete OW-E1", "epic delete OW-E1 --force"), act=_delete)
PROGRESS = Command(
    "epic progress", "Add an entry to an epic's progress.", (_EPIC,), body_flags(),
    ("epic progress OW-E1 --body 'The retry is in; the resume is next.'",), act=_progress, prepare=writes.read_body)
