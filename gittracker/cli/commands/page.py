"""`page write|append|edit|move|delete`."""

from __future__ import annotations

import os

from gittracker.cli import drafts, writes
from gittracker.cli.flags import Arg, Command, Flag, body_flags
from gittracker.services.wiki import pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.write.writing import Held, Writing


def _write(writing: Writing, args: Args) -> list[Held]:
    given = pages.Given(args["body_text"], args["title"], args["labels+"], args["labels-"], args["new"])
    pages.write(writing, args["path"], given, args["project"] or "")
    return []


def _append(writing: Writing, args: Args) -> list[Held]:
    pages.append(writing, args["path"], args["body_text"] or "", args["project"] or "")
    return []


def _move(writing: Writing, args: Args) -> list[Held]:
    pages.move(writing, args["path"], args["to"], args["project"] or "")
    return []


def _delete(writing: Writing, args: Args) -> list[Held]:
    pages.delete(writing, args["path"], args["recursive"], args["project"] or "")
    return []


def _prepare_edit(cli: Cli, args: Args) -> None:
    from gittracker.services.wiki import editing
    editor = os.environ.get("GIT_EDITOR") or os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    args["draft"] = editing.open_editor(cli.tracker, args["path"], editor, args["if_match"] or "")


def _edit(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.wiki import editing
    editing.save(writing, args["draft"])
    return []


PATH = Arg("path", "guide/setup, or OW/guide/setup with its project; also a ref or a path it once had")
_NEW_PATH = Arg("path", "guide/setup, or OW/guide/setup with its project; kept in lower case")
PROJECT = Flag("--project", "the project whose page it is; the default project otherwise", "KEY")
WRITE = Command(
    "page write", "Write a page of the wiki; one that is there is replaced.", (_NEW_PATH,),
    (*body_flags(), Flag("--title", "a name for people; none takes it away", "TEXT"),
     Flag("--label-add", "add a label", "LABEL", many=True, dest="labels+"),
     Flag("--label-remove", "remove a label", "LABEL", many=True, dest="labels-"), PROJECT,
     Flag("--new", "only if no page is there")),
    ("page write guide/setup --title 'How to set up' --body-file setup.md",
     "page write OW/guide/setup --label-add onboarding", "page write notes --body 'All of it.' --if-match ETAG"),
    act=_write, prepare=writes.read_body)
APPEND = Command(
    "page append", "Add a paragraph to the end of a page; one that isn't there is made.", (_NEW_PATH,),
    (*body_flags(), PROJECT), ("page append notes --body 'Found today: the limit is 5 MB.'",), act=_append,
    prepare=writes.read_body)
EDIT = Command(
    "page edit", "Edit a page in $EDITOR; what others change meanwhile is merged.", (PATH,), (),
    ("page edit guide/setup",), act=_edit, prepare=_prepare_edit, finish=drafts.close)
MOVE = Command(
    "page move", "Move a page with all that lies below it; the old paths still find it.",
    (PATH, Arg("to", "the new path")), (PROJECT,),
    ("page move guide/setup manual/setup", "page move OW/guide WEB/guide"), act=_move)
DELETE = Command(
    "page delete", "Delete a page with its comments and files; undo and recover bring it back.", (PATH,),
    (Flag("--recursive", "all that is below its path too"), PROJECT),
    ("page delete guide/setup", "page delete guide --recursive"), act=_delete)
