"""`attachment add|list|get|remove`."""

from __future__ import annotations

import os
import sys

from gittracker.cli import formats
from gittracker.cli.flags import LIST_FORM, Arg, Command, Flag
from gittracker.domain.errors import ConflictError, UsageError
from gittracker.domain.texts import size_shown
from gittracker.formats import sniff
from gittracker.formats.etag import blob_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.attached.attachments import Attachment
    from gittracker.services.write.writing import Held, Writing

_COLUMNS = ("name", "type", "size", "by", "at", "ref")
_STDIN = "-"
# A command holds all its files in memory.
_MOST_AT_ONCE = 100 * 1024 * 1024


def _read(cli: Cli, args: Args) -> None:
    """Read the files before the lock is taken."""
    from gittracker.store import incoming
    most = cli.tracker.settings.attachment_max_bytes
    paths, name = args["files"], args["name"]
    if name is not None and len(paths) > 1:
        raise UsageError("--name is for one file", "add them one by one")
    if name is not None and not name.strip():
        raise UsageError("--name is empty", "--name trace.png")
    found: list[tuple[str, bytes]] = []
    for path in paths:
        if path == _STDIN and name is None:
            raise UsageError("standard input has no name", f"gittracker attachment add {args['record']} - --name a.txt")
        data = incoming.read_input(name, most) if path == _STDIN else incoming.read(path, most)
        found.append((os.path.basename(path) if name is None else name, data))
        if len(found) > 1 and sum(len(data) for _, data in found) > max(_MOST_AT_ONCE, most):
            raise UsageError(f"these files have more than {size_shown(max(_MOST_AT_ONCE, most))} together",
                             "add them in several commands")
    args["found"] = found
    args["body_text"] = "\n".join(blob_id(data) for _, data in found)  # tells a retry from another command


def _add(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.attached import attaching
    return attaching.add(writing, args["record"], args["found"])


def _remove(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.attached import attaching
    return attaching.remove(writing, args["record"], args["names"])


def _list(cli: Cli, args: Args) -> int:
    from gittracker.services.attached import attachments
    owner = attachments.owner_of(cli.tracker, args["record"])
    found, odd = attachments.listed(cli.tracker, owner)
    if cli.form:
        shown = [one.to_json() for one in found]
        problems = [{"path": f".openkit/{path}", "message": why} for path, why in odd]
        if not formats.rows(cli, args, _COLUMNS, shown):
            cli.out.json({"attachments": shown, "total": len(shown), "problems": problems})
    else:
        for one in found:
            cli.out.row(_line(cli, one))
        if not found and not odd:
            cli.out.line(f"{owner.name} has no attachments")
    for path, why in odd:
        cli.out.aside(f"problem: .openkit/{path}: {why}")
    return 0


def _line(cli: Cli, one: Attachment) -> str:
    kind = one.kind or "not fetched"
    active = " (active)" if sniff.is_active(one.kind) else ""
    kept = " (git LFS)" if one.lfs else ""
    who = " ".join(word for word in (one.by, one.at[:16].replace("T", " ")) if word)
    parts = (cli.out.paint(one.name, "bold"), f"{kind}{active}{kept}", size_shown(one.size), who,
             "" if cli.out.tty else one.ref)
    return "  ".join(part for part in parts if part)


def _get(cli: Cli, args: Args) -> int:
    from gittracker.services.attached import attachments
    to_stdout = args["output"] == _STDIN
    if to_stdout and cli.out.as_json:
        raise UsageError("--output - prints the file alone", "leave out --json")
    owner = attachments.owner_of(cli.tracker, args["record"])
    one = attachments.find(cli.tracker, owner, args["name"])
    data = attachments.content(cli.tracker, one)
    if to_stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return 0
    target = _target(args["output"], one.name)
    _save(target, data, args["force"])
    if cli.out.as_json:
        cli.out.json({**one.to_json(), "output": os.path.abspath(target)})
    else:
        kind = one.kind or sniff.sniff(data[:sniff.HEAD], len(data))
        cli.out.line(f"{target}: {kind}, {size_shown(len(data))}")
    return 0


def _target(output: str | None, name: str) -> str:
    """Give the file to write: as named, in the folder that is named, or in this one; never where a name leads."""
    from gittracker.domain.names import make_safe
    safe = make_safe(name.rpartition("/")[2])
    if not output:
        return safe
    return os.path.join(output, safe) if os.path.isdir(output) else output


def _save(target: str, data: bytes, force: bool) -> None:
    """Write a file of the user's; raises ConflictError where one is there, UsageError where none can be."""
    from gittracker.store import atomic
    if os.path.lexists(target):
        if not os.path.isfile(target) or os.path.islink(target):
            raise UsageError(f'"{target}" is no plain file', "--output another file, or - for standard output")
        if not force:
            raise ConflictError(f'"{target}" is there already', "--output another file, or --force to replace it")
    folder = os.path.dirname(target)
    if folder and not os.path.isdir(folder):
        raise UsageError(f'there is no folder "{folder}"', "make it first")
    atomic.write(os.path.abspath(target), data)


_RECORD = Arg("record", "a ticket, an epic or a page, by any of its names")
ADD = Command(
    "attachment add", "Attach files to a ticket, an epic or a page.",
    (_RECORD, Arg("files", "files to attach; - is standard input", "+")),
    (Flag("--name", "the name it gets; without it, the file's own", "NAME"),),
    ("attachment add OW-1 trace.png", "attachment add OW-E1 plan.pdf budget.csv",
     "attachment add OW-1 - --name build.log"), act=_add, prepare=_read)
LIST = Command("attachment list", "List the files attached to a record.", (_RECORD,), LIST_FORM,
               ("attachment list OW-1", "attachment list OW-1 --json"), run=_list)
GET = Command(
    "attachment get", "Save an attached file; without --output under its name in this folder.",
    (_RECORD, Arg("name", "its name, or its ref")),
    (Flag("--output", "the file or folder to write; - is standard output", "FILE"),
     Flag("--force", "replace a file that is there")),
    ("attachment get OW-1 trace.png", "attachment get OW-1 trace.png --output /tmp/",
     "attachment get OW-1 build.log --output -"), run=_get)
REMOVE = Command("attachment remove", "Take files off a record; undo brings them back.",
                 (_RECORD, Arg("names", "their names, or refs", "+")), (), ("attachment remove OW-1 trace.png",),
                 act=_remove)
