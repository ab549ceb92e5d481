"""What all writing commands share: the request, the receipts, what is printed."""

from __future__ import annotations

import sys

from gittracker.cli import output
from gittracker.cli.flags import EVERY, FIRST
from gittracker.domain.errors import NotFoundError, TrackerError, UsageError
from gittracker.domain.texts import one_line
from gittracker.formats.etag import blob_id
from gittracker.services.write.apply import Outcome, perform, rehearse
from gittracker.services.write.writing import Request
from gittracker.store import atomic, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gittracker.cli.flags import Args, Command
    from gittracker.cli.main import Cli


_SETTINGS = (layout.CONFIG, layout.STATUSES, layout.GITIGNORE, layout.GITATTRIBUTES)


def run(cli: Cli, command: Command, args: Args, words: list[str]) -> int:
    """Do one writing command and print its receipt."""
    check_request_flags(args)
    if command.prepare:
        command.prepare(cli, args)
    asked = request(command.words, args, words)
    if args.get("dry_run"):
        return _rehearse(cli, command, args, asked)
    _tell(cli, _do(cli, command, args, asked), command.answer)
    return 0


def _rehearse(cli: Cli, command: Command, args: Args, asked: Request) -> int:
    """Say what a command would change; nothing is written and no lock is taken."""
    act = command.act
    assert act
    writing = cli.steadily(lambda: rehearse(cli.tracker, asked, lambda writing: act(writing, args)))
    if cli.out.as_json:
        from gittracker.services import views
        cli.out.json(views.rehearsal(writing))
        return 0
    for subject in writing.subjects or ["nothing to change"]:
        cli.out.line(f"would be so: {subject}" if writing.subjects else subject)
    for one in writing.touched:
        noun, _, verb = one.kind.partition(".")
        changes = one.changes.items() if verb == "updated" else ()
        cli.out.row(f"    {noun} {one.slug} {verb}" + "".join(
            f", {name} {output.value(old)} → {output.value(new)}" for name, (old, new) in changes))
    return 0


def _do(cli: Cli, command: Command, args: Args, asked: Request) -> Outcome:
    """Do the write, and tell the command how it ended."""
    act, finish = command.act, command.finish or (lambda *_: None)
    assert act
    try:
        outcome: Outcome = cli.steadily(lambda: command.carry(cli, args, asked) if command.carry else perform(
            cli.tracker, asked, lambda writing: act(writing, args)))
    except TrackerError as error:
        finish(args, error)
        raise
    if outcome.ended:
        from gittracker.services.claim import remoteclaims
        remoteclaims.drop(cli.tracker, outcome)
    finish(args, None)
    return outcome


def request(name: str, args: Args, words: list[str]) -> Request:
    """Make the request; the fingerprint tells a retry from another command under the same key."""
    key = args["idempotency_key"] or ""
    text = "\n".join([name, *_asked(words), args.get("body_text") or ""])
    fingerprint = blob_id(text.encode(errors="surrogateescape")) if key else ""
    return Request(name, key, fingerprint, args["if_match"] or "", args["force"])


def check_request_flags(args: Args) -> None:
    """Refuse a precondition or a key that is empty, as an unset variable of a shell is, or not one line."""
    for flag, value in (("--if-match", args["if_match"]), ("--idempotency-key", args["idempotency_key"])):
        if value is not None:
            one_line(flag, value)


def _asked(words: list[str]) -> list[str]:
    """Leave out where the command was run from and how it prints: a retry may differ in both."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "-C":
            next(rest, None)
        elif word != "--json" and not word.startswith("-C="):
            kept.append(word)
    return kept


def request_of(name: str, args: Args, whole: Request) -> Request:
    """Make the request of one line of a batch: its own precondition, the batch's key."""
    return Request(name, whole.key, whole.fingerprint, args["if_match"] or "", args["force"] or whole.force)


def _tell(cli: Cli, outcome: Outcome, answer: str) -> None:
    """Print what a write gave; where that fails, the error says that the write itself was done."""
    try:
        cli.steadily(lambda: show(cli, outcome, answer))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, TrackerError) as error:
        raise TrackerError(f"the write was done, but what it gave can't be printed: {error}",
                           "gittracker log --limit 1") from error


