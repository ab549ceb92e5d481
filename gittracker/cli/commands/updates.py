"""`updates add|list|show|edit|delete|revisions`."""

from __future__ import annotations

from gittracker.cli import formats, shown, writes
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.cli.output import one_line
from gittracker.domain.comment import Comment
from gittracker.domain.errors import NotFoundError, UsageError
from gittracker.domain.query import limit as read_limit
from gittracker.domain.update import STATUSES, Update, heading
from gittracker.services import updates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.past.revisions import Revision
    from gittracker.services.updates import Told
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("name", "status", "project", "by", "at", "comment_count", "last_activity_at", "heading")
_REVISION_COLUMNS = ("number", "at", "by", "status", "title", "body")
_STYLES = {"on_track": "green", "at_risk": "yellow", "off_track": "red"}
_PAGE = "50"
_WIDEST = max(map(len, STATUSES))


def _given(args: Args) -> dict[str, str]:
    given = {name: args[name] for name in ("status", "title") if args.get(name) is not None}
    if args["body_text"] is not None:
        given["body"] = args["body_text"]
    return given


def _add(writing: Writing, args: Args) -> list[Held]:
    updates.add(writing, _given(args), args["project"] or "")
    return []


def _edit(writing: Writing, args: Args) -> list[Held]:
    given = _given(args)
    if not given:
        raise UsageError("nothing to change was given", f"gittracker updates edit {args['update']} --status at_risk")
    updates.edit(writing, args["update"], given)
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    for name in args["updates"]:
        updates.delete(writing, name)
    return []


def _list(cli: Cli, args: Args) -> int:
    found = updates.listed(cli.tracker, args["project"] or "", args["status"] or "", args["deleted"])
    shown = _behind(found, args["cursor"])[:read_limit(args["limit"] or _PAGE)]
    cursor = shown[-1].row.name if shown and shown[-1] is not found[-1] else None
    if cli.form:
        page = [_json(told) for told in shown]
        more = f"more: gittracker updates list --cursor {cursor}" if cursor else ""
        if not formats.rows(cli, args, _COLUMNS, page, more):
            cli.out.json({"updates": page, "total": len(found), "cursor": cursor})
        return 0
    for told in shown:
        cli.out.row(_line(cli, told))
    if cursor:
        cli.out.line(f"more: gittracker updates list --cursor {cursor}")
    if not shown:
        cli.out.line("no updates")
    return 0


def _behind(found: list[Told], cursor: str | None) -> list[Told]:
    """Go on behind the update that the cursor names; raises UsageError where it is gone."""
    if cursor is None:
        return found
    names = [told.row.name for told in found]
    if cursor not in names:
        raise UsageError(f'the cursor "{cursor}" no longer names an update', "list again from the start")
    return found[names.index(cursor) + 1:]


def _line(cli: Cli, told: Told) -> str:
    update = told.row.record
    status = cli.out.paint(update.status.ljust(_WIDEST), _STYLES.get(update.status, "dim"))
    said = f"  ({told.comment_count} comment(s))" if told.comment_count else ""
    text = "(deleted)" if update.deleted_at else one_line(heading(update))
    return f"{cli.out.paint(told.row.name, 'bold')}  {status}  {update.project}  {update.by}  {text}{said}"


def _show(cli: Cli, args: Args) -> int:
    told = updates.told(cli.tracker, updates.find(cli.tracker, args["update"]))
    remarks = updates.comments_of(cli.tracker, told.row)
    said = shown.backlinks(cli, told.row)
    if cli.out.as_json:
        cli.out.json({**_json(told), "comments": [shown.comment_json(cli, one) for one in remarks],
                      "mentions": shown.mentions(cli, told.row.record.body, told.row.path),
                      "mentioned_in": [one.to_json() for one in said]})
        return 0
    update = told.row.record
    cli.out.line(_line(cli, told))
    cli.out.line(cli.out.paint(f"written {_moment(update.at)}{_noted(update)} · .openkit/{told.row.path}", "dim"))
    for line in shown.mentioned_in(told.row.name, said):
        cli.out.line(line)
    if update.body:
        cli.out.line(f"\n{shown.text(cli, update.body, told.row.path)}")
    if remarks:
        cli.out.line("\nComments\n")
        for one in remarks:
            shown.print_comment(cli, one)
    return 0


