"""`import` and `export`: other trackers' records in, ours out."""

from __future__ import annotations

from gittracker.cli.flags import Arg, Command, Flag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gittracker.cli.flags import Args
    from gittracker.cli.main import Cli
    from gittracker.domain.foreign import Anomaly
    from gittracker.index.tickets import Row
    from gittracker.services.importing.report import Report

_SHOWN_ON_A_TERMINAL = 5  # anomalies of one kind


def _run(source: str, cli: Cli, args: Args) -> int:
    from gittracker.cli.progress import Progress
    from gittracker.services.importing.carrying import Options
    from gittracker.services.importing.running import bring_in
    given = {name: args.get(name) or [] for name in ("status", "type", "priority")}
    options = Options(args["path"], args.get("project") or "", given, args["dry_run"], args["update"])
    bar = Progress(f"import {source}")
    try:
        report = bring_in(cli.tracker, source, options, bar)
    finally:
        bar.end()
    if cli.out.as_json:
        cli.out.json(report.to_json())
    else:
        _print(cli, report)
    return 0


def _print(cli: Cli, report: Report) -> None:
    out = cli.out
    verb = "would import" if report.is_dry else "imported"
    out.line(f"{report.seen} record(s) in {report.path}: {report.imported} {'to import' if report.is_dry else verb}, "
             f"{report.already} already here, {report.left_out} not imported")
    counts = [(count, f"{noun}(s)") for noun, count in report.beside.items()]
    counts += [(report.archived, "archived"), (report.comments, "comment(s)"), (report.links, "link(s)"),
               (report.files, "file(s)"), (report.changed, "changed in the source since"),
               (report.updated, "updated")]
    for count, what in counts:
        if count:
            out.line(f"  {count} {what}")
    for row, count in sorted(report.words.items(), key=lambda one: (one[0].what, -one[1])):
        how = {"stage": "by meaning", "unknown": "not known"}.get(row.why, row.why)
        out.line(f"  {row.what} {row.old} → {row.new} ({count}, {how})")
    _print_anomalies(cli, report)
    if report.is_dry:
        out.line("nothing was written")
    elif not report.entry:
        out.line("nothing new")
    elif list(report.entries) in ([], ["."]):
        out.line(f"entry {report.entry[:10]}: gittracker undo {report.entry[:10]} takes all of it back")
    else:
        for where, entry in report.entries.items():
            out.line(f"entry {entry[:10]} in {where}: gittracker -C {where} undo {entry[:10]} takes it back there")


def _print_anomalies(cli: Cli, report: Report) -> None:
    by_kind: dict[str, list[Anomaly]] = {}
    for one in report.anomalies:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, found in by_kind.items():
        cli.out.line(f"{kind}: {len(found)}")
        shown = found[:_SHOWN_ON_A_TERMINAL] if cli.out.tty else found
        for one in shown:
            where = f"{one.path}:{one.line}" if one.line else one.path
            cli.out.row(f"  {where}: {one.message}{' (not imported)' if one.lost else ''}")
        if len(shown) < len(found):
            cli.out.line(f"  … {len(found) - len(shown)} more; in a pipe, and with --json, all are told")


_FLAGS = (
    Flag("--dry-run", "write nothing and print the same report"),
    Flag("--update", "take over what the source changed in records that are here already"),
    Flag("--project", "the project that new tickets go to", "KEY"),
    Flag("--status", "read the source's status OLD as NEW", "OLD=NEW", many=True),
    Flag("--type", "read the source's type OLD as NEW", "OLD=NEW", many=True),
    Flag("--priority", "read the source's priority OLD as NEW", "OLD=NEW", many=True),
)


def _export(form: str, cli: Cli, args: Args) -> int:
    rows = _rows(cli, args["query"]) if args["query"] or form != "jsonl" else None
    parts = _parts(form, cli, rows)
    if args["output"] is not None:
        return _save(cli, args["output"], parts, bool(args["force"]))
    for part in parts:
        cli.out.raw(part)
    return 0


def _rows(cli: Cli, words: list[str]) -> list[Row]:
    """Find the tickets of a query, by number; closed and archived ones too, unless it says which it means."""
    from gittracker.services import listing
    says = any(word.lstrip("-").startswith("is:") for word in words)
    query = listing.read(" ".join(words), everything=not says, usual=0)
    query.sort = query.sort or "number"
    return listing.page(cli.tracker, query, bodies=True).rows


def _parts(form: str, cli: Cli, rows: list[Row] | None) -> Iterator[str]:
    from gittracker.services import exporting
    return exporting.lines(form, cli.tracker, rows)


def _save(cli: Cli, path: str, parts: Iterator[str], force: bool) -> int:
    from gittracker.cli.progress import Progress
    from gittracker.services.exporting.everything import save
    bar = Progress("export")
    try:
        count = save(path, parts, force, bar.count)
    finally:
        bar.end()
    if cli.out.as_json:
        cli.out.json({"output": path, "lines": count})
    else:
        cli.out.line(f"wrote {count} line(s) to {path}")
    return 0


def _command(source: str, about: str, sample: str, flags: tuple[Flag, ...] = ()) -> Command:
    path = Arg("path", "the other tracker's folder, or one of its files")
    return Command(f"import {source}", about, (path,), flags or _FLAGS,
                   (f"import {source} {sample} --dry-run", f"import {source} {sample}"),
                   run=lambda cli, args: _run(source, cli, args))


IMPORT_BACKLOG = _command("backlog", "Import a Backlog.md tracker.", "../other")
IMPORT_BEADS = _command("beads", "Import a beads tracker's JSON lines.", "../other/.beads/issues.jsonl")
IMPORT_BEANS = _command("beans", "Import a beans tracker.", "../other")
IMPORT_JSONL = _command("jsonl", "Import what export jsonl wrote.", "tracker.jsonl", _FLAGS[:2])
IMPORT_OPENKIT = _command("openkit", "Import OpenKit's local issues, and those it took from Jira and Linear.",
                          "../other")
IMPORT_TK = _command("tk", "Import tickets of tk.", "../other")


def _exporting(form: str, about: str, sample: str) -> Command:
    query = Arg("query", "the tickets to export; all of them without a query", "*")
    flags = (Flag("--output", "write to this file instead of standard output", "PATH", short="-o"),
             Flag("--force", "replace the file that is there"))
    return Command(f"export {form}", about, (query,), flags, (f"export {form} --output {sample}",
                                                              f"export {form} status:todo label:backend"),
                   run=lambda cli, args: _export(form, cli, args))


EXPORT_JSONL = _exporting("jsonl", "Export everything as JSON lines, which import jsonl takes in again; "
                          "with a query, its tickets and what they use.", "tracker.jsonl")
EXPORT_CSV = _exporting("csv", "Export tickets as a table, one a row.", "tickets.csv")
EXPORT_MD = _exporting("md", "Export tickets as a report by status.", "tickets.md")