def show(cli: Cli, outcome: Outcome, answer: str = "") -> None:
    """Print what a write gave; as JSON in the shape that the command's `answer` names."""
    for warning in outcome.warnings:
        cli.out.aside(f"warning: {warning}")
    if cli.out.as_json:
        results = [result(cli, receipt) for receipt in outcome.receipts]
        if answer == FIRST and results:
            cli.out.json({**results[0], "also": results[1:]})
        else:
            cli.out.json(results[0] if len(results) == 1 and answer != EVERY else {"results": results})
        return
    if outcome.replayed:
        for receipt in outcome.receipts:
            cli.out.line(f"{receipt['slug']}: this was done before under the same idempotency key")
            if "lease" in receipt:
                cli.out.line(f"GITTRACKER_LEASE={receipt['lease']}")
        return
    for subject in outcome.subjects:
        cli.out.line(subject)
    for receipt in outcome.receipts:
        if "lease" in receipt:
            cli.out.line(f"GITTRACKER_LEASE={receipt['lease']}")
    for remark in outcome.remarks:
        cli.out.line(remark)
    said = {subject.partition(" ")[0] for subject in outcome.subjects}
    for receipt in outcome.receipts:
        if receipt["slug"] not in said and receipt["old_etag"] == receipt["new_etag"]:
            cli.out.line(f"{receipt['slug']} has nothing to change")
    if not outcome.receipts:
        cli.out.line("nothing to change")
    if any(receipt["pending"] for receipt in outcome.receipts):
        cli.out.line(cli.out.paint("(sandboxed: the next command that may write git's folder journals it)", "dim"))


def result(cli: Cli, receipt: dict[str, Any]) -> dict[str, Any]:
    """Give a receipt with the record as it is now."""
    from gittracker.services import views
    path = receipt["path"].removeprefix(".openkit/")
    if path == layout.STATUSES:
        status = cli.tracker.settings.status_of(receipt["slug"])
        return {"status": status.to_json() if status and status.slug == receipt["slug"] else None, "receipt": receipt}
    if path == layout.CONFIG and receipt["slug"] in cli.tracker.settings.projects:
        return {"project": views.project(cli.tracker, receipt["slug"]), "receipt": receipt}
    folder = layout.folder_of(path)
    if not folder and not path.startswith(_SETTINGS):
        return {**views.of_file(cli.tracker, path), "receipt": receipt}
    row = cli.tracker.at(folder) if folder else None
    found: dict[str, Any] = {"ticket": views.ticket(row) if row else None}
    data = atomic.read(cli.tracker.path(path)) if row and layout.is_comment(path) else None
    if row and data is not None:
        from gittracker.services import comments
        found["comment"] = views.comment(comments.read(path, data, comments.number_of(cli.tracker, row, path)))
    if row and path.startswith(f"{folder}/{layout.USAGE}/"):
        found["usage"] = views.usage_at(cli.tracker, row, path)
    if row and path.startswith(f"{folder}/{layout.ATTACHMENTS}/"):
        found["attachment"] = views.attachment_at(cli.tracker, path)
    if row and "lease" in receipt:
        from gittracker.services.claim import leaseviews
        found["lease"] = leaseviews.shown(cli.tracker, row)
    found["receipt"] = receipt
    return found


def read_body(cli: Cli, args: Args, flag: str = "body") -> None:
    """Read the text before the lock is taken, and keep it in `body_text`."""
    given, file = args.get(flag), args.get("body_file")
    if given is not None and file:
        raise UsageError(f"--{flag} and --body-file can't both be given", "give one of them")
    if file == "-":
        data = sys.stdin.buffer.read()
    elif file:
        found = _read_file(file)
        if found is None:
            raise NotFoundError("file", file, "name a file that exists, or - for standard input")
        data = found
    else:
        args["body_text"] = given
        return
    try:
        args["body_text"] = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f'"{file}" is not UTF-8 text', "give a text file") from error


def text_of(args: Args) -> str:
    """Give the text that `read_body` read; raises UsageError where none was given."""
    text = args["body_text"]
    if text is None:
        raise UsageError("no text was given", "--body TEXT or --body-file FILE")
    return str(text)


def _read_file(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f'can\'t read "{path}": {error.strerror}', "name a readable file") from error