def _noted(update: Update) -> str:
    edited = f" · edited {_moment(update.edited_at)} by {update.edited_by}" if update.edited_at else ""
    return edited + (f" · deleted {_moment(update.deleted_at)} by {update.deleted_by}" if update.deleted_at else "")


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _json(told: Told) -> dict[str, Any]:
    from gittracker.services import views
    return {**views.record(told.row), "heading": heading(told.row.record), "comment_count": told.comment_count,
            "last_activity_at": told.last_activity_at}


def _revisions(cli: Cli, args: Args) -> int:
    from gittracker.services.past import revisions
    row = updates.find(cli.tracker, args["update"])
    path, cls = _revised(cli, row, args["comment"])
    found = revisions.of_file(cli.tracker, row.name, path, cls)
    if cli.form:
        told = [_revision_json(one) for one in found]
        if not formats.rows(cli, args, _REVISION_COLUMNS, told):
            cli.out.json({"revisions": told, "total": len(told)})
        return 0
    for one in found:
        status = f"  {one.record.status}" if cls is Update else ""
        cli.out.line(cli.out.paint(f"#{one.number} {one.by} {_moment(one.at)}{status}", "dim"))
        for text in (one.record.__dict__.get("title"), one.record.body or "(deleted)"):
            if text:
                cli.out.line(text)
        cli.out.line()
    if not found:
        cli.out.line("no revision is known: gittracker log")
    return 0


def _revised(cli: Cli, row: Any, number: str | None) -> tuple[str, Any]:
    """Give the file whose revisions are asked for, and what it is; raises NotFoundError."""
    if number is None:
        return row.path, Update
    from gittracker.services import comments
    from gittracker.store import layout
    for one in comments.listed_in(cli.tracker, layout.thread(row.path), deleted=True):
        if number in (str(one.number), one.comment.ref):
            return one.path, Comment
    raise NotFoundError("comment", number, f"gittracker comment list {row.name} --deleted")


def _revision_json(one: Revision) -> dict[str, Any]:
    own = one.record.__dict__
    return {"number": one.number, "at": one.at, "by": one.by, "entry": one.entry or None,
            "status": own.get("status"), "title": own.get("title") or None, "body": one.record.body}


_UPDATE = Arg("update", "its name, ref, a unique prefix, or the last four characters")
_SOME = Arg("update", "its name, ref, a unique prefix, or the last four characters; without one, the newest", "?")
_STATUS = Flag("--status", f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}", "STATUS")
_TITLE = Flag("--title", "one line; without it, the text's beginning is shown", "TEXT")
ADD = Command(
    "updates add", "Say how a project goes.", (),
    (_STATUS, *body_flags(), _TITLE, Flag("--project", "the project's key", "KEY")),
    ("updates add --status on_track --body 'Retry is in review; the resume is next.'",
     "updates add --status at_risk --title 'Late by a week' --body-file week-14.md --project OW"),
    act=_add, prepare=writes.read_body)
LIST = Command(
    "updates list", "List the updates, the newest activity first.", (),
    (Flag("--project", "of this project only", "KEY"), Flag("--status", "with this status only", "STATUS"),
     Flag("--deleted", "deleted ones too"), Flag("--limit", f"how many at most (default {_PAGE})", "N"),
     Flag("--cursor", "go on behind this update", "NAME"), *LIST_FORM),
    ("updates list", "updates list --project OW --status at_risk --limit 5 --json"), run=_list)
SHOW = Command("updates show", "Show an update and its comments.", (_SOME,), (),
               ("updates show", "updates show 20261122T100000Z-k3f9", "updates show k3f9 --json"), run=_show)
EDIT = Command("updates edit", "Change an update's status, title or text.", (_UPDATE,),
               (_STATUS, *body_flags(), _TITLE), ("updates edit k3f9 --status off_track --body 'It will be May.'",),
               act=_edit, prepare=writes.read_body)
DELETE = Command("updates delete", "Drop an update's title and text; who did and when stays.",
                 (Arg("updates", "names, refs, unique prefixes, or the last four characters", "+"),), (),
                 ("updates delete k3f9",), act=_delete)
REVISIONS = Command("updates revisions", "List what an update, or a comment on it, said before.", (_SOME,),
                    (Flag("--comment", "of this comment instead: its number in the list, or its ref", "COMMENT"),
                     *LIST_FORM), ("updates revisions k3f9", "updates revisions k3f9 --comment 1 --json"),
                    run=_revisions)
