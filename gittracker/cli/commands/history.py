"""`log`, `undo`, `recover`, `purge`, `commit`."""

from __future__ import annotations

from gittracker.cli.flags import BUDGET, LIST_FORM, Arg, Command, Flag
from gittracker.cli.output import fit, value
from gittracker.domain.errors import UsageError
from gittracker.domain.query import limit as read_limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.services.past.history import Logged
    from gittracker.services.write.writing import Held, Writing

_SHORT = 10
_WHERE = {"journal": "", "pending": " (pending)", "branch": " (commit)", "foreign": " (another clone)"}
_LOG_COLUMNS = ("entry", "at", "actor", "subject")
_LOG_FEW = ("at", "actor", "subject")
_MOST, _LEAST_TOKENS = 5_000, 16  # no entry has fewer tokens
_SUBJECT = 100  # columns of a subject that has to be brief
_VALUE = 160  # quarters of a token that a value may have where not all entries fit


def _log(cli: Cli, args: Args) -> int:
    from gittracker.services.past import history
    usual = min(_MOST, cli.budget // _LEAST_TOKENS + 1) if cli.budget else 50
    found = history.log(cli.tracker, args["ticket"], read_limit(args["limit"] or str(usual)), args["before"] or "")
    said = history.limits(cli.tracker)
    if args["signatures"]:
        history.sign(cli.tracker, found)
    if cli.budget:
        return _log_within_budget(cli, args, found, said)
    if cli.form:
        from gittracker.cli import formats
        entries = [_entry_json(e) for e in found]
        if not formats.rows(cli, args, _LOG_COLUMNS, entries, "\n".join(said)):
            cli.out.json({"entries": entries, "limits": said})
        return 0
    for entry in found:
        for line in _lines(cli, entry):
            cli.out.row(line)
    if not found:
        cli.out.line("no history")
    for sentence in said:
        cli.out.line(cli.out.paint(f"({sentence})", "dim"))
    return 0


def _lines(cli: Cli, entry: Logged, most: int = -1) -> list[str]:
    """Give an entry's line and those of its changes, at most so many."""
    where = entry.id[:_SHORT] + _WHERE[entry.source]
    changes = entry.changes if most < 0 else entry.changes[:most]
    left = len(entry.changes) - len(changes)
    subject = entry.subject if most else fit(entry.subject, _SUBJECT).rstrip()
    return [f"{where} {entry.at.replace('T', ' ')[:16]} {entry.actor}  {subject}{_signature(entry)}",
            *(change_line(cli, *change) for change in changes),
            *([f"    {left} more changes"] if left and most else ())]


def _signature(entry: Logged) -> str:
    """Say what --signatures found, for a person."""
    signature = entry.signature
    if signature is None:
        return ""
    if signature.status == "none":
        return "  [unsigned]"
    by = f" by {signature.signer}" if signature.signer else ""
    return f"  [signature {signature.status}{by}{f': {signature.reason}' if signature.reason else ''}]"


def _log_within_budget(cli: Cli, args: Args, found: list[Logged], said: list[str]) -> int:
    """Print entries from the newest on, more briefly where not all fit, as many as the budget allows."""
    from gittracker.cli import budgets
    from gittracker.services.past import history
    behind = history.count_behind(cli.tracker, args["ticket"], found[-1].id) if found else 0

    def left(count: int) -> tuple[int, str | None]:
        omitted = len(found) - count + behind
        return omitted, found[count - 1].id[:_SHORT] if omitted and count else None
    if not cli.form:
        def foot(count: int) -> list[str]:
            told = [*([] if found else ["no history"]), *(f"({sentence})" for sentence in said)]
            omitted, cursor = left(count)
            return [*told, budgets.more(omitted, cursor)] if omitted and cursor else told
        levels = (["\n".join(" ".join(line.split("\n")) for line in _lines(cli, e, most)) for e in found]
                  for most in (-1, 3, 0))
        return budgets.lines(cli, levels, len(found), foot)

    def tail(count: int) -> dict[str, Any]:
        omitted, cursor = left(count)
        return {"limits": said, "omitted": omitted, "cursor": cursor}
    return budgets.records(cli, args, "entries", _entry_levels(found), len(found), (_LOG_COLUMNS, _LOG_FEW), tail)


def _entry_levels(found: list[Logged]) -> Iterator[Iterator[dict[str, Any]]]:
    """Give entries ever more briefly: whole, with long values cut, without values, without changes."""
    from gittracker.domain import budget
    entries = [_entry_json(e) for e in found]

    def cut(value: Any) -> Any:
        return budget.cut(value, _VALUE, lambda left: f"… ({left:,} more characters)") if isinstance(
            value, str) else value
    yield iter(entries)
    yield ({**e, "changes": [{**c, "old": cut(c["old"]), "new": cut(c["new"])} for c in e["changes"]]}
           for e in entries)
    yield ({**_brief(e), "changes": [{k: c[k] for k in ("path", "record", "field")} for c in e["changes"]]}
           for e in entries)
    yield (_brief(e) for e in entries)


def _brief(entry: dict[str, Any]) -> dict[str, Any]:
    return {"entry": entry["entry"][:_SHORT], "at": entry["at"], "actor": entry["actor"],
            "subject": fit(entry["subject"], _SUBJECT).rstrip()}


def change_line(cli: Cli, path: str, what: str, field: str, old: Any, new: Any) -> str:
    """Write one change of a log as a line."""
    from gittracker.store import kinds
    place = kinds.place(path)
    slug = cli.tracker.name_at(place) if place else path
    if not field:
        verb = "added" if old is None else "removed" if new is None else "changed"
        label = new if old is None else old if new is None else None
        shown = f": {label}" if label not in ("…", None) else ""
        return f"    {slug} {what} {verb}{shown}" if what != path else f"    {path} {verb}"
    name = field if what in ("ticket", "epic", "page", "update") else f"{what} {field}"
    return f"    {slug} {name}: {value(old)} → {value(new)}"


def _entry_json(entry: Logged) -> dict[str, Any]:
    one = entry.signature
    signed = {"signature": {"status": one.status, "signer": one.signer or None, "key": one.key or None,
                            "reason": one.reason or None}} if one else {}
    return {"entry": entry.id, "source": entry.source, "actor": entry.actor, "at": entry.at,
            "subject": entry.subject, "undoes": entry.undoes.split(" ") if entry.undoes else [], **signed,
            "changes": [{"path": f".openkit/{path}", "record": what, "field": field or None, "old": old, "new": new}
                        for path, what, field, old, new in entry.changes]}


def _undo(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.past import undo
    undo.undo(writing, args["entries"])
    return []


def _recover(writing: Writing, args: Args) -> list[Held]:
    from gittracker.services.past import recover
    if not args["ticket"]:
        raise UsageError("no ticket was named", "gittracker recover OW-1")
    done = recover.forget if args["forget"] else recover.recover
    done(writing, args["ticket"])
    return []


def _recover_or_list(cli: Cli, args: Args) -> int:
    """List what is lost where no ticket is named; else bring it back."""
    if args["ticket"]:
        from gittracker.cli import writes
        return writes.run(cli, _RECOVER_WRITE, args, [args["ticket"], str(args["forget"])])
    from gittracker.services.past import history, losses, lostfields
    from gittracker.store import layout
    found, fields = losses.lost(cli.tracker), lostfields.find(cli.tracker)
    if cli.out.as_json:
        rows = [{"path": f".openkit/{one.path}", "what": one.what, "fields": []} for one in found]
        cli.out.json({"lost": rows + [{"path": f".openkit/{layout.ticket_file(folder)}", "what": "fields",
                                       "fields": names} for folder, names in fields.items()]})
        return 0
    by_folder: dict[str, list[str]] = {}
    for one in found:
        by_folder.setdefault(one.folder, []).append(one.what)
    for folder, nouns in by_folder.items():
        slug = history.name_of(cli.tracker, folder)
        whole = [noun for noun in nouns if noun in ("ticket", "epic", "page", "update", "skill", "harness")]
        what = f"the whole {whole[0]}" if whole else f"{len(nouns)} {nouns[0]}(s)"
        cli.out.line(f"{slug}: {what}: gittracker recover {slug}")
    for folder, names in fields.items():
        slug = history.name_of(cli.tracker, folder)
        cli.out.line(f"{slug}: {', '.join(names)}: gittracker recover {slug}")
    if not found and not fields:
        cli.out.line("nothing is lost")
    return 0


def _purge(cli: Cli, args: Args) -> int:
    if not args["history"]:
        raise UsageError("purge rewrites this clone's journal; say so", f"gittracker purge --history {args['record']}")
    from gittracker.services.past import purging
    done = purging.purge_history(cli.tracker, args["record"])
    if cli.out.as_json:
        cli.out.json({"purged": done.name, "entries": done.entries, "in_commits": done.committed})
        return 0
    cli.out.line(f"{done.name} purged from {done.entries} journal entries")
    if done.committed:
        cli.out.line("the repository's own commits still hold it: only rewriting the branch's history removes it there")
    return 0


def _commit(cli: Cli, args: Args) -> int:
    from gittracker.services import committing
    oid, paths = committing.commit(cli.tracker, args["message"] or "")
    if cli.out.as_json:
        cli.out.json({"commit": oid or None, "paths": paths})
    else:
        cli.out.line(f"{oid[:_SHORT]} commits {len(paths)} tracker file(s)" if oid else "nothing to commit")
    return 0


LOG = Command("log", "Show who changed what and when; newest first.", (Arg("ticket", "one ticket only", "?"),),
              (Flag("--limit", "how many entries at most (default 50)", "N"),
               Flag("--before", "go on behind this entry", "ENTRY"),
               Flag("--signatures", "verify who signed each commit (git's signing program runs for each)"),
               Flag("--cursor", "the same as --before", "ENTRY", dest="before"), *LIST_FORM, BUDGET),
              ("log", "log OW-1", "log OW-1 --json", "log --budget 500",
               "log --limit 10 --signatures"), run=_log)
UNDO = Command("undo", "Take entries back; without any, your own last one here.",
               (Arg("entries", "entries as log names them", "*"),), (), ("undo", "undo 3f2a9c81d0"), act=_undo)
_RECOVER_ARGS = (Arg("ticket", "the ticket to recover; none lists what is lost", "?"),)
_FORGET = Flag("--forget", "hide what is lost for good")
_RECOVER_WRITE = Command("recover", "", _RECOVER_ARGS, (_FORGET,), (), act=_recover)
RECOVER = Command("recover", "List lost work, or bring a ticket's back.", _RECOVER_ARGS,
                  (_FORGET, Flag("--if-match", "only if the record's etag is ETAG", "ETAG"),
                   Flag("--idempotency-key", "do it once for this KEY", "KEY"),
                   Flag("--force", "allow what would otherwise be refused")),
                  ("recover", "recover OW-1", "recover OW-1 --forget"), run=_recover_or_list)
PURGE = Command("purge", "Rewrite this clone's journal without a deleted record, comment or file.",
                (Arg("record", "a record's name or ref, a comment's ref, or a file's path from .openkit/ on"),),
                (Flag("--history", "yes, rewrite the journal"),), ("purge --history OW-1",), run=_purge)
COMMIT = Command("commit", "Commit the tracker's files alone; what else is staged stays staged.", (),
                 (Flag("--message", "the commit's first line", "TEXT", short="-m"),),
                 ("commit", "commit -m 'openkit: plan the release'"), run=_commit)
