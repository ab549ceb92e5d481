"""`comment add|list|edit|delete`."""

from __future__ import annotations

from gittracker.cli import writes
from gittracker.cli.flags import BUDGET, LIST_FORM, Arg, Command, Flag, body_flags
from gittracker.domain.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing

_RECORD = Arg("record", "a ticket, an epic, a page or an update, by any of its names")
_COMMENT = Arg("comment", "its number in the list, or its ref")
_BODY = body_flags()
_COLUMNS = ("number", "by", "at", "body")


def _add(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import comments
    comments.add(writing, args["record"], args["body_text"] or "", args["reply_to"] or "")
    return []


def _edit(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import comments
    return comments.edit(writing, args["record"], args["comment"], writes.text_of(args))


def _delete(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services import comments
    return comments.delete(writing, args["record"], args["comment"])


def _list(cli: Cli, args: Args) -> int:
    from gittracker.cli import shown
    from gittracker.services import comments
    from gittracker.services.past import losses
    name, place, found = comments.listed_of(cli.tracker, args["record"], args["deleted"])
    if args["cursor"] is not None:
        found = [one for one in found if one.number < _number(args["cursor"], name)]
    if cli.budget:
        from gittracker.cli import budgeted
        return budgeted.list_comments(cli, args, name, found)
    if cli.form:
        from gittracker.cli import formats
        rows = [shown.comment_json(cli, c) for c in found]
        if not formats.rows(cli, args, _COLUMNS, rows):
            cli.out.json({"comments": rows, "total": len(found)})
        return 0
    for one in found:
        shown.print_comment(cli, one)
    lost = losses.count_lost_comments(cli.tracker, place)
    if lost:
        cli.out.line(f"{lost} lost comment(s): gittracker recover {name}")
    elif not found:
        cli.out.line(f"{name} has no comments")
    return 0


def _number(cursor: str, name: str) -> int:
    if not cursor.isascii() or not cursor.isdecimal():
        raise UsageError(f'the cursor "{cursor}" is no number of a comment', f"gittracker comment list {name}")
    return int(cursor)


ADD = Command(
    "comment add", "Add a comment to a ticket, an epic, a page or an update.", (_RECORD,),
    (*_BODY, Flag("--reply-to", "the comment it replies to", "COMMENT")),
    ("comment add OW-1 --body 'Found it: the timeout is 5 s.'",
     "comment add OW-1 --body-file notes.md --as bot:codex-1"),
    act=_add, prepare=writes.read_body)
LIST = Command(
    "comment list", "List the comments on a record.", (_RECORD,),
    (Flag("--deleted", "deleted ones too"), Flag("--cursor", "only those before comment N", "N"), *LIST_FORM, BUDGET),
    ("comment list OW-1", "comment list OW-1 --json", "comment list OW-1 --budget 500"), run=_list)
EDIT = Command(
    "comment edit", "Rewrite a comment.", (_RECORD, _COMMENT), _BODY,
    ("comment edit OW-1 2 --body 'The timeout is 50 s.'",), act=_edit, prepare=writes.read_body)
DELETE = Command(
    "comment delete", "Empty a comment; who did and when stays.", (_RECORD, _COMMENT), (),
    ("comment delete OW-1 2",), act=_delete)
